"""Who is due a certificate, and the register entries that say so before anything is sent to the platform.

Everything here is a pure decision: the store writes the entries, the platform adapter releases the certificates.
States of an entry: due (we decided) -> granted (released on the platform) -> issued (read back, numbered).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from connector.model import CertificateState, Learner, RegisterEntry, Verdict

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """New register entries, and the phones of those who passed but of whom no roster data are at hand."""

    entries: tuple[RegisterEntry, ...]
    without_learner: tuple[str, ...]


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


def enter(verdicts: Iterable[Verdict], learners: Mapping[str, Learner], decided_at: datetime) -> Entered:
    """New entries, state due, with name, workplace and province frozen as they are now; nothing is written.

    `learners` maps phones to roster data; who is not there gets no entry and is named in `without_learner`.
    """
    entries: list[RegisterEntry] = []
    without: list[str] = []
    for verdict in verdicts:
        learner = learners.get(verdict.phone)
        if learner is None:
            without.append(verdict.phone)
        else:
            entries.append(_entry(verdict, learner, decided_at))
    return Entered(entries=tuple(entries), without_learner=tuple(without))


def _entry(verdict: Verdict, learner: Learner, decided_at: datetime) -> RegisterEntry:
    return RegisterEntry(
        programme=verdict.programme,
        phone=verdict.phone,
        full_name=learner.full_name,
        workplace=learner.workplace,
        province_code=learner.province_code,
        state=CertificateState.DUE,
        decided_at=decided_at,
    )


def choose(
    entries: Iterable[RegisterEntry],
    *,
    provinces: Collection[str] | None = None,
    phones: Collection[str] | None = None,
) -> list[RegisterEntry]:
    """The entries that an administrator means: all, those of some provinces, those of some people, or both at once.

    None means no limit; an empty collection means nobody. Nothing is written.
    """
    return [
        entry
        for entry in entries
        if (provinces is None or entry.province_code in provinces) and (phones is None or entry.phone in phones)
    ]
