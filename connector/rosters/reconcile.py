"""Roster rows of one phone number -> at most one registration. Pure.

The same person may stand in several files (a first list and a late one) and may have registered himself: the latest
row of a department counts, and what it leaves empty is taken from his other rows, each field with its source. Of two
different names on one number, whoever holds it already goes on holding it, as long as a list in force still names them:
the newcomer waits and is told (`is_disputed`). Where nobody held it, it is a conflict: nobody is chosen silently and no
account is made by it. A number that no list in force names any more has left.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from connector.model import Intake, Learner, Registration, RegistrationState
from connector.places import folded


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
        now = registration_of(programme, rows.get(phone, ()), known)
        if now is not None and now != known:
            yield now


def registration_of(programme: str, rows: Sequence[Learner], known: Registration | None) -> Registration | None:
    """What these rows of one number, oldest first, amount to; None for a number that was never registered."""
    if not rows:
        return replace(known, state=RegistrationState.LEFT) if known else None
    held = _rows_of_holder(rows, known)
    if held is not None:
        rows = held
    elif is_disputed(rows):
        # Whoever had the number first keeps the entry, so that the answer does not depend on who asks last.
        return Registration(programme=programme, learner=rows[0], state=RegistrationState.CONFLICT)
    lists = [row for row in rows if row.intake is Intake.DEPARTMENT]
    own = [row for row in rows if row.intake is Intake.SELF]
    chosen, *others = [*reversed(lists), *reversed(own)]
    learner, sources = _filled(chosen, others)
    moments = [row.registered_at for row in own if row.registered_at]
    return Registration(
        programme=programme,
        learner=replace(learner, registered_at=min(moments, default=None)),
        state=RegistrationState.CONFIRMED if lists else RegistrationState.REGISTERED,
        sources=sources,
    )


def is_disputed(rows: Iterable[Learner]) -> bool:
    """Whether these rows of one number carry several names. Where a tone stands (hoà, hòa) makes no other name."""
    return len({folded(row.full_name) for row in rows}) > 1


def _rows_of_holder(rows: Sequence[Learner], known: Registration | None) -> list[Learner] | None:
    """The rows of whoever held the number undisputed before; None when nobody did, or no row names them any more."""
    if known is None or known.state is RegistrationState.CONFLICT:
        return None
    return [row for row in rows if folded(row.full_name) == folded(known.learner.full_name)] or None


def is_same_person_and_place(one: Registration, other: Registration) -> bool:
    """Whether two registrations say the same, wherever the rows stand that say it."""
    learner = replace(one.learner, origin=other.learner.origin, notices=other.learner.notices)
    return replace(one, learner=learner, sources=other.sources) == other


def _filled(chosen: Learner, others: Sequence[Learner]) -> tuple[Learner, tuple[tuple[str, str], ...]]:
    """The chosen row with its empty fields from the other rows, the best first; and where each came from."""
    sources: list[tuple[str, str]] = []

    def best(field: str, candidates: Sequence[Learner]) -> str:
        own: str | None = getattr(chosen, field)
        filled = next((row for row in candidates if getattr(row, field)), None)
        if own or filled is None:
            return own or ""
        sources.append((field, str(filled.origin)))
        return str(getattr(filled, field))

    # A commune lies in a province: what another province's list says is no answer.
    same_province = [row for row in others if row.province_code == chosen.province_code]
    learner = replace(
        chosen,
        workplace=best("workplace", others),
        position=best("position", others),
        commune_code=best("commune_code", same_province) or None,
    )
    return learner, tuple(sources)
