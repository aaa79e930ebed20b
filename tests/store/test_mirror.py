from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from connector.lms import Oddity
from connector.model import (
    Account,
    AccountSeen,
    CertificateIssue,
    Cohort,
    EnrolmentSeen,
    Membership,
    TopicRef,
    TopicResult,
    TopicSeen,
)
from connector.store.mirror import Changes, ListedTopic, Stamp
from connector.store.mirror_tables import mirror_events, mirror_results
from connector.store.store import Store
from tests.store.people import LATER, NOW, PROGRAMME

FIRST, THEN = Stamp(NOW, 1), Stamp(LATER, 2)
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
        assert tx.mirror.save_accounts(SITE, ["a", "b"], [seen("a"), seen("b")], FIRST) == Changes(
            seen=2, new=2, changed=0, gone=0
        )
        assert tx.mirror.save_accounts(SITE, ["a", "b"], [seen("a"), seen("b", LATER)], THEN) == Changes(
            seen=2, new=0, changed=1, gone=0
        )
        assert tx.mirror.save_accounts(SITE, ["a", "b"], [seen("a")], THEN) == Changes(seen=1, new=0, changed=0, gone=1)
        assert tx.mirror.accounts(SITE) == {"a": None}
        assert tx.mirror.save_accounts(SITE, ["b"], [seen("b")], THEN).changed == 1
        assert tx.mirror.accounts(SITE) == {"a": None, "b": None}
        history = tx.events.of_usernames(SITE, ["a", "b"])
    assert [(event.username, event.what, event.run_id) for event in history] == [
        ("b", "first_access", 2),
        ("b", "gone", 2),
        ("b", "returned", 2),
    ]
    assert history[0].after == {"last_access": LATER.isoformat()}


def test_an_unchanged_platform_costs_no_writes(store: Store) -> None:
    with store.begin() as tx:
        tx.mirror.save_results(SITE, [REF], ["a"], [result("a")], FIRST)
    with store.begin() as tx:
        assert tx.mirror.save_results(SITE, [REF], ["a"], [result("a")], THEN) == Changes(
            seen=1, new=0, changed=0, gone=0
        )
    with store.engine.connect() as connection:
        row = connection.execute(mirror_results.select()).one()
        assert (row.first_seen, row.last_changed, row.run_id, row.gone_at) == (NOW, NOW, 1, None)
        assert connection.execute(mirror_events.select()).all() == []


def test_what_was_not_asked_for_is_never_taken_for_gone(store: Store) -> None:
    with store.begin() as tx:
        tx.mirror.save_accounts(SITE, ["a"], [seen("a")], FIRST)
        assert tx.mirror.save_accounts(SITE, ["b"], [], THEN).gone == 0
        assert tx.mirror.save_accounts(SITE, ["a"], [], THEN, kept={"a"}).gone == 0
        tx.mirror.save_results(SITE, [REF], ["a"], [result("a")], FIRST)
        assert tx.mirror.save_results(SITE, [REF], ["b"], [], THEN).gone == 0
        elsewhere = TopicRef(course="k2")
        assert tx.mirror.save_results(SITE, [elsewhere], ["a"], [], THEN).gone == 0


def test_a_withdrawn_completion_no_longer_stands_but_is_not_forgotten(store: Store) -> None:
    both = [result("a", grade=80.0), result("a", OTHER)]
    with store.begin() as tx:
        tx.mirror.save_results(SITE, [REF, OTHER], ["a"], both, FIRST)
        assert tx.mirror.save_results(SITE, [REF, OTHER], ["a"], both[1:], THEN).gone == 1
        assert [item.ref for item in tx.mirror.results_of(SITE, "a")] == [OTHER]
        (event,) = tx.events.of_usernames(SITE, ["a"])
    assert (event.part, event.place, event.what, event.at, event.after) == ("results", str(REF), "withdrawn", LATER, {})
    assert event.before["completed_at"] == NOW.isoformat()


@pytest.mark.parametrize(
    ("after", "what", "values"),
    [
        (result("a", grade=90.0), "graded", {"grade": 90.0}),
        (replace(result("a"), done=False, completed_at=None), "withdrawn", {"done": False, "completed_at": None}),
        (replace(result("a"), completed_at=LATER), "moved", {"completed_at": LATER.isoformat()}),
        (
            replace(result("a"), overridden=True, overridden_by="2"),
            "overridden",
            {"overridden": True, "overridden_by": "2"},
        ),
    ],
)
def test_each_change_of_a_result_is_an_event_and_comes_back(
    store: Store, after: TopicResult, what: str, values: dict[str, object]
) -> None:
    with store.begin() as tx:
        tx.mirror.save_results(SITE, [REF], ["a"], [result("a")], FIRST)
        tx.mirror.save_results(SITE, [REF], ["a"], [after], THEN)
        assert tx.mirror.results_of(SITE, "a") == [after]
        tx.mirror.save_results(SITE, [REF], ["a"], [result("a")], THEN)
        first, second = tx.events.of_usernames(SITE, ["a"])
    assert (first.what, first.after) == (what, values)
    assert second.what == ("completed" if what == "withdrawn" else what)


