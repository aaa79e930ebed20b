"""Text set in a font of the time before Unicode -> Unicode, the encoding named by the font. Pure.

TCVN3 for fonts .Vn…, VNI for VNI-… (examples/rosters/README.md, "Cells"). The tables are viparse's; its detection is
not used, because on short cells it is wrong (reference/vietnam-facts.md section 3.4).
"""

from functools import cache

from viparse.normalize.encodings import get_charmap
from viparse.normalize.tables import Charmap, build_charmap, convert

_FONTS = ((".vn", "tcvn3"), ("vni-", "vni"))
# viparse 0.1.31 has no ẳ: the letter does not occur in the documents that its table was made from.
_ALSO = {"vni": (("aú", "ẳ"), ("AÚ", "Ẳ")), "tcvn3": ()}
_LAST_OF_LATIN_1 = "\xff"


def decoded(runs: str | list[tuple[str, str]], cell_font: str) -> tuple[str, bool]:
    """The cell's text in Unicode, and whether any of it had to be converted.

    `runs` is the text, or (font, text) pieces in order; a piece whose font is '' is set in the cell's.
    """
    if isinstance(runs, str):
        return _decoded(runs, cell_font)
    pieces = [_decoded(text, font or cell_font) for font, text in runs]
    return "".join(text for text, _old in pieces), any(old for _text, old in pieces)


def _decoded(text: str, font: str) -> tuple[str, bool]:
    encoding = _encoding_of(font) if font else ""
    if not encoding or text.isascii() or _is_unicode(text):
        return text, False
    result = convert(text, _charmap(encoding))
    return result, result != text


@cache
def _encoding_of(font: str) -> str:
    return next((encoding for start, encoding in _FONTS if font.casefold().startswith(start)), "")


@cache
def _charmap(encoding: str) -> Charmap:
    known = get_charmap(encoding)
    if known is None:
        raise LookupError(encoding)
    return build_charmap(encoding, (*known.pairs, *_ALSO[encoding]))


def _is_unicode(text: str) -> bool:
    """Whether letters occur that neither encoding can hold: somebody typed Unicode and the old font was only left."""
    return any(char > _LAST_OF_LATIN_1 and char.isalpha() for char in text)
