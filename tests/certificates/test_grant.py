from dataclasses import replace

from connector.certificates.grant import release, to_grant
from connector.lms import ItemResult, Outcome
from connector.model import CertificateState
from tests.certificates.samples import AN, BINH, CHI, NOW, entry

DUE = CertificateState.DUE


def answer(phone: str, outcome: Outcome) -> ItemResult:
    return ItemResult(key=(phone,), outcome=outcome, code="code")


def test_only_what_is_due_is_sent_oldest_decision_first() -> None:
    entries = [
        entry(CHI, DUE, decided=2),
        entry(BINH, DUE, decided=9),
        entry(AN, DUE, decided=2),
        entry("+84900000004", CertificateState.GRANTED),
        entry("+84900000005", CertificateState.ISSUED),
    ]
    assert [item.phone for item in to_grant(entries)] == [BINH, AN, CHI]


def test_done_and_already_done_are_granted_and_the_rest_stays_due() -> None:
    entries = [entry(phone, DUE, granted=None) for phone in (AN, BINH, CHI)]
    released = release(
        entries,
        [
            answer(AN, Outcome.DONE),
            answer(BINH, Outcome.ALREADY),
            answer(CHI, Outcome.REFUSED),
        ],
        NOW,
    )
    assert [(item.phone, item.state, item.granted_at) for item in released.granted] == [
        (AN, CertificateState.GRANTED, NOW),
        (BINH, CertificateState.GRANTED, NOW),
    ]
    assert [(item.phone, item.state, result.code) for item, result in released.refused] == [(CHI, DUE, "code")]


def test_a_lost_answer_leaves_the_entry_due_so_that_it_is_sent_again() -> None:
    entries = [entry(AN, DUE, granted=None)]
    released = release(entries, [answer(AN, Outcome.UNKNOWN)], NOW)
    assert released.granted == ()
    assert to_grant(item for item, _result in released.refused) == entries


def test_answers_about_others_and_repeated_answers_change_nothing() -> None:
    entries = [entry(AN, DUE, granted=None), entry(BINH, CertificateState.ISSUED)]
    results = [
        answer("admin", Outcome.DONE),
        answer(BINH, Outcome.DONE),
        answer(AN, Outcome.DONE),
        answer(AN, Outcome.REFUSED),
    ]
    released = release(entries, results, NOW)
    assert [item.phone for item in released.granted] == [AN]
    assert released.refused == ()


def test_where_approval_is_asked_for_only_approved_and_reissued_ones_are_sent() -> None:
    entries = [entry(AN, DUE), entry(BINH, CertificateState.APPROVED), entry(CHI, CertificateState.REISSUED)]
    assert [item.phone for item in to_grant(entries, approval=True)] == [BINH, CHI]
    assert [item.phone for item in to_grant(entries)] == [AN, BINH, CHI]
    answers = [answer(AN, Outcome.DONE), answer(BINH, Outcome.DONE)]
    assert [item.phone for item in release(entries, answers, NOW, approval=True).granted] == [BINH]


def test_a_release_is_noted_with_its_site_and_stays_there() -> None:
    entries = [entry(AN, DUE, granted=None), replace(entry(BINH, CertificateState.REISSUED), site="first")]
    answers = [answer(AN, Outcome.DONE), answer(BINH, Outcome.DONE)]
    released = release(entries, answers, NOW, sites={AN: "second"})
    assert [(item.phone, item.site) for item in released.granted] == [(AN, "second"), (BINH, "first")]
