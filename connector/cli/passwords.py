"""Commands on first passwords: to people, anew, destroyed."""

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click

from connector.cli.in_turn import in_turn
from connector.cli.options import PROGRAMME, PROVINCES, SITE
from connector.cli.screen import plain_table, screen
from connector.cli.session import Exit, Session, pass_session
from connector.context import Context
from connector.errors import ConfigError
from connector.handouts.handout import Handout
from connector.jobs.expire_passwords import expire_passwords
from connector.jobs.hand_out import Delivery, Form, HandedFile, HandOutOutcome, LeftOut
from connector.jobs.hand_out import hand_out as hand_out_job
from connector.jobs.password_status import Count, handouts_made, password_status
from connector.jobs.reissue import reissue as reissue_job
from connector.jobs.rekey_passwords import rekey_passwords
from connector.jobs.renew_passwords import renew_passwords, without_password
from connector.language import _
from connector.lms import Outcome
from connector.model import mask_phone
from connector.places import province_by_code

ALL = "all"
_SHOWN = 20
LEAST = 12  # characters of an opening password that somebody chose
FILES = [form.value for form in Form if form is not Form.SCREEN]

BY = click.option("--by", metavar="NAME", required=True, help="Who hands them out; stands in the journal.")
OUT = click.option("--out", "folder", type=click.Path(file_okay=False, path_type=Path), help="Folder of the files.")
PASSWORD_FILE = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its first line opens the files (default: one is made for each file and shown once).",
)


@click.group()
def passwords() -> None:
    """First passwords: hand-out to people, reissue, renew, status, list, expire, rekey."""


@passwords.command(name="hand-out")
@click.option(
    "--province", "provinces", metavar="CODE|all", multiple=True, required=True, help="Province; may be repeated."
)
@PROGRAMME
@SITE
@click.option("--as", "form", type=click.Choice(FILES), default=FILES[0], show_default=True, help="What is written.")
@BY
@OUT
@PASSWORD_FILE
@click.option("--again", is_flag=True, help="Also those who were handed their password before.")
@pass_session
def hand_out(
    session: Session,
    *,
    provinces: tuple[str, ...],
    programme: str | None,
    form: str,
    by: str,
    folder: Path | None,
    password_file: Path | None,
    again: bool,
) -> None:
    """Write a locked file of accounts for each province: a workbook with guidance, or slips to print and cut.

    Only those are in it who have an account, were not handed their password yet and never logged in. They count as
    informed from then on. Each hand-out is journaled.
    """
    opening = _opening_password(password_file)
    delivery = Delivery(form=Form(form), by=by, folder=folder, opening_password=opening)
    chosen = () if ALL in provinces else provinces

    def handed(ctx: Context) -> int:
        _print_handed(hand_out_job(ctx, delivery, programme, chosen, again=again), shown=opening is None)
        return Exit.DONE

    raise click.exceptions.Exit(in_turn(session.context, programme, handed))


@passwords.command()
@click.argument("phone")
@PROGRAMME
@SITE
@BY
@click.option("--as", "form", type=click.Choice(FILES), help="Into a locked file instead of onto the screen.")
@OUT
@PASSWORD_FILE
@pass_session
def reissue(
    session: Session,
    phone: str,
    *,
    programme: str | None,
    by: str,
    form: str | None,
    folder: Path | None,
    password_file: Path | None,
) -> None:
    """Give the person with the number PHONE a new password, to be changed at the next log-in.

    After a lost answer run it again: the same password is sent once more, which does no harm.
    """
    opening = _opening_password(password_file)
    delivery = Delivery(form=Form(form) if form else Form.SCREEN, by=by, folder=folder, opening_password=opening)
    done = reissue_job(session.context, phone, delivery, programme)
    if done.handout is not None:
        _print_slip(done.handout)
    elif done.file is not None:
        _print_handed(HandOutOutcome(files=(done.file,), left_out={}), shown=opening is None)
    else:
        click.echo(done.result.message or done.result.code, err=True)
        raise click.exceptions.Exit(Exit.FAILED if done.result.outcome is Outcome.UNKNOWN else Exit.PARTLY_REFUSED)


@passwords.command()
@PROGRAMME
@SITE
@PROVINCES
@click.option("--by", metavar="NAME", help="Who renews them; with it they are set, without it they are only counted.")
@pass_session
def renew(session: Session, programme: str | None, provinces: tuple[str, ...], by: str | None) -> None:
    """Set new first passwords for those who never logged in and whose first one is lost, as after a restore.

    Slips that were handed out before are void for them; 'connector passwords hand-out' makes the new ones.
    """

    def renewed(ctx: Context) -> int:
        if by is None:
            count = len(without_password(ctx, programme, provinces))
            click.echo(_("{count} people never logged in and have no first password here.").format(count=count))
            return Exit.DONE
        done = renew_passwords(ctx, programme, provinces, by=by)
        click.echo(_("{count} new first passwords are stored, to be handed out.").format(count=done.done))
        for result in done.refused[:_SHOWN]:
            click.echo(f"  {mask_phone(result.key[0])}: {result.message or result.code}", err=True)
        if done.unknown:
            click.echo(_("Of {count} the answer was lost: run this again.").format(count=done.unknown), err=True)
        return Exit.DONE if not done.refused and not done.unknown else Exit.PARTLY_REFUSED

    raise click.exceptions.Exit(in_turn(session.context, programme, renewed))


