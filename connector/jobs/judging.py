"""Everybody who takes part in a programme with all the facts that the rule judges, province by province.

A province is read in parts of some thousand people, so that memory does not grow with the country.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connector.context import Context
from connector.jobs.over_sites import Member, completions_of, members_on
from connector.jobs.people import registrations_of
from connector.programmes.definition import Programme
from connector.programmes.engine import Person
from connector.programmes.facts import NOTHING, Besides, besides_until, results_until
from connector.programmes.together import prerequisites
from connector.store.chunks import chunks
from connector.store.store import Transaction

PEOPLE_AT_ONCE = 5_000


def members_of(ctx: Context, programme: Programme) -> Iterator[list[Member]]:
    """All who take part, in lists of people of one province. Reads the database only."""
    with ctx.store.begin() as tx:
        provinces = sorted(tx.registrations.counts(programme.key))
    for code in provinces:
        yield from chunks(members_on(ctx, programme, registrations_of(ctx, programme, [code])), PEOPLE_AT_ONCE)


def besides_of(tx: Transaction, programme: Programme, phones: Sequence[str]) -> dict[str, Besides]:
    """By phone: imported facts, exemptions and completed prerequisites of those who have any. Reads only."""
    exemptions = tx.exemptions.of_phones(programme.key, phones)
    completed = tx.verdicts.completed(prerequisites(programme), phones)
    outside = tx.outside.of_phones(programme.key, phones)
    return {
        phone: Besides(
            outside=tuple(outside.get(phone, ())),
            exemptions=tuple(exemptions.get(phone, ())),
            completed=tuple(completed.get(phone, ())),
        )
        for phone in exemptions.keys() | completed.keys() | outside.keys()
    }


def facts_of(
    tx: Transaction,
    programme: Programme,
    members: Sequence[Member],
    besides: Mapping[str, Besides],
    at: datetime | None = None,
) -> Iterator[Person]:
    """Each member with his facts from all sites, in their order. Reads only.

    With `at`, the facts as they stood at this moment.
    """
    done = completions_of(tx, programme, members, at)
    for phone in (member.learner.phone for member in members):
        rows = done.get(phone, ())
        yield phone, rows if at is None else results_until(rows, at), _until(besides.get(phone), programme, at)


def _until(besides: Besides | None, programme: Programme, at: datetime | None) -> Besides:
    if besides is None:
        return NOTHING
    return besides if at is None else besides_until(besides, at, programme.window.zone)
