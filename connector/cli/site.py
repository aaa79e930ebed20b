"""`connector site`: does this database belong to the site as it stands, and who says so when it does not."""

import click

from connector.cli.options import PROGRAMME
from connector.cli.session import Exit, Session, pass_session
from connector.jobs.fence import Fence, accept_fence, look_at_fence
from connector.language import _
from connector.settings.safety import HOME


@click.group()
def site() -> None:
    """The bond between this database and its sites: notices a restored database, a copied or a moved site."""


@site.command()
@PROGRAMME
@pass_session
def show(session: Session, programme: str | None) -> None:
    """Tell for each of the programme's sites whether this database may write to it. Exit code 5 when not.

    Reads one list on each site; nothing is written.
    """
    context = session.context
    fences = [look_at_fence(context, here.site) for here in context.whole_programme(programme).by_site]
    for fence in fences:
        _tell(fence)
    raise click.exceptions.Exit(Exit.DONE if all(fence.in_order for fence in fences) else Exit.UNSAFE)


def _tell(fence: Fence) -> None:
    click.echo(fence.words)
    click.echo(_("  stands at: {address}").format(address=fence.address))
    if fence.binding is not None:
        click.echo(
            _("  bound on {when} by {who}: {address} ({reason})").format(
                when=f"{fence.binding.bound_at.astimezone(HOME):%H:%M %d/%m/%Y}",
                who=fence.binding.bound_by,
                address=fence.binding.address,
                reason=fence.binding.reason,
            )
        )
    if fence.advice:
        click.echo(f"  {fence.advice}")


@site.command()
@click.argument("name", metavar="SITE")
@click.option("--by", required=True, metavar="NAME", help="Who says so.")
@click.option("--reason", required=True, metavar="TEXT", help="Why they belong together as they are.")
@pass_session
def accept(session: Session, name: str, by: str, reason: str) -> None:
    """Say that this database and SITE belong together as they are now: it was moved, set back, or taken over.

    Leaves a new mark on the site. Refused where this database is older than what was done there: 'connector recover'
    brings it up to date.
    """
    fence = accept_fence(session.context, name, by=by, reason=reason)
    click.echo(fence.words)
    click.echo(_("Accepted by {who}; a new mark stands on the site.").format(who=by))
