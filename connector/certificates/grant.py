"""What is to be released on the platform, and what its answers make of the register. Pure: nothing is written.

Releasing opens a gate for people (reference/moodle-ws-recipes.md section 5). A gate is a set, so releasing twice
changes nothing, and an entry whose answer was lost simply stays as it is and is sent again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from connector.certificates.entry import RegisterEntry
from connector.certificates.states import moved
from connector.lms import ItemResult
from connector.model import CertificateState

NOWHERE: Mapping[str, str] = MappingProxyType({})
_READY = frozenset({CertificateState.APPROVED, CertificateState.REISSUED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The entries that are granted now, and (entry, answer) of those that wait on, each with the platform's word."""

    granted: tuple[RegisterEntry, ...]
    refused: tuple[tuple[RegisterEntry, ItemResult], ...]


def to_grant(entries: Iterable[RegisterEntry], *, approval: bool = False) -> list[RegisterEntry]:
    """The entries that may be released now, oldest decision first, then by phone.

    With `approval` those that are merely due wait for a person. A reissue is an act of a person already.
    """
    ready = _READY if approval else _READY | {CertificateState.DUE}
    waiting = (entry for entry in entries if entry.state in ready)
    return sorted(waiting, key=lambda entry: (entry.decided_at, entry.phone))


def release(
    entries: Iterable[RegisterEntry],
    results: Iterable[ItemResult],
    granted_at: datetime,
    *,
    approval: bool = False,
    sites: Mapping[str, str] = NOWHERE,
) -> Released:
    """What the answers of the platforms, keyed by phone, make of these entries.

    Done and already done are granted; refused and unknown wait on. `sites` says by phone where that was. Entries
    without an answer are in neither list, and entries that need no release any more are left as they are.
    """
    waiting = {entry.phone: entry for entry in to_grant(entries, approval=approval)}
    granted: list[RegisterEntry] = []
    refused: list[tuple[RegisterEntry, ItemResult]] = []
    for result in results:
        entry = waiting.pop(result.key[0], None)
        if entry is None:
            continue
        if result.ok:
            site = sites.get(entry.phone, entry.site)
            granted.append(moved(entry, CertificateState.GRANTED, granted_at=granted_at, site=site))
        else:
            refused.append((entry, result))
    return Released(granted=tuple(granted), refused=tuple(refused))
