from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connector.certificates.due import EVERYBODY, Selection, due, enter
from connector.model import CertificateState
from tests.certificates.samples import AN, BINH, CHI, NOW, entry, facts_of, learner, verdict


def test_who_passed_and_is_not_in_the_register_is_due_by_completion_and_phone() -> None:
    verdicts = [verdict(CHI, 1), verdict(BINH, 5), verdict(AN, 1), verdict("+84900000004", None)]
    assert [item.phone for item in due(verdicts, {})] == [BINH, AN, CHI]


def test_nobody_in_the_register_is_due_again_whatever_the_state() -> None:
    for state in CertificateState:
        assert due([verdict(AN)], {AN: entry(AN, state)}) == []


def test_an_entry_of_another_programme_does_not_count() -> None:
    other = replace(entry(AN), programme="k2")
    assert [item.phone for item in due([verdict(AN)], {AN: other})] == [AN]


def test_a_verdict_without_reasons_does_not_pass() -> None:
    assert due([replace(verdict(AN), reasons=())], {}) == []


def test_one_person_is_due_once() -> None:
    assert len(due([verdict(AN), verdict(AN, 3)], {})) == 1


def test_a_pass_without_a_time_comes_last() -> None:
    verdicts = [replace(verdict(AN), completed_at=None), verdict(BINH)]
    assert [item.phone for item in due(verdicts, {})] == [BINH, AN]


def test_entries_freeze_the_facts_of_the_learner() -> None:
    entered = enter([verdict(AN), verdict(BINH)], {AN: learner(AN, "Trần Thị Bình", "31")}, facts_of, "k1", NOW)
    assert entered.without_learner == (BINH,)
    (made,) = entered.entries
    assert (made.programme, made.phone, made.facts.full_name, made.facts.workplace, made.province_code) == (
        "k1",
        AN,
        "Trần Thị Bình",
        "UBND xã Kim Thành",
        "31",
    )
    assert (made.state, made.decided_at, made.granted_at, made.register_no) == (CertificateState.DUE, NOW, None, "")


def test_an_administrator_means_all_a_province_named_people_or_both() -> None:
    entries = [
        entry(AN, province_code="40"),
        replace(entry(BINH, province_code="31"), commune_code="11353"),
        entry(CHI, province_code="31"),
    ]

    def chosen(selection: Selection) -> list[str]:
        return [item.phone for item in entries if selection.holds(item)]

    assert chosen(EVERYBODY) == [AN, BINH, CHI]
    assert chosen(Selection(provinces=["31"])) == [BINH, CHI]
    assert chosen(Selection(communes=["11353"])) == [BINH]
    assert chosen(Selection(phones=[AN, CHI])) == [AN, CHI]
    assert chosen(Selection(provinces=["31"], phones=[AN, CHI])) == [CHI]
    assert chosen(Selection(phones=[])) == []


@given(st.permutations([AN, BINH, CHI, "+84900000004"]), st.sets(st.sampled_from([AN, BINH, CHI])))
def test_once_entered_nobody_is_due_any_more(phones: list[str], known: set[str]) -> None:
    verdicts = [verdict(phone, number) for number, phone in enumerate(phones)]
    register = {phone: entry(phone) for phone in known}
    entered = enter(due(verdicts, register), {phone: learner(phone) for phone in phones}, facts_of, "k1", NOW)
    assert {item.phone for item in entered.entries} == set(phones) - known
    assert due(verdicts, register | {item.phone: item for item in entered.entries}) == []
