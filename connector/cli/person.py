"""Commands on the rights of a person over his data, and on how long data are kept."""

from collections.abc import Mapping
from pathlib import Path

import click

from connector.cli.session import Session, pass_session
from connector.jobs.person import erase_person, export_person, table_labels
from connector.jobs.retention import retention as delete_old
from connector.language import _

SITE = click.option("--site", metavar="KEY", help="Key of the platform (default: the default programme's).")


@click.group()
def person() -> None:
    """What is held of one person: give it to him, or erase it."""


@person.command()
@click.argument("phone")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where it is written.")
@SITE
@pass_session
def export(session: Session, phone: str, out: Path, site: str | None) -> None:
    """Write all that is held of the person with this number to a file (JSON). The file holds personal data."""
    counts = export_person(session.context, phone, site, out)
    _print(counts)
    click.echo(_("Written to {path}; it holds personal data: hand it over encrypted.").format(path=out))


@person.command()
@click.argument("phone")
@click.option("--yes", is_flag=True, help="Erase; without it only what would be erased is shown.")
@SITE
@pass_session
def erase(session: Session, phone: str, site: str | None, *, yes: bool) -> None:
    """Erase what is held of the person, but what the law wants kept; write the order for the platform's operator."""
    outcome = erase_person(session.context, phone, site, really=yes)
    click.echo(_("Erased:") if yes else _("Would be erased (nothing was; --yes does it):"))
    _print(outcome.erased)
    for name, reason in outcome.kept.items():
        click.echo(_("kept: {what}: {reason}").format(what=table_labels().get(name, name), reason=reason))
    if outcome.on_platform:
        click.echo(
            _("On the platform, for its operator to delete: {count} things").format(count=len(outcome.on_platform))
        )
        for kind, place, number in outcome.on_platform:
            click.echo("  " + " ".join(filter(None, (kind, place, f"#{number}" if number else ""))))
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
