"""XML answers of Moodle as the very values that its JSON answers hold, for sites and gateways where JSON is off.

XML has no types and prints every declared key, so what a text means is looked up in `returns.json`: the returns of the
functions that the adapter calls, made from the reference's trees (tests/moodle_ws/returns_text.py). There `{}` is a
structure, `[]` a list, a key with a question mark is optional, and null is a function without a return.

Source: reference/moodle-ws-facts.md section 1.4, webservice/rest/locallib.php.
"""

import json
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

Read = Callable[[Any], Any]

_NODES = ("VALUE", "SINGLE", "MULTIPLE", "KEY")


class Unreadable(ValueError):
    """The body is no XML that Moodle could have written whole."""


def document_of(body: bytes) -> dict[str, Any]:
    """The root of an answer: `RESPONSE` or `EXCEPTION` with what is in it. Raises Unreadable."""
    try:
        found = xmltodict.parse(body, force_list=_NODES, strip_whitespace=False)
    except (ExpatError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise Unreadable
    return found


def exception_of(document: dict[str, Any]) -> dict[str, str] | None:
    """The exception document as JSON would hold it; None when the answer is no exception."""
    if "EXCEPTION" not in document:
        return None
    found = document["EXCEPTION"]
    parts = found if isinstance(found, dict) else {}
    names = {"@class": "exception", "ERRORCODE": "errorcode", "MESSAGE": "message", "DEBUGINFO": "debuginfo"}
    return {name: str(parts[tag] or "") for tag, name in names.items() if tag in parts}


def value_of(document: dict[str, Any], function: str) -> Any:
    """What the function returned, as JSON would hold it; None for functions without a return.

    An optional key that Moodle prints as null is absent, as in JSON; an optional list that is absent in JSON is empty
    here, since XML does not tell the two apart. What is described as a text stays one. Keys that are not described are
    left out. Raises Unreadable when a value is not of the described type, and ValueError for a function that the
    adapter does not call.
    """
    if "RESPONSE" not in document:
        raise Unreadable
    reader = _readers().get(function)
    if reader is None:
        raise ValueError(f"returns.json does not describe {function}")
    try:
        return reader(document["RESPONSE"])
    except (ValueError, LookupError, TypeError):
        raise Unreadable from None


@cache
def _readers() -> dict[str, Read]:
    text = (files("connector.moodle_ws") / "returns.json").read_text(encoding="utf-8")
    return {name: (lambda _node: None) if shape is None else _only(shape) for name, shape in json.loads(text).items()}


def _only(shape: Any) -> Read:
    """Reads the one node inside a `RESPONSE` or a `KEY`."""
    tag, read = _tag(shape), _reader(shape)
    return lambda holder: read(holder[tag][0])


def _tag(shape: Any) -> str:
    if isinstance(shape, list):
        return "MULTIPLE"
    return "SINGLE" if isinstance(shape, dict) else "VALUE"


def _reader(shape: Any) -> Read:
    if isinstance(shape, list):
        return _list(shape[0])
    if isinstance(shape, dict):
        return _struct(shape)
    return _leaf(shape)


def _list(shape: Any) -> Read:
    tag, read = _tag(shape), _reader(shape)
    return lambda node: [read(child) for child in _children(node, tag)]


def _struct(shape: dict[str, Any]) -> Read:
    readers = {name.removesuffix("?"): (_only(inner), name.endswith("?")) for name, inner in shape.items()}

    def read(node: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in _children(node, "KEY"):
            name = key["@name"]
            if name not in readers:
                continue
            inner, optional = readers[name]
            value = inner(key)
            if not (optional and _is_absent(value)):
                found[name] = value
        return found

    return read


def _is_absent(value: Any) -> bool:
    """True for what Moodle prints where JSON has no key: a null, or a structure that holds nothing."""
    return value is None or (isinstance(value, dict) and all(_is_empty(inner) for inner in value.values()))


def _is_empty(value: Any) -> bool:
    return value == [] or _is_absent(value)


def _leaf(kind: str) -> Read:
    convert = _LEAVES.get(kind, str)
    return lambda node: None if isinstance(node, dict) else convert(node or "")


def _number(text: str) -> int | float:
    """PHP prints 8.0 as 8, in JSON too."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def _bool(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(text)
    return text == "1"


_LEAVES: dict[str, Callable[[str], Any]] = {"int": int, "float": _number, "bool": _bool}


def _children(node: Any, tag: str) -> Iterable[Any]:
    return node.get(tag) or () if isinstance(node, dict) else ()
