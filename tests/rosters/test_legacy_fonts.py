"""Text in TCVN3 and VNI fonts. Expected letters: the tables of the two encodings, not viparse's output."""

import pytest

from connector.rosters.legacy_fonts import decoded


@pytest.mark.parametrize(
    ("font", "typed", "text"),
    [
        (".VnTime", "Hµ ThÞ Thu Trang", "Hà Thị Thu Trang"),
        (".VnTimeH", "NguyÔn V¨n An", "Nguyễn Văn An"),
        (".vnarial", "§ång chÝ Huúnh Quèc ThÞnh", "Đồng chí Huỳnh Quốc Thịnh"),
        (".VnTime", "Tr\u00adëng phßng", "Trưởng phòng"),
        ("VNI-Times", "Nguyeãn Vaên An", "Nguyễn Văn An"),
        ("VNI-Helve", "ÑAËNG THÒ HOÀNG", "ĐẶNG THỊ HỒNG"),
        ("vni-times", "chaúng", "chẳng"),
        ("VNI-Times", "CHAÚNG", "CHẲNG"),
    ],
)
def test_the_font_names_the_encoding(font: str, typed: str, text: str) -> None:
    assert decoded(typed, font) == (text, True)


@pytest.mark.parametrize("font", ["Times New Roman", "", "VnTime", "VNI", "UVnTime"])
def test_other_fonts_are_unicode(font: str) -> None:
    assert decoded("Hµ ThÞ", font) == ("Hµ ThÞ", False)


def test_plain_text_in_an_old_font_needs_no_converting() -> None:
    assert decoded("Le Van Nam 0912", ".VnTime") == ("Le Van Nam 0912", False)


def test_unicode_typed_in_an_old_font_is_left_alone() -> None:
    """Excel shows a letter that the font lacks in another one, so nobody notices; converting would destroy the name."""
    assert decoded("Trần Văn An", ".VnTime") == ("Trần Văn An", False)
    assert decoded("Trần Văn An", "VNI-Times") == ("Trần Văn An", False)


def test_quotes_and_dashes_do_not_make_a_text_unicode() -> None:
    assert decoded("V¨n hãa – X· héi “A”", ".VnTime") == ("Văn hóa – Xã hội “A”", True)


def test_each_piece_of_a_text_has_its_own_font() -> None:
    pieces = [("", "Hå V¨n "), ("Arial", "Bảy "), ("VNI-Times", "Hoäi")]
    assert decoded(pieces, ".VnTime") == ("Hồ Văn Bảy Hội", True)
    assert decoded([("Arial", "Hå"), ("Arial", " V¨n")], ".VnTime") == ("Hå V¨n", False)
