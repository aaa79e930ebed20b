"""Commands on provincial lists."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from connector.cli.options import FILES, PROGRAMME, PROVINCES
from connector.cli.people_tables import counts_table, people_table, person_values
from connector.cli.screen import plain_table, screen
from connector.cli.session import Exit, Session, pass_session
from connector.errors import RosterFileError
from connector.jobs.registered import Stage, export_lists, mark_informed, registered_people
from connector.jobs.rosters import (
    FileOutcome,
    ImportOutcome,
    import_rosters,
    lists_in_force,
    people_only_in,
    registered_conflicts,
    withdraw_list,
)
from connector.language import _
from connector.mappers.roster import notice_text
from connector.mappers.roster_doubts import doubt_text
from connector.mappers.roster_moment import HERE
from connector.model import Intake, mask_phone
from connector.places import province_by_code
from connector.rosters.error_workbook import write_error_workbook
from connector.rosters.proof import Question
from connector.rosters.reader import ClerkAnswers, RosterReading, column_letters, read_roster
from connector.rosters.reading_json import as_json
from connector.rosters.sheets import Limits, limits_of
from connector.rosters.succession import answer_name
from connector.rosters.xlsx import column_number

CONFIRM = click.option(
    "--confirm",
    "confirmed",
    metavar="SHEET!ROW",
    multiple=True,
    help="This doubtful row is right as it stands, such as 'DS!12' (or '12' in a .csv file); may be repeated.",
)
COLUMN = click.option(
    "--column",
    "columns",
    metavar="WHAT=LETTER",
    multiple=True,
    help="Answer to a question about columns: phone=F or name=B; may be repeated.",
)
INTAKE = click.option(
    "--intake",
    type=click.Choice([intake.value for intake in Intake]),
    help="How the files came: lists of departments, or self-registrations (default: each file tells by its columns).",
)


# So many converted texts are shown of a file, before and after.
SHOWN_LEAVING = 20
SAMPLES = 5


@click.group()
def roster() -> None:
    """Provincial lists and self-registrations: check, import, list, conflicts, export, informed."""


@roster.command()
@FILES
@INTAKE
@COLUMN
@CONFIRM
@click.option("--json", "as_json_", is_flag=True, help="Print one JSON object (one FILE only).")
@click.option(
    "--errors", type=click.Path(file_okay=False, path_type=Path), help="Write an error workbook for each file here."
)
@pass_session
def check(
    session: Session,
    /,
    files: tuple[Path, ...],
    errors: Path | None,
    *,
    as_json_: bool,
    **said: Any,
) -> None:
    """Read the FILES as an import would and tell what is wrong and what is doubtful. Nothing is stored."""
    if as_json_ and len(files) != 1:
        raise click.UsageError("--json takes exactly one file")
    limits = limits_of(session.settings.rosters)
    answers = _answers(files, said["columns"], said["confirmed"])
    outcomes = [_read(path, limits, _intake(said["intake"]), answers) for path in files]
    if as_json_:
        _print_json(outcomes[0])
    else:
        print_outcomes(outcomes)
    for outcome in outcomes:
        if errors and outcome.reading and outcome.reading.to_mend:
            errors.mkdir(parents=True, exist_ok=True)
            write_error_workbook(outcome.reading, outcome.path, errors / answer_name(outcome.path.name), limits=limits)
    raise click.exceptions.Exit(_exit_code(outcomes))


@roster.command(name="import")
@FILES
@PROGRAMME
@INTAKE
@COLUMN
@CONFIRM
@click.option("--complete", is_flag=True, help="The files are the whole list of the provinces that they name.")
@pass_session
def import_(
    session: Session, /, files: tuple[Path, ...], programme: str | None, *, complete: bool, **said: Any
) -> None:
    """Read the FILES into registrations of a programme. The platform is not touched.

    A file replaces an earlier one of the same name and province, and a mended error workbook the file that it answers;
    but where most of the earlier people are not in it, both hold, and it says so. Refused and doubtful rows are listed
    and written back as an error workbook; a doubtful row is taken when it is mended, or confirmed by --confirm. A file
    in which each row has its own time is an export of self-registrations: these people await a department's list, if
    the programme says so.
    """
    answers = _answers(files, said["columns"], said["confirmed"])
    outcome = import_rosters(
        session.context, programme, files, complete=complete, intake=_intake(said["intake"]), answers=answers
    )
    print_outcomes(outcome.files)
    print_import(outcome)
    raise click.exceptions.Exit(_exit_code(outcome.files, partly=outcome.partly_refused))


@roster.command()
@PROGRAMME
@pass_session
def lists(session: Session, programme: str | None) -> None:
    """List the lists that hold now, oldest first: number, day, provinces and how many of their rows count."""
    table = plain_table(_("Number"), _("Day"), _("File"), _("Provinces"), _("Rows"), _("In force"))
    for one in lists_in_force(session.context, programme):
        named = ", ".join(province_by_code(code).name for code in sorted(one.rows))
        day = f"{one.imported_at.astimezone(HERE):%d/%m/%Y}"
        table.add_row(str(one.id), day, one.name, named, str(sum(one.rows.values())), str(one.holding))
    screen().print(table)


@roster.command()
@click.argument("number", type=int)
@PROGRAMME
@click.option("--yes", is_flag=True, help="Do it; without it only who would leave is shown.")
@pass_session
def withdraw(session: Session, number: int, programme: str | None, *, yes: bool) -> None:
    """Take back the list with this NUMBER (of 'roster lists'): its rows count no longer. The platform is not touched.

    Without --yes it shows by name who would leave, and changes nothing.
    """
    if yes:
        print_import(withdraw_list(session.context, programme, number))
        return
    people = people_only_in(session.context, programme, number)
    click.echo(_("{count} people stand in no other list and would leave:").format(count=len(people)))
    for one in people:
        click.echo(f"  {one.full_name}, {province_by_code(one.province_code).name} ({one.origin})")
    click.echo(_("Nothing was changed. To do it, add --yes."))


@roster.command()
@PROGRAMME
@pass_session
def conflicts(session: Session, programme: str | None) -> None:
    """List phone numbers that two people claim: whoever holds one already goes on, others wait for a mended list."""
    claimed = registered_conflicts(session.context, programme)
    table = plain_table(_("Phone"), _("Name"), _("Province"), _("Row"))
    for phone, learners in claimed.items():
        for learner in learners:
            province = province_by_code(learner.province_code).name
            table.add_row(mask_phone(phone), learner.full_name, province, str(learner.origin))
    screen().print(table)


@roster.command(name="list")
@PROGRAMME
@PROVINCES
@click.option(
    "--stage",
    "stages",
    type=click.Choice([stage.value for stage in Stage]),
    multiple=True,
    help="Only these; may be repeated.",
)
@click.option("--json", "as_json_", is_flag=True, help="Print one JSON object for each person, a line each.")
@pass_session
def list_(
    session: Session, programme: str | None, provinces: tuple[str, ...], stages: tuple[str, ...], *, as_json_: bool
) -> None:
    """List who is registered: counts by province, and the people when a province or stage is named."""
    people = registered_people(session.context, programme, provinces, [Stage(stage) for stage in stages])
    if as_json_:
        for one in people:
            click.echo(json.dumps(person_values(one), ensure_ascii=False))
        return
    screen().print(counts_table(people))
    if provinces or stages:
        screen().print(people_table(people))


@roster.command()
@PROGRAMME
@PROVINCES
@click.option("--out", "folder", type=click.Path(file_okay=False, path_type=Path), help="Folder of the files.")
@click.option("--awaiting", is_flag=True, help="Instead those who registered themselves and await a department.")
@pass_session
def export(
    session: Session, programme: str | None, provinces: tuple[str, ...], folder: Path | None, *, awaiting: bool
) -> None:
    """Write the clean lists in the form of Phụ lục 01, one for each province and one for the country.

    With --awaiting: for the departments to confirm. Sent back by a department and imported, it is the confirmation.
    """
    files = export_lists(session.context, programme, provinces, folder=folder, awaiting=awaiting)
    for file in files:
        click.echo(str(file))
    if not files:
        click.echo(_("Nobody is to be listed."))


@roster.command()
@PROGRAMME
@PROVINCES
@pass_session
def informed(session: Session, programme: str | None, provinces: tuple[str, ...]) -> None:
    """Note that all who have an account (in these provinces) have been told how to use it."""
    count = mark_informed(session.context, programme, provinces)
    click.echo(_("{count} people noted as informed").format(count=count))


def print_outcomes(outcomes: Sequence[FileOutcome], most: int | None = None) -> None:
    """A line for each file, then each refused row with what is wrong (at `most` so many for each file)."""
    for outcome in outcomes:
        if outcome.problem:
            click.echo(f"{outcome.path.name}: {outcome.problem}", err=True)
        elif outcome.reading:
            _print_reading(outcome, outcome.reading, most)


def _print_reading(outcome: FileOutcome, reading: RosterReading, most: int | None) -> None:
    if reading.intake is Intake.SELF:
        click.echo(_("{file}: self-registrations (each row has its own time)").format(file=outcome.path.name))
    click.echo(
        _(
            "{file}: {accepted} accepted, {doubtful} doubtful, {refused} refused, {skipped} rows that are not about a"
            " person"
        ).format(
            file=outcome.path.name,
            accepted=len(reading.accepted),
            doubtful=len(reading.doubtful),
            refused=len(reading.refused),
            skipped=sum(reading.skipped.values()),
        )
    )
    if reading.conversions:
        click.echo(
            _("  {count} texts in an old font were converted; compare some of them:").format(
                count=len(reading.conversions)
            )
        )
    for one in reading.conversions[:SAMPLES]:
        click.echo(f"    {one.row}, {one.font}: {one.before} → {one.after}")
    for question in reading.questions:
        _print_question(question)
    _print_rows(reading, most)
    for old in outcome.beside:
        click.echo(
            _(
                "  {missing} people of the earlier list {name} (number {number}) are not in it, too many for a new "
                "version: both hold and nobody has left. If it replaces that list: connector roster withdraw {number}"
            ).format(missing=old.missing, name=old.name, number=old.list_id)
        )
    if outcome.error_workbook:
        click.echo(_("  error workbook: {path}").format(path=outcome.error_workbook))


def _print_rows(reading: RosterReading, most: int | None) -> None:
    """The rows to mend, and what was put right in accepted ones."""
    asked = {question.code for question in reading.questions}
    rows = [row for row in reading.to_mend if row.code not in asked]
    for row in rows[:most]:
        place = f"{row.origin.sheet}!{row.cell}" if row.origin.sheet else row.cell
        click.echo(f"  {place}: {doubt_text(row.code)}")
    if most is not None and len(rows) > most:
        click.echo(_("  ... and {count} more").format(count=len(rows) - most))
    for notice, count in sorted(Counter(notice for one in reading.accepted for notice in one.notices).items()):
        click.echo(_("  in {count} accepted rows: {notice}").format(count=count, notice=notice_text(notice)))


def _print_question(question: Question) -> None:
    """What has to be answered before anybody of the sheet is taken, with what each answer would make."""
    sheet = question.sheet or "-"
    click.echo(_("  Sheet {sheet}: {question}").format(sheet=sheet, question=doubt_text(question.code)))
    what = question.code.removesuffix("_column")
    for one in question.choices:
        letters = column_letters(one.column)
        click.echo(
            _("    column {column} '{head}' would make {people} people: --column {what}={column}").format(
                column=letters, head=one.head, people=one.people, what=what
            )
        )


def print_import(outcome: ImportOutcome) -> None:
    """What the import did to the registrations."""
    click.echo(
        _("Registrations: {new} new, {changed} changed, {left} left, {conflicts} in conflict").format(
            new=outcome.new, changed=outcome.changed, left=outcome.left, conflicts=len(outcome.conflicts)
        )
    )
    for item in outcome.gone[:SHOWN_LEAVING]:
        click.echo(_("  left: {name}, from {row}").format(name=item.learner.full_name, row=item.learner.origin))
    if len(outcome.gone) > SHOWN_LEAVING:
        click.echo(_("  ... and {count} more").format(count=len(outcome.gone) - SHOWN_LEAVING))
    if outcome.awaiting:
        click.echo(_("  {count} registered themselves and await a department's list").format(count=outcome.awaiting))
    if outcome.late:
        click.echo(_("  {count} registered themselves too late").format(count=outcome.late))
    for item in outcome.conflicts:
        click.echo(
            _("  {phone}: two names claim this number; see 'connector roster conflicts'").format(
                phone=mask_phone(item.learner.phone)
            )
        )


def _answers(files: Sequence[Path], columns: Sequence[str], confirmed: Sequence[str]) -> ClerkAnswers:
    """What was typed about columns and rows. Answers hold for one file, since another may be of another form."""
    if (columns or confirmed) and len(files) != 1:
        raise click.UsageError("--column and --confirm take exactly one file")
    chosen = {}
    for text in columns:
        what, _equals, letters = text.partition("=")
        if what not in ("phone", "name") or not letters.isascii() or not letters.isalpha():
            raise click.UsageError(f"--column {text}: type phone=F or name=B")
        chosen[f"{what}_column"] = column_number(letters.upper())
    rows = set()
    for text in confirmed:
        sheet, _mark, row = text.rpartition("!")
        if not row.isdecimal():
            raise click.UsageError(f"--confirm {text}: type SHEET!ROW, such as DS!12")
        rows.add((sheet, int(row)))
    return ClerkAnswers(columns=chosen, confirmed=frozenset(rows))


def _intake(word: str | None) -> Intake | None:
    return Intake(word) if word else None


def _read(path: Path, limits: Limits, intake: Intake | None, answers: ClerkAnswers) -> FileOutcome:
    try:
        return FileOutcome(path=path, reading=read_roster(path, limits=limits, intake=intake, answers=answers))
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
    partly = partly or any(outcome.problem or (outcome.reading and outcome.reading.to_mend) for outcome in outcomes)
    return Exit.PARTLY_REFUSED if partly else Exit.DONE
