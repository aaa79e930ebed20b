"""Where the register and the platform tell different things of a certificate: what becomes a case. Pure.

A paper is gone from the platform (a course was reset, an issue deleted), or gone and made anew with another code, or
it was made for somebody to whom nothing was granted, or before they had completed. Nobody but a person can tell what is
true; until then no such paper is registered by itself, and the only living one is never called superfluous.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.certificates.entry import RegisterEntry
from connector.certificates.settle import Told
from connector.model import CertificateIssue, CertificateState

GONE = "certificate_gone"
REMADE = "certificate_remade"
NOT_GRANTED = "not_granted"
EARLY = "issued_early"
ASTRAY = (GONE, REMADE, NOT_GRANTED, EARLY)
# Cases of papers that may be taken over into the register, and not before.
UNSURE = (NOT_GRANTED, EARLY)

_RELEASED = (CertificateState.GRANTED, CertificateState.ISSUED, CertificateState.DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """One certificate that a person has to look at: `code` is the paper in question, `since` when it went or was made.

    REMADE: `code` is the dead paper, `new_code` the one that was made at `made_at`.
    """

    kind: str
    phone: str
    code: str
    since: datetime
    new_code: str = ""
    made_at: datetime | None = None


def astray(
    register: Mapping[str, RegisterEntry],
    living: Iterable[Told],
    vanished: Mapping[str, datetime],
    *,
    void: Collection[str],
    completed: Mapping[str, datetime],
) -> list[Stray]:
    """What is astray on one platform, by phone and code.

    `register` has the entries of this platform by phone, `living` what it shows, `vanished` since when it shows a code
    no more; papers with a `void` code were taken back by us. `completed` says when people met the rule.
    """
    papers: dict[str, dict[str, CertificateIssue]] = {}
    for phone, issue in living:
        if phone and issue.code not in void:
            papers.setdefault(phone, {})[issue.code] = issue
    found = [stray for entry in register.values() for stray in _missing(entry, papers.get(entry.phone, {}), vanished)]
    for phone, mine in papers.items():
        found.extend(_doubtful(register.get(phone), phone, mine.values(), completed.get(phone)))
    return sorted(found, key=lambda stray: (stray.phone, stray.code, stray.kind))


def _missing(
    entry: RegisterEntry, mine: Mapping[str, CertificateIssue], vanished: Mapping[str, datetime]
) -> Iterator[Stray]:
    since = vanished.get(entry.serial)
    if not entry.is_valid or since is None or entry.serial in mine:
        return
    if not mine:
        yield Stray(kind=GONE, phone=entry.phone, code=entry.serial, since=since)
        return
    latest = max(mine.values(), key=lambda issue: (issue.issued_at, issue.code))
    yield Stray(
        kind=REMADE,
        phone=entry.phone,
        code=entry.serial,
        since=since,
        new_code=latest.code,
        made_at=latest.issued_at,
    )


def _doubtful(
    entry: RegisterEntry | None, phone: str, mine: Iterable[CertificateIssue], completed: datetime | None
) -> Iterator[Stray]:
    granted = entry is not None and entry.state in _RELEASED
    for issue in mine:
        if not granted:
            yield Stray(kind=NOT_GRANTED, phone=phone, code=issue.code, since=issue.issued_at)
        elif completed is not None and issue.issued_at < completed:
            yield Stray(kind=EARLY, phone=phone, code=issue.code, since=issue.issued_at)
