"""Everybody who takes part in a programme with all the facts that the rule judges, province by province.

A province is read in parts of some thousand people, so that memory does not grow with the country.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.context import Context
from connector.jobs.people import people_of
from connector.model import Learner
from connector.programmes.definition import Programme
from connector.programmes.engine import Person
from connector.programmes.facts import NOTHING, Besides, besides_until, results_until
from connector.programmes.together import prerequisites
from connector.store.chunks import chunks
from connector.store.store import Transaction

PEOPLE_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who takes part, and the name of his account."""

    learner: Learner
    username: str


def members_of(ctx: Context, programme: Programme) -> Iterator[list[Member]]:
    """All who take part, in lists of people of one province. Reads the database only."""
    with ctx.store.begin() as tx:
        provinces = sorted(tx.registrations.counts(programme.key))
    for code in provinces:
        people = people_of(ctx, programme, [code])
        members = [
            Member(learner=item.learner, username=people.username_of[item.learner.phone])
            for item in people.registrations
            if item.takes_part
        ]
        yield from chunks(members, PEOPLE_AT_ONCE)


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
    """Each member with his facts, in any order; with `at`, the facts as they stood at this moment. Reads only."""
    waiting = {member.username: member.learner.phone for member in members}
    for username, rows in tx.facts.done(programme.site, courses_of(programme), sorted(waiting), at):
        phone = waiting.pop(username)
        yield phone, rows if at is None else results_until(rows, at), _until(besides.get(phone), programme, at)
    for phone in waiting.values():
        yield phone, (), _until(besides.get(phone), programme, at)


def courses_of(programme: Programme) -> list[str]:
    """The courses in which the topics live, sorted."""
    return sorted({ref.course for ref in programme.refs})


def _until(besides: Besides | None, programme: Programme, at: datetime | None) -> Besides:
    if besides is None:
        return NOTHING
    return besides if at is None else besides_until(besides, at, programme.window.zone)
