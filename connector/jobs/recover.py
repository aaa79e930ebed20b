"""Use case: a database that was set back learns again what was done since: numbers, revocations, accounts and places.

What it has lost is read from the book of numbers, from the platform, and from the lists that are in it now; whoever is
in none of these lists is told, so that the newer lists are imported first.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from connector.certificates.entry import CertificateEvent, RegisterEntry
from connector.certificates.number_check import BookLine
from connector.certificates.recovering import LostNumber, Owner, Recovery, recovery, regained
from connector.certificates.states import Act, event_of, reissued, revoked
from connector.context import Context
from connector.errors import ConfigError, UnsafePlanError
from connector.jobs.adopt import belongings_of, find_adoptable, record_as_ours
from connector.jobs.certificate_facts import book_of, facts_of
from connector.jobs.evaluate import evaluate
from connector.jobs.family import all_programmes
from connector.jobs.fence import Fence, bind_again, look_at_fence
from connector.jobs.lease import only_writer
from connector.jobs.mirror import Reach, certificate_key, mirror
from connector.jobs.numbering import difference, given, number_book, read_book, set_aside
from connector.jobs.over_sites import members_on
from connector.jobs.people import people_of, people_on, registrations_of
from connector.language import _
from connector.model import CertificateIssue, CertificateState, Kind, Registration
from connector.programmes.definition import Programme
from connector.store.mirror import Stamp
from connector.store.number_book import OpenBook
from connector.store.store import Transaction
from connector.sync.adopting import Candidate, account_changes
from connector.sync.fence import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What one book gives back. `has_known` is False where the book is not the one that this database has written."""

    book: str
    recovery: Recovery
    has_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """What stands on a site of a programme and is not ours in this database, though we made it: accounts that bear the
    key that we give, and the places of all ours there; `missing` are the usernames of ours that the site has no more.
    """

    programme: str
    site: str
    accounts: tuple[Candidate, ...]
    places: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """All that this database does not know, by book and by site, and how it stands to the sites."""

    fences: tuple[Fence, ...]
    numbers: tuple[Numbers, ...]
    accounts: tuple[Accounts, ...]

    @property
    def nobodys(self) -> list[BookLine]:
        """Numbers whose people are in no list of this database."""
        return [line for one in self.numbers for line in one.recovery.nobodys]

    @property
    def gone(self) -> list[str]:
        """Usernames of ours that are on their site no more: renamed since, or deleted."""
        return [name for one in self.accounts for name in one.missing]

    @property
    def whole(self) -> bool:
        """True when nothing is missing and every site is in order."""
        return (
            all(fence.in_order for fence in self.fences)
            and all(one.recovery.empty and one.has_known for one in self.numbers)
            and not any(one.accounts or one.places or one.missing for one in self.accounts)
        )


def find_missing(ctx: Context) -> Missing:
    """What this database does not know. Reads the platforms and the book; nothing is written."""
    programmes = _programmes(ctx)
    return Missing(
        fences=_fences(ctx),
        numbers=tuple(_numbers(ctx, book, some) for book, some in _by_book(programmes).items()),
        accounts=tuple(_accounts(ctx.on(here.site), here) for programme in programmes for here in programme.by_site),
    )


def recover(ctx: Context, *, by: str, reason: str, leave: bool = False) -> Missing:
    """Write what is missing into this database, and bind it to its sites again; what was found before that.

    The mirror is read in full and everybody is judged first. Nothing is sent to a platform but the new mark. Raises
    UnsafePlanError, with what could be recovered written, where numbers are nobody's or accounts of ours are gone,
    unless `leave`: then these numbers stay taken and nobody's, and the next plan is to be read with care. Raises
    ConfigError for a site that stands otherwise than as newer than this database (`connector site accept`).
    """
    _check_only_older(_fences(ctx))
    programmes = _programmes(ctx)
    _read_anew(ctx, programmes)
    missing = find_missing(ctx)
    act = Act(by=by, at=ctx.now(), reason=reason)
    nobodys = [
        line
        for book, some in _by_book(programmes).items()
        for line in _Regaining(ctx, book, some, act).write(leave=leave)
    ]
    for programme in programmes:
        for here in programme.by_site:
            _own_again(ctx.on(here.site), here)
    if (nobodys or missing.gone) and not leave:
        raise _left_open(len(nobodys), len(missing.gone))
    for fence in missing.fences:
        if not fence.in_order:
            bind_again(ctx, fence, by=by, reason=reason)
    return missing


def _programmes(ctx: Context) -> list[Programme]:
    """Those of which anybody is known: of another one, such as a sample, there is nobody to give anything back to."""
    found = all_programmes(ctx)
    with ctx.store.begin() as tx:
        return [one for one in found if tx.registrations.counts(one.key)]


def _fences(ctx: Context) -> tuple[Fence, ...]:
    sites = dict.fromkeys(here.site for programme in _programmes(ctx) for here in programme.by_site)
    return tuple(look_at_fence(ctx, site) for site in sites)


