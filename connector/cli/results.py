"""Commands on what was done outside the platform."""

from collections.abc import Iterator
from pathlib import Path

import click

from connector.cli.options import FILES, PROGRAMME
from connector.cli.session import Exit, Session, pass_session
from connector.jobs.outside import OutsideOutcome, import_results
from connector.language import _
from connector.mappers.roster import reason_text
from connector.model import OutsideKind, mask_phone

SHOWN = 20


@click.group()
def results() -> None:
    """What was done outside the platform: attendance of sessions, results of another platform."""


@results.command(name="import")
@FILES
@PROGRAMME
@click.option(
    "--kind", type=click.Choice([kind.value for kind in OutsideKind]), required=True, help="What the lists are about."
)
@pass_session
def import_(session: Session, files: tuple[Path, ...], programme: str | None, kind: str) -> None:
    """Read the FILES (xlsx, xls, ods, csv) into the facts that the programme's rule judges.

    A list has a head with the mobile number, the day, and the session ('Buổi') or the topic ('Chuyên đề', by its key or
    name); a column with presence or grade may be there. Refused rows are listed and written back as an error workbook.
    """
    outcomes = import_results(session.context, programme, files, OutsideKind(kind))
    for outcome in outcomes:
        for line in _lines(outcome):
            click.echo(line)
    odd = any(item.problem or item.conflicts or (item.reading and item.reading.refused) for item in outcomes)
    raise click.exceptions.Exit(Exit.PARTLY_REFUSED if odd else Exit.DONE)


def _lines(outcome: OutsideOutcome) -> Iterator[str]:
    if outcome.reading is None:
        yield str(outcome.problem)
        return
    refused = outcome.reading.refused
    yield _(
        "{name}: {new} new, {changed} changed, {same} known, {conflicts} in conflict, {refused} refused, "
        "{skipped} rows skipped"
    ).format(
        name=outcome.path.name,
        new=outcome.new,
        changed=outcome.changed,
        same=outcome.same,
        conflicts=len(outcome.conflicts),
        refused=len(refused),
        skipped=outcome.reading.skipped,
    )
    for row in refused[:SHOWN]:
        place = f"{row.origin.sheet}!{row.cell}" if row.origin.sheet else row.cell
        yield f"  {place}: {reason_text(row.code)}"
    for clash in outcome.conflicts[:SHOWN]:
        yield "  " + _("{person}, {key}: {known} stands, {told} says otherwise and was not taken").format(
            person=mask_phone(clash.told.phone), key=clash.told.key, known=clash.known.origin, told=clash.told.origin
        )
    more = max(len(refused) - SHOWN, 0) + max(len(outcome.conflicts) - SHOWN, 0)
    if more:
        yield "  " + _("... and {count} more").format(count=more)
    if outcome.error_workbook:
        yield "  " + _("error workbook: {path}").format(path=outcome.error_workbook)
