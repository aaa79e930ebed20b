"""The configuration: one YAML file, CONNECTOR_* variables over it, unknown keys refused with the nearest known one.

`CONNECTOR_SITES__SANDBOX__TOKEN=...` sets `sites: {sandbox: {token: ...}}`. A secret may stand in a variable, in a
file named by `token_file`, or (not advised) in the YAML itself. Reads only; nothing here is written.
"""

import difflib
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic import AnyHttpUrl, BaseModel, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from connector.errors import ConfigError
from connector.language import _
from connector.settings.passwords import Passwords
from connector.settings.safety import ApprovalPolicy, Freeze, Limits, Protected
from connector.settings.schedule import Alerts, ScheduledJob, Serve
from connector.settings.sections import Certificates, Retention, Rosters, Site, SiteKey
from connector.settings.yaml_text import read_yaml

DEFAULT_FILE = Path("config/connector.yaml")
FILE_VARIABLE = "CONNECTOR_CONFIG"
PREFIX = "CONNECTOR_"


class YamlSource(PydanticBaseSettingsSource):
    """The YAML file as a source that stands below the variables."""

    def __init__(self, settings_cls: type[BaseSettings], content: Mapping[str, Any]) -> None:
        super().__init__(settings_cls)
        self.content = content

    def get_field_value(self, _field: Any, field_name: str) -> tuple[Any, str, bool]:
        """The file's value of one field; pydantic-settings asks for it, `__call__` is what is used."""
        return self.content.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """The whole content."""
        return dict(self.content)


class Settings(BaseSettings):
    """All settings. Build with `load_settings`, which also turns errors into words."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, case_sensitive=False
    )

    language: Literal["vi", "en"] = Field(default="vi", description="Language of what people read.")
    state_dir: Path = Field(default=Path("var"), description="Where plans, reports and error workbooks are written.")
    database_url: str = Field(
        default="",
        repr=False,  # it may hold a password
        description="SQLAlchemy address; empty means an SQLite file connector.db in state_dir.",
    )
    number_book_file: Path | None = Field(
        default=None,
        description="Book of the register numbers that were given, outside of the database; better on another disk. "
        "Left out: number-book.jsonl in state_dir.",
    )
    password_key_file: Path | None = Field(
        default=None,
        description="Key that seals first passwords; made at first use as password.key in state_dir.",
    )
    passwords: Passwords = Field(default=Passwords(), description="How first passwords are made, and how long kept.")
    programmes_dir: Path = Field(default=Path("config/programmes"), description="Folder of programme definitions.")
    reports_dir: Path = Field(default=Path("config/reports"), description="Folder of report definitions.")
    default_programme: str = Field(default="bkhcn-2025-k1", description="Programme of commands that name none.")
    sites: dict[SiteKey, Site] = Field(
        default={"sandbox": Site(url=AnyHttpUrl("http://127.0.0.1:8045"), token_file=Path("var/sandbox.token"))},
        description="The platforms, by a short key that programmes name.",
    )
    limits: Limits = Field(default=Limits(), description="What a plan may take away.")
    freezes: tuple[Freeze, ...] = Field(
        default=(),
        description="Times in which nothing is written to the platforms, each with starts_at, ends_at, why and, if not "
        "for all, sites.",
    )
    protected: Protected = Field(default=Protected(), description="Accounts that no plan ever touches.")
    approval: ApprovalPolicy = Field(default=ApprovalPolicy(), description="When a second person must approve a plan.")
    certificates: Certificates = Field(
        default=Certificates(), description="Who decides on certificates, and how our own papers are made."
    )
    retention: Retention = Field(default=Retention(), description="How many days old rows are kept.")
    rosters: Rosters = Field(default=Rosters(), description="How large a provincial file may be.")
    jobs: tuple[ScheduledJob, ...] = Field(default=(), description="What 'connector serve' runs by itself, and when.")
    serve: Serve = Field(default=Serve(), description="The service.")
    alerts: Alerts = Field(default=Alerts(), description="Whom the service calls when a person is needed.")

    @model_validator(mode="after")
    def _has_sites(self) -> "Settings":
        if not self.sites:
            raise ValueError("at least one site is needed")
        return self

    @model_validator(mode="after")
    def _names_each_job_once(self) -> "Settings":
        names = [job.name for job in self.jobs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two jobs have the name {twice[0]}")
        return self

    def freeze(self, site: str, moment: datetime) -> Freeze | None:
        """The freeze that forbids writing to this site at this aware moment, the one that lasts longest; or None."""
        holding = [freeze for freeze in self.freezes if freeze.holds(site, moment)]
        return max(holding, key=lambda freeze: freeze.ends_at, default=None)

    @property
    def database(self) -> str:
        """The database's address, with the default filled in."""
        return self.database_url or f"sqlite:///{self.state_dir / 'connector.db'}"

    @property
    def number_book(self) -> Path:
        """The file of the book of numbers."""
        return self.number_book_file or self.state_dir / "number-book.jsonl"

    @property
    def password_key(self) -> Path:
        """The file of the key that seals first passwords."""
        return self.password_key_file or self.state_dir / "password.key"

    def site(self, key: str) -> Site:
        """The site of this key. Raises ConfigError that names the known ones."""
        if key not in self.sites:
            raise ConfigError(
                _("There is no site '{key}' in the configuration.").format(key=key),
                hint=_("Known sites: {known}.").format(known=", ".join(sorted(self.sites))),
            )
        return self.sites[key]


