from dataclasses import replace

from connector.certificates.overdue import overdue, usual_causes
from connector.model import CertificateState
from tests.certificates.samples import AN, BINH, CHI, NOW, entry, hours


def test_who_waits_longer_than_allowed_is_named_longest_first() -> None:
    entries = [
        entry(CHI, granted=25),
        entry(BINH, granted=25),
        entry(AN, granted=49),
        entry("+84900000004", granted=24),
    ]
    late = overdue(entries, NOW, hours(24))
    assert [(item.entry.phone, item.waited) for item in late] == [(AN, hours(49)), (BINH, hours(25)), (CHI, hours(25))]
    assert str(late[0]) == "+84*******01: granted 49 hours ago and not issued."


def test_what_is_due_issued_or_has_no_time_is_not_overdue() -> None:
    entries = [
        entry(AN, CertificateState.ISSUED, granted=99),
        entry(BINH, CertificateState.DUE, granted=99),
        replace(entry(CHI), granted_at=None),
    ]
    assert overdue(entries, NOW, hours(24)) == []


def test_the_usual_causes_are_those_of_the_recipe() -> None:
    # reference/moodle-ws-recipes.md section 5 step 6
    told = " ".join(usual_causes())
    for word in ("suspended", "hidden", "completion", "task is disabled", "Email students"):
        assert word in told