def test_a_completion_without_a_time_keeps_the_moment_at_which_it_was_first_seen(store: Store) -> None:
    """Open edX tells no times. A grade that changes and a result that comes back do not move it."""
    timeless = replace(result("a", grade=80.0), completed_at=None)
    begun = replace(timeless, done=False)
    with store.begin() as tx:
        save = tx.mirror.save_results
        save(SITE, [REF], ["a"], [begun], FIRST)
        assert tx.mirror.results_of(SITE, "a") == [begun]
        save(SITE, [REF], ["a"], [timeless], THEN)
        assert tx.mirror.results_of(SITE, "a") == [replace(timeless, completed_at=LATER)]
        later = Stamp(LATER + timedelta(days=1))
        assert save(SITE, [REF], ["a"], [timeless], later).changed == 0
        save(SITE, [REF], ["a"], [replace(timeless, grade=90.0)], later)
        save(SITE, [REF], ["a"], [], later)
        save(SITE, [REF], ["a"], [timeless], later)
        assert tx.mirror.results_of(SITE, "a") == [replace(timeless, completed_at=LATER)]


def test_results_come_grouped_by_learner_in_order(store: Store) -> None:
    read = [result("b"), result("a", grade=80.0), result("a", OTHER)]
    with store.begin() as tx:
        tx.mirror.save_results(SITE, [REF, OTHER], ["a", "b"], read, FIRST)
        found = dict(tx.mirror.results(SITE, ["k1"]))
    assert list(found) == ["a", "b"]
    assert {item.ref for item in found["a"]} == {REF, OTHER}
    assert max(item.grade or 0 for item in found["a"]) == 80.0


def test_memberships_and_enrolments_are_compared_in_their_cohort_and_course(store: Store) -> None:
    with store.begin() as tx:
        tx.mirror.save_memberships(SITE, ["VN-40"], [Membership(cohort="VN-40", username="a")], FIRST)
        assert tx.mirror.save_memberships(SITE, ["VN-31"], [], THEN).gone == 0
        assert tx.mirror.save_memberships(SITE, ["VN-40"], [], THEN).gone == 1
        tx.mirror.save_enrolments(SITE, "k1", [enrolment("a", NOW), enrolment("b", None)], FIRST)
        assert tx.mirror.save_enrolments(SITE, "k1", [enrolment("a", LATER), enrolment("b", None)], THEN) == Changes(
            seen=2, new=0, changed=1, gone=0
        )
        assert tx.mirror.news(SITE, "k1", [enrolment("a", LATER), enrolment("b", None)]) == set()
        assert tx.mirror.news(SITE, "k1", [enrolment("a", NOW), enrolment("b", NOW)]) == {"a", "b"}
        assert [event.what for event in tx.events.of_usernames(SITE, ["a", "b"])] == ["gone"]


def test_suspension_is_an_event_and_silence_about_it_none(store: Store) -> None:
    states = [True, None, False, True]
    with store.begin() as tx:
        for state in states:
            tx.mirror.save_enrolments(SITE, "k1", [replace(enrolment("a", None), active=state)], FIRST)
        tx.mirror.save_enrolments(SITE, "k1", [enrolment("a", NOW)], THEN)
        for suspended in (False, True, False):
            tx.mirror.save_accounts(SITE, ["b"], [seen("b", suspended=suspended)], FIRST)
        tx.mirror.save_accounts(SITE, ["b"], [replace(seen("b"), remote_id="8")], THEN)
        history = tx.events.of_usernames(SITE, ["a"]), tx.events.of_usernames(SITE, ["b"])
    assert [[event.what for event in events] for events in history] == [
        ["restored", "first_access"],
        ["suspended", "restored", "replaced"],
    ]


def test_issues_are_kept_by_their_number_and_certificate(store: Store) -> None:
    issue = CertificateIssue(issue_id="1", certificate="cert", username="a", code="X1", issued_at=NOW)
    with store.begin() as tx:
        assert tx.mirror.save_issues(SITE, "k1/cert", [issue], FIRST, complete=True).new == 1
        assert tx.mirror.save_issues(SITE, "k1/cert", [issue], THEN, complete=True) == Changes(
            seen=1, new=0, changed=0, gone=0
        )
        assert [item.code for item in tx.mirror.issues(SITE, "k1/cert")] == ["X1"]
        assert tx.mirror.issues(SITE, "k2/cert") == []


def test_an_issue_is_withdrawn_only_by_a_whole_reading(store: Store) -> None:
    issue = CertificateIssue(issue_id="1", certificate="cert", username="a", code="X1", issued_at=NOW)
    with store.begin() as tx:
        tx.mirror.save_issues(SITE, "k1/cert", [issue], FIRST, complete=True)
        assert tx.mirror.save_issues(SITE, "k1/cert", [], THEN, complete=False).gone == 0
        assert tx.mirror.save_issues(SITE, "k1/cert", [], THEN, complete=True).gone == 1
        assert tx.mirror.issues(SITE, "k1/cert") == []
        assert tx.mirror.save_issues(SITE, "k1/cert", [replace(issue, code="X2")], THEN, complete=True).changed == 1
        events = tx.events.of_usernames(SITE, ["a"])
    assert [(event.place, event.what) for event in events] == [("1", "withdrawn"), ("1", "returned")]


