"""Percent-encoding of long form values, quickly.

The standard library encodes byte by byte, which is a third of all our CPU time in an apply: batches go as one JSON
text of some hundred kilobytes. Here each sign that must be escaped is replaced in one pass of C code.
"""

from collections.abc import Iterable
from string import ascii_letters, digits
from urllib.parse import quote_plus

SAFE = frozenset(ascii_letters + digits + "_.-~")
# '%' first, since every other replacement brings new ones; the space last, since it brings a '+'.
ESCAPES = [
    ("%", "%25"),
    *((sign, f"%{ord(sign):02X}") for sign in map(chr, range(128)) if sign not in SAFE | {"%", " "}),
    (" ", "+"),
]


def quoted(text: str) -> str:
    """The text as `urllib.parse.quote_plus` gives it."""
    if not text.isascii():
        return quote_plus(text)
    for sign, escape in ESCAPES:
        text = text.replace(sign, escape)
    return text


def encoded_form(variables: Iterable[tuple[str, str]]) -> bytes:
    """The body of a form with these variables, in order."""
    return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in variables).encode("ascii")
