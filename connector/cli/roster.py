"""Commands on provincial lists."""

import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table

from connector.cli.options import FILES, PROGRAMME
from connector.cli.screen import screen
from connector.cli.session import Exit, Session, pass_session
from connector.errors import RosterFileError
from connector.jobs.rosters import FileOutcome, ImportOutcome, import_rosters, registered_conflicts
from connector.language import _
from connector.mappers.roster import reason_text
from connector.model import mask_phone
from connector.places import province_by_code
from connector.rosters.error_workbook import write_error_workbook
from connector.rosters.reader import RosterReading, read_roster
from connector.rosters.reading_json import as_json


@click.group()
def roster() -> None:
    """Provincial lists: check, import, conflicts."""


@roster.command()
@FILES
@click.option("--json", "as_json_", is_flag=True, help="Print one JSON object (one FILE only).")
@click.option(
    "--errors", type=click.Path(file_okay=False, path_type=Path), help="Write an error workbook for each file here."
)
@pass_session
def check(session: Session, files: tuple[Path, ...], errors: Path | None, *, as_json_: bool) -> None:
    """Read the FILES as an import would and tell what is wrong. Nothing is stored."""
    if as_json_ and len(files) != 1:
        raise click.UsageError("--json takes exactly one file")
    outcomes = [_read(path) for path in files]
    if as_json_:
        _print_json(outcomes[0])
    else:
        session.choose_language()
        print_outcomes(outcomes)
    for outcome in outcomes:
        if errors and outcome.reading and outcome.reading.refused:
            errors.mkdir(parents=True, exist_ok=True)
            write_error_workbook(outcome.reading, outcome.path, errors / f"{outcome.path.stem}-loi.xlsx")
    raise click.exceptions.Exit(_exit_code(outcomes))


@roster.command(name="import")
@FILES
@PROGRAMME
@click.option("--complete", is_flag=True, help="The files are the whole list of the provinces that they name.")
@pass_session
def import_(session: Session, files: tuple[Path, ...], programme: str | None, *, complete: bool) -> None:
    """Read the FILES into registrations of a programme. The platform is not touched.

    A file replaces an earlier one of the same name. Refused rows are listed and written back as an error workbook.
    """
    outcome = import_rosters(session.context, programme, files, complete=complete)
    print_outcomes(outcome.files)
    print_import(outcome)
    raise click.exceptions.Exit(_exit_code(outcome.files, partly=outcome.partly_refused))


@roster.command()
@PROGRAMME
@pass_session
def conflicts(session: Session, programme: str | None) -> None:
    """List phone numbers that two people claim: nobody is provisioned by them until a list is mended."""
    claimed = registered_conflicts(session.context, programme)
    table = Table(_("Phone"), _("Name"), _("Province"), _("Row"))
    for phone, learners in claimed.items():
        for learner in learners:
            province = province_by_code(learner.province_code).name
            table.add_row(mask_phone(phone), learner.full_name, province, str(learner.origin))
    screen().print(table)


def print_outcomes(outcomes: Sequence[FileOutcome], most: int | None = None) -> None:
    """A line for each file, then each refused row with what is wrong (at `most` so many for each file)."""
    for outcome in outcomes:
        if outcome.problem:
            click.echo(f"{outcome.path.name}: {outcome.problem}", err=True)
        elif outcome.reading:
            _print_reading(outcome, outcome.reading, most)


def _print_reading(outcome: FileOutcome, reading: RosterReading, most: int | None) -> None:
    click.echo(
        _("{file}: {accepted} accepted, {refused} refused, {skipped} rows that are not about a person").format(
            file=outcome.path.name,
            accepted=len(reading.accepted),
            refused=len(reading.refused),
            skipped=sum(reading.skipped.values()),
        )
    )
    for row in reading.refused[:most]:
        place = f"{row.origin.sheet}!{row.cell}" if row.origin.sheet else row.cell
        click.echo(f"  {place}: {reason_text(row.code)}")
    if most is not None and len(reading.refused) > most:
        click.echo(_("  ... and {count} more").format(count=len(reading.refused) - most))
    if outcome.error_workbook:
        click.echo(_("  error workbook: {path}").format(path=outcome.error_workbook))


def print_import(outcome: ImportOutcome) -> None:
    """What the import did to the registrations."""
    click.echo(
        _("Registrations: {new} new, {changed} changed, {left} left, {conflicts} in conflict").format(
            new=outcome.new, changed=outcome.changed, left=outcome.left, conflicts=len(outcome.conflicts)
        )
    )
    for item in outcome.conflicts:
        click.echo(
            _("  {phone}: two names claim this number; see 'connector roster conflicts'").format(
                phone=mask_phone(item.learner.phone)
            )
        )


def _read(path: Path) -> FileOutcome:
    try:
        return FileOutcome(path=path, reading=read_roster(path))
    except RosterFileError as problem:
        return FileOutcome(path=path, problem=problem)


def _print_json(outcome: FileOutcome) -> None:
    if outcome.problem:
        answer: dict[str, object] = {"file_error": outcome.problem.code, "message": str(outcome.problem)}
    elif outcome.reading:
        answer = as_json(outcome.reading)
    click.echo(json.dumps(answer, ensure_ascii=False))


def _exit_code(outcomes: Sequence[FileOutcome], *, partly: bool = False) -> Exit:
    if all(outcome.problem for outcome in outcomes):
        return Exit.FAILED
    partly = partly or any(outcome.problem or (outcome.reading and outcome.reading.refused) for outcome in outcomes)
    return Exit.PARTLY_REFUSED if partly else Exit.DONE
