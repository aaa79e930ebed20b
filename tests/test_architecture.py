"""The house rules that no reviewer should have to count by hand."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import importlinter.api  # sets the linter up for use in-process
import pytest
from importlinter.application import use_cases

ROOT = Path(__file__).parent.parent
CODE = sorted((ROOT / "connector").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
OURS = [*CODE, *TESTS, *sorted((ROOT / "scripts").rglob("*.py")), *sorted((ROOT / "benchmarks").rglob("*.py"))]

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "manager", "misc", "base", "shared"}

# Where the real clock may be taken as the default of an injected one; everything else is handed its sleep.
MAY_SLEEP = {
    "connector/wire/caller.py",
}

# So many exceptions from the checkers may stand in connector/. Raise a number only with a reason in the commit.
MARKS_ALLOWED = {"pragma: no cover": 3, "type: ignore": 8, "noqa": 24}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions() -> Iterator[tuple[str, int]]:
    """Each function of the connector with its length in lines, signature and docstring included."""
    for path in CODE:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name_of(path)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def dotted(node: ast.AST) -> str:
    """'time.sleep' for the expression that reads so, '' for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def mentions(path: Path) -> set[str]:
    """Every dotted name in a module and every name that it imports from elsewhere."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        else:
            found.add(dotted(node))
    return found


def test_who_may_import_whom() -> None:
    """The contracts of setup.cfg; what breaks them is printed above this test's failure."""
    contracts = importlinter.api.read_configuration(str(ROOT / "setup.cfg"))["contracts_options"]
    assert {contract["type"] for contract in contracts} == {"layers", "forbidden"}
    assert use_cases.lint_imports(str(ROOT / "setup.cfg"), cache_dir=None, no_logo=True)


def test_no_module_is_above_400_lines() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in OURS}
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def test_functions_are_short() -> None:
    lengths = dict(functions())
    assert statistics.median(lengths.values()) < 10
    tenth = statistics.quantiles(lengths.values(), n=10)[-1]
    longest = sorted(lengths, key=lambda name: -lengths[name])[:10]
    assert tenth < 35, [f"{name} ({lengths[name]})" for name in longest]


def test_no_folder_or_module_is_a_catch_all() -> None:
    named = {name_of(path) for path in OURS if {part.removesuffix(".py") for part in path.parts} & FORBIDDEN_NAMES}
    assert named == set()


def test_only_the_command_line_prints() -> None:
    printing = {name_of(path) for path in CODE if "print" in mentions(path)}
    assert {name for name in printing if not name.startswith("connector/cli/")} == set()


def test_nothing_sleeps_but_the_named_seams() -> None:
    assert {name_of(path) for path in CODE if "time.sleep" in mentions(path)} <= MAY_SLEEP


@pytest.mark.parametrize("mark", MARKS_ALLOWED)
def test_exceptions_from_the_checkers_are_few(mark: str) -> None:
    places = [name_of(path) for path in CODE for line in path.read_text(encoding="utf-8").splitlines() if mark in line]
    assert len(places) <= MARKS_ALLOWED[mark], places


def test_every_exception_from_a_checker_is_coded() -> None:
    bare = re.compile(r"#\s*(noqa|type: ignore)(?![:\[])")
    assert [name_of(path) for path in OURS if path != Path(__file__) and bare.search(path.read_text("utf-8"))] == []


def test_tests_use_fakes_and_patch_nothing() -> None:
    patching = {
        name_of(path): found
        for path in TESTS
        if (
            found := {name for name in mentions(path) if re.search(r"unittest\.mock|monkeypatch\.setattr|mocker", name)}
        )
    }
    assert patching == {}


def test_every_import_is_absolute() -> None:
    relative = [
        name_of(path)
        for path in OURS
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.level > 0
    ]
    assert relative == []


def test_every_column_says_whose_data_it_holds() -> None:
    from connector.store.columns import metadata

    columns = [column for table in metadata.tables.values() for column in table.columns]
    assert columns
    assert [str(column) for column in columns if column.info.get("pii") not in {"none", "basic", "sensitive"}] == []
