"""Commands that write reports."""

from pathlib import Path

import click

from connector.cli.options import PROGRAMME
from connector.cli.session import Session, pass_session
from connector.jobs.report import ReportOutcome, progress_report
from connector.language import _


@click.group()
def report() -> None:
    """Reports for departments and ministries."""


@report.command()
@PROGRAMME
@click.option("--format", "formats", default="xlsx,html,csv", show_default=True, help="Formats, separated by commas.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder (default: reports in state_dir).")
@click.option("--mask", is_flag=True, help="Hide the middle of phone numbers.")
@pass_session
def progress(session: Session, programme: str | None, formats: str, out: Path | None, *, mask: bool) -> None:
    """Write the progress report: each province with its numbers, and the list of learners."""
    chosen = [name.strip() for name in formats.split(",") if name.strip()]
    print_report(progress_report(session.context, programme, formats=chosen, folder=out, mask=mask))


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
