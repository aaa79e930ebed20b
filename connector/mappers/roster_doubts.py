"""What makes a row that could be imported doubtful, so that a person is asked instead of a value taken on trust. Pure.

Each doubt has a code, the column of the table that it is in, and words that say what to look at
(reference/anchors-console-reports-workers.md section 1; reference/vietnam-facts.md section 3).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connector.language import _
from connector.mappers.roster import FULL_NAME, PHONE, WORKPLACE, reason_text
from connector.places.spelling import folded, tone_first

ODD_NAME, NOT_ONE_NAME, NAME_LENGTH = "odd_name", "not_one_name", "name_length"
PLACEHOLDER_NAME, WORDS_IN_NAME = "placeholder_name", "words_in_name"
OTHERS_PHONE, INVENTED_PHONE = "phone_of_another", "invented_phone"
LEAVING, STRUCK, HIDDEN = "may_not_take_part", "struck_through", "hidden_row"
FOREIGN_COMMUNE, BELOW, SECTION_UNCLEAR = "commune_of_another_province", "below_signatures", "section_unclear"
TOO_LONG = "text_too_long"

LONGEST_TEXT = 255
_LONGEST_NAME, _MOST_SYLLABLES = 60, 8
_VOWELS = "aăâeêioôơuưy"
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzđăâêôơư")
_BETWEEN = frozenset(" -'’‘ʼ.")
# Vowels that stand together in Vietnamese words, and in names of Ê Đê, Gia Rai and others, without their tones. Legacy
# encodings (VNI, and TCVN3 or UTF-8 read as something else) show as runs that no language here has: 'aà', 'eã', 'uù'.
_PAIRS = "ai ao au ay âu ây eo êu ia iê iu oa oă oe oi ôi ơi ua uâ uê ui uô uơ uy ưa ưi ươ ưu yê ie io iă iâ iơ iô"
_RARE_PAIRS = "ya yă yơ yô uă ue uo oô oo ôô ơu êi âi eu ou ei ii uu ưă ưê ưô"
_TRIPLES = "iêu yêu oai oao oay oeo uai uao uay uây uôi ươi ươu uya uyê uyu uêu uye"
_RUNS = frozenset(f"{_PAIRS} {_RARE_PAIRS} {_TRIPLES}".split())


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(tone_first(pattern))


_PLACEHOLDER = _words(
    r"chưa (?:có|rõ|bố trí|cử|biết|xác định)\b.*|khuyết|trống|không(?: có)?|nt|như trên|bổ sung sau"
    r"|đang (?:bổ sung|cập nhật)"
    r"|(?:nguyễn|trần|lê) (?:văn|thị) [abcxyz]|họ (?:và )?tên|test|thử|x+|\.+"
)
_IN_NAME = _words(
    r"\b(?:chủ tịch|phó chủ tịch|bí thư|phó bí thư|trưởng (?:phòng|ban|khối)|phó (?:phòng|ban|trưởng)|giám đốc"
    r"|công chức|viên chức|chuyên viên|cán bộ|kế toán|văn phòng|văn thư|công an xã|ubnd|hđnd|mttq|ubmttq|đảng ủy"
    r"|thay|nghỉ|sinh năm|dự bị|dự phòng|số \d+)\b"
)
_SEVERAL_NAMES = re.compile(r"[/;&+|]|(?<!\w)(?:và|hoặc)(?!\w)", re.IGNORECASE)
# Words that say only that a number is a number; any other word beside it may say whose it is.
_HARMLESS = _words(
    r"\b(?:số|điện thoại|đt|sđt|đtdđ|dđ|di động|cá nhân|mobile|phone|tel|cell|zalo|viettel|vina|vinaphone|mobi|mobifone"
    r"|vietnamobile|gmobile|hp|của tôi|o+)(?![^\W\d_])"
)
_LEFT = _words(
    r"\b(?:(?:đã |xin |nay |sẽ )?(?:nghỉ hưu|nghỉ việc|thôi việc|nghỉ thai sản|nghỉ ốm|nghỉ chế độ|hưu trí)"
    r"|chuyển (?:công tác|đi|ngành|đơn vị|sang|về)|thay (?:bằng|thế|cho|người)|(?:xin )?rút(?: tên| lui| khỏi)?"
    r"|không (?:tham gia|tham dự|học|dự|đi)|(?:xin )?hoãn|từ trần|qua đời|đã mất|hy sinh|đình chỉ|kỷ luật|bỏ tên|loại"
    r"|hủy|xóa|đã nghỉ|nghỉ từ|miễn nhiệm|vắng|dự bị|xin vắng)\b"
)
_REPEATED = re.compile(r"(\d)\1{7}")
_FALLING = "98765432109876543210"  # rising ones are no mobile numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a row waits for a person. `column` is a field's name, `value` what stands there, for a file, never a log."""

    code: str
    column: str
    value: str = ""


