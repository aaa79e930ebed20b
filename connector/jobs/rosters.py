"""Use case: provincial lists and people's own forms become registrations; bad cells go back to who sent them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector.context import Context
from connector.errors import RosterFileError
from connector.model import Intake, Learner, Registration, RegistrationState
from connector.programmes.definition import Programme
from connector.rosters.error_workbook import write_error_workbook
from connector.rosters.originals import keep_original, sha256_of
from connector.rosters.reader import RosterReading, read_roster
from connector.rosters.reconcile import is_same_person_and_place, reconcile
from connector.rosters.sheets import limits_of
from connector.rosters.succession import answer_name, replaces
from connector.store.registrations import RosterFile
from connector.store.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """What became of one file. `problem` is set when it could not be read at all; then nothing of it is in force.

    `original` is the copy that was kept.
    """

    path: Path
    reading: RosterReading | None = None
    problem: RosterFileError | None = None
    unchanged: bool = False
    error_workbook: Path | None = None
    original: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What an import did: the files, and how many registrations are new, changed, in conflict or have left.

    `late` are the new ones who registered themselves after the programme's day. Who merely stands in another file or
    row than before has not changed.
    """

    files: tuple[FileOutcome, ...]
    new: int
    changed: int
    conflicts: tuple[Registration, ...]
    left: int
    late: int = 0
    awaiting: int = 0

    @property
    def partly_refused(self) -> bool:
        """True when a file, a row or a person could not be taken."""
        return bool(self.conflicts) or any(
            outcome.problem or (outcome.reading and outcome.reading.refused) for outcome in self.files
        )


def import_rosters(
    ctx: Context,
    programme: str | None,
    paths: Sequence[Path],
    *,
    complete: bool = False,
    intake: Intake | None = None,
) -> ImportOutcome:
    """Read the files and write registrations; a file is taken whole or not at all, each by itself.

    A file replaces an earlier one of the same name and a common province, and a mended error workbook the file that it
    answers. With `complete` the files are the whole list of the provinces that they name: who stands only in other
    files of those provinces has left. `intake` says how all of them came; without it each file tells. The platform is
    not touched.
    """
    defined = ctx.programme(programme)
    outcomes = [_take(ctx, defined.key, path, intake) for path in paths]
    touched: set[str] = set()
    now = ctx.now()
    with ctx.store.begin() as tx:
        for outcome in outcomes:
            if outcome.reading and not outcome.unchanged:
                file = _kept(defined.key, outcome.path, outcome.reading)
                touched |= tx.registrations.add_file(file, now, _succeeded(tx, file))
        if complete:
            touched |= _end_others(tx, defined.key, [outcome for outcome in outcomes if outcome.reading])
        before = tx.registrations.of_phones(defined.key, touched)
        after = list(reconcile(defined.key, touched, tx.registrations.rows_in_force(defined.key, touched), before))
        tx.registrations.save(after, now)
    return _told(defined, outcomes, before, after)


def registered_conflicts(ctx: Context, programme: str | None) -> dict[str, list[Learner]]:
    """By phone: the roster rows of the people who claim the same number. Reads the database only."""
    key = ctx.programme(programme).key
    with ctx.store.begin() as tx:
        phones = [
            item.learner.phone
            for item in tx.registrations.of_programme(key)
            if item.state is RegistrationState.CONFLICT
        ]
        return tx.registrations.rows_in_force(key, phones)


def _take(ctx: Context, programme: str, path: Path, intake: Intake | None) -> FileOutcome:
    limits = limits_of(ctx.settings.rosters)
    try:
        reading = read_roster(path, limits=limits, intake=intake)
    except RosterFileError as problem:
        return FileOutcome(path=path, problem=problem)
    workbook = None
    if reading.refused:
        workbook = ctx.settings.state_dir / "errors" / answer_name(path.name)
        workbook.parent.mkdir(parents=True, exist_ok=True)
        write_error_workbook(reading, path, workbook, limits=limits)
    with ctx.store.begin() as tx:
        unchanged = tx.registrations.holds(programme, path.name, sha256_of(path))
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
        refused=[(row.origin.sheet, row.origin.row, row.code, row.column) for row in reading.refused],
        skipped=sum(reading.skipped.values()),
        intake=reading.intake,
    )


def _succeeded(tx: Transaction, new: RosterFile) -> list[int]:
    """The earlier files whose place a new one takes."""
    provinces = {learner.province_code for learner in new.accepted}
    return [
        old.id
        for old in tx.registrations.files_in_force(new.programme)
        if old.intake is new.intake and replaces(new.name, provinces, old.name, old.provinces)
    ]


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


def _told(
    programme: Programme,
    outcomes: Sequence[FileOutcome],
    before: dict[str, Registration],
    after: Sequence[Registration],
) -> ImportOutcome:
    new = [item for item in after if item.learner.phone not in before]
    return ImportOutcome(
        files=tuple(outcomes),
        new=len(new),
        changed=sum(
            item.learner.phone in before and not is_same_person_and_place(item, before[item.learner.phone])
            for item in after
        ),
        conflicts=tuple(item for item in after if item.state is RegistrationState.CONFLICT),
        left=sum(item.state is RegistrationState.LEFT for item in after),
        late=sum(bool(item.learner.registered_at and programme.is_late(item.learner.registered_at)) for item in new),
        awaiting=sum(item.state is RegistrationState.REGISTERED for item in after),
    )
