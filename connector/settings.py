"""The configuration: one YAML file, CONNECTOR_* variables over it, unknown keys refused with the nearest known one.

`CONNECTOR_SITES__SANDBOX__TOKEN=...` sets `sites: {sandbox: {token: ...}}`. A secret may stand in a variable, in a
file named by `token_file`, or (not advised) in the YAML itself. Reads only; nothing here is written.
"""

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    UrlConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from connector.errors import ConfigError
from connector.language import _

DEFAULT_FILE = Path("config/connector.yaml")
FILE_VARIABLE = "CONNECTOR_CONFIG"
PREFIX = "CONNECTOR_"

SiteKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _plain_http_only_to_this_machine(url: AnyHttpUrl) -> AnyHttpUrl:
    if url.scheme == "http" and url.host not in ("127.0.0.1", "localhost", "[::1]"):
        raise ValueError("plain http would send the token unprotected; use https (http only for 127.0.0.1)")
    return url


SiteUrl = Annotated[
    AnyHttpUrl,
    UrlConstraints(allowed_schemes=["http", "https"]),
    AfterValidator(_plain_http_only_to_this_machine),
]


class Section(BaseModel):
    """Base of all parts of the configuration: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountMapping(Section):
    """How a learner becomes an account. Braces may hold: phone, phone_national, full_name, given_name,
    family_and_middle, province, province_code, commune, commune_code, workplace, position, username.
    """

    username: str = Field(
        default="{phone_national}", description="Log-in name. On Moodle: digits only, a leading + is refused."
    )
    idnumber: str = Field(default="VN-{phone_national}", description="Our key in the account's ID number field.")
    email: str = Field(
        default="{phone_national}@hocvien.invalid",
        description="Address for people without one; mail to .invalid is never sent.",
    )
    fields: dict[str, str] = Field(
        default={
            "institution": "{workplace}",
            "city": "{province}",
            "country": "VN",
            "phone2": "{phone_national}",
            "timezone": "Asia/Ho_Chi_Minh",
        },
        description="The platform's standard profile fields.",
    )
    profile_fields: dict[str, str] = Field(
        default={"province": "{province}", "commune": "{commune}", "position": "{position}"},
        description="The site's custom profile fields by short name; they must exist, or Moodle drops them silently.",
    )
    auth: str = Field(default="manual", description="Moodle's authentication method of new accounts.")


class Site(Section):
    """One platform that is driven from outside."""

    platform: Literal["moodle"] = Field(default="moodle", description="The kind of platform.")
    url: SiteUrl = Field(description="Address of the site, with its path if it has one.")
    token: SecretStr | None = Field(default=None, description="Web-service token; better in a variable or token_file.")
    token_file: Path | None = Field(default=None, description="File that holds the token alone.")
    known_username: str = Field(
        default="",
        description="A user who certainly exists: the look-up blindness test of 'connector doctor'.",
    )
    student_role_id: int = Field(default=5, gt=0, description="Id of the role that learners get (Moodle: 5, student).")
    connect_timeout: float = Field(default=10.0, gt=0, description="Seconds to wait for a connection.")
    read_timeout: float = Field(default=120.0, gt=0, description="Seconds to wait for an answer.")
    retry_budget: float = Field(default=120.0, ge=0, description="Seconds that one call may spend on safe retries.")
    format: Literal["json", "xml"] = Field(
        default="json", description="Format of the platform's answers; xml where a gateway lets no JSON through."
    )
    form_variables: int = Field(
        default=900,
        ge=50,
        description="Form variables a request may have where batches cannot go as JSON; the site is asked for more.",
    )
    connections: int = Field(
        default=2, ge=1, le=8, description="Connections that read at the same time; writes always go one by one."
    )
    outages: int = Field(
        default=5, ge=0, description="So many failures in a row and the site is left alone for a while (0: never)."
    )
    outage_pause: float = Field(default=30.0, gt=0, description="Seconds for which it is then left alone.")
    requests_per_minute: int = Field(default=0, ge=0, description="The most requests a minute (0: no ceiling).")
    office_requests_per_minute: int = Field(
        default=0, ge=0, description="The most requests a minute in office hours, Monday to Friday (0: no ceiling)."
    )
    office_hours: str = Field(
        default="07:30-17:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$",
        description="Office hours, in Vietnam's time.",
    )
    accounts: AccountMapping = Field(default=AccountMapping(), description="How a learner becomes an account.")

    def token_value(self) -> str:
        """The token, read now from where it is configured. Raises ConfigError when there is none."""
        if self.token is not None and self.token.get_secret_value().strip():
            return self.token.get_secret_value().strip()
        if self.token_file is None:
            raise ConfigError(
                _("The site {url} has no token.").format(url=self.url),
                hint=_("Set token_file in the configuration, or the variable CONNECTOR_SITES__<SITE>__TOKEN."),
            )
        try:
            text = self.token_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(
                _("The token file {path} cannot be read: {why}.").format(path=self.token_file, why=error.strerror),
            ) from None
        if not text:
            raise ConfigError(_("The token file {path} is empty.").format(path=self.token_file))
        return text


class Limits(Section):
    """What a plan may take away before a person must confirm it; see connector/sync/guards.py."""

    removal_share: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Largest share of a province's people who may lose access in one plan.",
    )
    removal_floor: int = Field(
        default=5, ge=0, description="So many removals in a province are always allowed, whatever the share."
    )
    plan_age_minutes: int = Field(default=24 * 60, gt=0, description="A plan older than this is refused by apply.")


class Rosters(Section):
    """How large a provincial file may be; what is larger is refused before it can fill the memory."""

    file_megabytes: float = Field(default=20, gt=0, description="Largest file.")
    unpacked_megabytes: float = Field(default=200, gt=0, description="Largest content of a packed file (.xlsx, .ods).")
    rows: int = Field(default=200_000, gt=0, description="So many filled rows a sheet may have.")


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
    password_key_file: Path | None = Field(
        default=None,
        description="Key that seals first passwords; made at first use as password.key in state_dir.",
    )
    programmes_dir: Path = Field(default=Path("config/programmes"), description="Folder of programme definitions.")
    reports_dir: Path = Field(default=Path("config/reports"), description="Folder of report definitions.")
    default_programme: str = Field(default="bkhcn-2025-k1", description="Programme of commands that name none.")
    sites: dict[SiteKey, Site] = Field(
        default={"sandbox": Site(url=AnyHttpUrl("http://127.0.0.1:8045"), token_file=Path("var/sandbox.token"))},
        description="The platforms, by a short key that programmes name.",
    )
    limits: Limits = Field(default=Limits(), description="What a plan may take away.")
    rosters: Rosters = Field(default=Rosters(), description="How large a provincial file may be.")

    @model_validator(mode="after")
    def _has_sites(self) -> "Settings":
        if not self.sites:
            raise ValueError("at least one site is needed")
        return self

    @property
    def database(self) -> str:
        """The database's address, with the default filled in."""
        return self.database_url or f"sqlite:///{self.state_dir / 'connector.db'}"

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
    path = file or (Path(env[FILE_VARIABLE]) if env.get(FILE_VARIABLE) else None)
    content = _read(path) if path else (_read(DEFAULT_FILE) if DEFAULT_FILE.exists() else {})

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
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
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
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
            continue
        model = get_args(annotation)[-1]
        next(parts, None)
    return list(model.model_fields)
