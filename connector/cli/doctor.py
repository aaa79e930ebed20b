"""`connector doctor`: can we work with this site."""

import click
from rich.table import Table

from connector.cli.options import PROGRAMME
from connector.cli.screen import screen
from connector.cli.session import Exit, Session, pass_session
from connector.jobs.doctor import examine
from connector.language import _
from connector.lms import Finding, Severity

MARKS = {Severity.OK: "[green]✓[/]", Severity.WARNING: "[yellow]![/]", Severity.ERROR: "[red]✗[/]"}


@click.command()
@PROGRAMME
@pass_session
def doctor(session: Session, programme: str | None) -> None:
    """Tell whether a programme's site can be worked with, what is missing and how an administrator grants it.

    Reads only. Exit code 1 when something is missing without which the work cannot go on.
    """
    findings = examine(session.context, programme)
    print_findings(findings)
    bad = any(finding.severity is Severity.ERROR for finding in findings)
    raise click.exceptions.Exit(Exit.FAILED if bad else Exit.DONE)


def print_findings(findings: list[Finding]) -> None:
    """A table line for each finding, the remedy under it."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        remedy = f"\n→ {finding.remedy}" if finding.remedy else ""
        table.add_row(MARKS[finding.severity], finding.subject, finding.detail + remedy)
    console = screen()
    console.print(table)
    counts = {severity: sum(item.severity is severity for item in findings) for severity in Severity}
    console.print(
        _("{ok} fine, {warnings} warnings, {errors} errors").format(
            ok=counts[Severity.OK], warnings=counts[Severity.WARNING], errors=counts[Severity.ERROR]
        )
    )
