"""Rows of a roster that are not about a person, and the places that its texts name. Pure.

The rules are those of examples/rosters/README.md, "Rows that are not people", "Province" and "Commune".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.places import Commune, ProvinceMatch, find_commune, find_province
from connector.places.spelling import DASHES

_I = re.IGNORECASE
_NUMBERING = r"(?:[IVXLC]+|\d+(?:\.\d+)*|[A-ZĐ])"
_NUMBER_ALONE = re.compile(rf"\(?{_NUMBERING}\)?[.)]?")
_NUMBER_BEFORE = re.compile(rf"\(?{_NUMBERING}(?:\s*[.):/{re.escape(DASHES)}]+\s*|\s+)(?=\S)", _I)
_UNIT = re.compile(
    r"(?:xã|phường|thị trấn|đặc khu|UBND|[uủ][yỷ] ban|tỉnh|thành phố|đảng (?:[uủ][yỷ]|bộ)|HĐND|hội đồng|(?:UB)?MTTQ"
    r"|mặt trận|trung tâm|công an|trạm y tế|sở|phòng|văn phòng|chi cục|cục|chi bộ|đơn vị|cơ quan|quân sự"
    # What may be a surname or given name too is a unit by the word after it only.
    r"|ban (?:chỉ huy|quản lý|dân vận|tuyên giáo|tổ chức|kinh tế|pháp chế|xây dựng|chấp hành|văn hóa)"
    r"|trường (?:TH|tiểu|trung|mầm|chính|cao|đại|phổ|PT|MN|CĐ|ĐH)\w*|đoàn (?:thanh|TN|thể)\w*"
    r"|hội (?:nông|phụ|LHPN|liên|cựu|CCB|ND|người|chữ)\w*|tổ (?:dân|công|hỗ)\w*)(?!\w)|TP\.",
    _I,
)
_TOTAL = re.compile(r"(?:tổng cộng|tổng số|cộng|total)(?!\w)", _I)
_FOOTER = re.compile(
    r"(?:[^,]{1,60},\s*)?ngày\s.{0,20}\btháng\s.{0,20}\bnăm(?!\w)"
    r"|(?:KT|TM|TL|TUQ)\."
    r"|(?:nơi nhận|người lập|người tổng hợp|thủ trưởng|xác nhận|ghi chú)(?!\w)"
    r"|\(\s*danh sách này(?!\w)",
    _I,
)
_COLUMN_NUMBER = re.compile(r"[(\[]?(?:\d{1,2}|[A-Z])[)\]]?")
_PHONE_DIGITS = 8

_PROVINCE_WORD = re.compile(r"(?<!\w)(?:(?:tỉnh|thành phố)(?!\w)|tp(?=hcm)|tp(?!\w)\.?)\s*:?\s*", _I)
_LONGEST_PROVINCE = 6
_COMMUNE_WORD = re.compile(
    r"(?<!\w)(?:(?<!thị )xã|phường|đặc khu)\s+|(?<![\w.])(?:X|P|ĐK)\.\s*",
    _I,
)
_COMMUNE_END = re.compile(r"[,;()\[\]{}]|(?<!\w)(?:tỉnh|thành phố|TP|xã|phường|đặc khu)(?!\w)", _I)
_DASH = re.compile(rf"\s[{re.escape(DASHES)}]\s")
# 'Xã hội', 'xã đội', 'xã đoàn': no unit is meant. 'P. VH-XH': P. is a department.
_NO_UNIT = re.compile(r"(?:hội|đội|đoàn)", _I)
_DEPARTMENT = re.compile(r"[B-DF-HJ-NP-TV-XZĐ]{2,}(?!\w)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A row that heads the rows below it: its text without number, and the province that it names, if it does."""

    text: str
    province: ProvinceMatch | None


def first_text(row: Mapping[int, str]) -> str:
    """The first cell of a row that is more than its number; '' when there is none."""
    return next((row[column] for column in sorted(row) if _is_text(row[column])), "")


def is_lone_text(row: Mapping[int, str]) -> bool:
    """Whether a row holds one text beside its number, such as a heading over the rows below it."""
    return sum(map(_is_text, row.values())) == 1


def is_total(row: Mapping[int, str], phone: str) -> bool:
    """Whether a row sums up. A row with a phone number is a person's, whatever his first cell says."""
    return bool(_TOTAL.match(first_text(row))) and sum(char.isdigit() for char in phone) < _PHONE_DIGITS


def is_footer(row: Mapping[int, str]) -> bool:
    """Whether the signatures, addressees and remarks below the table begin with this row."""
    return bool(_FOOTER.match(first_text(row)))


def is_column_numbers(row: Mapping[int, str]) -> bool:
    """Whether a row only numbers the columns: (1) (2) (3), or A B 1 2, each once and rising."""
    cells = [row[column] for column in sorted(row)]
    if not all(_COLUMN_NUMBER.fullmatch(cell) for cell in cells):
        return False
    marks = [cell.strip("()[]") for cell in cells]
    numbers = [int(mark) for mark in marks if mark.isdigit()]
    return len(set(marks)) == len(marks) and numbers == sorted(numbers)


def section_of(row: Mapping[int, str], columns: Sequence[int]) -> Section | None:
    """The section that a row opens, or None. `columns` are those of the table's head, from the left.

    The only text beside the number stands in the first or second column and begins with a unit.
    """
    texts = [column for column in sorted(row) if _is_text(row[column])]
    if len(texts) != 1 or texts[0] > columns[min(1, len(columns) - 1)]:
        return None
    text = row[texts[0]]
    unnumbered = text if _UNIT.match(text) else _NUMBER_BEFORE.sub("", text, count=1)
    if not _UNIT.match(unnumbered):
        return None
    return Section(text=unnumbered, province=province_named_in(unnumbered))


def province_named_in(text: str) -> ProvinceMatch | None:
    """The first province that stands after tỉnh, thành phố or TP. somewhere in a text; None if none does."""
    for word in _PROVINCE_WORD.finditer(text):
        words = re.split(r"\s+", re.split(r"[;:()\"“”]", text[word.end() :], maxsplit=1)[0].strip(" ."))
        for count in range(min(len(words), _LONGEST_PROVINCE), 0, -1):
            match = find_province(" ".join(words[:count]).rstrip(".,"))
            if isinstance(match, ProvinceMatch):
                return match
    return None


def commune_named_in(text: str, province_code: str) -> tuple[Commune | None, bool]:
    """The first commune of the province that a text names after xã, phường, đặc khu, X., P. or ĐK.

    The second value says whether the text names any unit at all, of this province or not.
    """
    named = False
    for word in _COMMUNE_WORD.finditer(text):
        tail = text[word.end() :]
        end = _COMMUNE_END.search(tail)
        whole = (tail[: end.start()] if end else tail).strip()
        for name in _up_to_dashes(whole):
            commune = find_commune(name, province_code)
            if commune:
                return commune, True
        named = named or _is_unit(whole)
    return None, named


def _is_text(cell: str) -> bool:
    return any(char.isalpha() for char in cell) and not _NUMBER_ALONE.fullmatch(cell)


def _up_to_dashes(text: str) -> list[str]:
    """The text, then the text up to each of its spaced dashes from the right: a dash may belong to a name."""
    return [text, *(text[: dash.start()] for dash in reversed(list(_DASH.finditer(text))))]


def _is_unit(name: str) -> bool:
    return bool(name) and not _NO_UNIT.fullmatch(_up_to_dashes(name)[-1].strip()) and not _DEPARTMENT.match(name)
