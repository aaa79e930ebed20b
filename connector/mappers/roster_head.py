"""Words of a table's head -> the field that the column holds. Pure.

The rules are those of examples/rosters/README.md, "Table": case, punctuation and line breaks do not matter, and other
words in the same sense may occur, so heads are recognised by their beginning and by words that rule them out.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

from connector.places.spelling import folded, tone_first


class Field(StrEnum):
    """What a column holds. `FAMILY` and `GIVEN` are a name in two columns, `PHONE` a mobile by its own word.

    `COMMUNE` and `MOMENT` count in exports of self-registrations only.
    """

    FULL_NAME = "full_name"
    FAMILY = "family"
    GIVEN = "given"
    MOBILE = "mobile"
    PHONE = "phone"
    WORKPLACE = "workplace"
    POSITION = "position"
    PROVINCE = "province"
    COMMUNE = "commune"
    MOMENT = "moment"
    IGNORED = "ignored"


PHONES = (Field.MOBILE, Field.PHONE)


def _folded_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(tone_first(pattern))


_WORD = re.compile(r"[^\W_]+")
_LONGEST = 14

# Somebody who is not a person of the table, or an attribute that only shares a word with one of ours.
_OTHERS = r"đầu mối|người liên hệ|liên hệ của|lãnh đạo|phụ trách|người lập|người thân|thủ trưởng|giám đốc|contact"
_OTHERS += r"|trưởng (?:phòng|ban|nhóm)|chủ tịch|vợ|chồng|bố|mẹ"
_OTHER_PERSON = _folded_pattern(rf"\b(?:{_OTHERS})\b")
_NOT_MOBILE = _folded_pattern(
    r"\b(?:cơ quan|đơn vị|bàn|cố định|nhà riêng|tổ chức|fax|email|e mail|office|landline|home)\b"
)
_MOBILE_WORD = _folded_pattern(r"\b(?:di động|đtdđ|đt dđ|sđtdđ|mobile|cell|cellphone)\b")
_PHONE_WORD = _folded_pattern(r"\b(?:điện thoại|sđt|đt|số máy|phone|telephone|tel)\b")

# The name of an account, which Google's forms put before the name of the person.
_ACCOUNT = _folded_pattern(r"tên (?:người dùng|đăng nhập|tài khoản)|user ?name|account|nickname")
_FULL_NAME = _folded_pattern(
    r"(?:họ (?:và )?tên|họ (?:và )?chữ đệm (?:và )?tên|họ (?:và )?(?:tên )?đệm (?:và )?tên|full ?name|name"
    r"|tên (?:cán bộ|học viên|công chức|người|đầy đủ))\b(?! (?:đệm|lót|chữ đệm))"
    r"|(?:học viên|người (?:đăng ký|tham gia|học))$"
)
_FAMILY = _folded_pattern(
    r"họ|họ (?:và )?(?:tên |chữ )?(?:đệm|lót)|tên đệm|family(?: and middle)? name|last name|surname"
)
_GIVEN = _folded_pattern(r"tên|tên gọi|given name|first name")
_WORKPLACE = _folded_pattern(
    r"(?:tên )?(?:đơn vị|cơ quan|nơi công tác|nơi làm việc|tổ chức)\b(?!.*\b(?:tính|hành chính|địa chỉ)\b)"
    r"|organi[sz]ation|work ?place|work ?unit|agency|employer|department"
)
_POSITION = _folded_pattern(r"(?:chức vụ|chức danh|vị trí|position|job|title)\b")
_PROVINCE = _folded_pattern(
    r"(?:tên |thuộc )?(?:tỉnh|thành phố|tp)(?: (?:và|hoặc))?(?: (?:tỉnh|thành phố|tp|thành))?(?: trực thuộc .*)?"
    r"(?: (?:nơi )?(?:đang )?(?:công tác|làm việc))?(?: (?:mới|hiện nay|sau (?:sáp nhập|sắp xếp|hợp nhất)))?|địa phương"
    r"|province(?: city)?|city(?: province)?"
)
_IGNORED = _folded_pattern(
    r"stt|tt|số tt|số thứ tự|no|ghi chú|notes?|remarks?|ngày (?:tháng năm )?sinh|năm sinh|ngày tháng năm sinh|email"
    r"|e mail|thư điện tử|giới tính|nam|nữ|dân tộc|trình độ.*|địa chỉ.*|cccd|số cccd|căn cước.*"
)
_COMMUNE = _folded_pattern(r"(?:tên )?(?:xã|phường|đặc khu)(?: (?:hoặc )?(?:xã|phường|đặc khu))*|commune|ward")
_SENT = r"(?:đăng ký|gửi|nộp|điền|hoàn thành)\b.*"
_MOMENT = _folded_pattern(
    rf"dấu thời gian|thời gian(?: {_SENT})?|(?:thời điểm|ngày giờ|ngày) {_SENT}"
    r"|timestamp|submitted(?: at| on)?|submission (?:date|time)|completion time|registered at"
)


def _is_mobile(words: str) -> bool:
    return bool(_MOBILE_WORD.search(words)) and not _NOT_MOBILE.search(words)


def _is_phone(words: str) -> bool:
    return bool(_PHONE_WORD.search(words)) and not _NOT_MOBILE.search(words)


_TESTS: tuple[tuple[Field, Callable[[str], object]], ...] = (
    (Field.IGNORED, _OTHER_PERSON.search),
    (Field.IGNORED, _ACCOUNT.match),
    (Field.MOBILE, _is_mobile),
    (Field.PHONE, _is_phone),
    (Field.IGNORED, _PHONE_WORD.search),
    (Field.FAMILY, _FAMILY.fullmatch),
    (Field.GIVEN, _GIVEN.fullmatch),
    (Field.FULL_NAME, _FULL_NAME.match),
    (Field.PROVINCE, _PROVINCE.fullmatch),
    (Field.WORKPLACE, _WORKPLACE.match),
    (Field.POSITION, _POSITION.match),
    (Field.COMMUNE, _COMMUNE.fullmatch),
    (Field.MOMENT, _MOMENT.fullmatch),
    (Field.IGNORED, _IGNORED.fullmatch),
)


def head_words(text: str) -> str:
    """The words of a head, folded, without punctuation: 'Số ĐT-DĐ:' becomes 'số đt dđ'."""
    return " ".join(_WORD.findall(folded(text)))


@lru_cache(maxsize=4096)
def field_of(text: str) -> Field | None:
    """The field that a head names; `IGNORED` for one that is known and not ours, None for what is no head at all."""
    words = head_words(text)
    if not words or words.count(" ") >= _LONGEST:
        return None
    return next((field for field, test in _TESTS if test(words)), None)


def field_under(parent: str, leaf: str) -> Field | None:
    """The field of a head that stands under a wider one: 'Cơ quan' under 'Điện thoại' is an office's phone."""
    above = field_of(parent)
    if above is Field.IGNORED and _OTHER_PERSON.search(head_words(parent)):
        return Field.IGNORED
    own = field_of(leaf)
    if own is None or above in PHONES:
        return field_of(f"{parent} {leaf}") or own
    return own