def test_cohorts_courses_and_the_list_of_topics_are_kept_with_their_past(store: Store) -> None:
    course = TopicSeen(ref=TopicRef(course="k1"), remote_id="3", name="Khóa 1")
    topic = ListedTopic(
        key="cd01",
        name="Chuyên đề 1",
        kind="mandatory",
        hours=2.0,
        seen=TopicSeen(ref=REF, remote_id="11", name="Bài 1"),
    )
    with store.begin() as tx:
        tx.mirror.save_cohorts(SITE, ["VN-40"], [Cohort(idnumber="VN-40", name="Nghệ An")], FIRST)
        tx.mirror.save_courses(SITE, [course], FIRST)
        tx.mirror.save_topics(SITE, PROGRAMME, [topic, replace(topic, key="cd02")], FIRST)
        assert tx.mirror.save_cohorts(SITE, ["VN-40"], [], THEN).gone == 1
        assert tx.mirror.save_courses(SITE, [replace(course, name="Khóa I")], THEN).changed == 1
        changes = tx.mirror.save_topics(SITE, PROGRAMME, [replace(topic, hours=3.0)], THEN)
        assert (changes.changed, changes.gone) == (1, 1)
        assert tx.mirror.save_topics(SITE, "another", [topic], THEN).new == 1
        assert tx.mirror.save_topics("second", PROGRAMME, [topic], THEN).new == 1
        events = [event for event in tx.events.of_usernames(SITE, [""]) if event.part == "topics"]
    assert [(event.place, event.what) for event in events] == [
        (f"{PROGRAMME}/cd01", "changed"),
        (f"{PROGRAMME}/cd02", "gone"),
    ]


def test_times_of_parts_come_back_in_utc_and_keep_what_is_not_told_anew(store: Store) -> None:
    local = NOW.astimezone(timezone(timedelta(hours=7)))
    with store.begin() as tx:
        assert tx.marks.parts(SITE, PROGRAMME) == {}
        tx.marks.mark(SITE, PROGRAMME, "issues", Stamp(local, 1), seen=3, whole_at=local, bookmark=local)
        tx.marks.mark(SITE, PROGRAMME, "issues", THEN, seen=1, whole_at=None)
        (found,) = tx.marks.parts(SITE, PROGRAMME).values()
        assert tx.marks.parts(SITE, "another") == {}
    assert (found.part, found.read_at, found.whole_at, found.bookmark) == ("issues", LATER, NOW, NOW)
    assert (found.seen, found.run_id, found.read_at.tzinfo) == (1, 2, UTC)


def test_who_was_read_when_is_known_by_set_of_topics(store: Store) -> None:
    with store.begin() as tx:
        assert tx.marks.oldest_read(SITE, "t") is None
        tx.marks.note_reads(SITE, "t", ["a", "b"], FIRST)
        tx.marks.note_reads(SITE, "t", ["b"], THEN)
        assert tx.marks.readers(SITE, "t") == ["a", "b"]
        assert tx.marks.readers(SITE, "other") == []
        assert tx.marks.oldest_read(SITE, "t") == NOW
        tx.marks.forget_reads(SITE, "t", ["a"])
        assert tx.marks.oldest_read(SITE, "t") == LATER


def test_what_cannot_be_understood_is_counted_until_it_can(store: Store) -> None:
    odd = Oddity(part="results", place="k1/cd01", username="a", why="unknown completion state 7", raw='{"state": 7}')
    with store.begin() as tx:
        for stamp in (FIRST, THEN):
            tx.quarantine.add(SITE, [odd, replace(odd, username="b")][: stamp.run_id], stamp)
            tx.marks.mark(SITE, PROGRAMME, "results", stamp, seen=0, whole_at=None)
        found = tx.quarantine.open(SITE, PROGRAMME)
        tx.marks.mark(SITE, PROGRAMME, "results", Stamp(LATER, 3), seen=0, whole_at=None)
        assert tx.quarantine.open(SITE, PROGRAMME) == []
    assert [(item.username, item.times, item.first_seen, item.last_seen) for item in found] == [
        ("a", 2, NOW, LATER),
        ("b", 1, LATER, LATER),
    ]


def test_silence_about_a_whole_course_withdraws_nothing_where_the_platform_says_no_more(store: Store) -> None:
    whole = TopicRef(course=REF.course)
    with store.begin() as tx:
        some = [result(name, ref) for name in "ab" for ref in (REF, whole)]
        tx.mirror.save_results(SITE, [REF, whole], ["a", "b"], some, FIRST)
        changes = tx.mirror.save_results(SITE, [REF, whole], ["a", "b"], [], THEN, untold=[(whole, "a")])
        assert changes.gone == 3
        assert tx.mirror.save_results(SITE, [whole], ["a"], [result("a", whole)], THEN).changed == 0
