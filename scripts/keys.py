"""The keys of a configuration model, read from pydantic's own record of it, for the example file and the reference."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import AnyHttpUrl, BaseModel, SecretStr
from pydantic.fields import FieldInfo

WORDS: Mapping[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    SecretStr: "secret",
    AnyHttpUrl: "address",
    datetime: "time",
    timedelta: "30s, 15m, 2h, 1d",
    type(None): "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key: its dotted path, what kind of value it takes, its default ('' when it must be given), its meaning."""

    path: str
    kind: str
    default: str
    description: str


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[Key]:
    """Every key of a model and of the sections inside it, in the order of the code."""
    for name, field in model.model_fields.items():
        path = prefix + (field.alias or name)
        yield Key(
            path=path,
            kind=kind_of(field.annotation),
            default=default_of(field),
            description=field.description or "",
        )
        step, section = section_of(field.annotation)
        if section is not None:
            yield from keys_of(section, f"{path}{step}.")


def section_of(annotation: Any) -> tuple[str, type[BaseModel] | None]:
    """The section behind an annotation and the step to it: '' for itself, '.<key>' in a mapping, '[]' in a list."""
    if is_section(annotation):
        return "", annotation
    arguments = get_args(annotation)
    if get_origin(annotation) is dict and is_section(arguments[1]):
        return ".<key>", arguments[1]
    if arguments[1:] == (type(None),) and is_section(arguments[0]):
        return "", arguments[0]
    if get_origin(annotation) is tuple and is_section(arguments[0]):
        return "[]", arguments[0]
    return "", None


def is_section(annotation: Any) -> bool:
    """True for a class of keys."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def kind_of(annotation: Any) -> str:
    """The kind of value in words: 'text', 'vi or en', 'list of text' ..."""
    if is_section(annotation):
        return "section"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(str(member.value) for member in annotation)
    return WORDS.get(annotation) or _compound_kind(get_origin(annotation), get_args(annotation))


def _compound_kind(origin: Any, arguments: tuple[Any, ...]) -> str:
    if origin is Annotated:
        return kind_of(arguments[0])
    if origin is Literal:
        return " or ".join(str(choice) for choice in arguments)
    if origin is tuple:
        return f"list of {kind_of(arguments[0])}"
    if origin is dict:
        return f"keys with {kind_of(arguments[1])}"
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(kind_of(choice) for choice in arguments if choice is not type(None)))
    return "none"


def default_of(field: FieldInfo) -> str:
    """The default as YAML writes it; 'required' when there is none, 'see below' for a section."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or (value is not None and section_of(field.annotation)[1]):
        return "see below"
    if isinstance(value, dict | tuple):
        return in_yaml(value, flow=True)
    return "not set" if value is None or value == "" else in_yaml(value)


def in_yaml(value: Any, *, flow: bool = False) -> str:
    """One value as YAML writes it in a line."""
    text: str = yaml.safe_dump(plain(value), default_flow_style=flow, allow_unicode=True, width=10_000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


def plain(value: Any) -> Any:
    """The value in types that YAML knows."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, timedelta):
        return _with_unit(int(value.total_seconds()))
    return value if isinstance(value, bool | int | float | str) else str(value)


def _with_unit(seconds: int) -> str:
    """As the configuration reads it: 30s, 15m, 2h, 1d."""
    units = {"d": 86400, "h": 3600, "m": 60}
    unit, size = next(((unit, size) for unit, size in units.items() if seconds and seconds % size == 0), ("s", 1))
    return f"{seconds // size}{unit}"
