"""Commands on certificates: who is due, approval, release, and how they stand."""

import sys
from collections.abc import Iterator
from datetime import datetime, tzinfo

import click

from connector.certificates.due import Selection
from connector.certificates.entry import RegisterEntry
from connector.certificates.overdue import Overdue, usual_causes
from connector.certificates.states import state_names
from connector.cli.certificate_options import BY, REASON, whom
from connector.cli.options import PROGRAMME, SITE
from connector.cli.progress import progress_bar
from connector.cli.screen import plain_table, screen
from connector.cli.session import Exit, Session, pass_session
from connector.context import Context
from connector.jobs.certificate_acts import approve_certificates, deliver_certificates
from connector.jobs.certificate_book import Standing, certificate_status
from connector.jobs.certify import PushOutcome, certificates_due, push_certificates
from connector.jobs.freshness import freshness_of, issues_untold
from connector.language import _
from connector.model import CertificateState, mask_phone
from connector.places import province_by_code

SHOWN = 20


@click.group()
def certificates() -> None:
    """Certificates: who is due one, releasing them, the register, and taking them back."""


@certificates.command()
@PROGRAMME
@SITE
@whom
@pass_session
def due(session: Session, programme: str | None, chosen: Selection) -> None:
    """List who would get a certificate now. Nothing is written."""
    _print_due(certificates_due(session.context, programme, chosen))
    click.echo(freshness_of(session.context, session.context.programme(programme)))


def _print_due(entries: list[RegisterEntry]) -> None:
    names = state_names()
    table = plain_table(_("Province"), _("Name"), _("Phone"), _("State"))
    for entry in entries:
        province = province_by_code(entry.province_code).name
        table.add_row(province, entry.facts.full_name, mask_phone(entry.phone), names[entry.state])
    console = screen()
    console.print(table)
    console.print(_("{count} certificates are due").format(count=len(entries)))


@certificates.command()
@PROGRAMME
@whom
@BY
@REASON
@pass_session
def approve(session: Session, programme: str | None, by: str, reason: str, chosen: Selection) -> None:
    """Approve what is due, where the programme asks for it (certificate.approval); 'due' shows what that would be."""
    changed = approve_certificates(session.context, programme, chosen, by=by, reason=reason)
    click.echo(_("{count} certificates approved").format(count=len(changed)))


@certificates.command()
@PROGRAMME
@whom
@BY
@REASON
@pass_session
def deliver(session: Session, programme: str | None, by: str, reason: str, chosen: Selection) -> None:
    """Note that issued papers have been handed over."""
    changed = deliver_certificates(session.context, programme, chosen, by=by, reason=reason)
    click.echo(_("{count} certificates noted as delivered").format(count=len(changed)))


@certificates.command()
@PROGRAMME
@SITE
@whom
@click.option("--wait", type=click.FloatRange(min=0), default=0.0, help="Seconds to wait for the platform to issue.")
@click.option("--dry-run", is_flag=True, help="Only list what would be released.")
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal nobody is asked.")
@pass_session
def push(session: Session, programme: str | None, wait: float, chosen: Selection, *, dry_run: bool, yes: bool) -> None:
    """Release the due certificates (all, or of those chosen), read the issues back, register them.

    What was revoked is taken back on the platform. Pushing again grants nothing twice; what the platform issues later
    is registered by the next push.
    """
    if dry_run or (sys.stdin.isatty() and not yes):
        _print_due(certificates_due(session.context, programme, chosen))
    if dry_run:
        return
    if sys.stdin.isatty() and not yes:
        click.confirm(_("Release them?"), abort=True)
    with session.stoppable() as ctx:
        outcome = push_with_bar(ctx, programme, chosen, wait)
    print_push(outcome)
    untold = issues_untold(session.context, session.context.programme(programme))
    for line in untold:
        click.echo(line)
    raise click.exceptions.Exit(Exit.PARTLY_REFUSED if outcome.refused or untold else Exit.DONE)


