"""Use case: provincial lists become registrations; each province gets its bad cells back."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connector.context import Context
from connector.errors import RosterFileError
from connector.model import Learner, Registration, RegistrationState
from connector.rosters.error_workbook import write_error_workbook
from connector.rosters.reader import RosterReading, read_roster
from connector.rosters.reconcile import reconcile
from connector.store.registrations import RosterFile


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """What became of one file. `problem` is set when it could not be read at all; then nothing of it is in force."""

    path: Path
    reading: RosterReading | None = None
    problem: RosterFileError | None = None
    unchanged: bool = False
    error_workbook: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What an import did: the files, and how many registrations are new, changed, in conflict or have left."""

    files: tuple[FileOutcome, ...]
    new: int
    changed: int
    conflicts: tuple[Registration, ...]
    left: int

    @property
    def partly_refused(self) -> bool:
        """True when a file, a row or a person could not be taken."""
        return bool(self.conflicts) or any(
            outcome.problem or (outcome.reading and outcome.reading.refused) for outcome in self.files
        )


def import_rosters(
    ctx: Context, programme: str | None, paths: Sequence[Path], *, complete: bool = False
) -> ImportOutcome:
    """Read the files and write registrations; a file is taken whole or not at all, each by itself.

    A file replaces an earlier one of the same name. With `complete` the files are the whole list of the provinces
    that they name: who stands only in other files of those provinces has left. The platform is not touched.
    """
    key = ctx.programme(programme).key
    outcomes = [_take(ctx, key, path) for path in paths]
    touched: set[str] = set()
    now = ctx.now()
    with ctx.store.begin() as tx:
        for outcome in outcomes:
            if outcome.reading and not outcome.unchanged:
                touched |= tx.registrations.add_file(_kept(key, outcome.path, outcome.reading), now)
        if complete:
            provinces, names = _covered(outcomes)
            touched |= tx.registrations.end_other_rows(key, provinces, names)
        before = tx.registrations.of_phones(key, touched)
        after = list(reconcile(key, touched, tx.registrations.rows_in_force(key, touched), before))
        tx.registrations.save(after, now)
    return ImportOutcome(
        files=tuple(outcomes),
        new=sum(item.learner.phone not in before for item in after),
        changed=sum(item.learner.phone in before for item in after),
        conflicts=tuple(item for item in after if item.state is RegistrationState.CONFLICT),
        left=sum(item.state is RegistrationState.LEFT for item in after),
    )


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


def _take(ctx: Context, programme: str, path: Path) -> FileOutcome:
    try:
        reading = read_roster(path)
    except RosterFileError as problem:
        return FileOutcome(path=path, problem=problem)
    workbook = None
    if reading.refused:
        workbook = ctx.settings.state_dir / "errors" / f"{path.stem}-loi.xlsx"
        workbook.parent.mkdir(parents=True, exist_ok=True)
        write_error_workbook(reading, path, workbook)
    with ctx.store.begin() as tx:
        unchanged = tx.registrations.holds(programme, path.name, _sha256(path))
    return FileOutcome(path=path, reading=reading, unchanged=unchanged, error_workbook=workbook)


def _kept(programme: str, path: Path, reading: RosterReading) -> RosterFile:
    return RosterFile(
        programme=programme,
        name=path.name,
        sha256=_sha256(path),
        accepted=reading.accepted,
        refused=[(row.origin.sheet, row.origin.row, row.code, row.column) for row in reading.refused],
        skipped=sum(reading.skipped.values()),
    )


def _covered(outcomes: Sequence[FileOutcome]) -> tuple[set[str], set[str]]:
    read = [outcome for outcome in outcomes if outcome.reading]
    provinces = {learner.province_code for outcome in read for learner in outcome.reading.accepted}  # type: ignore[union-attr]
    return provinces, {outcome.path.name for outcome in read}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
