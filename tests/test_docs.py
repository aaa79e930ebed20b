"""Documents are held to the code: what is generated is current, what is named exists, what exists is named."""

import re
from pathlib import Path

import click
import pytest
import yaml

from connector import errors
from connector.cli.main import cli
from connector.settings import Settings, load_settings
from scripts.generate import FILES, stale
from scripts.keys import keys_of
from scripts.references import rule_types

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
FRAGMENT = re.compile(r"^\d+\.(added|changed|fixed|removed|security)(\.\d+)?\.md$")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def shown_commands(page: Path) -> list[str]:
    """The `connector ...` lines of a page's examples, without the prompt."""
    blocks = re.findall(r"```(?:console|bash|sh)\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = [part.removeprefix("$ ") for block in blocks for line in block.splitlines() for part in line.split(" && ")]
    return [line for line in lines if line.startswith("connector ")]


def is_a_command(line: str) -> bool:
    """True when the words of an example line lead to a command; words after it are its arguments."""
    command: click.Command = cli
    for word in line.split()[1:]:
        if not isinstance(command, click.Group) or word.startswith("-"):
            break
        if word not in command.commands:
            return False
        command = command.commands[word]
    return True


def test_every_generated_file_is_current() -> None:
    assert sorted(stale()) == [], "run `make generate` and commit what it writes"


def test_every_command_is_in_the_reference() -> None:
    page = text_of("docs/reference/cli.md")
    nouns = [f"connector {name}" for name in cli.commands]
    verbs = [
        f"connector {name} {verb}"
        for name, group in cli.commands.items()
        if isinstance(group, click.Group)
        for verb in group.commands
    ]
    assert [name for name in [*nouns, *verbs] if f"## `{name}`" not in page] == []


def test_the_examples_below_keys_are_configurations() -> None:
    example = text_of("config/connector.example.yaml")
    for key, path in (("jobs", ""), ("smtp", "  "), ("freezes", "")):
        (block,) = re.findall(rf"^{path}# {key}:\n(?:{path}#  .*\n)+", example, flags=re.MULTILINE)
        content = yaml.safe_load(re.sub(rf"^{path}# ", "", block, flags=re.MULTILINE))
        assert content[key]
        settings = Settings.model_validate({"alerts": content} if key == "smtp" else content)
        assert settings != Settings()


def test_every_key_is_in_the_reference_and_in_the_example() -> None:
    page = text_of("docs/reference/config.md")
    example = text_of("config/connector.example.yaml")
    for key in keys_of(Settings):
        assert f"| `{key.path}` |" in page
        assert re.search(rf"^\s*(#\s+)?(- )?{key.path.rpartition('.')[2]}:", example, flags=re.MULTILINE), key.path


def test_the_example_is_the_default_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    example = ROOT / "config" / "connector.example.yaml"
    assert load_settings(example, {}).model_dump() == load_settings(None, {}).model_dump()
    assert set(yaml.safe_load(example.read_text(encoding="utf-8"))) <= set(Settings.model_fields)


def test_every_rule_type_is_in_the_reference() -> None:
    page = text_of("docs/reference/programme.md")
    names = {str(part.model_fields["type"].annotation).split("'")[1] for part in rule_types()}
    assert {"at_least", "all", "any", "grade"} <= names
    assert [name for name in names if f"### `{name}`" not in page] == []


def test_every_moodle_function_that_is_called_is_in_the_reference() -> None:
    page = text_of("docs/reference/moodle-functions.md")
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "connector" / "moodle_ws").glob("*.py"))
    called = set(re.findall(r'"((?:core|enrol|mod|tool|gradereport|report)_[a-z]+_[a-z_]+)"', code))
    assert len(called) > 10
    assert [name for name in called if f"| `{name}` |" not in page] == []


