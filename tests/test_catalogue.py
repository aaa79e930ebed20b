"""The Vietnamese catalogue is whole: every text of the code is translated, and fills in the same things."""

import ast
import string
from pathlib import Path

import pytest

from scripts.catalogue import MO, PO, messages_in_code, mo_bytes, po_bytes, translated

CODE = Path(__file__).parent.parent / "connector"


def placeholders(text: str) -> list[tuple[str, str]]:
    """What a text fills in: names with their formats, sorted, since languages order words differently."""
    parts = string.Formatter().parse(text)
    return sorted((name, spec or "") for _text, name, spec, _conversion in parts if name is not None)


def test_the_code_speaks() -> None:
    assert len(messages_in_code()) > 50


def test_every_text_of_the_code_is_translated() -> None:
    known = {str(message.id): message.string for message in translated() if message.id}
    missing = [str(message.id) for message in messages_in_code() if message.id and not known.get(str(message.id))]
    assert missing == [], "run `make generate`, then translate the empty entries of the .po file"


def test_a_translation_fills_in_what_its_text_fills_in() -> None:
    pairs = [(str(message.id), str(message.string)) for message in translated() if message.id and message.string]
    assert [text for text, ours in pairs if placeholders(text) != placeholders(ours)] == []


def test_translations_keep_the_edges_of_their_text() -> None:
    pairs = [(str(message.id), str(message.string)) for message in translated() if message.id and message.string]
    edges = [text for text, ours in pairs if text[:1].isspace() != ours[:1].isspace() or text[-1:] == "\n" != ours[-1:]]
    assert edges == []


def test_the_files_are_what_the_code_and_the_translations_make() -> None:
    assert PO.read_bytes() == po_bytes()
    assert MO.read_bytes() == mo_bytes()


@pytest.mark.parametrize("module", sorted(CODE.rglob("*.py")), ids=lambda path: str(path.relative_to(CODE)))
def test_only_literal_texts_are_looked_up(module: Path) -> None:
    """`_(f"...")` or `_(name)` would be invisible to the extraction and stay English for ever."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "_"]
    literal = [call for call in calls if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)]
    assert [ast.unparse(call) for call in calls if call not in literal] == []


def test_no_text_is_looked_up_when_a_module_is_imported() -> None:
    """The language is chosen at start: a text looked up at import time would be in the wrong one."""
    early = [
        f"{path.relative_to(CODE)}:{node.lineno}"
        for path in sorted(CODE.rglob("*.py"))
        for node in early_calls(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert early == []


def early_calls(tree: ast.AST) -> list[ast.Call]:
    """Calls of `_` that run on import: anywhere but inside a function or a lambda."""
    found = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_":
            found.append(node)
        found += early_calls(node)
    return found
