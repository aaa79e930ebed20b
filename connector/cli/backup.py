"""Commands on the database as a whole: backup, restore, recover what a restored one does not know."""

from pathlib import Path

import click

from connector.cli.session import Exit, Session, pass_session
from connector.errors import ConfigError
from connector.jobs.backup import check_backup, make_backup, restore_backup
from connector.jobs.recover import Accounts, Missing, Numbers, find_missing
from connector.jobs.recover import recover as recover_job
from connector.language import _
from connector.model import mask_phone
from connector.settings.safety import HOME

_NAMED = 5


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@pass_session
def backup(session: Session, file: Path | None) -> None:
    """Write database and book of numbers into one FILE (default: in backups/ of the state folder); the service may run.

    It holds personal data and is readable by you alone. The key of first passwords and tokens are not in it.
    """
    made = make_backup(session.context, file)
    click.echo(_("{path}: {kind}, {size} kB").format(path=made.path, kind=made.kind, size=made.size // 1024 or 1))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only tell what this backup does not know of what was done since.")
@click.option("--yes", is_flag=True, help="Put it in the place of the database that is there.")
@pass_session
def restore(session: Session, file: Path, *, check: bool, yes: bool) -> None:
    """Put the database of a backup FILE in the place of the one that is there, which is kept beside it.

    Then run 'connector recover': until this database knows what was done since, nothing is written to a site.
    """
    if check:
        _finish(check_backup(session.context, file))
    if not yes:
        raise ConfigError(
            _("Nothing was restored."), hint=_("See first with --check what would be lost, then restore with --yes.")
        )
    done = restore_backup(session.settings, file, session.now())
    click.echo(_("Restored: the database of {when}.").format(when=f"{done.backup.at.astimezone(HOME):%H:%M %d/%m/%Y}"))
    if done.kept is not None:
        click.echo(_("The one that was there: {path}").format(path=done.kept))
    if done.book_restored:
        click.echo(_("There was no book of numbers; that of the backup is in its place."))
    click.echo(_("Now import the newer lists, then run 'connector recover'."))


@click.command()
@click.option("--apply", "really", is_flag=True, help="Write it into the database.")
@click.option("--by", metavar="NAME", help="Who recovers; with --apply.")
@click.option("--reason", metavar="TEXT", help="Why; with --apply.")
@click.option("--leave", is_flag=True, help="With --apply: numbers of people in no list stay taken, and nobody's.")
@pass_session
def recover(session: Session, *, really: bool, by: str | None, reason: str | None, leave: bool) -> None:
    """Tell what this database does not know of what was done: after a restore, or when a copy of it has written.

    Reads the platforms and the book of numbers. With --apply numbers, revocations, accounts and places are written into
    the database again, and its sites are bound anew; nothing else is sent to them. Exit code 5 while something is
    missing.
    """
    if not really:
        _finish(find_missing(session.context))
    if not by or not reason:
        raise click.UsageError(_("--apply needs --by and --reason."))
    _tell(recover_job(session.context, by=by, reason=reason, leave=leave))
    click.echo(_("Recovered. 'connector plan' tells what is still to be done."))


def _finish(missing: Missing) -> None:
    _tell(missing)
    raise click.exceptions.Exit(Exit.DONE if missing.whole else Exit.UNSAFE)


def _tell(missing: Missing) -> None:
    for fence in missing.fences:
        click.echo(fence.words)
    for numbers in missing.numbers:
        _tell_numbers(numbers)
    for accounts in missing.accounts:
        _tell_accounts(accounts)
    click.echo(_("This database knows all that was done.") if missing.whole else _("This database does not know all."))


def _tell_numbers(one: Numbers) -> None:
    found = one.recovery
    if not one.has_known:
        click.echo(
            _("Book of numbers '{book}': not the one that this database has written; it is written anew.").format(
                book=one.book
            )
        )
    told = [line.line.register_no for line in found.numbers]
    nobodys = [line.register_no for line in found.nobodys]
    taken_back = [entry.register_no for entry in (*found.revoked, *found.replaced)]
    for numbers, words in (
        (told, _("Book of numbers '{book}': {count} numbers were given since: {some}")),
        (taken_back, _("Book of numbers '{book}': {count} certificates were revoked or reissued since: {some}")),
        (nobodys, _("Book of numbers '{book}': {count} numbers are of people in no list of this database: {some}")),
    ):
        if numbers:
            click.echo(words.format(book=one.book, count=len(numbers), some=_some(numbers)))


def _tell_accounts(one: Accounts) -> None:
    if one.accounts:
        click.echo(
            _("{programme} on '{site}': {count} accounts were made since: {some}").format(
                programme=one.programme,
                site=one.site,
                count=len(one.accounts),
                some=_some([mask_phone(who.learner.phone) for who in one.accounts]),
            )
        )
    if one.places:
        click.echo(
            _("{programme} on '{site}': {count} memberships and enrolments of our people are not known here.").format(
                programme=one.programme, site=one.site, count=one.places
            )
        )
    if one.missing:
        click.echo(
            _(
                "{programme} on '{site}': {count} accounts of ours are on the site no more under their names: renamed "
                "since, or deleted."
            ).format(programme=one.programme, site=one.site, count=len(one.missing))
        )


def _some(texts: list[str]) -> str:
    return ", ".join(texts[:_NAMED]) + (", …" if len(texts) > _NAMED else "")
