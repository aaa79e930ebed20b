"""What the sites of a programme say of its people, as one: whoever is known on two of them is one person.

Of a programme with one site everything passes as it is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from connector.context import Context
from connector.model import Learner, Registration, ResultRow, TopicRef, TopicResult
from connector.programmes.definition import Programme
from connector.store.store import Transaction
from connector.sync.mapping import AccountMapper

Grades = dict[TopicRef, float]
MARK_LENGTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who takes part, and the name of his account on each site, in the order of `Programme.by_site`."""

    learner: Learner
    usernames: tuple[str, ...]


def members_on(ctx: Context, programme: Programme, registrations: Iterable[Registration]) -> list[Member]:
    """Those of them who take part. Nothing is read."""
    mappers = [AccountMapper(ctx.settings.site(here.site).accounts) for here in programme.by_site]
    return [
        Member(learner=item.learner, usernames=tuple([mapper.username(item.learner) for mapper in mappers]))
        for item in registrations
        if item.takes_part
    ]


class Accesses:
    """Who has an account on any of the sites, and when he was last there, as the mirror has it."""

    def __init__(self, tx: Transaction, programme: Programme) -> None:
        self._by_site = [tx.mirror.accounts(here.site) for here in programme.by_site]

    def has_account(self, member: Member) -> bool:
        """True when an account of this person has been seen."""
        return any(name in seen for name, seen in zip(member.usernames, self._by_site, strict=True))

    def last(self, member: Member) -> datetime | None:
        """The last access to any site; None for never."""
        moments = [seen.get(name) for name, seen in zip(member.usernames, self._by_site, strict=True)]
        return max((moment for moment in moments if moment is not None), default=None)


def courses_of(programme: Programme) -> list[str]:
    """The courses of one site in which the topics live, sorted."""
    return sorted({ref.course for ref in programme.refs})


def grades_of(
    tx: Transaction, programme: Programme, members: Sequence[Member], *, few: int = 0
) -> Iterator[tuple[str, Grades]]:
    """By phone the grades of each of these people by topic, as `Programme.refs` names them. Reads only.

    Who was graded for one topic on two sites has the better grade. Up to `few` people are looked up one by one.
    """
    if programme.site_key is not None:
        for phone, graded in _graded(tx, programme, 0, members, few):
            yield phone, dict(graded)
        return
    known: dict[str, Grades] = {}
    for number, here in enumerate(programme.by_site):
        own = dict(zip(here.refs, programme.refs, strict=True))
        for phone, graded in _graded(tx, here, number, members, few):
            best = known.setdefault(phone, {})
            for ref, grade in graded:
                if ref in own:
                    best[own[ref]] = max(grade, best.get(own[ref], grade))
    yield from known.items()


def _graded(
    tx: Transaction, here: Programme, number: int, members: Sequence[Member], few: int
) -> Iterator[tuple[str, list[tuple[TopicRef, float]]]]:
    """By phone what of these people has been graded on one site, the `number`-th of theirs."""
    phone_of = {member.usernames[number]: member.learner.phone for member in members}
    if len(members) <= few:
        found: Iterable[tuple[str, list[TopicResult]]] = (
            (name, tx.mirror.results_of(here.site, name)) for name in phone_of
        )
    else:
        found = tx.mirror.results(here.site, courses_of(here))
    for name, results in found:
        if name in phone_of:
            yield phone_of[name], [(item.ref, item.grade) for item in results if item.grade is not None]


def completions_of(
    tx: Transaction, programme: Programme, members: Sequence[Member], at: datetime | None = None
) -> dict[str, list[ResultRow]]:
    """By phone the completions on all sites of those who have any, at the places of `programme`. Reads only.

    One topic done on two sites is there twice: the engine counts the earliest that counts. With `at` see `Facts.done`.
    """
    found: dict[str, list[ResultRow]] = {}
    for number, here in enumerate(programme.by_site):
        phone_of = {member.usernames[number]: member.learner.phone for member in members}
        places = {_place(ref): _place(own) for ref, own in zip(here.refs, programme.refs, strict=True)}
        elsewhere = any(place != own for place, own in places.items())
        for username, rows in tx.facts.done(here.site, courses_of(here), sorted(phone_of), at):
            found.setdefault(phone_of[username], []).extend(_moved(rows, places) if elsewhere else rows)
    return found


def marks_of(tx: Transaction, programme: Programme, members: Sequence[Member]) -> list[str]:
    """For each of these people a text that is another one as soon as a result of his has moved on any site."""
    by_site = [
        tx.facts.marks(here.site, courses_of(here), [member.usernames[number] for member in members])
        for number, here in enumerate(programme.by_site)
    ]
    return [
        _one_mark([mark for name, marks in zip(member.usernames, by_site, strict=True) if (mark := marks.get(name))])
        for member in members
    ]


def _one_mark(marks: Sequence[str]) -> str:
    """Those of several sites as one, short enough for its column."""
    if len(marks) > 1:
        return sha256("+".join(marks).encode()).hexdigest()[:MARK_LENGTH]
    return marks[0] if marks else ""


def _place(ref: TopicRef) -> tuple[str, str]:
    return ref.course, ref.activity


def _moved(rows: Iterable[ResultRow], places: Mapping[tuple[str, str], tuple[str, str]]) -> Iterator[ResultRow]:
    """The rows at the places where the programme has these topics; what is no topic of it is left out."""
    for course, activity, done, completed_at, grade, overridden in rows:
        place = places.get((course, activity))
        if place is not None:
            yield (*place, done, completed_at, grade, overridden)
