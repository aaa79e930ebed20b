"""From granted to issued: only an issue that was read back from the platform enters the register with a number.

customcert has no unique key on (person, certificate), so the platform can issue twice (reference/moodle-ws-recipes.md
section 5); a person is registered once, by the earliest issue, and the others are reported. Pure: nothing is written.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from connector.certificates.entry import RegisterEntry
from connector.certificates.states import moved
from connector.language import _
from connector.model import (
    CertificateIssue,
    CertificateState,
    mask_phone,
)

# An issue that was read back, and the phone of whom it was issued to; '' for somebody whom we do not know.
Told = tuple[str, CertificateIssue]
_RELEASED = (CertificateState.GRANTED, CertificateState.ISSUED, CertificateState.DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """One person with more than one issue: the one that stands in the register, and the others."""

    phone: str
    registered: str
    others: tuple[CertificateIssue, ...]

    def __str__(self) -> str:
        return _(
            "{person} has {count} more certificates than the registered one (code {code}): {others}. "
            "Delete them on the platform."
        ).format(
            person=mask_phone(self.phone),
            count=len(self.others),
            code=self.registered,
            others=", ".join(issue.code for issue in self.others),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What the issues that were read back make of the register.

    `issued`: entries that are issued now, with serial, time and number, in the order of their numbers;
    `doubles`: people with more than one issue; `unexpected`: issues to people to whom nothing was granted.
    """

    issued: tuple[RegisterEntry, ...]
    doubles: tuple[Double, ...]
    unexpected: tuple[CertificateIssue, ...]

    @property
    def last_number(self) -> int:
        """The highest number that was given now; 0 when none was."""
        return max((entry.seq or 0 for entry in self.issued), default=0)


def settle(
    entries: Iterable[RegisterEntry],
    issues: Iterable[Told],
    *,
    last_number: int,
    number_text: Callable[[int], str],
    void: Collection[str] = (),
) -> Settlement:
    """The settlement of these entries with these issues of the certificate, in whatever order they come.

    New entries get the numbers after `last_number` of their book, in the order of
    (issued_at, phone), so the same facts always give the same numbers; a reissued one keeps its own. Entries that are
    issued already keep what they have, and help to notice doubles. Issues that come twice in the reading (pages
    overlap) are folded by their id; those with a `void` code are papers that were taken back, and count no more.
    """
    register = {entry.phone: entry for entry in entries}
    living = [(phone, issue) for phone, issue in issues if issue.code not in void]
    by_phone, unexpected = _by_phone(living, register)
    firsts = sorted((found[0].issued_at, phone) for phone, found in by_phone.items())
    waiting = [phone for _moment, phone in firsts if register[phone].state is CertificateState.GRANTED]
    issued = _issue_all([(register[phone], by_phone[phone][0]) for phone in waiting], last_number, number_text)
    serial = {phone: entry.serial for phone, entry in register.items()} | {
        entry.phone: entry.serial for entry in issued
    }
    doubles = [_double(phone, serial[phone], found) for phone, found in sorted(by_phone.items())]
    return Settlement(
        issued=tuple(issued),
        doubles=tuple(double for double in doubles if double.others),
        unexpected=tuple(unexpected),
    )


def _by_phone(
    issues: Iterable[Told], register: Mapping[str, RegisterEntry]
) -> tuple[dict[str, list[CertificateIssue]], list[CertificateIssue]]:
    """The issues of people to whom we granted, earliest first, and the issues of all others."""
    granted: dict[str, list[CertificateIssue]] = {}
    unexpected: list[CertificateIssue] = []
    # Each platform counts its issues by itself, so two people may have the same id.
    unique = {(phone, issue.issue_id, issue.code): (phone, issue) for phone, issue in issues}
    for phone, issue in sorted(unique.values(), key=lambda told: (told[1].issued_at, told[1].issue_id, told[0])):
        entry = register.get(phone)
        if entry is None or entry.state not in _RELEASED:
            unexpected.append(issue)
        else:
            granted.setdefault(phone, []).append(issue)
    return granted, unexpected


def _issue_all(
    pairs: Iterable[tuple[RegisterEntry, CertificateIssue]], last_number: int, number_text: Callable[[int], str]
) -> list[RegisterEntry]:
    issued = []
    for entry, issue in pairs:
        number = {}
        if entry.seq is None:
            last_number += 1
            number = {"seq": last_number, "register_no": number_text(last_number)}
        issued.append(moved(entry, CertificateState.ISSUED, issued_at=issue.issued_at, serial=issue.code, **number))
    return issued


def _double(phone: str, serial: str, found: Collection[CertificateIssue]) -> Double:
    codes = {issue.code for issue in found}
    # Where the registered paper is gone, another one is no double but the only living one: a case (astray.py).
    others = tuple(issue for issue in found if issue.code != serial) if serial in codes else ()
    return Double(phone=phone, registered=serial, others=others)
