"""The register: one entry for each person, numbers without gap or double whoever writes at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError

from connector.certificates.entry import CertificateEvent, CertificateFacts, RegisterEntry
from connector.model import CertificateState
from connector.store.store import Store, Transaction
from tests.store.people import LATER, NOW, PROGRAMME

S = CertificateState
FACTS = CertificateFacts(
    full_name="Nguyễn Văn An",
    workplace="UBND xã Nhân Hòa",
    programme_name="Tập huấn",
    title="Giấy chứng nhận",
    starts_at=NOW,
    ends_at=LATER,
    hours=38.0,
    grade=81.5,
    signer="Viện trưởng",
    decision="12/QĐ-HV",
)
TAKERS, TIMES = 4, 5


def entry(number: int, **changes: object) -> RegisterEntry:
    made = RegisterEntry(
        programme=PROGRAMME,
        phone=f"+8491200{number:04d}",
        province_code="40",
        state=S.DUE,
        facts=FACTS,
        decided_at=NOW,
        book="k",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # any field


ISSUED = entry(1, state=S.ISSUED, issued_at=LATER, granted_at=NOW, serial="X", seq=1, register_no="00001", edition=2)
EVENT = CertificateEvent(
    programme=PROGRAMME,
    phone=ISSUED.phone,
    event=S.REISSUED,
    at=NOW,
    by="Duyệt",
    reason="sai tên",
    serial="OLD",
    register_no="00001",
    full_name="Nguyễn Văn Ân",
)


def test_the_register_holds_one_entry_for_each_person(store: Store) -> None:
    with store.begin() as tx:
        tx.register.save([entry(1), entry(2)])
        tx.register.save([ISSUED])
        assert tx.register.of_programme(PROGRAMME) == {ISSUED.phone: ISSUED, entry(2).phone: entry(2)}
        assert tx.register.of_phone(PROGRAMME, ISSUED.phone) == ISSUED
        assert tx.register.of_phone(PROGRAMME, "+84900000000") is None
        assert tx.register.of_book("k") == [ISSUED]


def test_who_has_an_entry_keeps_it(store: Store) -> None:
    with store.begin() as tx:
        tx.register.save([ISSUED])
        tx.register.add([entry(1), entry(2)])
        tx.register.add([])
        assert tx.register.of_programme(PROGRAMME) == {ISSUED.phone: ISSUED, entry(2).phone: entry(2)}


def test_a_code_finds_the_entry_by_serial_number_and_the_serial_of_an_old_paper(store: Store) -> None:
    with store.begin() as tx:
        tx.register.save([ISSUED, entry(2, state=S.ISSUED, serial="Y", seq=2, register_no="00002")])
        tx.register.note([EVENT])
        tx.register.note([])
        assert [tx.register.of_code(code) for code in ("X", "00001", "OLD")] == [[ISSUED]] * 3
        assert tx.register.of_code("Z") == []
        assert tx.register.history(PROGRAMME) == tx.register.history(PROGRAMME, ISSUED.phone) == [EVENT]
        assert tx.register.history(PROGRAMME, "+84900000000") == []


@pytest.mark.parametrize("same", [{"seq": 1}, {"register_no": "00001"}])
def test_a_number_of_a_book_is_given_once(same: dict[str, object], store: Store) -> None:
    with pytest.raises(IntegrityError), store.begin() as tx:
        tx.register.save([entry(1, **same), entry(2, **same)])


def test_another_book_counts_by_itself(store: Store) -> None:
    with store.begin() as tx:
        tx.register.save([ISSUED, replace(ISSUED, phone="+84912999999", book="other")])
        assert tx.register.open_book("k") == tx.register.open_book("other") == 0
        tx.register.close_book("k", 7)
        assert (tx.register.open_book("k"), tx.register.open_book("other")) == (7, 0)


def _take_and_fail(tx: Transaction) -> None:
    tx.register.close_book("k", tx.register.open_book("k") + 1)
    raise ZeroDivisionError


def test_a_number_falls_back_when_the_transaction_fails(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        _take_and_fail(tx)
    with store.begin() as tx:
        assert tx.register.open_book("k") == 0


def at_once(address: str, work: Callable[[Store], list[int]]) -> list[int]:
    """What several workers, each with a database connection of its own, make when they begin together."""
    ready = Barrier(TAKERS)

    def one(_taker: int) -> list[int]:
        store = Store(address)
        try:
            ready.wait()
            return work(store)
        finally:
            store.close()

    Store(address).close()  # the schema is there before they start
    with ThreadPoolExecutor(TAKERS) as pool:
        return sorted(number for numbers in pool.map(one, range(TAKERS)) for number in numbers)


def test_numbers_have_neither_gap_nor_double_when_several_take_them_at_once(address: str) -> None:
    """Also the first numbers of a new book, when there is no row yet that could be locked."""

    def take(store: Store) -> list[int]:
        taken = []
        for _time in range(TIMES):
            with store.begin() as tx:
                taken.append(tx.register.open_book("k") + 1)
                tx.register.close_book("k", taken[-1])
        return taken

    assert at_once(address, take) == list(range(1, TAKERS * TIMES + 1))


def test_an_entry_that_somebody_has_taken_is_seen_by_others_as_he_leaves_it(address: str) -> None:
    """Each worker raises the edition by one of what it was given; without waiting, most of that would be lost."""

    def raise_edition(store: Store) -> list[int]:
        seen = []
        for phones in [[ISSUED.phone], None] * 3:
            with store.begin() as tx:
                found = tx.register.locked(PROGRAMME, phones)[ISSUED.phone]
                tx.register.save([replace(found, edition=found.edition + 1)])
                seen.append(found.edition)
        return seen

    store = Store(address)
    with store.begin() as tx:
        tx.register.save([ISSUED])
    store.close()
    assert at_once(address, raise_edition) == list(range(2, 2 + TAKERS * 6))
