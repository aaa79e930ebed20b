"""One row about a person: accepted and cleaned, or refused for its first fault."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConfigError
from connector.language import use_language
from connector.mappers.roster import (
    Above,
    Fault,
    FormCells,
    Person,
    PersonCells,
    clean_name,
    notice_text,
    phone_of_text,
    read_person,
    read_registrant,
    reason_text,
)
from connector.mappers.roster_rows import Section
from connector.places import ProvinceMatch, find_province

GOOD = PersonCells(
    full_name="Lê Thị Lan",
    phone="0912345678",
    workplace="UBND xã Nhân Hòa",
    position="Chủ tịch",
    province="Nghệ An",
)
NOTHING = Above()
# The faults of the README in their order, each as a change of a good row.
FAULTS = [
    ("formula_in_cell", {"formulas": frozenset({"position"})}),
    ("missing_name", {"full_name": ""}),
    ("missing_phone", {"phone": "chưa có"}),
    ("unknown_province", {"province": "Hà Tây"}),
]


def words(text: str) -> list[str]:
    return text.split()


def named(name: str) -> ProvinceMatch:
    match = find_province(name)
    assert isinstance(match, ProvinceMatch)
    return match


def person(cells: PersonCells, above: Above = NOTHING) -> Person:
    result = read_person(cells, above)
    assert isinstance(result, Person), result
    return result


def fault(cells: PersonCells, above: Above = NOTHING) -> tuple[str, str]:
    result = read_person(cells, above)
    assert isinstance(result, Fault), result
    return result.code, result.column


def test_a_good_row_is_accepted_as_it_is() -> None:
    assert person(GOOD) == Person("Lê Thị Lan", "+84912345678", "40", "17344", "UBND xã Nhân Hòa", "Chủ tịch", ())


@pytest.mark.parametrize("column", ["full_name", "phone", "workplace", "position", "province"])
def test_a_formula_in_a_cell_of_the_person_is_refused(column: str) -> None:
    assert fault(GOOD._replace(formulas=frozenset({column}))) == ("formula_in_cell", column)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("full_name", '=HYPERLINK("http://example.invalid")'),
        ("full_name", "+Lý Bá Ý"),
        ("full_name", "@SUM(A1)"),
        ("workplace", "=1+1"),
        ("position", "+cmd"),
        ("province", "@Nghệ An"),
        ("phone", "=A1"),
        ("phone", "@0912345678"),
        ("phone", "+SUM(A1)"),
    ],
)
def test_a_text_that_a_spreadsheet_would_execute_is_refused(column: str, text: str) -> None:
    assert fault(PersonCells(**GOOD._asdict() | {column: text})) == ("formula_in_cell", column)


@pytest.mark.parametrize("phone", ["+84912345678", "+ 84 912345678", "+(84)912345678"])
def test_a_phone_with_its_country_code_is_no_formula(phone: str) -> None:
    assert person(GOOD._replace(phone=phone)).phone == "+84912345678"


@pytest.mark.parametrize("name", ["", "...", "123", "-"])
def test_a_name_needs_a_letter(name: str) -> None:
    assert fault(GOOD._replace(full_name=name)) == ("missing_name", "full_name")


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("-", "missing_phone"),
        ("0912345678/0987654321", "several_phones"),
        ("02438368047", "landline_phone"),
        ("0912", "bad_phone"),
    ],
)
def test_faults_of_the_phone(phone: str, code: str) -> None:
    assert fault(GOOD._replace(phone=phone)) == (code, "phone")


@pytest.mark.parametrize(
    ("province", "code"), [("ĐN", "ambiguous_province"), ("Hà Tây", "unknown_province"), ("", "unknown_province")]
)
def test_faults_of_the_province(province: str, code: str) -> None:
    assert fault(GOOD._replace(province=province)) == (code, "province")


@pytest.mark.parametrize(("first", "second"), list(combinations(FAULTS, 2)))
def test_the_first_fault_in_the_readmes_order_is_the_code(
    first: tuple[str, dict[str, object]], second: tuple[str, dict[str, object]]
) -> None:
    assert fault(PersonCells(**GOOD._asdict() | second[1] | first[1]))[0] == first[0]


def test_an_empty_province_comes_from_above_with_its_notices() -> None:
    result = person(GOOD._replace(province=""), Above(province=named("Quảng Bình")))
    assert result.province_code == "44"
    assert result.notices == ("commune_not_found", "old_province_name", "province_from_context")


def test_a_province_in_the_row_wins_over_the_one_above() -> None:
    assert person(GOOD, Above(province=named("Huế"))).province_code == "40"
    assert fault(GOOD._replace(province="Hà Tây"), Above(province=named("Huế"))) == ("unknown_province", "province")


SECTION = Section(text="UBND xã Nhân Hòa", province=None)


def test_an_empty_workplace_is_the_sections() -> None:
    result = person(GOOD._replace(workplace=""), Above(section=SECTION))
    assert (result.workplace, result.commune_code) == ("UBND xã Nhân Hòa", "17344")
    assert result.notices == ("workplace_from_section",)


def test_a_workplace_without_a_unit_is_looked_up_in_the_section_and_kept() -> None:
    result = person(GOOD._replace(workplace="Phòng VH-XH"), Above(section=SECTION))
    assert (result.workplace, result.commune_code, result.notices) == ("Phòng VH-XH", "17344", ())


def test_a_workplace_that_names_another_unit_is_not_looked_up_in_the_section() -> None:
    result = person(GOOD._replace(workplace="UBND xã Không Có"), Above(section=SECTION))
    assert (result.commune_code, result.notices) == (None, ("commune_not_found",))


def test_a_section_without_a_commune_leaves_it_open() -> None:
    result = person(GOOD._replace(workplace=""), Above(section=Section(text="TỈNH NGHỆ AN", province=None)))
    assert (result.workplace, result.commune_code) == ("TỈNH NGHỆ AN", None)
    assert result.notices == ("commune_not_found", "workplace_from_section")


def test_an_empty_workplace_and_position_are_no_fault() -> None:
    result = person(GOOD._replace(workplace="", position=""))
    assert (result.workplace, result.position, result.notices) == ("", "", ("commune_not_found",))


def test_notices_of_all_parts_are_sorted() -> None:
    cells = GOOD._replace(full_name="BÀ LÊ THỊ LAN", phone="1656451068", province="BR-VT", decoded=True)
    assert person(cells).notices == (
        "commune_not_found",
        "legacy_encoding",
        "lost_leading_zero",
        "name_recased",
        "old_phone_prefix",
        "old_province_name",
        "province_abbreviation",
        "title_stripped",
    )


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Đ/c Bùi Thanh Tâm", "Bùi Thanh Tâm"),
        ("Đ/C: Hồ Thị Oanh", "Hồ Thị Oanh"),
        ("đồng chí Lê Lan", "Lê Lan"),
        ("ĐỒNG CHÍ: Lê Lan", "Lê Lan"),
        ("Ông Lê Nam", "Lê Nam"),
        ("Bà: Lê Lan", "Lê Lan"),
        ("Ô. Lê Nam", "Lê Nam"),
        ("B.Lê Lan", "Lê Lan"),
        ("ThS. Lê Lan", "Lê Lan"),
        ("TS. Lê Lan", "Lê Lan"),
        ("Đ/c ThS. Lê Lan", "Lê Lan"),
    ],
)
def test_titles_in_front_of_a_name_go(typed: str, name: str) -> None:
    assert clean_name(typed) == (name, ["title_stripped"])


@pytest.mark.parametrize("name", ["Ông Lan", "Bà Nam", "Lê Bà Nam", "Ôn Lê Nam", "Bàng Thị Lan", "Tsering Lê", "Ông"])
def test_a_name_keeps_two_syllables_and_what_only_looks_like_a_title(name: str) -> None:
    assert clean_name(name) == (name, [])


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("VŨ THỊ HỒNG", "Vũ Thị Hồng"),
        ("trần văn thành", "Trần Văn Thành"),
        ("H'LAN AYŨN", "H'Lan Ayũn"),
        ("ĐIỂU K’RỨ", "Điểu K’Rứ"),
        ("NGUYỄN-LÊ lan", "Nguyễn-Lê Lan"),
        ("lê lAN", "Lê Lan"),
    ],
)
def test_one_capital_in_each_syllable(typed: str, name: str) -> None:
    assert clean_name(typed) == (name, ["name_recased"])


@given(st.text(alphabet="aăâđeêghiklmnoôơpqrstuưvxyÀÁẢÃẠĐ '’-", max_size=40))
def test_cleaning_a_name_twice_is_doing_it_once(text: str) -> None:
    once, _notices = clean_name(text)
    again, notices = clean_name(once)
    assert (again, notices) == (once, [])
    assert once.casefold() == text.casefold()


REASONS = words("""formula_in_cell missing_name missing_phone several_phones landline_phone bad_phone ambiguous_province
unknown_province duplicate_in_file""")
NOTICES = words("""legacy_encoding title_stripped name_recased lost_leading_zero old_phone_prefix phone_letter_o
phone_note_removed old_province_name province_abbreviation province_from_context workplace_from_section
commune_not_found""")


def test_every_code_has_a_sentence_of_its_own() -> None:
    sentences = [reason_text(code) for code in REASONS] + [notice_text(code) for code in NOTICES]
    assert len(set(sentences)) == len(REASONS) + len(NOTICES)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_sentences_are_looked_up_when_they_are_needed() -> None:
    english = reason_text("missing_phone")
    use_language("vi")
    assert reason_text("missing_phone") != english


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert reason_text("of_tomorrow") == notice_text("of_tomorrow") == "of_tomorrow"


def test_a_typed_phone_is_read_as_in_a_roster() -> None:
    assert phone_of_text(" 0912 345\u00a0678 ") == "+84912345678"


def test_a_typed_phone_that_is_none_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigError) as caught:
        phone_of_text("024 3836 8047")
    assert "38" not in str(caught.value)
    assert reason_text("landline_phone") in str(caught.value)


def test_a_form_has_the_faults_of_a_list_before_its_own() -> None:
    cells = PersonCells("Lê Lan", "", province="Nghệ An")
    assert read_registrant(cells, FormCells("chưa rõ"), Above()) == Fault("missing_phone", "phone")
    told = read_registrant(cells._replace(phone="0912345678"), FormCells("chưa rõ"), Above())
    assert told == Fault("bad_timestamp", "registered_at")


def test_a_form_s_own_commune_counts_where_the_workplace_names_none() -> None:
    cells = PersonCells("Lê Lan", "0912345678", province="Nghệ An")
    for commune, code in (("Nhân Hoà", "17344"), ("xã Nhân Hòa", "17344"), ("", None), ("Nhan Hoa", None)):
        person = read_registrant(cells, FormCells("20/11/2025 08:00", commune), Above())
        assert isinstance(person, Person)
        assert person.commune_code == code
        assert ("commune_not_found" in person.notices) == (code is None)