def load_settings(file: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings from `file` (or CONNECTOR_CONFIG, or config/connector.yaml if it is there) and variables.

    Reads only. Raises ConfigError: file missing or not YAML, unknown key (the nearest known one is named), bad value.
    Relative paths are taken from the folder where the command runs.
    """
    env = os.environ if environ is None else environ
    path = _file(file, env)
    content = _read(path) if path else {}

    class Loaded(Settings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_args: Any, **_kwargs: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (_Variables(settings_cls, env), YamlSource(settings_cls, content))

    _refuse_unknown_variables(env)
    try:
        return Loaded()
    except SettingsError as error:
        raise ConfigError(_("A CONNECTOR_ variable cannot be read: {why}.").format(why=error)) from None
    except ValidationError as error:
        raise ConfigError("\n".join(_in_words(error, path or DEFAULT_FILE))) from None


def language_of(file: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
    """The language that variable or file ask for, 'vi' where neither names one that there is. Reads only.

    It never complains: what is wrong is told by `load_settings`, in this language.
    """
    env = os.environ if environ is None else environ
    path, asked = _file(file, env), env.get(f"{PREFIX}LANGUAGE")
    if path and not asked:
        with suppress(ConfigError):
            asked = _read(path).get("language")
    field = Settings.model_fields["language"]
    return str(asked if asked in get_args(field.annotation) else field.default)


def _file(file: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = file or (Path(environ[FILE_VARIABLE]) if environ.get(FILE_VARIABLE) else None)
    return named or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    """pydantic-settings overlooks variables whose first step is no key; a slip there must not be silent."""
    for name in environ:
        key = name.upper().partition("__")[0].removeprefix(PREFIX).lower()
        if not name.upper().startswith(PREFIX) or name.upper() == FILE_VARIABLE or key in Settings.model_fields:
            continue
        near = difflib.get_close_matches(key, Settings.model_fields, n=1)
        raise ConfigError(
            _("The variable {name} sets no known key.").format(name=name),
            hint=_("Did you mean '{near}'?").format(near=PREFIX + near[0].upper())
            if near
            else _("See config/connector.example.yaml."),
        )


class _Variables(EnvSettingsSource):
    """CONNECTOR_* variables out of a given mapping, so that tests need not touch the process's own."""

    def __init__(self, settings_cls: type[BaseSettings], environ: Mapping[str, str]) -> None:
        self._environ = {
            name.lower(): value for name, value in environ.items() if name not in (FILE_VARIABLE,) and value != ""
        }
        super().__init__(settings_cls)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._environ


def _read(path: Path) -> dict[str, Any]:
    try:
        content = read_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            _("The configuration {path} cannot be read: {why}.").format(path=path, why=error.strerror)
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(_("The configuration {path} is not YAML: {why}").format(path=path, why=error)) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(_("The configuration {path} must be a list of keys with values.").format(path=path))
    return content


def _in_words(error: ValidationError, path: Path) -> Iterator[str]:
    for item in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in item["loc"])
        if item["type"] != "extra_forbidden":
            yield _("{path}: {where}: {why}").format(path=path, where=where, why=item["msg"])
            continue
        near = difflib.get_close_matches(str(item["loc"][-1]), known_keys(item["loc"][:-1]), n=1)
        hint = _("Did you mean '{near}'?").format(near=near[0]) if near else _("See config/connector.example.yaml.")
        yield _("{path}: unknown key '{where}'. {hint}").format(path=path, where=where, hint=hint)


def known_keys(location: tuple[int | str, ...]) -> list[str]:
    """The keys that the configuration knows at this place, such as ('sites', 'sandbox')."""
    model: type[BaseModel] = Settings
    parts = iter(location)
    for part in parts:
        annotation = model.model_fields[str(part)].annotation
        if get_origin(annotation) is tuple:  # a list of sections: its number follows
            annotation = get_args(annotation)[0]
            next(parts, None)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
            continue
        model = get_args(annotation)[-1]
        next(parts, None)
    return list(model.model_fields)
