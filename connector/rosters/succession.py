"""Which earlier file a new one takes the place of, and whom of it that would end. Pure.

Provinces send their list again, mended or longer, under the same name; but many provinces also call their files the
same ('Phu luc 01.xlsx'), and some send only what is new or mended under the old name. So a file takes the place of an
earlier one of its name only where both are mainly about a common province, and never when most of the earlier people
are not in it: then both hold, and a person decides. Whoever stands in a row that was refused stands in the list.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath

from connector.mappers.roster import clean_name
from connector.model import Learner
from connector.places import folded

ANSWER_SUFFIX = "-loi"
_COPIED = re.compile(r"(?:\s*\(\d+\)|\s+-\s+(?:copy|bản sao))+$")
_ANSWERED = re.compile(rf"(?:{ANSWER_SUFFIX}(?:\s*\(\d+\))?)+$", re.IGNORECASE)
# A few people of a short list may leave at once; of more, at most half, or it is no new version of the list.
_FEW = 2


def answer_name(name: str) -> str:
    """The name of the error workbook of a file: 'a.xls' is answered by 'a-loi.xlsx'."""
    return f"{_ANSWERED.sub('', PurePath(name).stem)}{ANSWER_SUFFIX}.xlsx"


def is_same_list(new: str, new_rows: Mapping[str, int], old: str, old_rows: Mapping[str, int]) -> bool:
    """Whether two files are called the same, or one is the answer to the other, and are about a common province.

    The rows are counted by province. A copy's number, capitals and the form of Unicode make no other name. A file
    without any row is about none.
    """
    answer = _is_answer(new) or _is_answer(old)
    kinds = PurePath(new).suffix.casefold() == PurePath(old).suffix.casefold()
    return (answer or kinds) and _stem(new) == _stem(old) and not _main(new_rows).isdisjoint(_main(old_rows))


def leaving(new: Sequence[Learner], refused_names: Collection[str], old: Sequence[Learner]) -> list[Learner]:
    """Who of an earlier file stands in a new one neither by number nor by name, refused rows included."""
    phones, names = {row.phone for row in new}, {folded(row.full_name) for row in new} | named(refused_names)
    return [row for row in old if row.phone not in phones and folded(row.full_name) not in names]


def is_supplement(left: int, old: int) -> bool:
    """Whether a file that leaves out `left` of the `old` people of a list is not taken for its next version."""
    return left > max(_FEW, old // 2)


def kept_phones(new: Sequence[Learner], refused_names: Collection[str], old: Sequence[Learner]) -> set[str]:
    """The numbers of an earlier file that go on holding, because the new row of that person was refused."""
    phones, accepted = {row.phone for row in new}, {folded(row.full_name) for row in new}
    names = named(refused_names) - accepted
    return {row.phone for row in old if row.phone not in phones and folded(row.full_name) in names}


def named(texts: Collection[str]) -> set[str]:
    """Names as they stand in refused rows, in the form in which names are compared."""
    return {folded(clean_name(text)[0]) for text in texts if text}


def _main(rows: Mapping[str, int]) -> set[str]:
    """The provinces that a file is about: a stray row is not what it is about."""
    most = max(rows.values(), default=0)
    return {province for province, count in rows.items() if 2 * count >= most}


def _stem(name: str) -> str:
    plain, before = unicodedata.normalize("NFC", PurePath(name).stem).casefold(), ""
    while plain != before:
        plain, before = _ANSWERED.sub("", _COPIED.sub("", plain)), plain
    return plain


def _is_answer(name: str) -> bool:
    return bool(_ANSWERED.search(PurePath(name).stem))