@passwords.command()
@PROGRAMME
@SITE
@PROVINCES
@pass_session
def status(session: Session, programme: str | None, provinces: tuple[str, ...]) -> None:
    """Count by province: stored, handed out, still to hand out, reissued, destroyed, never logged in."""

    def told(ctx: Context) -> int:
        _print_status(password_status(ctx, programme, provinces))
        return Exit.DONE

    raise click.exceptions.Exit(in_turn(session.context, programme, told))


def _print_status(counted: Mapping[str, Counter[Count]]) -> None:
    table = plain_table(_("Province"), *_count_words().values(), show_footer=True)
    for code in sorted(counted):
        table.add_row(f"{code} {province_by_code(code).name}", *(str(counted[code][count]) for count in Count))
    total: Counter[Count] = sum(counted.values(), Counter())
    for column, footer in zip(table.columns, (_("Total"), *(total[count] for count in Count)), strict=True):
        column.footer = str(footer)
    screen().print(table)


@passwords.command(name="list")
@PROGRAMME
@click.option("--phone", metavar="PHONE", help="Only the hand-outs that reached this person.")
@pass_session
def list_(session: Session, programme: str | None, phone: str | None) -> None:
    """List the hand-outs: when, by whom, for whom, into which file."""
    ctx = session.context
    zone = ctx.programme(programme).zone
    table = plain_table(_("No."), _("Time"), _("By"), _("Province"), _("Form"), _("People"), _("File"), "SHA-256")
    for one in handouts_made(ctx, programme, phone):
        place = province_by_code(one.province_code).name
        moment = f"{one.at.astimezone(zone):%d/%m/%Y %H:%M}"
        form = _form_words()[Form(one.form)]
        table.add_row(str(one.id), moment, one.handed_by, place, form, str(one.count), one.file, one.sha256[:16])
    screen().print(table)


@passwords.command()
@pass_session
def expire(session: Session) -> None:
    """Destroy the stored passwords that the settings do not let us keep any longer; for every day."""
    gone = expire_passwords(session.context)
    click.echo(
        _("destroyed: {logged_in} (logged in), {handed_out} (handed out long ago), {old} (too old)").format(
            logged_in=gone.logged_in, handed_out=gone.handed_out, old=gone.old
        )
    )


@passwords.command()
@pass_session
def rekey(session: Session) -> None:
    """Seal all stored passwords with a new key, which takes the place of the old one. Not during an apply."""
    count = rekey_passwords(session.context)
    path = session.settings.password_key
    click.echo(_("{count} passwords sealed with a new key: back up {path}").format(count=count, path=path))


def _opening_password(file: Path | None) -> str | None:
    """The password that opens the files; None when one is to be made for each and shown on the terminal.

    Raises ConfigError when there is no terminal: what is printed into a pipe ends in a log.
    """
    if file is None:
        if not sys.stdout.isatty():
            raise ConfigError(
                _("Passwords are shown on a terminal only, and this is none: its output may be kept."),
                hint=_("Write an opening password into a file and name it by --password-file (with --as)."),
            )
        return None
    first = file.read_text(encoding="utf-8").partition("\n")[0].strip()
    if len(first) < LEAST:
        raise ConfigError(
            _("The password in {path} is too short: at least {least} characters.").format(path=file, least=LEAST)
        )
    return first


def _print_handed(outcome: HandOutOutcome, *, shown: bool) -> None:
    for file in outcome.files:
        _print_file(file, shown=shown)
    if outcome.files and shown:
        click.echo(_("The passwords of the files are shown only now and kept nowhere: tell them on another way."))
    if outcome.files:
        click.echo(_("When everybody has his own line, delete the files and shred what is printed."))
    if not outcome.files:
        click.echo(_("Nobody is to be handed a password."))
    for reason, count in outcome.left_out.items():
        click.echo(_("left out: {count} {why}").format(count=count, why=_reason_words()[reason]))


def _print_file(file: HandedFile, *, shown: bool) -> None:
    click.echo(_("{path}: {count} people").format(path=file.path, count=file.count))
    if shown:
        click.echo(_("  opens with: {password}").format(password=file.opening_password))


def _print_slip(handout: Handout) -> None:
    one = handout.people[0]
    click.echo(_("{name}, new first password:").format(name=one.full_name))
    click.echo(_("  log in at: {address}").format(address=handout.address))
    click.echo(_("  log-in name: {username}").format(username=one.username))
    click.echo(_("  password: {password}").format(password=one.password))
    click.echo(_("It is shown only now. It must be changed at the next log-in."))


def _reason_words() -> dict[LeftOut, str]:
    return {
        LeftOut.HANDED_OUT: _("were handed theirs before (--again writes them too)"),
        LeftOut.LOGGED_IN: _("have logged in already"),
        LeftOut.NONE_STORED: _("have none stored: destroyed, taken over, or signing in elsewhere (reissue gives one)"),
        LeftOut.REISSUE_OPEN: _("wait for the answer to a reissue (run 'connector passwords reissue' again)"),
    }


def _count_words() -> dict[Count, str]:
    return {
        Count.ACCOUNTS: _("Accounts"),
        Count.KEPT: _("Stored"),
        Count.HANDED_OUT: _("Handed out"),
        Count.TO_HAND_OUT: _("To hand out"),
        Count.REISSUED: _("Reissued"),
        Count.REISSUE_OPEN: _("Reissue open"),
        Count.DESTROYED: _("Destroyed"),
        Count.NEVER_LOGGED_IN: _("Never logged in"),
    }


def _form_words() -> dict[Form, str]:
    return {Form.WORKBOOK: _("workbook"), Form.SLIPS: _("slips"), Form.SCREEN: _("screen")}
