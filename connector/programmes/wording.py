"""Errors of a YAML definition in words: file, line, place, what is wrong, and the nearest known key."""

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from connector.errors import ConfigError
from connector.language import _
from connector.programmes.rule import ChecksFailed

Place = tuple[str | int, ...]


def read_definition(path: Path) -> tuple[Any, yaml.Node | None]:
    """The content of a YAML file, and its nodes, which know their lines. Reads only.

    Raises ConfigError when the file cannot be read or is not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        return yaml.safe_load(text), node
    except OSError as error:
        raise ConfigError(_("The file {path} cannot be read: {why}.").format(path=path, why=error.strerror)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(_("The file {path} is not YAML: {why}").format(path=path, why=error)) from None


def in_words(error: ValidationError, path: Path, node: yaml.Node | None, model: type[BaseModel]) -> ConfigError:
    """One error that tells everything that is wrong in the file, a line for each, in the order of the file."""
    told = sorted(_problems(error, model), key=lambda problem: _locate(node, problem[0])[1])
    lines = []
    for place, why in told:
        shown, line = _locate(node, place)
        where = ".".join(str(step) for step in shown)
        lines.append(_("{path}, line {line}: {where}: {why}").format(path=path, line=line, where=where, why=why))
    return ConfigError("\n".join(lines))


def nearest(word: str, known: Sequence[str]) -> str:
    """A question that names the nearest known word, or a list of all where none is near."""
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return _("Did you mean '{near}'?").format(near=near[0])
    return _("Known: {known}.").format(known=", ".join(known) or "-")


def _problems(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Place, str]]:
    for item in error.errors(include_url=False, include_input=False):
        cause = item.get("ctx", {}).get("error")
        if isinstance(cause, ChecksFailed):
            yield from ((item["loc"] + problem.place, problem.why) for problem in cause.problems)
        elif item["type"] == "extra_forbidden":
            known = known_keys(model, item["loc"][:-1])
            yield item["loc"], _("unknown key. {hint}").format(hint=nearest(str(item["loc"][-1]), known))
        elif item["type"] == "missing":
            yield item["loc"], _("this key is needed and missing")
        else:
            yield item["loc"], item["msg"]


def _locate(node: yaml.Node | None, place: Place) -> tuple[Place, int]:
    """The steps of the place that are there in the file (a missing last key too), and the 1-based line."""
    steps: list[str | int] = []
    line = 1
    for number, step in enumerate(place):
        inner = _child(node, step)
        if inner is not None:
            key_node, node = inner
            line = key_node.start_mark.line + 1
        elif number < len(place) - 1:
            continue  # the tag of a union: pydantic's word for which kind of part it read, not a key of the file
        steps.append(step)
    return tuple(steps), line


def _child(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(step)), None)
    return None


def known_keys(model: type[BaseModel], place: Place) -> list[str]:
    """The keys that may stand at this place, such as ('topics', 0) or ('rule', 'all', 'parts', 0, 'at_least')."""
    here = [model]
    for step in place:
        if isinstance(step, int):
            continue
        inside = [kind for owner in here if step in owner.model_fields for kind in _models(owner, step)]
        here = inside or [kind for kind in here if step in get_args(kind.model_fields["type"].annotation)]
    return sorted({key for kind in here for key in kind.model_fields})


def _models(owner: type[BaseModel], field: str) -> list[type[BaseModel]]:
    return list(_models_in(owner.model_fields[field].annotation))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
