"""Vietnamese text as people type it -> clean text, and a form in which two spellings of one name are equal. Pure.

Facts: reference/vietnam-facts.md sections 2.3 and 3.4; examples/rosters/README.md, "Cells" and "Province".
"""

import re
import unicodedata
from functools import lru_cache

# The two planes of characters that typed text holds; scanning all of Unicode would cost each start 0.4 s.
_SCANNED = [chr(code) for code in (*range(0x3100), *range(0xFE00, 0x10000))]
_BREAKS = set("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85")
_SPACES = {char for char in _SCANNED if unicodedata.category(char) in ("Zs", "Zl", "Zp")} | _BREAKS
_UNSEEN = {char for char in _SCANNED if unicodedata.category(char) in ("Cc", "Cf")} - _BREAKS
_CLEAN = str.maketrans(dict.fromkeys(_SPACES, " ") | dict.fromkeys(_UNSEEN, ""))

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
APOSTROPHES = "'\u2018\u2019\u02bb\u02bc`\u00b4\u2032"
_FOLD = str.maketrans(dict.fromkeys(DASHES + ",", " ") | dict.fromkeys(APOSTROPHES, "'"))


def _tone_pairs() -> dict[str, str]:
    """'oà' -> 'òa' and so on: the tone moved to the first vowel of oa, oe and uy."""
    moved = {}
    for first, second in ("oa", "oe", "uy"):
        for tone in "\u0300\u0301\u0303\u0309\u0323":
            typed = first + unicodedata.normalize("NFC", second + tone)
            moved[typed] = unicodedata.normalize("NFC", first + tone) + second
    return moved


_TONES = _tone_pairs()
_TONE_PAIRS = re.compile("|".join(_TONES))


def tidy(text: str) -> str:
    """The text in NFC, without characters that nobody sees, every run of spaces and line breaks one space."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_CLEAN))
    elif not text.isprintable():
        text = text.translate(_CLEAN)
    return " ".join(text.split())


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """The text for comparison: case, tone placement (hoà, hòa), dashes, commas, apostrophes and spaces are levelled.

    Marks are kept: 'Sơn Hà' and 'Sơn Hạ' are two communes of one province.
    """
    plain = unicodedata.normalize("NFC", tidy(text).casefold())
    return " ".join(tone_first(plain.translate(_FOLD)).split())


def tone_first(text: str) -> str:
    """The text with the tone of oa, oe and uy on the first vowel, as `folded` has it: 'thoại' becomes 'thọai'."""
    return _TONE_PAIRS.sub(_moved, text)


def _moved(pair: re.Match[str]) -> str:
    return _TONES[pair.group()]
