"""What a command does for a programme on several sites: each site in turn, under its name."""

from collections.abc import Callable

import click

from connector.cli.screen import screen
from connector.context import Context
from connector.errors import ConnectorError, Interrupted
from connector.language import _


def in_turn(ctx: Context, programme: str | None, work: Callable[[Context], int]) -> int:
    """Do the work for each site of the programme; the exit code, that of the first error if there was one.

    Where there is one site, or one is chosen, nothing is added. An error on one of several sites is told and the others
    go on; a request to stop ends all.
    """
    sites = ctx.each_site(programme)
    if len(sites) == 1:
        return work(sites[0])
    failed, ended = [], []
    for here in sites:
        tell_site(here.site or "")
        try:
            ended.append(work(here))
        except Interrupted:
            raise
        except ConnectorError as error:
            click.echo(_("Error: {message}").format(message=error), err=True)
            failed.append(error.exit_code)
    return next((code for code in (*failed, *ended) if code), 0)


def tell_site(site: str) -> None:
    """The line above what follows of this site."""
    screen().print("[bold]" + _("Site {site}").format(site=site) + "[/]")
