"""`connector adopt`: accounts that the platform had before us."""

from pathlib import Path

import click

from connector.cli.options import BY, PROGRAMME, SITE
from connector.cli.session import Exit, Session, pass_session
from connector.cli.sync import exit_code_of
from connector.jobs.adopt import acting_as, find_adoptable, read_decisions, write_review
from connector.jobs.adopt import adopt as adopt_job
from connector.language import _
from connector.model import mask_phone


@click.command()
@PROGRAMME
@SITE
@click.option("--yes", is_flag=True, help="Take the sure ones over; without it they are only listed.")
@click.option(
    "--decisions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take over what this filled-in review file says.",
)
@BY
@pass_session
def adopt(session: Session, programme: str | None, decisions: Path | None, by: str, *, yes: bool) -> None:
    """Take over accounts of learners that we did not make. Nothing is sent to the platform.

    Sure: exactly the learner's username and his name, active, no other account or ID number. The rest goes into a
    review file: write adopt or leave in its last column and give it back with --decisions. Staff, administrators and
    protected accounts are never taken over. Afterwards 'connector plan' shows what differs from the lists.
    """
    ctx = acting_as(session.context, by)
    found = find_adoptable(ctx, programme)
    click.echo(
        _("{sure} sure, {doubtful} doubtful, {staff} of staff or protected (never)").format(
            sure=len(found.sure), doubtful=len(found.doubtful), staff=found.staff
        )
    )
    chosen = read_decisions(decisions, found.doubtful) if decisions else found.sure
    for one in chosen:
        click.echo(f"  {one.learner.full_name}, {mask_phone(one.learner.phone)}, {one.learner.origin}")
    if found.doubtful and not decisions:
        path = ctx.settings.state_dir / "adopt" / f"{ctx.programme(programme).key}-{ctx.now():%Y%m%d-%H%M%S}.csv"
        write_review(found.doubtful, path)
        click.echo(_("The doubtful ones are in {path}; fill in its last column.").format(path=path))
    if not chosen:
        return
    if not (yes or decisions):
        click.echo(_("Nothing was taken over; repeat with --yes to take over the sure ones."))
        raise click.exceptions.Exit(Exit.CHANGES_PLANNED)
    outcome = adopt_job(ctx, programme, chosen)
    click.echo(_("{count} accounts taken over (run {run})").format(count=len(chosen), run=outcome.run_id))
    raise click.exceptions.Exit(exit_code_of(outcome))
