"""Who is due a certificate, and the register entries that say so before anything is sent to the platform.

Everything here is a pure decision: the store writes the entries, the platform adapter releases the certificates.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from connector.certificates.entry import CertificateFacts, RegisterEntry
from connector.model import (
    CertificateState,
    Learner,
    Verdict,
)

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """New register entries, and the phones of those who passed but of whom no roster data are at hand."""

    entries: tuple[RegisterEntry, ...]
    without_learner: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Whom an administrator means: all, some provinces, some communes (by code), some people, or all at once.

    None means no limit; an empty collection means nobody.
    """

    provinces: Collection[str] | None = None
    communes: Collection[str] | None = None
    phones: Collection[str] | None = None

    def holds(self, entry: RegisterEntry) -> bool:
        """True when the entry is meant."""
        return (
            (self.provinces is None or entry.province_code in self.provinces)
            and (self.communes is None or entry.commune_code in self.communes)
            and (self.phones is None or entry.phone in self.phones)
        )


EVERYBODY = Selection()


def due(verdicts: Iterable[Verdict], register: Mapping[str, RegisterEntry]) -> list[Verdict]:
    """The verdicts of those who passed and are not in the register (phone -> entry) of that programme yet.

    Ordered by completion and phone; one for each person. A verdict without reasons does not pass. Nothing is written.
    """
    found: dict[tuple[str, str], Verdict] = {}
    for verdict in verdicts:
        if verdict.passed and verdict.reasons and not _entered(verdict, register):
            found.setdefault((verdict.programme, verdict.phone), verdict)
    return sorted(found.values(), key=lambda verdict: (verdict.completed_at or _LAST, verdict.phone))


def _entered(verdict: Verdict, register: Mapping[str, RegisterEntry]) -> bool:
    entry = register.get(verdict.phone)
    return entry is not None and entry.programme == verdict.programme


def enter(
    verdicts: Iterable[Verdict],
    learners: Mapping[str, Learner],
    facts_of: Callable[[Verdict, Learner], CertificateFacts],
    book: str,
    decided_at: datetime,
) -> Entered:
    """New entries of this book, state due, with what the paper says frozen as it is now; nothing is written.

    `learners` maps phones to roster data; who is not there gets no entry and is named in `without_learner`.
    """
    entries: list[RegisterEntry] = []
    without: list[str] = []
    for verdict in verdicts:
        learner = learners.get(verdict.phone)
        if learner is None:
            without.append(verdict.phone)
            continue
        entry = RegisterEntry(
            programme=verdict.programme,
            phone=verdict.phone,
            province_code=learner.province_code,
            commune_code=learner.commune_code,
            state=CertificateState.DUE,
            facts=facts_of(verdict, learner),
            decided_at=decided_at,
            book=book,
        )
        entries.append(entry)
    return Entered(entries=tuple(entries), without_learner=tuple(without))
