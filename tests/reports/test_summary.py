from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from connector.reports.rows import ProvinceRow
from connector.reports.summary import PersonFacts, province_rows

PROVINCES = [("01", "Hà Nội"), ("31", "Hải Phòng"), ("40", "Nghệ An")]
COUNTED = ("provisioned", "logged_in", "studying", "completed", "certified")

people = st.builds(PersonFacts, st.sampled_from(["01", "40"]), *[st.booleans()] * len(COUNTED))


@given(st.lists(people, max_size=30))
def test_every_number_is_a_count_of_people(facts: list[PersonFacts]) -> None:
    rows = province_rows(facts, PROVINCES)
    assert [(row.province_code, row.province) for row in rows] == PROVINCES
    for row in rows:
        mine = [person for person in facts if person.province_code == row.province_code]
        assert row.registered == len(mine)
        for name in COUNTED:
            assert getattr(row, name) == Counter(getattr(person, name) for person in mine)[True]


def test_a_province_without_anybody_has_a_row_of_zeros() -> None:
    empty = ProvinceRow(
        province_code="31",
        province="Hải Phòng",
        registered=0,
        provisioned=0,
        logged_in=0,
        studying=0,
        completed=0,
        certified=0,
    )
    assert province_rows([], PROVINCES)[1] == empty