def _check_only_older(fences: Sequence[Fence]) -> None:
    for fence in fences:
        if not fence.in_order and fence.standing is not Standing.OLDER_DATABASE:
            raise ConfigError(fence.words, hint=fence.advice)


def _read_anew(ctx: Context, programmes: Sequence[Programme]) -> None:
    for programme in programmes:
        for here in programme.by_site:
            mirror(ctx.on(here.site), programme.key, reach=Reach.FULL)
        evaluate(ctx, programme.key)


def _left_open(numbers: int, accounts: int) -> UnsafePlanError:
    return UnsafePlanError(
        _(
            "Not all could be recovered: {numbers} numbers are of people in no list of this database, and {accounts} "
            "accounts of ours are on their site no more under the names that it knows."
        ).format(numbers=numbers, accounts=accounts),
        hint=_(
            "Import the lists that came after the copy, corrections of numbers too, and recover again. If they are "
            "lost for good, add --leave: these numbers stay taken for ever, and nobody has them here."
        ),
    )


def _by_book(programmes: Sequence[Programme]) -> dict[str, list[Programme]]:
    found: dict[str, list[Programme]] = {}
    for programme in programmes:
        found.setdefault(book_of(programme), []).append(programme)
    return found


def _numbers(ctx: Context, book: str, programmes: Sequence[Programme]) -> Numbers:
    with ctx.store.begin() as tx, read_book(ctx, tx) as written:
        people = _People(ctx, programmes, written)
        found = difference(tx, book, written)
        lines = [line for line in written.lines if line.book == book]
        return Numbers(
            book=book,
            recovery=recovery(found, lines, tx.register.of_book(book), people.owner_of),
            has_known=written.has_known,
        )


class _People:
    """Who the lines of a book are about, as far as the lists know."""

    def __init__(self, ctx: Context, programmes: Sequence[Programme], written: OpenBook) -> None:
        self.registrations: Mapping[str, Mapping[str, Registration]] = {
            programme.key: {one.learner.phone: one for one in registrations_of(ctx, programme)}
            for programme in programmes
        }
        self._written = written

    @cached_property
    def _owners(self) -> Mapping[str, list[Owner]]:
        found: dict[str, list[Owner]] = {}
        for programme, people in self.registrations.items():
            for phone in people:
                found.setdefault(self._written.subject(phone), []).append((programme, phone))
        return found

    def owner_of(self, line: BookLine) -> Owner | None:
        """Programme and phone; None where nobody or, in lines of older connectors, several could be meant."""
        owners = [one for one in self._owners.get(line.subject, ()) if line.programme in ("", one[0])]
        return owners[0] if len(owners) == 1 else None


class _Regaining:
    """One book's numbers written into the register again."""

    def __init__(self, ctx: Context, book: str, programmes: Sequence[Programme], act: Act) -> None:
        self._ctx = ctx
        self._book = book
        self._programmes = {programme.key: programme for programme in programmes}
        self._act = act

    def write(self, *, leave: bool) -> list[BookLine]:
        """Numbers, revocations, and what the book lacks; the lines of numbers that could be given to nobody.

        With `leave` these stay taken and nobody's.
        """
        with self._ctx.store.begin() as tx:
            last = tx.register.open_book(self._book)
            with number_book(self._ctx, tx) as written:
                people = _People(self._ctx, list(self._programmes.values()), written)
                lines = [line for line in written.lines if line.book == self._book]
                entries = tx.register.of_book(self._book)
                found = recovery(difference(tx, self._book, written), lines, entries, people.owner_of)
                open_ = [*found.nobodys, *self._regain(tx, people, found.numbers)]
                self._take_back(tx, found)
                written.append(given(self._ctx, written, found.unwritten))
                if leave:
                    written.append(set_aside(self._ctx, open_))
                tx.fences.keep_book_head(written.head)
            tx.register.close_book(self._book, max([last, *(line.seq for line in lines)]))
        return open_

    def _regain(self, tx: Transaction, people: _People, numbers: Sequence[LostNumber]) -> list[BookLine]:
        """Write these numbers; the lines of those of whom nothing is known that could stand on a paper."""
        unknown: list[BookLine] = []
        for programme in self._programmes.values():
            mine = [one for one in numbers if one.owner[0] == programme.key]
            registered = people.registrations[programme.key]
            papers = _Papers(self._ctx, tx, programme, [registered[one.owner[1]] for one in mine])
            register = tx.register.locked(programme.key, [one.owner[1] for one in mine])
            for lost in mine:
                before = register.get(lost.owner[1])
                after = papers.entry(lost, before)
                if after is None:
                    unknown.append(lost.line)
                    continue
                tx.register.save([after])
                tx.register.note([*papers.replaced(lost, after), event_of(before or after, after, self._act)])
            papers.note_lost([one for one in mine if one.line not in unknown])
        return unknown

    def _take_back(self, tx: Transaction, found: Recovery) -> None:
        for before in (*found.revoked, *found.replaced):
            after = revoked(before) if before in found.revoked else reissued(before, facts=before.facts)
            tx.register.locked(before.programme, [before.phone])
            tx.register.save([after])
            tx.register.note([event_of(before, after, self._act)])


