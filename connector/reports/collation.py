"""The order of Vietnamese names: letters first, tones second, given name before family name.

Letters: a ă â b c d đ e ê ... o ô ơ ... u ư ... y; tones: none, huyền, hỏi, ngã, sắc, nặng (ICU's order for vi,
reference/vietnam-facts.md section 3.6). People are listed by given name, then by family and middle name.
"""

import unicodedata
from functools import lru_cache

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: number for number, letter in enumerate(_LETTERS, start=0x110000)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}

SyllableKey = tuple[tuple[int, ...], tuple[int, ...]]
PhraseKey = tuple[tuple[SyllableKey, ...], str]
NameKey = tuple[PhraseKey, PhraseKey, str]


@lru_cache(maxsize=20_000)
def syllable_key(syllable: str) -> SyllableKey:
    """The key of one syllable: ranks of its letters, then its tones. Upper and lower case are the same."""
    ranks: list[int] = []
    tones: list[int] = []
    for letter in unicodedata.normalize("NFC", syllable).lower():
        plain, tone = _split_tone(letter)
        ranks.append(_RANK.get(plain, ord(plain)))
        tones.append(tone)
    return tuple(ranks), tuple(tones)


def _split_tone(letter: str) -> tuple[str, int]:
    if letter in _RANK:
        return letter, 0
    tone = 0
    kept = []
    for piece in unicodedata.normalize("NFD", letter):
        if piece in _TONES:
            tone = _TONES[piece]
        else:
            kept.append(piece)
    plain = unicodedata.normalize("NFC", "".join(kept))
    return (plain, tone) if len(plain) == 1 else (letter, 0)


def phrase_key(text: str) -> PhraseKey:
    """The key of a phrase, syllable by syllable, such as the name of a commune; ties by the text itself."""
    return tuple(syllable_key(syllable) for syllable in text.split()), text


def name_key(full_name: str) -> NameKey:
    """The key of a person's name: given name (the last syllable), then family and middle name; ties by the text."""
    family_and_middle, _blank, given = full_name.rpartition(" ")
    return phrase_key(given), phrase_key(family_and_middle), full_name