def test_every_error_is_in_the_reference() -> None:
    page = text_of("docs/reference/errors.md")
    names = [name for name, item in vars(errors).items() if isinstance(item, type)]
    assert len(names) > 10
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"https?://|mailto:", link)]
    for link in links:
        target, _hash, anchor = link.partition("#")
        goal = (page.parent / target) if target else page
        assert goal.exists(), link
        assert not anchor or anchor in anchors(goal), link


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_named_files_exist(page: Path) -> None:
    """Paths in backticks that begin with one of our folders; those with a placeholder are patterns, not files."""
    named = re.findall(
        r"`((?:connector|tests|config|docs|scripts|examples|requirements)/[^`\s]*)`", page.read_text("utf-8")
    )
    ours = [name for name in named if not set(name) & set("<>*{}")]
    made_later = {"config/connector.yaml"}
    assert [name for name in ours if name not in made_later and not (ROOT / name).exists()] == []


def test_the_architecture_names_a_file_for_each_step() -> None:
    rows = [line for line in text_of("ARCHITECTURE.md").splitlines() if re.match(r"\| \d+ \|", line)]
    assert len(rows) >= 9
    assert [row for row in rows if not re.search(r"`connector/\w+/\w+\.py`", row)] == []


def test_the_architecture_draws_the_layers_of_the_contract() -> None:
    drawn = re.search(r"```text\n(.*?)```", text_of("ARCHITECTURE.md"), flags=re.DOTALL)
    contract = re.search(r"^layers =\n(.*?)\n\n", text_of("setup.cfg"), flags=re.DOTALL | re.MULTILINE)
    assert drawn
    assert contract
    layers = [set(re.findall(r"\w+", line)) for line in contract[1].splitlines()]
    shown = [set(re.findall(r"\w+", re.split(r"\s{3,}", line)[0])) for line in drawn[1].splitlines()]
    assert shown == layers


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_shown_commands_exist(page: Path) -> None:
    assert [line for line in shown_commands(page) if not is_a_command(line)] == []


def test_the_check_of_shown_commands_can_fail() -> None:
    assert is_a_command("connector roster check FILE")
    assert not is_a_command("connector roster chek FILE")
    assert [line for page in PAGES for line in shown_commands(page)]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_shown_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), flags=re.MULTILINE))
    shown = set(re.findall(r"(?:`|\$ )make ([a-z-]+)", page.read_text(encoding="utf-8")))
    assert shown <= targets


def test_fragments_of_the_changelog_are_well_named() -> None:
    assert [path.name for path in (ROOT / "changelog.d").iterdir() if not FRAGMENT.match(path.name)] == []


def test_decisions_are_dated_and_listed() -> None:
    index = text_of("docs/decisions/README.md")
    pages = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    assert pages
    assert [
        page.name for page in pages if not re.search(r"^20\d\d-\d\d-\d\d\. ", page.read_text("utf-8"), re.MULTILINE)
    ] == []
    assert [page.name for page in pages if f"]({page.name})" not in index] == []


def test_every_page_of_the_documentation_is_reached_from_its_index() -> None:
    reached = {(ROOT / "docs" / link).resolve() for link in re.findall(r"\]\(([^)#\s]+)", text_of("docs/index.md"))}
    reached |= {page.resolve() for page in (ROOT / "docs" / "decisions").glob("*.md")}
    reached |= {(ROOT / link).resolve() for link in re.findall(r"\]\(([^)#\s]+)", text_of("README.md"))}
    assert [
        name_of(page)
        for page in (ROOT / "docs").rglob("*.md")
        if page.resolve() not in reached | {ROOT / "docs/index.md"}
    ] == []


def test_each_extension_is_explained_in_under_15_lines() -> None:
    sections = re.split(r"^## ", text_of("CONTRIBUTING.md"), flags=re.MULTILINE)
    lengths = {section.splitlines()[0]: len(section.strip().splitlines()) - 1 for section in sections[1:]}
    assert {"Add a platform", "Add a kind of rule", "Add a report", "Add a job"} <= set(lengths)
    assert {name: lines for name, lines in lengths.items() if name.startswith("Add ") and lines >= 15} == {}


def test_generated_pages_say_so() -> None:
    pages = [name for name in FILES if name.endswith(".md")]
    assert pages
    assert [name for name in pages if "Generated by `make generate`" not in text_of(name)] == []
