"""Writes every generated file that is out of date: `python -m scripts.generate`. tests/test_docs.py checks them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from connector.language import use_language
from scripts import catalogue, config_example, references

ROOT = Path(__file__).parent.parent


def _text(write: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: write().encode("utf-8")


FILES: Mapping[str, Callable[[], bytes]] = {
    "config/connector.example.yaml": _text(config_example.text),
    "docs/reference/config.md": _text(references.configuration),
    "docs/reference/programme.md": _text(references.programme_files),
    "docs/reference/moodle-functions.md": _text(references.moodle_functions),
    "docs/reference/errors.md": _text(references.error_kinds),
    "docs/reference/cli.md": _text(references.commands),
    catalogue.PO.relative_to(ROOT).as_posix(): catalogue.po_bytes,
    catalogue.MO.relative_to(ROOT).as_posix(): catalogue.mo_bytes,
}


def stale() -> dict[str, bytes]:
    """What each out-of-date file should hold, by its path."""
    use_language("en")
    wanted = {name: write() for name, write in FILES.items()}
    return {name: content for name, content in wanted.items() if _now(ROOT / name) != content}


def _now(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def main() -> None:
    """Write what is out of date and name it."""
    for name, content in stale().items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_bytes(content)
        print(f"written: {name}")


if __name__ == "__main__":
    main()
