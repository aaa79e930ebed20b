"""What rules rest on in the store: rows of facts and their marks, exemptions, versions, cases."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from connector.model import CertificateState, Exemption, Reason, TopicRef, TopicResult, Verdict
from connector.store.mirror_merge import Stamp
from connector.store.store import Store
from connector.store.verdicts import Judged
from tests.store.people import LATER, NOW, PROGRAMME
from tests.store.test_register import entry

REASON = Reason(rule="mandatory", met=False, have=3, need=5, missing=("cd04",))
VERDICT = Verdict(
    programme=PROGRAMME,
    phone="+84912000001",
    passed=False,
    reasons=(REASON,),
    done=("cd01", "cd02", "cd03"),
    completed_at=None,
    rule_version="r1",
    facts_hash="f1",
)
EXEMPT = Exemption(
    programme=PROGRAMME,
    phone=VERDICT.phone,
    topic="cd03",
    decision="12/QĐ-SNV",
    decided_on=date(2025, 12, 3),
    by="Trần Thị Hoa",
)
REF = TopicRef(course="c1", activity="cd01")


def result(**changes: Any) -> TopicResult:
    whole = TopicResult(ref=REF, username="0912000001", done=True, completed_at=NOW, grade=80.0)
    return replace(whole, **changes)


def test_what_a_verdict_rests_on_is_known_in_short(store: Store) -> None:
    with store.begin() as tx:
        tx.verdicts.save([VERDICT], 1, NOW)
        tx.verdicts.save([VERDICT], 2, LATER, {VERDICT.phone: "m2"})
        assert tx.verdicts.of_phones(PROGRAMME, [VERDICT.phone, "+84900000000"]) == {VERDICT.phone: VERDICT}
        assert tx.verdicts.judged(PROGRAMME, [VERDICT.phone, "+84900000000"]) == {
            VERDICT.phone: Judged(passed=False, version="r1", facts="f1", mark="m2")
        }
        assert tx.verdicts.judged("other", [VERDICT.phone]) == {}


def test_who_has_completed_another_programme_is_known_by_verdict_or_register(store: Store) -> None:
    passed = replace(VERDICT, passed=True, completed_at=LATER, reasons=(replace(REASON, since=LATER),))
    with store.begin() as tx:
        tx.verdicts.save([passed, replace(VERDICT, programme="other")], 1, NOW)
        tx.register.save([entry(2, state=CertificateState.ISSUED, issued_at=NOW), entry(3)])
        phones = [f"+8491200000{number}" for number in (1, 2, 3)]
        assert tx.verdicts.completed([PROGRAMME, "other"], phones) == {
            phones[0]: [(PROGRAMME, LATER)],
            phones[1]: [(PROGRAMME, NOW)],
        }
        assert tx.verdicts.completed([], phones) == {}
        assert tx.verdicts.of_phone(PROGRAMME, phones[0]) == passed


def test_each_version_of_a_rule_is_noted_once_in_its_words(store: Store) -> None:
    with store.begin() as tx:
        tx.verdicts.note_version(PROGRAMME, "r1", ["at least 10"], NOW)
        tx.verdicts.note_version(PROGRAMME, "r2", ["at least 9"], LATER)
        tx.verdicts.note_version(PROGRAMME, "r1", ["other words"], LATER)
        assert tx.verdicts.versions(PROGRAMME) == [("r1", NOW, ("at least 10",)), ("r2", LATER, ("at least 9",))]


def test_an_exemption_is_replaced_or_lifted_and_never_deleted(store: Store) -> None:
    other = replace(EXEMPT, topic="", part="elective")
    newer = replace(EXEMPT, decision="13/QĐ-SNV")
    with store.begin() as tx:
        for one in (EXEMPT, other, newer):
            tx.exemptions.add(one, NOW)
        assert tx.exemptions.of_programme(PROGRAMME) == [other, newer]
        assert tx.exemptions.of_phones(PROGRAMME, [EXEMPT.phone, "+84900000000"]) == {EXEMPT.phone: [other, newer]}
        assert tx.exemptions.lift(EXEMPT, "Lê An", LATER) == 1
        assert tx.exemptions.lift(EXEMPT, "Lê An", LATER) == 0
        assert tx.exemptions.of_programme(PROGRAMME) == [other]


def test_a_case_stays_with_how_it_was_settled(store: Store) -> None:
    with store.begin() as tx:
        tx.cases.open(PROGRAMME, VERDICT.phone, "withdrawn", {"lost": ["cd01"]}, NOW)
        tx.cases.open(PROGRAMME, "+84900000009", "rule_changed", {}, NOW)
        first, second = tx.cases.of_programme(PROGRAMME)
        assert tx.cases.count_open(PROGRAMME) == 2
        tx.cases.settle(first.number, "Lê An", "kept", LATER)
        tx.cases.settle(first.number, "Somebody", "too late", LATER)
        settled = tx.cases.find(first.number)
        assert settled == replace(first, settled_at=LATER, settled_by="Lê An", reason="kept")
        assert (first.phone, first.facts) == (VERDICT.phone, {"lost": ["cd01"]})
        assert tx.cases.of_programme(PROGRAMME, [second.phone]) == [second]
        assert tx.cases.count_open(PROGRAMME) == 1
        assert tx.cases.find(99) is None


def test_certified_people_who_fail_are_found(store: Store) -> None:
    with store.begin() as tx:
        tx.verdicts.save([VERDICT, replace(VERDICT, phone=entry(2).phone)], 1, NOW)
        tx.register.save([entry(1), entry(3)])
        assert tx.cases.failing(PROGRAMME) == {entry(1).phone}


def test_facts_are_read_as_rows_and_their_mark_moves_with_them(store: Store) -> None:
    refs, names = [REF, TopicRef(course="c1", activity="cd02")], ["0912000001", "0912000002"]
    marks = []
    for number, results in enumerate(
        ([result()], [result()], [result(grade=90.0)], [], [result(done=False, completed_at=None)])
    ):
        now = NOW + timedelta(hours=number)
        with store.begin() as tx:
            tx.mirror.save_results("sandbox", refs, names, results, Stamp(now, number))
        with store.begin() as tx:
            marks.append(tx.facts.marks("sandbox", ["c1"], names).get("0912000001", ""))
            done = dict(tx.facts.done("sandbox", ["c1"], names))
            expected = [("c1", "cd01", True, NOW, item.grade, False) for item in results if item.done]
            assert done.get("0912000001", []) == expected
            assert all(row[3] is None or row[3].tzinfo is not None for row in done.get("0912000001", []))
    assert marks[0] == marks[1]
    assert len(set(marks)) == 4
    with store.begin() as tx:
        assert dict(tx.facts.done("sandbox", ["c1"], names, at=NOW)) == {}, "now it is not done"
        assert tx.facts.marks("sandbox", ["other"], names) == {}


def test_what_was_withdrawn_later_stood_then(store: Store) -> None:
    names = ["0912000001"]
    with store.begin() as tx:
        tx.mirror.save_results("sandbox", [REF], names, [result()], Stamp(NOW))
        tx.mirror.save_results("sandbox", [REF], names, [], Stamp(LATER))
    with store.begin() as tx:
        assert dict(tx.facts.done("sandbox", ["c1"], names)) == {}
        assert [name for name, _rows in tx.facts.done("sandbox", ["c1"], names, at=NOW)] == names
