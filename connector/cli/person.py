"""Commands on the rights of a person over his data, and on how long data are kept."""

from collections.abc import Mapping
from pathlib import Path

import click

from connector.cli.options import BY
from connector.cli.session import Exit, Session, pass_session
from connector.cli.sync import print_plan, tell_plan_file
from connector.jobs.closing import make_closing
from connector.jobs.person import Erasure, erase_person, export_person, table_labels
from connector.jobs.plan_files import write_plan
from connector.jobs.retention import retention as delete_old
from connector.language import _

SITE = click.option("--site", metavar="KEY", help="--out: the platform, where accounts are open on several.")


@click.group()
def person() -> None:
    """What is held of one person: give it to him, or erase it."""


@person.command()
@click.argument("phone")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where it is written.")
@pass_session
def export(session: Session, phone: str, out: Path) -> None:
    """Write all that is held of the person with this number to a file (JSON). The file holds personal data."""
    counts = export_person(session.context, phone, out)
    _print(counts)
    click.echo(_("Written to {path}; it holds personal data: hand it over encrypted.").format(path=out))


@person.command()
@click.argument("phone")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan that closes his account.")
@click.option("--yes", is_flag=True, help="Erase; without it only what would be erased is shown.")
@click.option("--operator-closes", is_flag=True, help="The platform's operator closes the account; erase at once.")
@SITE
@BY
@pass_session
def erase(
    session: Session, phone: str, out: Path | None, site: str | None, by: str, *, yes: bool, operator_closes: bool
) -> None:
    """Erase what is held of the person, but what the law wants kept; write the order for the platform's operator.

    While the account is open on the platform, --out writes the plan that closes it, to be applied first; exit code 3.
    """
    if out and yes:
        raise click.UsageError("--out writes the plan, --yes erases once it has been applied: one after the other.")
    if out:
        made = make_closing(session.context, phone, site, by=by.strip())
        print_plan(made)
        write_plan(session.context, made, out)
        tell_plan_file(out)
        raise click.exceptions.Exit(Exit.DONE if made.empty else Exit.CHANGES_PLANNED)
    _tell(erase_person(session.context, phone, really=yes, operator_closes=operator_closes), erased=yes)


def _tell(outcome: Erasure, *, erased: bool) -> None:
    click.echo(_("Erased:") if erased else _("Would be erased (nothing was; --yes does it):"))
    _print(outcome.erased)
    for name, reason in outcome.kept.items():
        click.echo(_("kept: {what}: {reason}").format(what=table_labels().get(name, name), reason=reason))
    if outcome.on_platform:
        click.echo(
            _("On the platform, for its operator to delete: {count} things").format(count=len(outcome.on_platform))
        )
        several = len({site for site, *_rest in outcome.on_platform}) > 1
        for site, kind, place, number in outcome.on_platform:
            where = f"{site}:" if several else ""
            click.echo("  " + " ".join(filter(None, (where, kind, place, f"#{number}" if number else ""))))
    if outcome.open_there and not erased:
        words = _("{count} of them are open: close them first by a plan (--out close.json, then 'connector apply').")
        click.echo(words.format(count=outcome.open_there))
    if outcome.order:
        words = _(
            "Order for the platform's operator: {path}. Original lists and backups are not touched: see the docs."
        )
        click.echo(words.format(path=outcome.order))


@click.command()
@click.option("--yes", is_flag=True, help="Delete; without it only what would be deleted is counted.")
@pass_session
def retention(session: Session, *, yes: bool) -> None:
    """Delete what is older than the configuration (retention) lets it be kept; without --yes it is only counted."""
    counts = delete_old(session.context, really=yes)
    if not counts:
        click.echo(_("Nothing is ever too old: no number of days is set under 'retention' in the configuration."))
        return
    click.echo(_("Deleted:") if yes else _("Would be deleted (nothing was; --yes does it):"))
    for kind, count in counts.items():
        click.echo(f"  {kind}: {count}")


def _print(counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        click.echo(f"  {table_labels().get(name, name)}: {count}")
