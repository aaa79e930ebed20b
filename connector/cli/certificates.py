"""Commands on certificates."""

from collections.abc import Iterator

import click
from rich.table import Table

from connector.certificates.overdue import usual_causes
from connector.cli.options import PROGRAMME, PROVINCES
from connector.cli.progress import progress_bar
from connector.cli.screen import screen
from connector.cli.session import Exit, Session, pass_session
from connector.context import Context
from connector.jobs.certify import PushOutcome, certificates_due, push_certificates
from connector.language import _
from connector.mappers.roster import phone_of_text
from connector.model import mask_phone
from connector.places import province_by_code

PHONES = click.option("--phone", "phones", metavar="PHONE", multiple=True, help="Only this person; may be repeated.")
SHOWN = 20


@click.group()
def certificates() -> None:
    """Certificates: who is due one, and releasing them."""


@certificates.command()
@PROGRAMME
@PROVINCES
@PHONES
@pass_session
def due(session: Session, programme: str | None, provinces: tuple[str, ...], phones: tuple[str, ...]) -> None:
    """List who would get a certificate now. Nothing is written."""
    entries = certificates_due(session.context, programme, provinces=_chosen(provinces), phones=_chosen_phones(phones))
    table = Table(_("Province"), _("Name"), _("Phone"), _("State"), box=None)
    for entry in entries:
        table.add_row(
            province_by_code(entry.province_code).name, entry.full_name, mask_phone(entry.phone), entry.state.value
        )
    console = screen()
    console.print(table)
    console.print(_("{count} certificates are due").format(count=len(entries)))


@certificates.command()
@PROGRAMME
@PROVINCES
@PHONES
@click.option("--wait", type=click.FloatRange(min=0), default=0.0, help="Seconds to wait for the platform to issue.")
@pass_session
def push(
    session: Session, programme: str | None, provinces: tuple[str, ...], phones: tuple[str, ...], wait: float
) -> None:
    """Release the due certificates (all, of provinces, or of named people), read the issues back, register them.

    Pushing again grants nothing twice; what the platform issues later is registered by the next push.
    """
    outcome = push_with_bar(session.context, programme, _chosen(provinces), _chosen_phones(phones), wait)
    print_push(outcome)
    raise click.exceptions.Exit(Exit.PARTLY_REFUSED if outcome.refused else Exit.DONE)


def push_with_bar(
    ctx: Context,
    programme: str | None,
    provinces: tuple[str, ...] | None,
    phones: tuple[str, ...] | None,
    wait: float,
) -> PushOutcome:
    """A push with its progress bar."""
    with progress_bar(_("Certificates")) as bar:
        return push_certificates(ctx, programme, provinces=provinces, phones=phones, wait=wait, progress=bar.step)


def print_push(outcome: PushOutcome) -> None:
    """What a push did, and what a person should look at."""
    click.echo(
        _("{decided} decided, {granted} released, {issued} issued and registered, {waiting} not issued yet").format(
            decided=outcome.decided,
            granted=outcome.granted,
            issued=len(outcome.issued),
            waiting=outcome.waiting,
        )
    )
    if outcome.issued:
        first, last = outcome.issued[0].register_no, outcome.issued[-1].register_no
        click.echo(_("Register numbers {first} to {last}").format(first=first, last=last))
    for line in _to_look_at(outcome):
        click.echo(f"  {line}")


def _to_look_at(outcome: PushOutcome) -> Iterator[str]:
    """What a person should look at, masked."""
    for entry, result in outcome.refused[:SHOWN]:
        yield f"{mask_phone(entry.phone)}: {result.message or result.code}"
    yield from map(str, outcome.doubles)
    yield from map(str, outcome.overdue[:SHOWN])
    if outcome.overdue:
        yield _("Usual causes:")
        yield from (f"- {cause}" for cause in usual_causes())
    if outcome.without_learner:
        people = ", ".join(map(mask_phone, outcome.without_learner[:SHOWN]))
        yield _("{count} people have completed but are on no roster any more: {people}").format(
            count=len(outcome.without_learner), people=people
        )
    if outcome.unexpected:
        yield _("{count} issues belong to people to whom nothing was granted").format(count=len(outcome.unexpected))


def _chosen(values: tuple[str, ...]) -> tuple[str, ...] | None:
    return values or None


def _chosen_phones(values: tuple[str, ...]) -> tuple[str, ...] | None:
    return tuple(phone_of_text(value) for value in values) or None
