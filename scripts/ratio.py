"""How many lines of tests stand behind each line of code; the house wants 1.0 to 1.7."""

from pathlib import Path

ROOT = Path(__file__).parent.parent


def lines_in(folder: Path) -> int:
    """Lines of Python that are not empty."""
    texts = (path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    return sum(1 for text in texts for line in text.splitlines() if line.strip())


def main() -> None:
    """Print the ratio for each folder that has both, and over all."""
    for folder in sorted(path for path in (ROOT / "connector").iterdir() if (path / "__init__.py").exists()):
        tests = lines_in(ROOT / "tests" / folder.name)
        code = lines_in(folder)
        print(f"{folder.name:14} {tests:6} / {code:6} = {tests / max(code, 1):.2f}")
    tests, code = lines_in(ROOT / "tests"), lines_in(ROOT / "connector")
    print(f"{'over all':14} {tests:6} / {code:6} = {tests / code:.2f}")


if __name__ == "__main__":
    main()
