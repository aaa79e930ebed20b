"""Phone cells as provinces fill them. The numbers are invented; some may exist, so never call them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.mappers.roster_phone import OLD_PREFIXES, read_phone

LOST, OLD, LETTER, NOTE = "lost_leading_zero", "old_phone_prefix", "phone_letter_o", "phone_note_removed"
MOBILE = st.tuples(
    st.sampled_from(["32", "39", "70", "76", "81", "84", "86", "90", "98"]), st.integers(0, 10**7 - 1)
).map(lambda parts: f"{parts[0]}{parts[1]:07d}")


@pytest.mark.parametrize(
    ("cell", "phone", "notices"),
    [
        ("0912345678", "+84912345678", ()),
        ("0912 345 678", "+84912345678", ()),
        ("0912.345.678", "+84912345678", ()),
        ("0912-345–678", "+84912345678", ()),
        ("(0912) 345 678", "+84912345678", ()),
        ("'0912345678", "+84912345678", ()),
        ("’0912345678", "+84912345678", ()),
        ("0912345678.0", "+84912345678", ()),
        ("912345678.0", "+84912345678", (LOST,)),
        ("912345678", "+84912345678", (LOST,)),
        ("841110050", "+84841110050", (LOST,)),
        ("84912345678", "+84912345678", ()),
        ("840912345678", "+84912345678", ()),
        ("84 0912 345 678", "+84912345678", ()),
        ("+84912345678", "+84912345678", ()),
        ("+84 912 345 678", "+84912345678", ()),
        ("+84-912345678", "+84912345678", ()),
        ("(+84) 912345678", "+84912345678", ()),
        ("+84(0)912345678", "+84912345678", ()),
        ("0084912345678", "+84912345678", ()),
        ("0084(0)912345678", "+84912345678", ()),
        ("01656451068", "+84356451068", (OLD,)),
        ("0165.645.1068", "+84356451068", (OLD,)),
        ("1656451068", "+84356451068", (LOST, OLD)),
        ("+841656451068", "+84356451068", (OLD,)),
        ("00841656451068", "+84356451068", (OLD,)),
        ("841656451068", "+84356451068", (OLD,)),
        ("O912345678", "+84912345678", (LETTER,)),
        ("09O2345678", "+84902345678", (LETTER,)),
        ("0912 oo5 678", "+84912005678", (LETTER,)),
        ("0912345678 (Zalo)", "+84912345678", (NOTE,)),
        ("ĐT: 0912345678", "+84912345678", (NOTE,)),
        ("SĐT 0912.345.678", "+84912345678", (NOTE,)),
        ("0912345678 (di động)", "+84912345678", (NOTE,)),
        ("Zalo/O912345678", "+84912345678", (LETTER, NOTE)),
        ("0912345678;", "+84912345678", ()),
        ("０９１２３４５６７８", "+84912345678", ()),
    ],
)
def test_one_mobile_number_is_read_and_what_was_put_right_is_said(
    cell: str, phone: str, notices: tuple[str, ...]
) -> None:
    reading = read_phone(cell)
    assert (reading.phone, reading.fault, reading.notices) == (phone, "", notices)


@pytest.mark.parametrize("cell", ["", "-", "chưa có", "không", "...", "(Zalo)"])
def test_a_cell_without_a_digit_holds_no_phone(cell: str) -> None:
    assert read_phone(cell).fault == "missing_phone"


@pytest.mark.parametrize(
    "cell",
    [
        "0912345678/0987654321",
        "0912345678, 0987654321",
        "0912345678; 0987654321",
        "0912345678 hoặc 02438368047",
        "0912345678 0987654321",
        "0912345678-0987654321",
        "0937656277 - 0336 978586",
        "0912.345.678.0987.654.321",
        "09123456780987654321",
        "ĐT1: 0912345678 ĐT2: 0987654321",
        "912345678\\987654321",
        "0912345678 (024 38368047)",
        "3851234 - 3851235",
        "0912345678 & 19001234",
        "0912345678, 0912345678",
    ],
)
def test_two_numbers_are_never_chosen_from(cell: str) -> None:
    assert read_phone(cell).fault == "several_phones"


@pytest.mark.parametrize("cell", ["02438368047", "024 3836 8047", "(0236) 377 1733", "842438368047", "2438368047"])
def test_a_landline_is_told_from_a_wrong_number(cell: str) -> None:
    assert read_phone(cell).fault == "landline_phone"


@pytest.mark.parametrize(
    "cell",
    [
        "091234567",
        "09123456789",
        "0613173160",
        "03511994445",
        "19003886",
        "113",
        "+856 20 55190553",
        "+0912345678",
        "0912345678+",
        "00912345678",
        "0084 0 0912345678",
        "+84",
        "00",
        "9,12E+08",
        "9.12345678E+08",
        "9.12345678 e8",
        "0912,345,678",
        "0912345678/79",
        "0912345678?",
        "0912345678 (máy 12)",
        "0912345l78",
        "001087123456",
    ],
)
def test_what_is_not_one_valid_mobile_number_is_refused(cell: str) -> None:
    assert read_phone(cell).fault == "bad_phone"


def test_a_letter_o_inside_of_a_word_is_no_zero() -> None:
    """'Zalo0912…' must not become 0 0912…, nor 'hoặc' a digit."""
    assert read_phone("Zalo 0912345678").notices == (NOTE,)
    assert read_phone("Zalo0912345678").phone == "+84912345678"


def test_all_prefixes_of_2018_are_converted() -> None:
    assert len(OLD_PREFIXES) == 8 + 5 + 5 + 3
    for old, new in OLD_PREFIXES.items():
        assert read_phone(f"0{old}1234567").phone == f"+84{new}1234567", old


@given(MOBILE)
def test_every_way_to_write_a_number_gives_the_same_number(national: str) -> None:
    spaced = f"{national[:2]} {national[2:5]}.{national[5:]}"
    written = [
        f"0{national}",
        national,
        f"84{national}",
        f"+84{national}",
        f"0084{national}",
        f"+84(0){spaced}",
        f"0{spaced}.0",
    ]
    assert {read_phone(text).phone for text in written} == {f"+84{national}"}


@given(MOBILE, MOBILE, st.sampled_from(["/", " / ", ", ", "; ", " - ", " hoặc ", " ", "\t", "", ". "]))
def test_two_mobiles_are_several_whatever_stands_between(one: str, other: str, between: str) -> None:
    assert read_phone(f"0{one}{between}0{other}").fault == "several_phones"


@given(st.text(alphabet="0123456789+-. ()oO/zaloĐT:;,'eE", max_size=30))
def test_a_reading_is_a_mobile_in_e164_or_a_fault_and_reading_it_again_changes_nothing(text: str) -> None:
    reading = read_phone(text)
    assert bool(reading.phone) != bool(reading.fault)
    if reading.phone:
        assert reading.phone.startswith("+84")
        assert len(reading.phone) == len("+84") + 9
        again = read_phone(reading.phone)
        assert (again.phone, again.notices) == (reading.phone, ())


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    reading = read_phone(text)
    assert bool(reading.phone) != bool(reading.fault)
