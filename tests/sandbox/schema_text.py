"""The reference's trees of parameters and returns, read from their notation: makes connector/sandbox/schemas.json."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

RECORDED = Path(__file__).parents[1] / "recorded" / "moodle"
SCHEMAS = Path(__file__).parents[2] / "connector" / "sandbox" / "schemas.json"

Node = dict[str, object] | None

_LINE = re.compile(r"^( *)(?:([*\w]+): )?(\[\]|\{\}|\??\w+) ?(.*)$")


def trees(text: str) -> Iterator[tuple[str, dict[str, Node]]]:
    """Each function's name with its trees 'in' and 'out'."""
    for name, body in re.findall(r"^### (\w+)\n```\n(.*?)```", text, re.DOTALL | re.MULTILINE):
        inward, _, outward = body.removeprefix("IN\n").partition("OUT\n")
        yield name, {"in": _struct(_lines(inward), 1), "out": _outward(_lines(outward))}


def _lines(text: str) -> list[tuple[int, str, str, str]]:
    found = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            raise ValueError(line)
        found.append((len(match[1]) // 2, match[2] or "", match[3], match[4]))
    return found


def _struct(lines: list[tuple[int, str, str, str]], depth: int) -> Node:
    keys: dict[str, object] = {}
    while lines and lines[0][0] == depth:
        name = lines[0][1]
        keys[name] = _node(lines)
    return {"keys": keys, "need": "REQ"}


def _outward(lines: list[tuple[int, str, str, str]]) -> Node:
    return None if [line[2] for line in lines] in (["null"], []) else _node(lines)


def _node(lines: list[tuple[int, str, str, str]]) -> dict[str, object]:
    depth, _name, shape, rest = lines.pop(0)
    node = _need(rest)
    if shape == "[]":
        node["list"] = _node(lines)
    elif shape == "{}":
        inner = _struct(lines, depth + 1)
        assert inner is not None
        node["keys"] = inner["keys"]
    else:
        node["type"] = shape.lstrip("?") if not shape.startswith("?") else "notags"
    return node


def _need(rest: str) -> dict[str, object]:
    node: dict[str, object] = {"need": "REQ"}
    if rest.endswith(" notnull"):
        node["notnull"] = True
        rest = rest.removesuffix(" notnull")
    if rest.startswith("opt"):
        node["need"] = "opt"
    elif rest.startswith("default="):
        node["need"] = "default"
        node["default"] = json.loads(rest.removeprefix("default="))
    elif rest != "REQ":
        raise ValueError(rest)
    return node


def all_trees() -> dict[str, dict[str, Node]]:
    """The trees of both files."""
    text = "\n".join((RECORDED / name).read_text(encoding="utf-8") for name in ("schemas.md", "schemas-more.md"))
    return dict(trees(text))


def as_json(wanted: set[str]) -> str:
    """The content of schemas.json for these functions: one function a line."""
    found = all_trees()
    lines = (f"{json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(wanted))
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    from connector.sandbox.functions import FUNCTIONS

    SCHEMAS.write_text(as_json(set(FUNCTIONS)), encoding="utf-8")
    sys.stdout.write(f"{len(FUNCTIONS)} functions\n")
