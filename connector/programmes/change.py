"""A programme with some values of its rule changed, for asking what would be. Pure: no file is touched."""

from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import ValidationError

from connector.errors import ConfigError
from connector.language import _
from connector.programmes.definition import Programme
from connector.programmes.wording import nearest, problems_of

# What is meant by a part alone.
MAIN = {"at_least": "count", "grade": "min", "hours": "hours", "attendance": "count", "prerequisite": "programme"}


def changed(programme: Programme, changes: Sequence[str]) -> Programme:
    """The programme under these changes, each such as 'total.count=9', 'total=9' or 'window.ends_at=2025-12-20T00:00'.

    A part is named by its name, or by its type where only one part is of it. Raises ConfigError when a change is not
    clear, telling what it might mean, and when the changed rule cannot be meant.
    """
    content = _content(programme)
    for change in changes:
        target, sign, value = change.partition("=")
        if not sign:
            raise ConfigError(
                _("'{change}' changes nothing; write NAME=VALUE or NAME.KEY=VALUE.").format(change=change)
            )
        section, key = _find(content, target.strip(), change)
        section[key] = yaml.safe_load(value)
    try:
        return Programme.model_validate(content)
    except ValidationError as error:
        found = (f"{'.'.join(map(str, place))}: {why}" for place, why in problems_of(error, Programme))
        raise ConfigError(
            _("The changed rule cannot be meant: {why}").format(why="; ".join(dict.fromkeys(found)))
        ) from None


def _content(programme: Programme) -> dict[str, Any]:
    content = programme.model_dump(exclude_unset=True, by_alias=True)
    for key in ("starts_at", "ends_at"):  # a file names them without offset
        content["window"][key] = content["window"][key].replace(tzinfo=None)
    return content


def _find(content: dict[str, Any], target: str, change: str) -> tuple[dict[str, Any], str]:
    """The section of the definition that the change is about, and the key in it."""
    if target in ("window.starts_at", "window.ends_at"):
        return content["window"], target.partition(".")[2]
    parts = list(_parts(content["rule"]))
    for name, key in ((target, ""), target.rpartition(".")[::2]):
        named = [part for part in parts if part.get("name") == name] or [part for part in parts if part["type"] == name]
        if len(named) > 1:
            meant = ", ".join(f"{part['name']}.{key or MAIN[name]}" for part in named)
            raise ConfigError(
                _("'{change}' is not clear: {count} parts are of this type.").format(change=change, count=len(named)),
                hint=_("Name the part: {parts}.").format(parts=meant),
            )
        if named:
            return named[0], key or MAIN.get(named[0]["type"], "parts")
    names = [part["name"] for part in parts if part.get("name")]
    raise ConfigError(
        _("The rule has no part '{name}'.").format(name=target), hint=nearest(target.partition(".")[0], names)
    )


def _parts(rule: dict[str, Any]) -> list[dict[str, Any]]:
    return [rule, *(inner for part in rule.get("parts", ()) for inner in _parts(part))]
