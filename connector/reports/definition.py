"""A report as its YAML file defines it: titles, units and the columns of its tables.

A new layout is a new file `config/reports/<key>.yaml`; the columns to choose from are in `columns.py`.
"""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from connector.errors import ConfigError
from connector.language import _
from connector.reports.columns import LEARNER_COLUMNS, PROVINCE_COLUMNS
from connector.settings.yaml_text import read_yaml

SUFFIX = ".yaml"
ROW_NO = "row_no"
Text = Annotated[str, Field(min_length=1, max_length=300)]


class Part(BaseModel):
    """Base of all parts of a report file: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(_("there is no time zone '{name}'; in Viet Nam it is Asia/Ho_Chi_Minh").format(name=name))
    return name


class ColumnChoice(Part):
    """One column of a table, in the place where it stands in the file."""

    key: str = Field(description="Key of the column; see connector/reports/columns.py.")
    width: float = Field(gt=0, le=100, description="Width in characters.")
    heading: Text | None = Field(default=None, description="Words of one's own instead of the usual heading.")


class TableChoice(Part):
    """One table: its caption and its columns, from left to right."""

    caption: Text = Field(description="Title above the table.")
    columns: tuple[ColumnChoice, ...] = Field(description="The columns, from left to right; at least one.")


def _check_columns(table: TableChoice, known: Mapping[str, object]) -> TableChoice:
    if not table.columns:
        raise ValueError(_("it is empty; at least one is needed"))
    allowed = [ROW_NO, *known]
    seen: set[str] = set()
    for column in table.columns:
        if column.key not in allowed:
            raise ValueError(
                _("unknown column '{key}'. {hint}").format(key=column.key, hint=_near(column.key, allowed))
            )
        if column.key in seen:
            raise ValueError(_("the column '{key}' stands twice").format(key=column.key))
        seen.add(column.key)
    return table


class ReportDefinition(Part):
    """A progress report: a table of provinces and a list of learners. Build with `load_report` or `find_report`."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")] = Field(description="Short key; the file's name.")
    title: Text = Field(description="Title of the report; written in capitals.")
    superior: Text = Field(description="The superior body, first line at the top left.")
    unit: Text = Field(description="The body that reports, second line at the top left.")
    zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="Asia/Ho_Chi_Minh", description="Time zone of all dates in the report."
    )
    provinces: TableChoice = Field(description="The summary by province.")
    learners: TableChoice = Field(description="The list of learners.")

    @field_validator("provinces")
    @classmethod
    def _provinces_known(cls, table: TableChoice) -> TableChoice:
        return _check_columns(table, PROVINCE_COLUMNS)

    @field_validator("learners")
    @classmethod
    def _learners_known(cls, table: TableChoice) -> TableChoice:
        return _check_columns(table, LEARNER_COLUMNS)


def load_report(path: Path) -> ReportDefinition:
    """The report that this file defines. Reads only.

    Raises ConfigError: the file is missing, not YAML, or wrong; all that is wrong is told at once, a line for each.
    """
    try:
        content = read_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(_("The file {path} cannot be read: {why}.").format(path=path, why=error.strerror)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(_("The file {path} is not YAML: {why}").format(path=path, why=error)) from None
    if not isinstance(content, dict):
        raise ConfigError(_("The file {path} must be a list of keys with values.").format(path=path))
    return _validated(content, path)


def _validated(content: dict[str, Any], path: Path) -> ReportDefinition:
    try:
        definition = ReportDefinition.model_validate(content)
    except ValidationError as error:
        raise ConfigError("\n".join(_in_words(error, path))) from None
    if definition.key != path.stem:
        raise ConfigError(
            _("The file {path} defines the report '{key}'.").format(path=path, key=definition.key),
            hint=_("Name the file {name}.").format(name=f"{definition.key}{SUFFIX}"),
        )
    return definition


def known_reports(folder: Path) -> tuple[str, ...]:
    """The keys of all reports in the folder, sorted; empty when there is no such folder. Reads only."""
    return tuple(sorted(path.stem for path in folder.glob(f"*{SUFFIX}")))


def find_report(folder: Path, key: str) -> ReportDefinition:
    """The report of this key. Reads only. Raises ConfigError; an unknown key names the nearest known one."""
    known = known_reports(folder)
    if key not in known:
        raise ConfigError(
            _("There is no report '{key}' in {folder}.").format(key=key, folder=folder), hint=_near(key, known)
        )
    return load_report(folder / f"{key}{SUFFIX}")


def _near(word: str, known: "tuple[str, ...] | list[str]") -> str:
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return _("Did you mean '{near}'?").format(near=near[0])
    return _("Known: {known}.").format(known=", ".join(known) or "-")


_KEYS = {
    "": list(ReportDefinition.model_fields),
    "table": list(TableChoice.model_fields),
    "column": list(ColumnChoice.model_fields),
}


def _in_words(error: ValidationError, path: Path) -> Iterator[str]:
    for item in error.errors(include_url=False, include_input=False):
        where = ".".join(str(step) for step in item["loc"])
        why = item["msg"]
        if item["type"] == "extra_forbidden":
            depth = ("", "table", "table", "column")[len(item["loc"]) - 1]
            why = _("unknown key. {hint}").format(hint=_near(str(item["loc"][-1]), _KEYS[depth]))
        elif item["type"] == "missing":
            why = _("this key is needed and missing")
        yield _("{path}: {where}: {why}").format(path=path, where=where, why=why)
