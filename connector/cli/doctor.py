"""`connector doctor`: can we work with this site."""

import click

from connector.cli.in_turn import in_turn
from connector.cli.options import PROGRAMME, SITE
from connector.cli.screen import plain_table, screen
from connector.cli.session import Exit, Session, pass_session
from connector.context import Context
from connector.jobs.doctor import examine
from connector.language import _
from connector.lms import Finding, Severity

MARKS = {Severity.OK: "[green]✓[/]", Severity.WARNING: "[yellow]![/]", Severity.ERROR: "[red]✗[/]"}


@click.command()
@PROGRAMME
@SITE
@pass_session
def doctor(session: Session, programme: str | None) -> None:
    """Tell whether a programme's sites can be worked with, what is missing and how an administrator grants it.

    Reads only. Exit code 1 when something is missing without which the work cannot go on.
    """

    def examined(ctx: Context) -> int:
        findings = examine(ctx, programme)
        print_findings(findings)
        return Exit.FAILED if any(finding.severity is Severity.ERROR for finding in findings) else Exit.DONE

    raise click.exceptions.Exit(in_turn(session.context, programme, examined))


def print_findings(findings: list[Finding]) -> None:
    """A table line for each finding, the remedy under it."""
    table = plain_table(show_header=False, pad_edge=False)
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