def push_with_bar(ctx: Context, programme: str | None, chosen: Selection, wait: float) -> PushOutcome:
    """A push with its progress bar."""
    with progress_bar(_("Certificates")) as bar:
        return push_certificates(ctx, programme, chosen, wait=wait, progress=bar.step)


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
        numbers = sorted((entry.seq or 0, entry.register_no) for entry in outcome.issued)
        click.echo(_("Register numbers {first} to {last}").format(first=numbers[0][1], last=numbers[-1][1]))
    for line in _to_look_at(outcome):
        click.echo(f"  {line}")


def _to_look_at(outcome: PushOutcome) -> Iterator[str]:
    """What a person should look at, masked."""
    if outcome.withdrawn:
        yield _("{count} revoked or replaced papers taken back").format(count=outcome.withdrawn)
    if outcome.unapproved:
        yield _("{count} wait for approval ('connector certificates approve')").format(count=outcome.unapproved)
    for entry, result in outcome.refused[:SHOWN]:
        yield f"{mask_phone(entry.phone)}: {result.message or result.code}"
    yield from map(str, outcome.doubles)
    yield from _late(outcome.overdue)
    if outcome.without_learner:
        people = ", ".join(map(mask_phone, outcome.without_learner[:SHOWN]))
        yield _("{count} people have completed but are on no roster any more: {people}").format(
            count=len(outcome.without_learner), people=people
        )
    if outcome.unexpected:
        names = ", ".join(mask_phone(issue.username) for issue in outcome.unexpected[:SHOWN])
        yield _(
            "{count} issues belong to people to whom nothing was granted, or are too early: {people}. They are not "
            "registered; see 'connector cases list'."
        ).format(count=len(outcome.unexpected), people=names)


def _late(late: tuple[Overdue, ...]) -> Iterator[str]:
    yield from map(str, late[:SHOWN])
    if len(late) > SHOWN:
        yield _("... and {count} more").format(count=len(late) - SHOWN)
    if late:
        yield _("Usual causes:")
        yield from (f"- {cause}" for cause in usual_causes())


@certificates.command()
@PROGRAMME
@whom
@pass_session
def status(session: Session, programme: str | None, chosen: Selection) -> None:
    """How the certificates stand in each province, and who has waited too long. Nothing is written."""
    found = certificate_status(session.context, programme, chosen)
    _print_standing(found, session.context.programme(programme).zone)
    raise click.exceptions.Exit(Exit.PARTLY_REFUSED if found.overdue or found.not_on_platform else Exit.DONE)


def _print_standing(found: Standing, zone: tzinfo) -> None:
    names = state_names()
    shown = [state for state in CertificateState if any(one.count(state) for one in found.provinces)]
    table = plain_table(_("Code"), _("Province"), *(names[state] for state in shown), _("waiting since"))
    for one in found.provinces:
        counts = (str(one.count(state)) for state in shown)
        name = province_by_code(one.province_code).name
        table.add_row(one.province_code, name, *counts, _moment(one.waiting_since, zone))
    totals = (str(sum(one.count(state) for one in found.provinces)) for state in shown)
    table.add_row("", _("Total"), *totals, "")
    screen().print(table)
    if found.to_withdraw:
        click.echo(
            _("{count} revoked or replaced papers are to be taken back: 'connector certificates push'").format(
                count=found.to_withdraw
            )
        )
    if found.not_on_platform:
        people = [f"{one.register_no} {mask_phone(one.phone)}" for one in found.not_on_platform[:SHOWN]]
        more = ", ..." if len(found.not_on_platform) > SHOWN else ""
        click.echo(
            _(
                "{count} registered certificates are not on the platform any more ('connector cases list'): {people}"
            ).format(count=len(found.not_on_platform), people=", ".join(people) + more)
        )
    for line in _late(found.overdue):
        click.echo(f"  {line}")


def _moment(moment: datetime | None, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%H:%M %d/%m/%Y}" if moment else ""
