from datetime import UTC, datetime, timedelta

from connector.model import (
    Account,
    AccountSeen,
    CertificateIssue,
    EnrolmentSeen,
    Membership,
    TopicRef,
    TopicResult,
)
from connector.store.mirror import Changes
from connector.store.store import Store
from tests.store.people import LATER, NOW

SITE = "sandbox"
REF = TopicRef(course="k1", activity="cd01")
OTHER = TopicRef(course="k1", activity="cd02")


def seen(username: str, last_access: datetime | None = None, *, suspended: bool = False) -> AccountSeen:
    account = Account(username=username, firstname="An", lastname="Nguyễn", email="", idnumber="", suspended=suspended)
    return AccountSeen(account=account, remote_id="7", last_access=last_access)


def result(username: str, ref: TopicRef = REF, *, done: bool = True, grade: float | None = None) -> TopicResult:
    return TopicResult(ref=ref, username=username, done=done, completed_at=NOW if done else None, grade=grade)


def enrolment(username: str, last: datetime | None) -> EnrolmentSeen:
    return EnrolmentSeen(course="k1", username=username, active=True, last_access=last, last_course_access=last)


def test_accounts_are_new_once_then_changed_then_gone_then_back(store: Store) -> None:
    with store.begin() as tx:
        assert tx.mirror.save_accounts(SITE, ["a", "b"], [seen("a"), seen("b")], NOW) == Changes(
            seen=2, new=2, changed=0, gone=0
        )
        assert tx.mirror.save_accounts(SITE, ["a", "b"], [seen("a"), seen("b", LATER)], LATER) == Changes(
            seen=2, new=0, changed=1, gone=0
        )
        assert tx.mirror.save_accounts(SITE, ["a", "b"], [seen("a")], LATER) == Changes(
            seen=1, new=0, changed=0, gone=1
        )
        assert tx.mirror.accounts(SITE) == {"a": None}
        assert tx.mirror.save_accounts(SITE, ["b"], [seen("b")], LATER).changed == 1
        assert tx.mirror.accounts(SITE) == {"a": None, "b": None}


def test_what_was_not_asked_for_is_never_taken_for_gone(store: Store) -> None:
    with store.begin() as tx:
        tx.mirror.save_accounts(SITE, ["a"], [seen("a")], NOW)
        assert tx.mirror.save_accounts(SITE, ["b"], [], LATER).gone == 0
        tx.mirror.save_results(SITE, [REF], ["a"], [result("a")], NOW)
        assert tx.mirror.save_results(SITE, [REF], ["b"], [], LATER).gone == 0
        elsewhere = TopicRef(course="k2")
        assert tx.mirror.save_results(SITE, [elsewhere], ["a"], [], LATER).gone == 0


def test_a_withdrawn_completion_no_longer_stands_but_is_not_forgotten(store: Store) -> None:
    with store.begin() as tx:
        tx.mirror.save_results(SITE, [REF, OTHER], ["a"], [result("a"), result("a", OTHER)], NOW)
        assert tx.mirror.save_results(SITE, [REF, OTHER], ["a"], [result("a")], LATER).gone == 1
        assert [item.ref for item in tx.mirror.results_of(SITE, "a")] == [REF]


def test_results_come_grouped_by_learner_in_order(store: Store) -> None:
    with store.begin() as tx:
        tx.mirror.save_results(
            SITE, [REF, OTHER], ["a", "b"], [result("b"), result("a", grade=80.0), result("a", OTHER)], NOW
        )
        found = dict(tx.mirror.results(SITE, ["k1"]))
    assert list(found) == ["a", "b"]
    assert {item.ref for item in found["a"]} == {REF, OTHER}
    assert max(item.grade or 0 for item in found["a"]) == 80.0


def test_memberships_and_enrolments_are_compared_in_their_cohort_and_course(store: Store) -> None:
    with store.begin() as tx:
        tx.mirror.save_memberships(SITE, ["VN-40"], [Membership(cohort="VN-40", username="a")], NOW)
        assert tx.mirror.save_memberships(SITE, ["VN-31"], [], LATER).gone == 0
        assert tx.mirror.save_memberships(SITE, ["VN-40"], [], LATER).gone == 1
        tx.mirror.save_enrolments(SITE, "k1", [enrolment("a", NOW), enrolment("b", None)], NOW)
        assert tx.mirror.save_enrolments(SITE, "k1", [enrolment("a", LATER), enrolment("b", None)], LATER) == Changes(
            seen=2, new=0, changed=1, gone=0
        )
        assert tx.mirror.course_access(SITE, ["k1"]) == {"a": LATER, "b": None}


def test_issues_are_kept_by_their_number_and_certificate(store: Store) -> None:
    issue = CertificateIssue(issue_id="1", certificate="cert", username="a", code="X1", issued_at=NOW)
    with store.begin() as tx:
        assert tx.mirror.save_issues(SITE, "k1/cert", [issue], NOW).new == 1
        assert tx.mirror.save_issues(SITE, "k1/cert", [issue], LATER) == Changes(seen=1, new=0, changed=0, gone=0)
        assert [item.code for item in tx.mirror.issues(SITE, "k1/cert")] == ["X1"]
        assert tx.mirror.issues(SITE, "k2/cert") == []


def test_a_bookmark_is_where_it_was_put_and_times_come_back_in_utc(store: Store) -> None:
    local = NOW.astimezone(tz=None) + timedelta(0)
    with store.begin() as tx:
        assert tx.mirror.bookmark(SITE, "issues") is None
        tx.mirror.set_bookmark(SITE, "issues", local)
        tx.mirror.set_bookmark(SITE, "issues", LATER)
        found = tx.mirror.bookmark(SITE, "issues")
    assert found == LATER
    assert found.tzinfo is UTC


def test_silence_about_a_whole_course_withdraws_nothing_where_the_platform_says_no_more(store: Store) -> None:
    whole = TopicRef(course=REF.course)
    with store.begin() as tx:
        tx.mirror.save_results(SITE, [REF, whole], ["a", "b"], [result(n, r) for n in "ab" for r in (REF, whole)], NOW)
        changes = tx.mirror.save_results(SITE, [REF, whole], ["a", "b"], [], LATER, untold=[(REF.course, "a")])
        assert changes.gone == 3
        assert tx.mirror.save_results(SITE, [whole], ["a"], [result("a", whole)], LATER).changed == 0
