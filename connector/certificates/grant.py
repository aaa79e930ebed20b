"""What is to be released on the platform, and what its answers make of the register. Pure: nothing is written.

Releasing is putting people into a group (reference/moodle-ws-recipes.md section 5). Membership is a set, so releasing
twice changes nothing, and an entry whose answer was lost simply stays due and is sent again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from connector.lms import ItemResult
from connector.model import CertificateState, RegisterEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The entries that are granted now, and (entry, answer) of those that stay due, each with the platform's word."""

    granted: tuple[RegisterEntry, ...]
    refused: tuple[tuple[RegisterEntry, ItemResult], ...]


def to_grant(entries: Iterable[RegisterEntry]) -> list[RegisterEntry]:
    """The entries that wait to be released on the platform, oldest decision first, then by phone."""
    waiting = (entry for entry in entries if entry.state is CertificateState.DUE)
    return sorted(waiting, key=lambda entry: (entry.decided_at, entry.phone))


def release(
    entries: Iterable[RegisterEntry],
    results: Iterable[ItemResult],
    phone_of: Mapping[str, str],
    granted_at: datetime,
) -> Released:
    """What the answers of `LmsClient.grant_certificates` make of these entries.

    Done and already done are granted; refused and unknown stay due. `phone_of` maps usernames to phones. Entries
    without an answer are in neither list, and entries that are not due any more are left as they are.
    """
    waiting = {entry.phone: entry for entry in to_grant(entries)}
    granted: list[RegisterEntry] = []
    refused: list[tuple[RegisterEntry, ItemResult]] = []
    for result in results:
        entry = waiting.pop(phone_of.get(result.key[0], ""), None)
        if entry is None:
            continue
        if result.ok:
            granted.append(replace(entry, state=CertificateState.GRANTED, granted_at=granted_at))
        else:
            refused.append((entry, result))
    return Released(granted=tuple(granted), refused=tuple(refused))