def name_doubts(name: str) -> Iterator[Doubt]:
    """What in a cleaned name does not look like one person's name."""
    plain = folded(name)
    if _PLACEHOLDER.fullmatch(plain):
        yield Doubt(code=PLACEHOLDER_NAME, column=FULL_NAME, value=name)
    elif _SEVERAL_NAMES.search(name):
        yield Doubt(code=NOT_ONE_NAME, column=FULL_NAME, value=name)
    elif _IN_NAME.search(plain) or any(char in name for char in "(),:") or any(char.isdigit() for char in name):
        yield Doubt(code=WORDS_IN_NAME, column=FULL_NAME, value=name)
    elif not is_spelled_like_a_name(name):
        yield Doubt(code=ODD_NAME, column=FULL_NAME, value=name)
    elif len(name) > _LONGEST_NAME or not 1 < len(name.split()) <= _MOST_SYLLABLES:
        yield Doubt(code=NAME_LENGTH, column=FULL_NAME, value=name)


def is_spelled_like_a_name(text: str) -> bool:
    """Whether the text has only letters of Vietnamese names, in runs of vowels that there are."""
    for char in text.lower():
        base = "".join(part for part in unicodedata.normalize("NFD", char) if part not in _TONES)
        if unicodedata.normalize("NFC", base) not in _LETTERS and char not in _BETWEEN:
            return False
    return all(map(_is_a_run, _vowel_runs(text))) and _one_tone_each(text)


def _vowel_runs(text: str) -> list[str]:
    """The runs of vowels, in small letters, with their tones."""
    marked = "".join(char if _toneless(char) in _VOWELS else " " for char in unicodedata.normalize("NFC", text.lower()))
    return marked.split()


def _toneless(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.lower())
    return unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))


def _is_a_run(run: str) -> bool:
    # A run in plain letters may be a name of another language; only those with marks show an encoding gone wrong.
    plain = _toneless(run)
    return len(run) == 1 or run.isascii() or plain in _RUNS or (plain.isascii() and len(set(plain)) > 1)


def _one_tone_each(text: str) -> bool:
    syllables = re.findall(r"[^\s\-'’.]+", unicodedata.normalize("NFD", text))
    return all(sum(char in _TONES for char in syllable) <= 1 for syllable in syllables)


def phone_doubts(text: str, phone: str) -> Iterator[Doubt]:
    """What makes the number of a cell another's or no real one: words beside it, a row of digits made up."""
    if any(map(str.isalpha, _HARMLESS.sub("", folded(text)))):
        yield Doubt(code=OTHERS_PHONE, column=PHONE, value=text)
    digits = phone.removeprefix("+84")
    if _REPEATED.search(digits) or digits in _FALLING:
        yield Doubt(code=INVENTED_PHONE, column=PHONE, value=text)


def leaving_doubts(texts: Iterable[str]) -> Iterator[Doubt]:
    """A remark in one of these other cells that the person has left, is replaced or does not take part."""
    for text in texts:
        if _LEFT.search(folded(text)):
            yield Doubt(code=LEAVING, column=FULL_NAME, value=text)
            return


def length_doubts(texts: Iterable[str]) -> Iterator[Doubt]:
    """A cell that holds more than any name, number or place could."""
    if any(len(text) > LONGEST_TEXT for text in texts):
        yield Doubt(code=TOO_LONG, column=WORKPLACE)


def doubt_text(code: str) -> str:
    """What a person is asked to look at, or what is wrong with a refused row, in a sentence for a clerk."""
    return {
        ODD_NAME: _("The name holds signs or letters that no name has; an old font may stand behind it: type it anew."),
        NOT_ONE_NAME: _("The cell seems to hold two people: give each a row of their own."),
        NAME_LENGTH: _("The name has one word only, or very many: write the full name as in the identity card."),
        PLACEHOLDER_NAME: _("This looks like a placeholder, not a name: enter the person or delete the row."),
        WORDS_IN_NAME: _("Something beside the name stands in its cell: leave the name alone."),
        OTHERS_PHONE: _("Words beside the number say that it may be another person's: enter the learner's own."),
        INVENTED_PHONE: _("The digits look made up: enter the number with which the learner will log in."),
        LEAVING: _("A remark says that this person has left or does not take part: delete the row, or the remark."),
        STRUCK: _("The row is struck through: delete it, or take the line away."),
        HIDDEN: _("The row is hidden or filtered out: delete it, or show it."),
        FOREIGN_COMMUNE: _("The workplace's commune lies in another province than the row's: correct one of them."),
        BELOW: _("The row stands below signatures or remarks: move it into the table."),
        SECTION_UNCLEAR: _("The heading above the row was not understood: write the workplace into the row."),
        TOO_LONG: _("A cell holds more text than a name, a number or a place has: shorten it."),
        "phone_column": _("It is not certain which column holds the learner's own mobile number."),
        "name_column": _("It is not certain which column holds the learner's name."),
    }.get(code) or reason_text(code)
