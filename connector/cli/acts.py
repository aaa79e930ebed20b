"""The log of acts on people's data: for auditors, for a person who asks, and when data may have leaked."""

from collections.abc import Sequence
from datetime import datetime

import click
from rich.table import Table

from connector.cli.screen import plain_table, screen
from connector.cli.session import Exit, Session, pass_session
from connector.jobs.acts import SHOWN, act_log
from connector.language import _
from connector.mappers.roster import phone_of_text
from connector.model import mask_phone
from connector.settings.safety import HOME
from connector.store.acts import ActDone, DataAct


@click.command()
@click.option("--phone", metavar="NUMBER", default="", help="Only acts on the data of the person with this number.")
@click.option("--by", "who", metavar="NAME", default="", help="Only acts of this person.")
@click.option(
    "--since",
    type=click.DateTime(["%d/%m/%Y", "%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="Only acts from this moment on (time of Viet Nam).",
)
@click.option(
    "--most", type=click.IntRange(min=1), default=SHOWN, show_default=True, help="At most so many, the newest."
)
@pass_session
def acts(session: Session, phone: str, who: str, since: datetime | None, most: int) -> None:
    """Show who looked up, exported, handed out or corrected whose data, newest first; phone numbers are masked.

    The log is a chain: a row that was changed or taken out of the middle afterwards is told, with exit code 1.
    Nothing is written.
    """
    after = since.replace(tzinfo=HOME) if since else None
    log = act_log(session.context, phone=phone_of_text(phone) if phone else "", who=who, since=after, most=most)
    if log.acts:
        screen().print(_table(log.acts))
    click.echo(_("{count} acts").format(count=len(log.acts)))
    if log.broken is not None:
        click.echo(
            _("Row {number} of the log does not fit the row before it: the log was changed afterwards.").format(
                number=log.broken
            ),
            err=True,
        )
        raise click.exceptions.Exit(Exit.FAILED)


def _table(acts_done: Sequence[ActDone]) -> Table:
    table = plain_table(_("No."), _("When"), _("Who"), _("What"), _("Whose"), _("Details"), _("Reason"))
    words = _words()
    for one in acts_done:
        table.add_row(
            str(one.number),
            f"{one.at.astimezone(HOME):%H:%M %d/%m/%Y}",
            _("{who} (scheduled)").format(who=one.who) if one.via == "schedule" else one.who,
            words[one.act],
            mask_phone(one.phone) if one.phone else "-",
            one.what or "-",
            one.reason or "-",
        )
    return table


def _words() -> dict[DataAct, str]:
    return {
        DataAct.LOOKED_UP: _("looked up a person"),
        DataAct.EXPORTED: _("exported data"),
        DataAct.ERASED: _("erased a person"),
        DataAct.HANDED_OUT: _("handed out first passwords"),
        DataAct.REISSUED_ACCESS: _("reissued a first password"),
        DataAct.REVOKED: _("revoked a certificate"),
        DataAct.REISSUED: _("reissued a certificate"),
        DataAct.DELETED_OLD: _("deleted old data"),
    }
