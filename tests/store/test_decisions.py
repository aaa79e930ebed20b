"""Verdicts, register, first passwords and runs: what is written comes back the same."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError

from connector.model import CertificateState, Reason, RegisterEntry, Verdict
from connector.store.runs import ReportSent
from connector.store.store import Store
from tests.store.people import LATER, NOW, PROGRAMME

REASON = Reason(
    rule="mandatory", met=False, have=3, need=5, missing=("cd04",), not_counted=(("cd05", "outside_window"),)
)
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


def entry(number: int, **more: object) -> RegisterEntry:
    values: dict[str, object] = {
        "programme": PROGRAMME,
        "phone": f"+8491200{number:04d}",
        "full_name": "Nguyễn Văn An",
        "workplace": "UBND xã Nhân Hòa",
        "province_code": "40",
        "state": CertificateState.DUE,
        "decided_at": NOW,
    }
    return RegisterEntry(**(values | more))  # type: ignore[arg-type]


def test_a_verdict_comes_back_with_all_its_reasons(store: Store) -> None:
    with store.begin() as tx:
        tx.verdicts.save([VERDICT], 1, NOW)
        tx.verdicts.save([VERDICT], 2, LATER)
        assert list(tx.verdicts.of_programme(PROGRAMME)) == [VERDICT]
        assert tx.verdicts.of_phone(PROGRAMME, VERDICT.phone) == VERDICT
        assert tx.verdicts.of_phone(PROGRAMME, "+84900000000") is None
        assert tx.verdicts.fingerprints(PROGRAMME) == {VERDICT.phone: ("r1", "f1")}


def test_the_register_holds_one_entry_for_each_person(store: Store) -> None:
    issued = entry(1, state=CertificateState.ISSUED, issued_at=LATER, serial="X", register_no="00001")
    with store.begin() as tx:
        tx.register.save([entry(1), entry(2)])
        tx.register.save([issued])
        assert tx.register.of_programme(PROGRAMME) == {issued.phone: issued, entry(2).phone: entry(2)}


def test_a_register_number_is_given_once(store: Store) -> None:
    with pytest.raises(IntegrityError), store.begin() as tx:
        tx.register.save([entry(1, register_no="00001"), entry(2, register_no="00001")])


def test_numbers_of_a_book_have_no_gap_even_after_a_failed_transaction(store: Store) -> None:
    with store.begin() as tx:
        assert tx.register.next_number(PROGRAMME) == 1
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        tx.register.next_number(PROGRAMME) // 0
    with store.begin() as tx:
        assert tx.register.next_number(PROGRAMME) == 2
        assert tx.register.next_number("another") == 1


def test_sealed_passwords_are_kept_by_site_and_username(store: Store) -> None:
    with store.begin() as tx:
        tx.passwords.save("sandbox", {"a": b"1", "b": b"2"}, NOW)
        assert tx.passwords.sealed("sandbox", ["a", "c"]) == {"a": b"1"}
        assert tx.passwords.sealed("other", ["a"]) == {}


def test_the_latest_run_of_a_job_is_found_by_its_outcome(store: Store) -> None:
    with store.begin() as tx:
        first = tx.runs.start("mirror", site="sandbox", programme=PROGRAMME, now=NOW)
        tx.runs.finish(first, "done", {"accounts": 3}, LATER)
        tx.runs.start("mirror", site="sandbox", programme=PROGRAMME, now=LATER)
        found = tx.runs.latest("mirror", PROGRAMME)
        assert found is not None
        assert (found.id, found.counts, found.finished_at) == (first, {"accounts": 3}, LATER)
        assert tx.runs.latest("evaluate", PROGRAMME) is None


def test_a_report_is_remembered_with_its_checksum(store: Store) -> None:
    sent = ReportSent(
        programme=PROGRAMME, definition="progress", snapshot_id=1, cutoff=NOW, checksum="0" * 64, files=("a.xlsx",)
    )
    with store.begin() as tx:
        tx.runs.add_report(sent, NOW)
        assert tx.runs.reports(PROGRAMME) == [sent]


def test_numbers_have_neither_gap_nor_double_when_several_take_them_at_once(address: str) -> None:
    """Also the first numbers of a new book, when there is no row yet that could be locked."""
    takers, times = 4, 5
    ready = Barrier(takers)

    def take(_taker: int) -> list[int]:
        store = Store(address)
        try:
            ready.wait()
            return [_next(store) for _ in range(times)]
        finally:
            store.close()

    Store(address).close()  # the schema is there before they start
    with ThreadPoolExecutor(takers) as pool:
        taken = [number for numbers in pool.map(take, range(takers)) for number in numbers]
    assert sorted(taken) == list(range(1, takers * times + 1))


def _next(store: Store) -> int:
    with store.begin() as tx:
        return tx.register.next_number(PROGRAMME)


def test_texts_of_any_length_are_kept(store: Store) -> None:
    long = entry(1, full_name="Nguyễn " * 100)
    with store.begin() as tx:
        tx.register.save([long])
        assert tx.register.of_programme(PROGRAMME) == {long.phone: long}
