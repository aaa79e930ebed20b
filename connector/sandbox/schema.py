"""Moodle's descriptions of parameters and returns, as functions that check and clean values.

`schemas.json` is made from the reference's trees (see README.md). Each description is compiled once into closures,
because a mirror of 18,000 learners passes millions of values through them.

Source: lib/external/classes/external_api.php (validate_parameters, clean_returnvalue); reference/moodle-ws-facts.md
1.1.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from connector.sandbox.faults import invalid_parameter, invalid_response

Clean = Callable[[Any], Any]
Node = Mapping[str, Any]

AUTH_METHODS = frozenset({"manual", "nologin", "email", "ldap", "oauth2", "webservice"})
SITE_DEFAULTS = {"<site default>": "en", "<cfg:calendartype>": "gregorian"}

# What survives of a text when Moodle cleans it; a text that changes is refused (lib/classes/param.php).
_KEPT = {
    "int": re.compile(r"0|-?[1-9][0-9]*"),
    "float": re.compile(r"[+-]?[0-9]*\.?[0-9]*(?:e[-+]?[0-9]+)?", re.IGNORECASE),
    "alpha": re.compile(r"[a-zA-Z]*"),
    "alphanum": re.compile(r"[a-zA-Z0-9]*"),
    "alphanumext": re.compile(r"[a-zA-Z0-9_-]*"),
    "username": re.compile(r"[-.@_a-z0-9]*"),
    "plugin": re.compile(r"[a-z]?[a-z0-9_]*"),
    "component": re.compile(r"[a-z]?[a-z0-9_]*"),
    "lang": re.compile(r"[a-z]{0,3}[a-z0-9_]*"),
    "safedir": re.compile(r"[a-zA-Z0-9_-]*"),
    "theme": re.compile(r"[a-zA-Z0-9_-]*"),
    "timezone": re.compile(r"[A-Za-z0-9_/+-]*|-?\d+(?:\.\d+)?"),
    "notags": re.compile(r"[^<]*|(?:[^<]|<(?=[^a-zA-Z/!?]))*"),
    "text": re.compile(r"[^<]*|(?:[^<]|<(?=[^a-zA-Z/!?]))*"),
    "raw_trimmed": re.compile(r"\S(?:.*\S)?|", re.DOTALL),
}
_TRUE = (True, 1, "1")
_BOOLS = (*_TRUE, False, 0, "0")


@dataclass(frozen=True, slots=True)
class Description:
    """One function's description: check of its parameters, cleaning of its result, and its result's tree for XML."""

    parameters: Clean
    result: Clean
    tree: Node | None


def load() -> dict[str, Description]:
    """The descriptions of all functions that schemas.json holds. Reads the package's file only."""
    text = (files("connector.sandbox") / "schemas.json").read_text(encoding="utf-8")
    return {name: describe(trees["in"], trees["out"]) for name, trees in json.loads(text).items()}


def describe(inward: Node, outward: Node | None) -> Description:
    """The compiled description of one function from its two trees."""
    result: Clean = (lambda _value: None) if outward is None else _outward(outward)
    return Description(parameters=_inward(inward), result=result, tree=outward)


def _inward(node: Node) -> Clean:
    if "list" in node:
        return _inward_list(_inward(node["list"]))
    if "keys" in node:
        return _inward_struct(node["keys"])
    return _inward_leaf(node["type"], nullable=not node.get("notnull", False))


def _inward_list(inner: Clean) -> Clean:
    def check(value: Any) -> list[Any]:
        if isinstance(value, dict):  # PHP knows one kind of array: keys are dropped, the order of arrival stays
            value = value.values()
        elif not isinstance(value, list):
            raise invalid_parameter()
        return [inner(item) for item in value]

    return check


def _inward_struct(keys: Mapping[str, Node]) -> Clean:
    checks = {name: _inward(node) for name, node in keys.items()}
    required = [name for name, node in keys.items() if node["need"] == "REQ"]
    defaults = {name: _default(node) for name, node in keys.items() if node["need"] == "default"}

    def check(value: Any) -> dict[str, Any]:
        if isinstance(value, list):
            value = dict(enumerate(value))
        if not isinstance(value, dict) or any(name not in value for name in required):
            raise invalid_parameter()
        clean = {name: make() for name, make in defaults.items() if name not in value}
        for name, item in value.items():
            if name not in checks:
                raise invalid_parameter()
            clean[name] = checks[name](item)
        return clean

    return check


def _default(node: Node) -> Callable[[], Any]:
    value = node["default"]
    if value == "<sitedefault>":
        value = 0 if node["type"] == "int" else "topics"
    value = SITE_DEFAULTS.get(value, value) if isinstance(value, str) else value
    if "keys" in node:
        return dict
    if "list" in node:
        return list
    return lambda: None if value is None else _inward(node)(value)


def _inward_leaf(kind: str, *, nullable: bool) -> Clean:
    to_value = {"int": int, "float": float}.get(kind, str)
    kept = _KEPT.get(kind)

    def check(value: Any) -> Any:
        if value is None and nullable:
            return None
        if value is None or isinstance(value, dict | list):
            raise invalid_parameter()
        if kind == "bool":
            return _bool(value)
        text = _php_text(value)
        if (kept is not None and not kept.fullmatch(text)) or (kind == "auth" and text not in AUTH_METHODS):
            raise invalid_parameter()
        return to_value(text or 0) if kind in ("int", "float") else text

    return check


def _bool(value: Any) -> bool:
    if value not in _BOOLS:
        raise invalid_parameter()
    return value in _TRUE


def _php_text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _outward(node: Node) -> Clean:
    if "list" in node:
        inner = _outward(node["list"])
        return lambda value: [inner(item) for item in value]
    if "keys" in node:
        return _outward_struct(node["keys"])
    return _OUTWARD.get(node["type"], _text_out)


def _outward_struct(keys: Mapping[str, Node]) -> Clean:
    plan = [(name, _outward(node), node["need"], node.get("default")) for name, node in keys.items()]

    def clean(value: Any) -> dict[str, Any]:
        kept = {}
        for name, inner, need, default in plan:
            if name in value:
                item = value[name]
                kept[name] = None if item is None else inner(item)
            elif need == "REQ":
                raise invalid_response()
            elif need == "default":
                kept[name] = default
        return kept

    return clean


def _text_out(value: Any) -> Any:
    return value


def _number_out(value: Any) -> Any:
    return int(value) if isinstance(value, bool | str) else value


def _float_out(value: Any) -> Any:
    number = float(value)
    return int(number) if number.is_integer() else number  # PHP prints 8.0 as 8


def _alphanum_out(value: Any) -> Any:
    # The code of a warning of core_user_update_users about a weak password is HTML, and dies here (external_warnings).
    if not _KEPT["alphanum"].fullmatch(_php_text(value)):
        raise invalid_response()
    return value


_OUTWARD: dict[str, Clean] = {"bool": bool, "int": _number_out, "float": _float_out, "alphanum": _alphanum_out}
