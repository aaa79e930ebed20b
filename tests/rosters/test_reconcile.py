"""Rows of one number, out of lists and forms -> one registration."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connector.model import Intake, Learner, Origin, Registration, RegistrationState
from connector.rosters.reconcile import is_same_person_and_place, reconcile, registration_of

EARLY, LATE = datetime(2025, 11, 20, tzinfo=UTC), datetime(2025, 11, 26, tzinfo=UTC)
LISTED = Learner(
    phone="+84912000001",
    full_name="Nguyễn Thị Hòa",
    province_code="40",
    commune_code="17344",
    workplace="UBND xã Nhân Hòa",
    position="Văn thư",
    origin=Origin(file="a.xlsx", sheet="S", row=7),
)
OWN = replace(
    LISTED, intake=Intake.SELF, registered_at=EARLY, origin=Origin(file="qr.csv", sheet="", row=2), position="Chủ tịch"
)


def merged(*rows: Learner, known: Registration | None = None) -> Registration:
    found = registration_of("k1", rows, known)
    assert found is not None
    return found


def test_a_form_alone_is_registered_and_a_list_confirms() -> None:
    assert merged(OWN).state is RegistrationState.REGISTERED
    both = merged(OWN, LISTED)
    assert both.state is RegistrationState.CONFIRMED
    assert both.learner == replace(LISTED, registered_at=EARLY)
    assert both.sources == ()
    assert (both.takes_part, merged(OWN).takes_part) == (True, False)


def test_what_the_list_leaves_empty_is_taken_from_the_form_with_its_source() -> None:
    bare = replace(LISTED, workplace="", position="", commune_code=None)
    found = merged(bare, OWN)
    assert (found.learner.workplace, found.learner.position) == (OWN.workplace, OWN.position)
    assert found.learner.commune_code == "17344"
    assert found.learner.origin == LISTED.origin
    assert dict(found.sources) == dict.fromkeys(("workplace", "position", "commune_code"), "qr.csv:2")


def test_a_commune_of_another_province_is_not_taken_over() -> None:
    found = merged(replace(LISTED, commune_code=None), replace(OWN, province_code="31", commune_code="10804"))
    assert (found.learner.province_code, found.learner.commune_code) == ("40", None)


def test_the_latest_list_counts_and_the_earliest_moment() -> None:
    later = replace(LISTED, position="Trưởng phòng", origin=Origin(file="b.xlsx", sheet="S", row=9))
    twice = replace(OWN, registered_at=LATE, origin=Origin(file="qr2.csv", sheet="", row=2))
    found = merged(OWN, LISTED, twice, later)
    assert (found.learner.position, found.learner.registered_at) == ("Trưởng phòng", EARLY)


def test_where_the_tone_stands_is_no_other_name_but_another_mark_is() -> None:
    assert merged(LISTED, replace(OWN, full_name="NGUYỄN THỊ HOÀ")).state is RegistrationState.CONFIRMED
    conflict = merged(LISTED, replace(OWN, full_name="Nguyễn Thị Hoa"))
    assert (conflict.state, conflict.learner, conflict.is_listed) == (RegistrationState.CONFLICT, LISTED, True)


def test_without_rows_a_known_person_has_left_and_a_stranger_is_nobody() -> None:
    known = merged(LISTED)
    assert merged(known=known).state is RegistrationState.LEFT
    assert registration_of("k1", (), None) is None


def test_only_differences_are_given() -> None:
    known = {LISTED.phone: merged(LISTED)}
    assert list(reconcile("k1", known, {LISTED.phone: [LISTED]}, known)) == []
    assert [one.state for one in reconcile("k1", known, {}, known)] == [RegistrationState.LEFT]


def test_another_row_that_says_the_same_is_no_change() -> None:
    moved = replace(LISTED, origin=Origin(file="a-loi.xlsx", sheet="S", row=8), notices=("name_recased",))
    assert is_same_person_and_place(merged(LISTED), merged(moved))
    assert not is_same_person_and_place(merged(LISTED), merged(replace(moved, position="Khác")))


@given(st.permutations([OWN, LISTED, replace(LISTED, full_name="Lê Văn Nam")]))
def test_no_order_of_rows_settles_a_conflict(rows: list[Learner]) -> None:
    assert merged(*rows).state is RegistrationState.CONFLICT


def test_whoever_holds_a_number_goes_on_and_the_newcomer_waits() -> None:
    newcomer = replace(LISTED, full_name="Phạm Văn Em", origin=Origin(file="b.xlsx", sheet="S", row=2))
    holder = merged(LISTED)
    assert merged(LISTED, newcomer, known=holder) == holder
    assert merged(newcomer, LISTED, known=holder) == holder
    nobody = merged(LISTED, newcomer)
    assert nobody.state is RegistrationState.CONFLICT
    assert merged(LISTED, newcomer, known=nobody).state is RegistrationState.CONFLICT
    assert merged(newcomer, known=holder).learner == newcomer
