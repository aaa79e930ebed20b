"""Which earlier file a new one takes the place of. Pure.

Provinces send their list again, mended or longer, under the same name; but many provinces also call their files the
same ('Phu luc 01.xlsx'). So a file replaces another of its name only where both speak of a common province.
"""

import re
from collections.abc import Collection
from pathlib import PurePath

ANSWER_SUFFIX = "-loi"
_ANSWERED = re.compile(rf"(?:{ANSWER_SUFFIX}(?:\s*\(\d+\))?)+$")


def answer_name(name: str) -> str:
    """The name of the error workbook of a file: 'a.xls' is answered by 'a-loi.xlsx'."""
    return f"{_stem(name)}{ANSWER_SUFFIX}.xlsx"


def replaces(new: str, new_provinces: Collection[str], old: str, old_provinces: Collection[str]) -> bool:
    """Whether a file is the successor of another: same name, or the mended error workbook, and a common province.

    A new file without any accepted row replaces nothing: a list that could not be read ends nobody's registration.
    """
    mended = _is_answer(new) or _is_answer(old)
    same = _stem(new).casefold() == _stem(old).casefold() if mended else new == old
    return same and not set(new_provinces).isdisjoint(old_provinces)


def _stem(name: str) -> str:
    return _ANSWERED.sub("", PurePath(name).stem)


def _is_answer(name: str) -> bool:
    return bool(_ANSWERED.search(PurePath(name).stem))
