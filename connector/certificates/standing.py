"""How the certificates of a programme stand: counts for each province and state, and since when anybody waits."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connector.certificates.entry import RegisterEntry
from connector.model import CertificateState

WAITING = (
    CertificateState.DUE,
    CertificateState.APPROVED,
    CertificateState.GRANTED,
    CertificateState.REISSUED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceStanding:
    """One province: entries by state, and the moment since which the longest waiting one has waited (None: nobody)."""

    province_code: str
    counts: tuple[tuple[CertificateState, int], ...]
    waiting_since: datetime | None

    def count(self, state: CertificateState) -> int:
        """How many entries are in this state."""
        return dict(self.counts).get(state, 0)


def standing(entries: Iterable[RegisterEntry]) -> list[ProvinceStanding]:
    """The standing of each province that has entries, by its code. Nothing is written."""
    counts: dict[str, Counter[CertificateState]] = {}
    since: dict[str, datetime] = {}
    for entry in entries:
        code = entry.province_code
        counts.setdefault(code, Counter())[entry.state] += 1
        if entry.state in WAITING:
            begun = entry.granted_at or entry.decided_at
            since[code] = min(since.get(code, begun), begun)
    return [
        ProvinceStanding(province_code=code, counts=tuple(sorted(counts[code].items())), waiting_since=since.get(code))
        for code in sorted(counts)
    ]
