"""The texts of a hand-out, and that a password is in no repr."""

from pathlib import Path

import pytest

from connector.errors import ConfigError
from connector.handouts.handout import Handout, read_text
from tests.handouts.conftest import VALUES


def test_values_are_put_in_and_blank_lines_left_out(tmp_path: Path) -> None:
    (tmp_path / "slip.md").write_text("# {programme}\n\n  Vào {address}, hết ngày {last_day} \n", encoding="utf-8")
    lines = read_text(tmp_path, "slip.md", VALUES)
    assert lines == (f"# {VALUES['programme']}", "Vào https://mooc.example.vn, hết ngày 15/12/2025")


@pytest.mark.parametrize("text", ["{phone}", "{address.__class__}", "{", "{0}"])
def test_unknown_braces_are_refused_with_the_known_ones(tmp_path: Path, text: str) -> None:
    (tmp_path / "slip.md").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"slip\.md"):
        read_text(tmp_path, "slip.md", VALUES)


def test_a_text_that_is_missing_or_in_another_encoding_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"guidance\.md.*handout_dir"):
        read_text(tmp_path, "guidance.md", VALUES)
    (tmp_path / "guidance.md").write_bytes("Hướng dẫn".encode("utf-16"))
    with pytest.raises(ConfigError, match=r"guidance\.md"):
        read_text(tmp_path, "guidance.md", VALUES)


def test_no_repr_holds_a_password(handout: Handout) -> None:
    assert "Abc@" not in repr(handout)
