"""No number is given twice: the register is held against the book of numbers, which no restored database sets back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from uuid import uuid4

from connector.certificates.entry import CertificateEvent, RegisterEntry
from connector.certificates.number_check import BookAct, BookLine, Difference, compare
from connector.certificates.settle import Told
from connector.context import Context
from connector.errors import UnsafePlanError
from connector.language import _
from connector.store.number_book import OpenBook, open_book
from connector.store.store import Transaction

_NAMED = 5


def read_book(ctx: Context, tx: Transaction) -> AbstractContextManager[OpenBook]:
    """The book of numbers, to be read only.

    Whoever writes has the database first and the book second; a reader who wrote, too, would have them the other way.
    """
    return open_book(ctx.settings.number_book, tx.fences.book_head())


@contextmanager
def number_book(ctx: Context, tx: Transaction) -> Iterator[OpenBook]:
    """The book of numbers, for this process alone until the block ends; what is added is remembered in `tx`."""
    known = tx.fences.book_head()
    with open_book(ctx.settings.number_book, known) as written:
        yield written
        if written.has_known and written.head != known:
            tx.fences.keep_book_head(written.head)


def check_numbers(ctx: Context, book: str) -> None:
    """Pass where the register knows what the book of numbers says. Reads only. Raises UnsafePlanError."""
    with ctx.store.begin() as tx, read_book(ctx, tx) as written:
        checked(tx, book, written)


def checked(tx: Transaction, book: str, written: OpenBook) -> Difference:
    """The difference between book and register; nothing is lost, or the last batch was not finished. Reads only.

    Raises UnsafePlanError when this database is older than the book, or the book than this database, or when a revoked
    paper counts in it.
    """
    if not written.has_known:
        raise UnsafePlanError(
            _("The book of numbers is not the one that this database has written: lost, shortened or another one."),
            hint=_(
                "No number is given: put the newest copy of the book back (number_book_file). If it is lost for good, "
                "'connector recover' writes it anew from the register."
            ),
        )
    found = difference(tx, book, written)
    if found.lost and not found.unfinished:
        raise _forgotten(found.lost)
    if found.revived:
        raise UnsafePlanError(
            _("{count} certificates were revoked and count as valid in this database: {numbers}.").format(
                count=len(found.revived), numbers=_some(found.revived)
            ),
            hint=_("It was restored from a copy, or a revocation was cut off: 'connector recover' makes it good."),
        )
    return found


def difference(tx: Transaction, book: str, written: OpenBook) -> Difference:
    """How book and register differ, whatever it is. Reads only."""
    entries = tx.register.of_book(book)
    history: list[CertificateEvent] = []
    for programme in sorted({entry.programme for entry in entries}):
        history += tx.register.history(programme)
    return compare([line for line in written.lines if line.book == book], entries, history)


def as_written(told: Iterable[Told], lost: Sequence[BookLine], written: OpenBook, *, own_paper: bool) -> list[Told]:
    """The issues of the people of these lines alone; a paper of our own bears the code that the book has."""
    line_of: Mapping[str, BookLine] = {line.subject: line for line in lost}
    theirs = [(line_of.get(written.subject(phone)), phone, issue) for phone, issue in told]
    return [
        (phone, replace(issue, code=line.serial) if own_paper else issue)
        for line, phone, issue in theirs
        if line is not None and (own_paper or issue.code == line.serial)
    ]


def check_same(issued: Iterable[RegisterEntry], lost: Sequence[BookLine]) -> None:
    """Pass where these entries have the numbers and codes of the lines. Raises UnsafePlanError."""
    if {(entry.register_no, entry.serial) for entry in issued} != {line.paper for line in lost}:
        raise _forgotten(lost)


def given(ctx: Context, written: OpenBook, entries: Sequence[RegisterEntry]) -> list[BookLine]:
    """The lines that say that these entries have been given their numbers, as one batch."""
    batch = uuid4().hex
    return [_line(ctx, written, entry, BookAct.GIVEN, batch) for entry in entries]


def write_taken_back(ctx: Context, tx: Transaction, entry: RegisterEntry, act: BookAct) -> None:
    """Write into the book that this paper is revoked or replaced, once, if it ever had a number."""
    if entry.seq is None or not entry.serial:
        return
    with number_book(ctx, tx) as written:
        line = _line(ctx, written, entry, act, uuid4().hex)
        latest = [one.act for one in written.lines if (one.book, one.paper) == (line.book, line.paper)]
        if latest[-1:] != [act]:
            written.append([line])


def set_aside(ctx: Context, lines: Iterable[BookLine]) -> list[BookLine]:
    """The lines that say that these numbers are nobody's here and stay taken, as a person has said."""
    return [replace(line, act=BookAct.SET_ASIDE, at=ctx.now()) for line in lines]


def _line(ctx: Context, written: OpenBook, entry: RegisterEntry, act: BookAct, batch: str) -> BookLine:
    return BookLine(
        act=act,
        book=entry.book,
        seq=entry.seq or 0,
        register_no=entry.register_no,
        serial=entry.serial,
        subject=written.subject(entry.phone),
        batch=batch,
        at=ctx.now(),
        programme=entry.programme,
    )


def _forgotten(lost: Sequence[BookLine]) -> UnsafePlanError:
    return UnsafePlanError(
        _("This database does not know {count} certificates that the book of numbers has: {numbers}.").format(
            count=len(lost), numbers=_some(lost)
        ),
        hint=_(
            "It is older than what was done, such as one restored from a copy, or another database than the book's. "
            "No number is given: put the newest database back, or bring this one up to date ('connector recover')."
        ),
    )


def _some(lines: Sequence[BookLine]) -> str:
    numbers = [line.register_no for line in lines]
    return ", ".join(numbers[:_NAMED]) + (", …" if len(numbers) > _NAMED else "")
