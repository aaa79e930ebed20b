"""Use case: provincial lists and people's own forms become registrations; bad cells go back to who sent them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from connector.context import Context
from connector.errors import ConfigError, RosterFileError
from connector.language import _
from connector.model import Intake, Learner, Registration, RegistrationState
from connector.programmes.definition import Programme
from connector.rosters.error_workbook import write_error_workbook
from connector.rosters.originals import keep_original, sha256_of
from connector.rosters.reader import NO_ANSWERS, ClerkAnswers, RosterReading, read_roster
from connector.rosters.reconcile import is_disputed, is_same_person_and_place, reconcile
from connector.rosters.sheets import limits_of
from connector.rosters.succession import answer_name, is_same_list, is_supplement, kept_phones, leaving
from connector.store.registrations import FileInForce, RosterFile
from connector.store.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """An earlier list of the same name that goes on holding; so many of its people are not in the new one."""

    list_id: int
    name: str
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """What became of one file. `problem` is set when it could not be read at all; then nothing of it is in force.

    `original` is the copy that was kept; `beside` are the earlier lists of its name that go on holding, because most of
    their people are not in it.
    """

    path: Path
    reading: RosterReading | None = None
    problem: RosterFileError | None = None
    unchanged: bool = False
    error_workbook: Path | None = None
    original: Path | None = None
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What an import did: the files, and how many registrations are new, changed, in conflict or have left.

    `gone` are those who left, `late` the new ones who registered themselves after the programme's day. Who merely
    stands in another file or row than before has not changed.
    """

    files: tuple[FileOutcome, ...]
    new: int
    changed: int
    conflicts: tuple[Registration, ...]
    left: int
    gone: tuple[Registration, ...] = ()
    late: int = 0
    awaiting: int = 0

    @property
    def partly_refused(self) -> bool:
        """True when a file, a row or a person could not be taken."""
        return bool(self.conflicts) or any(
            outcome.problem or (outcome.reading and outcome.reading.to_mend) for outcome in self.files
        )


def import_rosters(
    ctx: Context,
    programme: str | None,
    paths: Sequence[Path],
    *,
    complete: bool = False,
    intake: Intake | None = None,
    answers: ClerkAnswers = NO_ANSWERS,
) -> ImportOutcome:
    """Read the files and write registrations; a file is taken whole or not at all, each by itself.

    A file replaces an earlier one of the same name that is about a common province, and a mended error workbook the
    file that it answers; but where most of the earlier people are not in it, both hold (`FileOutcome.beside`). Files of
    one import never replace each other by their names. Doubtful rows are not taken, nor anybody of a sheet with a
    question, but by `answers`; who is registered already stays as registered while their row is doubtful. With
    `complete` the files are the whole list of the provinces that they name: who stands only in other files of those
    provinces has left. `intake` says how all of them came; without it each file tells. The platform is not touched.
    """
    defined = ctx.programme(programme)
    outcomes = [_take(ctx, defined.key, path, intake, answers) for path in paths]
    touched: set[str] = set()
    now = ctx.now()
    with ctx.store.begin() as tx:
        standing = tx.registrations.files_in_force(defined.key)
        for number, outcome in enumerate(outcomes):
            if outcome.reading and not outcome.unchanged:
                file = _kept(defined.key, outcome.path, outcome.reading)
                succeeded, beside = _succession(tx, outcome, standing, complete=complete)
                touched |= tx.registrations.add_file(file, now, succeeded)
                standing = [old for old in standing if succeeded.get(old.id, True)]
                outcomes[number] = replace(outcome, beside=beside)
        if complete:
            touched |= _end_others(tx, defined.key, [outcome for outcome in outcomes if outcome.reading])
        before = tx.registrations.of_phones(defined.key, touched)
        rows = tx.registrations.rows_in_force(defined.key, touched)
        after = list(reconcile(defined.key, touched, rows, before))
        tx.registrations.save(after, now)
    return _told(defined, outcomes, before, after, _disputed(rows, before, after))


def lists_in_force(ctx: Context, programme: str | None) -> list[FileInForce]:
    """The lists that hold now, oldest first. Reads the database only."""
    with ctx.store.begin() as tx:
        return tx.registrations.files_in_force(ctx.programme(programme).key)


def people_only_in(ctx: Context, programme: str | None, list_id: int) -> list[Learner]:
    """Who would leave with a list: the people whom no other list in force names. Reads the database only."""
    key = ctx.programme(programme).key
    with ctx.store.begin() as tx:
        known = _list_in_force(tx, key, list_id)
        people = tx.registrations.people_of(known.id)
        rows = tx.registrations.rows_in_force(key, {row.phone for row in people})
    mine = {(row.phone, row.origin) for row in people}
    return [
        row
        for row in people
        if rows.get(row.phone) and all((other.phone, other.origin) in mine for other in rows[row.phone])
    ]


def withdraw_list(ctx: Context, programme: str | None, list_id: int) -> ImportOutcome:
    """Take a list back: its rows count no longer, and what other lists say of its people counts again.

    Raises ConfigError for a list that is not in force. The platform is not touched.
    """
    defined = ctx.programme(programme)
    with ctx.store.begin() as tx:
        touched = tx.registrations.retire(_list_in_force(tx, defined.key, list_id).id)
        before = tx.registrations.of_phones(defined.key, touched)
        rows = tx.registrations.rows_in_force(defined.key, touched)
        after = list(reconcile(defined.key, touched, rows, before))
        tx.registrations.save(after, ctx.now())
    return _told(defined, (), before, after, _disputed(rows, before, after))


