"""`connector renames`: changed phone numbers."""

from collections.abc import Sequence

import click
from rich.table import Table

from connector.cli.in_turn import in_turn
from connector.cli.options import BY, PROGRAMME, REASON, SITE
from connector.cli.screen import plain_table, screen
from connector.cli.session import Exit, Session, pass_session
from connector.context import Context
from connector.jobs.renames import (
    Renames,
    accept_renames,
    list_renames,
    pair_id,
    refuse_renames,
    reopen_renames,
    state_words,
)
from connector.language import _
from connector.model import Registration, mask_phone
from connector.places import province_by_code
from connector.store.decisions import RenameState
from connector.sync.renames import RenamePair

IDS = click.argument("ids", nargs=-1, metavar="PAIR...")


@click.group()
def renames() -> None:
    """Changed phone numbers: list, accept, refuse, reopen. Until it is decided, neither number is touched."""


@renames.command(name="list")
@PROGRAMME
@SITE
@pass_session
def list_(session: Session, programme: str | None) -> None:
    """List pairs of an old and a new number that may be one person, and what was decided. Nothing is written."""

    def told(ctx: Context) -> int:
        _print(list_renames(ctx, programme))
        return Exit.DONE

    raise click.exceptions.Exit(in_turn(session.context, programme, told))


def _print(found: Renames) -> None:
    if found.open:
        screen().print(_open_table(found.open))
    else:
        click.echo(_("No pair waits for a decision."))
    if found.decided:
        table = plain_table(_("Pair"), _("Old number"), _("New number"), _("State"), _("By"), title=_("Decided"))
        for one in found.decided:
            reason = f"{one.by}, {one.decided_at:%d/%m/%Y}: {one.reason}"
            numbers = (mask_phone(one.old_phone), mask_phone(one.new_phone))
            table.add_row(pair_id(one), *numbers, state_words()[one.state], reason)
        screen().print(table)


@renames.command()
@IDS
@PROGRAMME
@SITE
@click.option("--sure", is_flag=True, help="All pairs without a doubt.")
@BY
@REASON
@pass_session
def accept(session: Session, ids: tuple[str, ...], programme: str | None, by: str, reason: str, *, sure: bool) -> None:
    """The two numbers of each PAIR are one person: the next plan gives the account its new name.

    Everything follows the account: cohorts, enrolments, results, certificates, the first password.
    """
    _check_meant(ids, sure=sure)
    accepted = accept_renames(session.context, programme, ids, sure=sure, by=by, reason=reason)
    _tell(accepted)
    click.echo(_("{count} pairs accepted; 'connector plan' shows the new names").format(count=len(accepted)))


@renames.command()
@IDS
@PROGRAMME
@SITE
@BY
@REASON
@pass_session
def refuse(session: Session, ids: tuple[str, ...], programme: str | None, by: str, reason: str) -> None:
    """The two numbers of each PAIR are two people: one leaves, the other gets an account."""
    _check_meant(ids)
    _tell(refuse_renames(session.context, programme, ids, by=by, reason=reason))


@renames.command()
@IDS
@PROGRAMME
@SITE
@pass_session
def reopen(session: Session, ids: tuple[str, ...], programme: str | None) -> None:
    """Take back the decision about each PAIR, as long as the new name has not been sent."""
    _check_meant(ids)
    for one in reopen_renames(session.context, programme, ids):
        click.echo(f"{pair_id(one)}: {state_words()[RenameState.UNDONE]}")


def _check_meant(ids: Sequence[str], *, sure: bool = False) -> None:
    if not ids and not sure:
        raise click.UsageError("say which PAIR; 'connector renames list' shows them")


def _tell(pairs: Sequence[RenamePair]) -> None:
    for pair in pairs:
        numbers = (mask_phone(pair.old.learner.phone), mask_phone(pair.new.learner.phone))
        click.echo(f"{pair.id}: {pair.new.learner.full_name}, {numbers[0]} -> {numbers[1]}")


def _open_table(pairs: Sequence[RenamePair]) -> Table:
    table = plain_table(
        _("Pair"), _("Name"), _("Province"), _("Old number"), _("New number"), _("Doubts"), title=_("Waiting")
    )
    for pair in pairs:
        learner = pair.new.learner
        table.add_row(
            pair.id,
            learner.full_name,
            province_by_code(learner.province_code).name,
            _place(pair.old),
            _place(pair.new),
            "; ".join(pair.doubts) or _("none"),
        )
    return table


def _place(item: Registration) -> str:
    learner = item.learner
    return f"{mask_phone(learner.phone)}, {learner.workplace or '-'} ({learner.origin})"
