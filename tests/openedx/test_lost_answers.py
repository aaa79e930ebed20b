"""Answers that never arrive, twice in a row as well: nothing is sent blindly, and what is not known is said."""

from collections.abc import Callable

import pytest

from connector.errors import OutcomeUnknown, ProtocolError
from connector.lms import ItemResult, NewAccount, Outcome
from connector.model import Cohort, Enrolment, Membership
from connector.sandbox.openedx.certificates import status_of
from tests.openedx.pretend import C1, C2, Pretend
from tests.openedx.wanted import ALREADY, AN, DONE, GATE, REFUSED, account, cohorts_made, new, outcomes

LOST = 12  # more often than anything is repeated
UNKNOWN = Outcome.UNKNOWN


def silent(site: Pretend, method: str, part: str, times: int = LOST) -> None:
    site.lose += [(method, part)] * times


def test_an_allowlist_that_never_answers_is_unknown_and_a_repeat_is_harmless() -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    silent(site, "POST", "generate_bulk", 2)
    assert outcomes(site.lms.grant_certificates(GATE, ["an1"])) == [UNKNOWN]
    assert outcomes(site.lms.grant_certificates(GATE, ["an1"])) == [ALREADY]
    silent(site, "DELETE", "certificate_exception_view", 2)
    assert outcomes(site.lms.withdraw_certificates(GATE, ["an1"])) == [UNKNOWN]
    assert outcomes(site.lms.withdraw_certificates(GATE, ["an1"])) == [ALREADY]


def test_an_invalidation_that_never_answers_is_looked_up() -> None:
    site = Pretend()
    site.features.automatic_certificates = True
    cohorts_made(site, "an1", "an2")
    for name in ("an1", "an2"):
        site.answer(C1, name, "final", 2)
    first, second = site.lms.certificate_issues(GATE, None)
    silent(site, "POST", "certificate_invalidation_view", 1)
    assert outcomes(site.lms.delete_issues(GATE, [first.issue_id])) == [DONE]
    assert status_of(site.site, site.number("an1"), C1) == "unavailable"
    site.site.db.execute(
        "INSERT INTO invalidations (userid, course, notes) VALUES (?, ?, '')", (site.number("an2"), C1)
    )
    assert outcomes(site.lms.delete_issues(GATE, [second.issue_id])) == [REFUSED]  # invalidated already, it says


def test_a_member_whose_removal_never_answers_is_removed_once_more() -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    item = Membership(cohort="VN-40", username="an1")
    site.lms.add_members([item])
    silent(site, "DELETE", "/users/an1", 1)
    assert outcomes(site.lms.remove_members([item])) == [DONE]
    assert site.cohort_of(C1, "an1") is None
    assert outcomes(site.lms.remove_members([Membership(cohort="VN-99", username="an1")])) == [ALREADY]


def members(site: Pretend) -> list[ItemResult]:
    return site.lms.add_members([Membership(cohort="VN-40", username="an1")])


def enrolments(site: Pretend) -> list[ItemResult]:
    site.features.bulk_enrolment = False
    return site.lms.enrol([Enrolment(course=C1, username="late")])


def accounts(site: Pretend) -> list[ItemResult]:
    return site.lms.create_accounts(new("an9"))


@pytest.mark.parametrize(
    ("write", "lost", "read"),
    [
        (members, ("POST", "/users/"), ("POST", "get_students_features")),
        (enrolments, ("POST", "/enrollment/v1/enrollment"), ("GET", "/enrollments")),
        (accounts, ("POST", "register_and_enroll"), ("GET", "/accounts")),
    ],
)
def test_where_reading_back_fails_too_nothing_more_is_sent(
    write: Callable[[Pretend], list[ItemResult]], lost: tuple[str, str], read: tuple[str, str]
) -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    site.person("late")
    silent(site, *lost, 1)
    after = len(site.sent(lost[1], lost[0]))
    site.on_sending = lambda method, path: silent(site, *read) if (method, lost[1] in path) == (lost[0], True) else None
    with pytest.raises(OutcomeUnknown):
        write(site)
    assert len(site.sent(lost[1], lost[0])) == after + 1


def test_a_cohort_that_is_in_no_course_and_a_name_that_is_taken_are_refused() -> None:
    site = Pretend()
    site.person("an1")
    lacking = site.lms.add_members([Membership(cohort="VN-99", username="an1")])
    assert [result.code for result in lacking] == ["unknown_cohort"]
    for course in (C1, C2):
        site.cohort(course, "Nghệ An (VN-40)")
        site.cohort(course, "Nghe An (VN-40)")
    renamed = site.lms.update_cohorts([AN])[0]
    assert (renamed.outcome, renamed.code) == (REFUSED, "cohort-name-exists")


def test_a_site_without_courses_of_ours_has_no_cohorts() -> None:
    site = Pretend(courses=())
    assert list(site.lms.cohorts()) == []
    assert list(site.lms.memberships(["VN-40"], ["an1"])) == []
    assert outcomes(site.lms.create_cohorts([Cohort(idnumber="VN-40", name="x")])) == [ALREADY]


def test_an_account_that_is_not_global_staff_makes_nobody() -> None:
    site = Pretend()
    site.lower_the_service_account()
    with pytest.raises(ProtocolError, match="global staff"):
        site.lms.create_accounts(new("an1"))
    assert not site.sent("register_and_enroll")


def test_a_list_of_people_that_is_none_stops() -> None:
    site = Pretend()
    site.spoil = lambda body: b"[]" if b"students_count" in body else body
    with pytest.raises(ProtocolError, match="is not one"):
        list(site.lms.enrolments(C1))


def test_an_account_that_the_sign_up_refuses_is_told_with_its_words() -> None:
    site = Pretend()
    wrong = NewAccount(account=account("an1", email="no-address"), password="")
    result = site.lms.create_accounts([wrong])[0]
    assert (result.outcome, result.code, "Invalid email" in result.message) == (REFUSED, "not_made", True)
