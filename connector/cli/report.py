"""Commands that write reports."""

from datetime import datetime
from pathlib import Path

import click

from connector.cli.options import AS_OF, PROGRAMME, PROVINCES, moment_of
from connector.cli.screen import plain_table, screen
from connector.cli.session import Session, pass_session
from connector.jobs.at_risk import AtRiskOutcome
from connector.jobs.at_risk import at_risk as at_risk_job
from connector.jobs.report import ReportOutcome, progress_report
from connector.language import _


@click.group()
def report() -> None:
    """Reports for departments and ministries."""


@report.command()
@PROGRAMME
@PROVINCES
@click.option("--format", "formats", default="xlsx,html,csv", show_default=True, help="Formats, separated by commas.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder (default: reports in state_dir).")
@click.option("--mask", is_flag=True, help="Hide the middle of phone numbers.")
@pass_session
def progress(
    session: Session,
    *,
    programme: str | None,
    provinces: tuple[str, ...],
    formats: str,
    out: Path | None,
    mask: bool,
) -> None:
    """Write the progress report: each province with its numbers, and the list of learners."""
    chosen = [name.strip() for name in formats.split(",") if name.strip()]
    print_report(progress_report(session.context, programme, formats=chosen, folder=out, chosen=provinces, mask=mask))


def print_report(outcome: ReportOutcome) -> None:
    """Where the report is and what identifies it."""
    meta = outcome.report.meta
    click.echo(
        _("Data as of {cutoff}, snapshot {snapshot}, checksum {checksum}").format(
            cutoff=f"{meta.cutoff:%H:%M %d/%m/%Y}", snapshot=meta.snapshot_id, checksum=meta.checksum[:12]
        )
    )
    for path in outcome.files:
        click.echo(f"  {path}")


@report.command(name="at-risk")
@PROGRAMME
@PROVINCES
@AS_OF
@click.option("--format", "formats", default="xlsx", show_default=True, help="Formats, separated by commas.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder (default: reports in state_dir).")
@click.option("--mask", is_flag=True, help="Hide the middle of phone numbers.")
@pass_session
def at_risk(
    session: Session,
    *,
    programme: str | None,
    provinces: tuple[str, ...],
    as_of: datetime | None,
    formats: str,
    out: Path | None,
    mask: bool,
) -> None:
    """Write the list of people who will miss the window at their present pace, worst first, for phoning them."""
    ctx = session.context
    outcome = at_risk_job(
        ctx,
        programme,
        formats=[name.strip() for name in formats.split(",") if name.strip()],
        folder=out,
        as_of=moment_of(as_of, ctx.programme(programme).zone),
        provinces=provinces,
        mask=mask,
    )
    print_at_risk(outcome)


def print_at_risk(outcome: AtRiskOutcome) -> None:
    """The numbers by province, without names, and where the list is."""
    table = outcome.report.tables[0]
    shown = plain_table(*(column.heading for column in table.columns))
    for row in (*table.rows, *([table.totals] if table.totals else [])):
        shown.add_row(*("" if cell is None else str(cell) for cell in row))
    screen().print(shown)
    click.echo(_("{count} of {people} learners are at risk").format(count=outcome.at_risk, people=outcome.people))
    for path in outcome.files:
        click.echo(f"  {path}")
