from collections.abc import Collection, Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connector.certificates.entry import RegisterEntry
from connector.certificates.settle import Double, Settlement, settle
from connector.model import CertificateIssue, CertificateState
from tests.certificates.samples import AN, BINH, CHI, PHONE_OF, entry, issue


def settled_after(
    entries: Iterable[RegisterEntry],
    issues: Iterable[CertificateIssue],
    *,
    last_number: int = 0,
    void: Collection[str] = (),
) -> Settlement:
    told = [(PHONE_OF.get(one.username, ""), one) for one in issues]
    return settle(entries, told, last_number=last_number, number_text=lambda seq: f"{seq:05d}/2025", void=void)


def test_an_issue_that_is_read_back_gets_serial_time_and_number_in_the_order_of_issue() -> None:
    entries = [entry(AN), entry(BINH), entry(CHI)]
    issues = [issue("0900000003", "5", "C", 1), issue("0900000001", "7", "A", 1), issue("0900000002", "6", "B", 3)]
    settled = settled_after(entries, issues)
    assert [(item.phone, item.serial, item.register_no) for item in settled.issued] == [
        (BINH, "B", "00001/2025"),
        (AN, "A", "00002/2025"),
        (CHI, "C", "00003/2025"),
    ]
    assert {item.state for item in settled.issued} == {CertificateState.ISSUED}
    assert [item.issued_at for item in settled.issued] == [
        issues[2].issued_at,
        issues[1].issued_at,
        issues[0].issued_at,
    ]
    assert (settled.doubles, settled.unexpected) == ((), ())


def test_what_is_granted_and_not_issued_waits_and_takes_no_number() -> None:
    settled = settled_after([entry(AN), entry(BINH)], [issue("0900000002", "6", "B")])
    assert [(item.phone, item.register_no) for item in settled.issued] == [(BINH, "00001/2025")]


def test_two_issues_for_one_person_are_registered_once_by_the_earlier_and_reported() -> None:
    late, early = issue("0900000001", "9", "LATE", 1), issue("0900000001", "5", "EARLY", 2)
    settled = settled_after([entry(AN)], [late, early])
    assert [(item.serial, item.register_no) for item in settled.issued] == [("EARLY", "00001/2025")]
    assert settled.doubles == (Double(phone=AN, registered="EARLY", others=(late,)),)
    told = str(settled.doubles[0])
    assert "+84*******01 has 1 more certificates than the registered one (code EARLY): LATE." in told
    assert AN not in told


def test_an_issued_entry_keeps_its_number_and_a_later_issue_is_reported() -> None:
    done = entry(AN, CertificateState.ISSUED, serial="EARLY", register_no="00001/2025")
    same, again = issue("0900000001", "5", "EARLY", 2), issue("0900000001", "9", "LATE", 1)
    assert settled_after([done], [same]) == settled_after([done], [])
    settled = settled_after([done], [same, again])
    assert settled.issued == ()
    assert settled.doubles == (Double(phone=AN, registered="EARLY", others=(again,)),)


def test_the_only_living_paper_is_no_double() -> None:
    done = entry(AN, CertificateState.ISSUED, serial="DEAD", register_no="00001/2025")
    settled = settled_after([done], [issue("0900000001", "9", "NEW", 1)])
    assert (settled.issued, settled.doubles, settled.unexpected) == ((), (), ())


def test_the_same_issue_read_twice_is_one_issue() -> None:
    twice = [issue("0900000001", "5", "A"), issue("0900000001", "5", "A")]
    settled = settled_after([entry(AN)], twice)
    assert len(settled.issued) == 1
    assert settled.doubles == ()


def test_issues_that_nobody_granted_are_unexpected() -> None:
    entries = [entry(AN, CertificateState.DUE)]
    issues = [issue("0900000001", "1", "A", 3), issue("admin", "2", "B", 2), issue("0900000002", "3", "C", 1)]
    settled = settled_after(entries, issues)
    assert settled.issued == ()
    assert [item.code for item in settled.unexpected] == ["A", "B", "C"]


some_issues = st.lists(
    st.builds(
        issue,
        st.sampled_from([*PHONE_OF, "admin"]),
        st.integers(1, 9).map(str),
        st.integers(1, 9).map(lambda number: f"code-{number}"),
        st.integers(0, 3).map(float),
    ),
    max_size=8,
    unique_by=lambda item: (item.issue_id, item.code),
).map(lambda items: list({item.issue_id: item for item in items}.values()))


@given(issues=some_issues, data=st.data())
def test_the_order_of_reading_does_not_matter_and_settling_again_changes_nothing(
    issues: list[CertificateIssue], data: st.DataObject
) -> None:
    entries = [entry(AN), entry(BINH), entry(CHI, CertificateState.DUE)]
    settled = settled_after(entries, issues)
    mixed = data.draw(st.permutations(issues))
    assert settled_after(data.draw(st.permutations(entries)), mixed) == settled
    register = {item.phone: item for item in entries} | {item.phone: item for item in settled.issued}
    again = settled_after(register.values(), issues, last_number=settled.last_number)
    assert (again.issued, again.doubles) == ((), settled.doubles)
    taken = [item.register_no for item in settled.issued]
    assert taken == [f"{number:05d}/2025" for number in range(1, len(taken) + 1)]


def test_a_reissued_entry_keeps_its_number_and_the_void_paper_counts_no_more() -> None:
    again = replace(entry(AN, register_no="00001/2025"), edition=2)
    old, new = issue("0900000001", "5", "OLD", 9), issue("0900000001", "8", "NEW", 1)
    settled = settled_after(
        [again, entry(BINH)], [old, new, issue("0900000002", "9", "B")], last_number=1, void={"OLD"}
    )
    assert [(item.serial, item.register_no, item.seq, item.edition) for item in settled.issued] == [
        ("NEW", "00001/2025", 1, 2),
        ("B", "00002/2025", 2, 1),
    ]
    assert (settled.doubles, settled.last_number) == ((), 2)


def test_without_new_numbers_the_last_number_is_none() -> None:
    assert settled_after([], []).last_number == 0


def test_an_issue_of_a_revoked_certificate_is_unexpected() -> None:
    settled = settled_after([entry(AN, CertificateState.REVOKED)], [issue("0900000001", "1", "A")])
    assert [item.code for item in settled.unexpected] == ["A"]
