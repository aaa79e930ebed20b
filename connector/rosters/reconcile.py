"""Roster rows of one phone number -> at most one registration. Pure.

The same person may stand in several files (a first list and a late one): the latest row counts. Two different names
on one number are a conflict: nobody is chosen silently, no account is made by it, and what exists stays as it is.
A number that no roster in force names any more has left.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from connector.model import Learner, Registration, RegistrationState


def reconcile(
    programme: str,
    phones: Iterable[str],
    rows: Mapping[str, Sequence[Learner]],
    before: Mapping[str, Registration],
) -> Iterator[Registration]:
    """The registrations of these phones that differ from `before`, by phone. Nothing is written.

    `rows` holds the roster rows in force for each phone, oldest file first.
    """
    for phone in sorted(phones):
        known = before.get(phone)
        now = _registration(programme, rows.get(phone, ()), known)
        if now is not None and now != known:
            yield now


def _registration(programme: str, rows: Sequence[Learner], known: Registration | None) -> Registration | None:
    if not rows:
        return replace(known, state=RegistrationState.LEFT) if known else None
    if len({row.full_name.casefold() for row in rows}) == 1:
        return Registration(programme=programme, learner=rows[-1], state=RegistrationState.REGISTERED)
    # Whoever had the number first keeps the entry, so that the answer does not depend on who asks last.
    return Registration(programme=programme, learner=rows[0], state=RegistrationState.CONFLICT)
