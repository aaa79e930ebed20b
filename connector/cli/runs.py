"""`connector runs`, `connector resume` and `connector undo`."""

import json
from pathlib import Path

import click

from connector.cli.options import BY, PROGRAMME, SITE
from connector.cli.progress import progress_bar
from connector.cli.run_tables import line_text, line_values, print_story, run_values, runs_table, story_values
from connector.cli.screen import screen
from connector.cli.session import Exit, Session, pass_session
from connector.cli.sync import exit_code_of, print_apply, print_plan, tell_plan_file
from connector.jobs.plan_files import write_plan
from connector.jobs.resume import Rest
from connector.jobs.resume import resume as resume_job
from connector.jobs.runs import list_runs, run_changes, run_story
from connector.jobs.undo import make_undo
from connector.language import _
from connector.sync.undoing import AccountPolicy

NUMBER = click.argument("number", type=click.IntRange(min=1), metavar="RUN")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")


@click.group(invoke_without_command=True)
@click.option("--job", help="Only runs of this job: apply, mirror, evaluate, certify.")
@click.option("--programme", "-p", metavar="KEY", help="Only runs of this programme.")
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="So many, the newest first.")
@AS_JSON
@pass_session
@click.pass_context
def runs(
    context: click.Context, session: Session, job: str | None, programme: str | None, last: int, *, as_json: bool
) -> None:
    """List what was run: when, by whom, how it ended and with which counts. `runs show RUN` tells one in full."""
    if context.invoked_subcommand is not None:
        return
    found = list_runs(session.context, job, programme, last)
    if as_json:
        click.echo(json.dumps([run_values(one) for one in found], ensure_ascii=False, indent=1))
    else:
        screen().print(runs_table(found))


@runs.command()
@NUMBER
@AS_JSON
@click.option("--changes", is_flag=True, help="Also every single change and what became of it.")
@pass_session
def show(session: Session, number: int, *, as_json: bool, changes: bool) -> None:
    """Tell what a run did by kind and province, all that was refused and why, and what is still open."""
    story = run_story(session.context, number)
    lines = run_changes(session.context, number) if changes else []
    if as_json:
        values = story_values(story) | ({"changes": [line_values(line) for line in lines]} if changes else {})
        click.echo(json.dumps(values, ensure_ascii=False, indent=1))
        return
    print_story(story)
    for line in lines:
        click.echo(f"  {line_text(line)}")


@click.command()
@click.argument("number", type=click.IntRange(min=1), metavar="[RUN]", required=False)
@PROGRAMME
@SITE
@BY
@pass_session
def resume(session: Session, number: int | None, programme: str | None, by: str) -> None:
    """Go on with an apply that was killed, cut off by an outage or stopped: exactly the rest of its plan.

    RUN is its number; without it the programme's last apply is meant. What was sent and never answered is read back
    first. Refused when the world has moved otherwise than by that run: then make a new plan.
    """
    with session.stoppable(by) as ctx, progress_bar(_("Resume")) as bar:
        outcome = resume_job(ctx, number, programme, begun=_tell_rest, progress=bar.step)
    print_apply(outcome)
    raise click.exceptions.Exit(exit_code_of(outcome))


def _tell_rest(rest: Rest) -> None:
    click.echo(
        _("Run {run}: {rest} changes are left. Of {opened} that were never answered, {found} had arrived.").format(
            run=rest.run_id, rest=len(rest.plan.changes) - rest.found, opened=rest.opened, found=rest.found
        )
    )


@click.command()
@NUMBER
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan to this file.")
@click.option(
    "--accounts",
    type=click.Choice([policy.value for policy in AccountPolicy]),
    default=AccountPolicy.SUSPEND.value,
    show_default=True,
    help="What becomes of accounts that the run made.",
)
@BY
@pass_session
def undo(session: Session, number: int, out: Path | None, accounts: str, by: str) -> None:
    """Tell what would take a run back, as a plan to be looked at and applied. Nothing is written to the platform.

    Nothing is ever deleted: accounts and enrolments that the run made are suspended, memberships end, values become
    what they were. What a later run or a person has changed since is kept and listed. Exit codes as of `plan`.
    """
    made = make_undo(session.context, number, AccountPolicy(accounts), by=by.strip())
    print_plan(made)
    if not made.empty:
        click.echo(_("The rosters are as they were: once this is applied, 'connector plan' wants these things again."))
    if out:
        write_plan(session.context, made, out)
        tell_plan_file(out)
    raise click.exceptions.Exit(Exit.DONE if made.empty else Exit.CHANGES_PLANNED)
