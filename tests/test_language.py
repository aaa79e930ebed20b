"""Vietnamese first, English on demand, and never a message that differs in what it fills in."""

import pytest

from connector.language import DOMAIN, LOCALES, _, use_language

KNOWN = "Did you mean '{near}'?"


def test_english_is_the_text_of_the_code() -> None:
    use_language("en")
    assert _(KNOWN) == KNOWN


@pytest.mark.usefixtures("vietnamese")
def test_vietnamese_comes_from_the_catalogue() -> None:
    assert _(KNOWN) != KNOWN
    assert _(KNOWN).format(near="token").count("token") == 1


@pytest.mark.usefixtures("vietnamese")
def test_an_unknown_message_stays_english() -> None:
    assert _("A message that nobody wrote.") == "A message that nobody wrote."


def test_a_language_without_a_catalogue_speaks_english() -> None:
    use_language("fr")
    assert _(KNOWN) == KNOWN


def test_the_catalogue_lies_in_the_package() -> None:
    assert (LOCALES / "vi" / "LC_MESSAGES" / f"{DOMAIN}.mo").is_file()
