"""`connector jobs`: the jobs of the service, seen and moved by hand."""

from collections.abc import Sequence
from datetime import datetime

import click

from connector.cli.job_words import tick_counts_text, tick_text
from connector.cli.options import BY, PROVINCES
from connector.cli.run_tables import moment_text
from connector.cli.screen import plain_table, screen
from connector.cli.session import Exit, Session, pass_session
from connector.jobs.service.by_hand import JobLine, job_history, job_lines, pause_job, resume_job, run_now
from connector.language import _
from connector.store.ticks import Tick

NAME = click.argument("name", metavar="NAME")


@click.group()
def jobs() -> None:
    """The jobs that 'connector serve' runs: list, run, pause, resume, history."""


@jobs.command(name="list")
@pass_session
def list_(session: Session) -> None:
    """List the declared jobs: when each is due next, when it last ended well, and who has paused it."""
    table = plain_table(_("Job"), _("What"), _("Programme"), _("Next"), _("Last success"), _("State"))
    for line in job_lines(session.context):
        first, count = line.slots[0], len({slot.work.province_code for slot in line.slots})
        what = _("{job}, {count} provinces").format(job=first.job.job, count=count) if count > 1 else first.job.job
        times = (_moment(line.next_at), _moment(line.last_good))
        table.add_row(first.job.name, what, first.work.programme.key, *times, _state(line))
    screen().print(table)


def _moment(moment: datetime | None) -> str:
    return moment_text(moment) if moment else "-"


def _state(line: JobLine) -> str:
    state = line.state
    if state is None:
        return _("never watched")
    if state.paused_at is None:
        return ", ".join(dict.fromkeys(map(tick_text, line.opened))) or _("watched")
    return _("paused by {who} since {when}: {why}").format(
        who=state.paused_by, when=moment_text(state.paused_at), why=state.reason
    )


@jobs.command()
@NAME
@PROVINCES
@BY
@pass_session
def run(session: Session, name: str, provinces: tuple[str, ...], by: str) -> None:
    """Run a job now, with the same limits as the service; it is a line of the history like any other."""
    with session.stoppable(by) as ctx:
        ticks = run_now(ctx, name, provinces)
    _print(ticks)
    if any(tick.state in ("failed", "unsafe") for tick in ticks):
        raise click.exceptions.Exit(Exit.FAILED)


@jobs.command()
@NAME
@click.option("--reason", default="", help="Why; 'connector jobs list' shows it.")
@BY
@pass_session
def pause(session: Session, name: str, reason: str, by: str) -> None:
    """Let the service not run a job until it is resumed."""
    pause_job(session.context, name, by, reason)
    click.echo(_("'{name}' rests until: connector jobs resume {name}").format(name=name))


@jobs.command()
@NAME
@pass_session
def resume(session: Session, name: str) -> None:
    """Let the service run a job again; what was due meanwhile is not made up for."""
    resume_job(session.context, name)
    click.echo(_("'{name}' runs again").format(name=name))


@jobs.command()
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="So many, the newest first.")
@pass_session
def history(session: Session, name: str | None, last: int) -> None:
    """List what was run when, how it ended, and what it said."""
    _print(job_history(session.context, name, last))


def _print(ticks: Sequence[Tick]) -> None:
    table = plain_table(_("Job"), _("Due"), _("Ended"), _("Attempts"), _("Outcome"), _("Run"), _("Counts"))
    for tick in ticks:
        run_id = str(tick.run_id or "")
        times = (_moment(tick.due_at), _moment(tick.finished_at))
        table.add_row(tick.slot, *times, str(tick.attempts), tick_text(tick), run_id, tick_counts_text(tick.counts))
    console = screen()
    console.print(table)
    for tick in ticks:
        for line in filter(None, (tick.message, tick.file)):
            console.print(f"{tick.slot}: {line}", markup=False)
