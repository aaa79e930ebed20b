"""Errors of a YAML definition in words: file, line, place, what is wrong, and the nearest known key."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from connector.language import _
from connector.programmes.rule import ChecksFailed

Place = tuple[str | int, ...]
# The same loader in C, where PyYAML has it: a programme file is read in a tenth of the time.
LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """One thing that is wrong in a file: the 1-based line, the place in dotted words ('' for the whole), and why."""

    path: Path
    line: int
    where: str
    why: str

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return _("{path}, line {line}: {why}").format(path=self.path, line=self.line, why=where + self.why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """The content of a YAML file, and its nodes, which know their lines."""

    path: Path
    content: dict[str, Any]
    node: yaml.Node | None

    def repeated(self) -> list[tuple[Place, str]]:
        """The keys that stand twice in one section: YAML itself would take the last without a word."""
        return list(_repeated(self.node, ()))


def read_definition(path: Path) -> Definition | Located:
    """The content of a YAML file that holds keys with values, or what keeps it from being read. Reads only."""
    try:
        text = path.read_text(encoding="utf-8")
        loader = LOADER(text)
        node = loader.get_single_node()
        content = None if node is None else loader.construct_document(node)
    except OSError as error:
        return Located(path=path, line=1, where="", why=_("the file cannot be read: {why}").format(why=error.strerror))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        why = _("the file is not YAML: {why}").format(why=getattr(error, "problem", None) or error)
        return Located(path=path, line=mark.line + 1 if mark else 1, where="", why=why)
    if not isinstance(content, dict):
        return Located(path=path, line=1, where="", why=_("the file must be a list of keys with values"))
    return Definition(path=path, content=content, node=node)


def located(problems: Iterable[tuple[Place, str]], definition: Definition) -> list[Located]:
    """The problems with their lines, in the order of the file."""
    found = []
    for place, why in problems:
        shown, line = _locate(definition.node, place)
        where = ".".join(str(step) for step in shown)
        found.append(Located(path=definition.path, line=line, where=where, why=why))
    return sorted(found, key=lambda problem: problem.line)


def _repeated(node: yaml.Node | None, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(node, yaml.SequenceNode):
        for number, inner in enumerate(node.value):
            yield from _repeated(inner, (*place, number))
    elif isinstance(node, yaml.MappingNode):
        keys = Counter(key.value for key, _value in node.value)
        for key in (key for key, times in keys.items() if times > 1):
            yield (*place, key), _("this key stands twice")
        for key, inner in node.value:
            yield from _repeated(inner, (*place, key.value))


def nearest(word: str, known: Sequence[str]) -> str:
    """A question that names the nearest known word, or a list of all where none is near."""
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return _("Did you mean '{near}'?").format(near=near[0])
    return _("Known: {known}.").format(known=", ".join(known) or "-")


def problems_of(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Place, str]]:
    """Place and text of everything that pydantic or a check found wrong."""
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
        here = inside or [kind for kind in here if _stays(kind, step)]
    return sorted({field.alias or key for kind in here for key, field in kind.model_fields.items()})


def _stays(kind: type[BaseModel], step: str) -> bool:
    """True unless the step is the tag of another kind of part; a key of a mapping, such as a site's, is no tag."""
    tag = kind.model_fields.get("type")
    return tag is None or step in get_args(tag.annotation)


def _models(owner: type[BaseModel], field: str) -> list[type[BaseModel]]:
    return list(_models_in(owner.model_fields[field].annotation))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