def _list_in_force(tx: Transaction, programme: str, list_id: int) -> FileInForce:
    for known in tx.registrations.files_in_force(programme):
        if known.id == list_id:
            return known
    raise ConfigError(
        _("No list in force has the number {number}.").format(number=list_id),
        hint=_("'connector roster lists' shows the lists and their numbers."),
    )


def registered_conflicts(ctx: Context, programme: str | None) -> dict[str, list[Learner]]:
    """By phone: the roster rows of the people who claim the same number. Reads the database only.

    One of them may hold it already and goes on; the others wait until a list is mended.
    """
    key = ctx.programme(programme).key
    with ctx.store.begin() as tx:
        rows = tx.registrations.rows_in_force(key, tx.registrations.disputed(key))
    return {phone: claims for phone, claims in rows.items() if is_disputed(claims)}


def _take(ctx: Context, programme: str, path: Path, intake: Intake | None, answers: ClerkAnswers) -> FileOutcome:
    limits = limits_of(ctx.settings.rosters)
    try:
        reading = read_roster(path, limits=limits, intake=intake, answers=answers)
    except RosterFileError as problem:
        return FileOutcome(path=path, problem=problem)
    workbook = None
    if reading.to_mend:
        workbook = ctx.settings.state_dir / "errors" / sha256_of(path)[:8] / answer_name(path.name)
        workbook.parent.mkdir(parents=True, exist_ok=True)
        write_error_workbook(reading, path, workbook, limits=limits)
    with ctx.store.begin() as tx:
        # With answers the same file says more than before.
        unchanged = answers == NO_ANSWERS and tx.registrations.holds(programme, path.name, sha256_of(path))
    return FileOutcome(
        path=path,
        reading=reading,
        unchanged=unchanged,
        error_workbook=workbook,
        original=keep_original(path, ctx.settings.state_dir),
    )


def _kept(programme: str, path: Path, reading: RosterReading) -> RosterFile:
    return RosterFile(
        programme=programme,
        name=path.name,
        sha256=sha256_of(path),
        accepted=reading.accepted,
        refused=[(row.origin.sheet, row.origin.row, row.code, row.column) for row in reading.to_mend],
        skipped=sum(reading.skipped.values()),
        intake=reading.intake,
    )


def _succession(
    tx: Transaction, outcome: FileOutcome, standing: Sequence[FileInForce], *, complete: bool
) -> tuple[dict[int, set[str]], tuple[Beside, ...]]:
    """The earlier files whose place a new one takes, each with the phones that go on holding; and those beside it.

    Of a file that is said to be `complete`, none is beside it.
    """
    name, reading = outcome.path.name, outcome.reading
    if reading is None:
        return {}, ()
    refused = {row.person for row in reading.to_mend}
    rows = Counter(learner.province_code for learner in reading.accepted)
    succeeded: dict[int, set[str]] = {}
    beside: list[Beside] = []
    for old in standing:
        answered = bool(rows) and old.sha256 == reading.answers
        if old.intake is not reading.intake or not (answered or is_same_list(name, rows, old.name, old.rows)):
            continue
        people = tx.registrations.people_of(old.id)
        missing = len(leaving(reading.accepted, refused, people))
        if is_supplement(missing, len(people)) and not complete:
            beside.append(Beside(list_id=old.id, name=old.name, missing=missing))
        else:
            succeeded[old.id] = kept_phones(reading.accepted, refused, people)
    return succeeded, tuple(beside)


def _end_others(tx: Transaction, programme: str, outcomes: Sequence[FileOutcome]) -> set[str]:
    ended: set[str] = set()
    for intake in Intake:
        of_intake = [outcome for outcome in outcomes if outcome.reading and outcome.reading.intake is intake]
        names = {outcome.path.name for outcome in of_intake}
        ended |= tx.registrations.end_other_rows(programme, intake, set(_provinces(of_intake)), names)
    return ended


def _provinces(outcomes: Sequence[FileOutcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.reading:
            yield from (learner.province_code for learner in outcome.reading.accepted)


def _disputed(
    rows: Mapping[str, Sequence[Learner]], before: Mapping[str, Registration], after: Sequence[Registration]
) -> tuple[Registration, ...]:
    """The registrations of the numbers that several names claim, whether one of them holds it or nobody does."""
    now = {**before, **{item.learner.phone: item for item in after}}
    return tuple(now[phone] for phone, claims in sorted(rows.items()) if is_disputed(claims))


def _told(
    programme: Programme,
    outcomes: Sequence[FileOutcome],
    before: dict[str, Registration],
    after: Sequence[Registration],
    conflicts: tuple[Registration, ...],
) -> ImportOutcome:
    new = [item for item in after if item.learner.phone not in before]
    return ImportOutcome(
        files=tuple(outcomes),
        new=len(new),
        changed=sum(
            item.learner.phone in before and not is_same_person_and_place(item, before[item.learner.phone])
            for item in after
        ),
        conflicts=conflicts,
        left=sum(item.state is RegistrationState.LEFT for item in after),
        gone=tuple(item for item in after if item.state is RegistrationState.LEFT),
        late=sum(bool(item.learner.registered_at and programme.is_late(item.learner.registered_at)) for item in new),
        awaiting=sum(item.state is RegistrationState.REGISTERED for item in after),
    )