class _Papers:
    """Makes the entries of a programme's people: with the facts of now, and the time at which the platform issued."""

    def __init__(self, ctx: Context, tx: Transaction, programme: Programme, people: Sequence[Registration]) -> None:
        self._ctx = ctx
        self._tx = tx
        self._programme = programme
        self._people = people
        self._learners = {one.learner.phone: one.learner for one in people}
        self._verdicts = tx.verdicts.of_phones(programme.key, sorted(self._learners))
        self._facts = facts_of(tx, programme, members_on(ctx, programme, people))
        self._issued = {
            issue.code: issue.issued_at
            for here in programme.by_site
            if here.certificate.gate is not None
            for issue in tx.mirror.issues(here.site, certificate_key(here))
        }

    def entry(self, lost: LostNumber, before: RegisterEntry | None) -> RegisterEntry | None:
        """The entry as it has to be; None for somebody who has not been judged in this database."""
        phone = lost.owner[1]
        moment = self._issued.get(lost.line.serial, lost.line.at)
        province = self._learners[phone].province_code
        if before is not None and not before.serial:  # decided already, and what stands on the paper with it
            return regained(lost, before, before.facts, province_code=province, issued_at=moment)
        if phone not in self._verdicts:
            return None
        facts = self._facts(self._verdicts[phone], self._learners[phone])
        return regained(lost, before, facts, province_code=province, issued_at=moment)

    def replaced(self, lost: LostNumber, after: RegisterEntry) -> list[CertificateEvent]:
        """The acts that took earlier papers back and that the history lacks: their codes lead to this entry again."""
        known = {event.serial for event in self._tx.register.history(after.programme, after.phone)}
        return [
            CertificateEvent(
                programme=after.programme,
                phone=after.phone,
                event=CertificateState.REISSUED,
                at=line.at,
                by=_("book of numbers"),
                serial=line.serial,
                register_no=line.register_no,
                full_name=after.facts.full_name,
            )
            for line in lost.replaced
            if line.serial not in known
        ]

    def note_lost(self, numbers: Sequence[LostNumber]) -> None:
        """Write into the mirror what the platform has issued and shows no more, as after it was set back itself."""
        here = self._programme.by_site[0]
        if here.certificate.gate is None:
            return
        username_of = people_on(self._ctx, here, self._people).username_of
        lost = [
            CertificateIssue(
                issue_id=f"lost {one.line.serial}"[:40],
                certificate=here.certificate.certificate or "",
                username=username_of[one.owner[1]],
                code=one.line.serial,
                issued_at=one.line.at,
            )
            for one in numbers
            if one.line.serial not in self._issued
        ]
        if lost:
            self._tx.mirror.note_lost(here.site, certificate_key(here), lost, Stamp(run_id=None, at=self._ctx.now()))


def _accounts(ctx: Context, here: Programme) -> Accounts:
    candidates = _ours(ctx, here)
    names = _owned_names(ctx, here)
    there = {seen.account.username for seen in ctx.lms(here.site).accounts(sorted(names))} if names else set()
    return Accounts(
        programme=here.key,
        site=here.site,
        accounts=tuple(candidates),
        places=len(belongings_of(ctx, here, names & there)),
        missing=tuple(sorted(names - there)),
    )


def _ours(ctx: Context, here: Programme) -> list[Candidate]:
    """Accounts that this database does not know and that bear what only we give: username and key, or address."""
    return [one for one in find_adoptable(ctx, here.key).candidates if _bears_our_key(one)]


def _bears_our_key(one: Candidate) -> bool:
    there, wanted = one.seen.account, one.wanted
    if there.username != wanted.username:
        return False
    return there.idnumber == wanted.idnumber if wanted.idnumber else there.email.lower() == wanted.email.lower()


def _owned_names(ctx: Context, here: Programme) -> set[str]:
    people = people_of(ctx, here)
    with ctx.store.begin() as tx:
        ours = tx.ledger.usernames(here.site, Kind.ACCOUNT)
    return {people.username_of[one.learner.phone] for one in people.registrations if one.takes_part} & ours


def _own_again(ctx: Context, here: Programme) -> None:
    with only_writer(ctx, here.site) as lease:
        chosen = _ours(ctx, here)
        if chosen:
            record_as_ours(ctx, here, account_changes(chosen), lease)
        names: Collection[str] = _owned_names(ctx, here)
        places = belongings_of(ctx, here, names)
        if places:
            record_as_ours(ctx, here, places, lease)
