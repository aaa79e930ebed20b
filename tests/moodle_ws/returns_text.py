"""The returns of the adapter's functions, out of the reference's trees: makes connector/moodle_ws/returns.json."""

import json
import sys
from pathlib import Path
from typing import Any

from connector.moodle_ws.functions import FUNCTIONS
from tests.sandbox.schema_text import all_trees

RETURNS = Path(__file__).parents[2] / "connector" / "moodle_ws" / "returns.json"


def compact(tree: Any) -> Any:
    """A tree in the notation of returns.json."""
    if tree is None:
        return None
    if "list" in tree:
        return [compact(tree["list"])]
    if "keys" in tree:
        return {name + ("?" if node["need"] == "opt" else ""): compact(node) for name, node in tree["keys"].items()}
    return tree["type"] if tree["type"] in ("int", "float", "bool") else "text"


def as_json() -> str:
    """The content of returns.json: one function a line."""
    trees = all_trees()
    names = sorted(function.name for function in FUNCTIONS)
    lines = (f"{json.dumps(name)}: {json.dumps(compact(trees[name]['out']))}" for name in names)
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    RETURNS.write_text(as_json(), encoding="utf-8")
    sys.stdout.write(f"{len(FUNCTIONS)} functions\n")
