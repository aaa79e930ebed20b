"""`connector by-hand`: what people have set on the platform, and what becomes of it."""

from collections.abc import Callable
from typing import Any

import click

from connector.cli.in_turn import in_turn
from connector.cli.options import BY, FIELD, PROGRAMME, REASON, SITE, WHO
from connector.cli.screen import plain_table, screen
from connector.cli.session import Exit, Session, pass_session
from connector.context import Context
from connector.jobs.by_hand import HandEdits, decide_hand_edits, list_hand_edits, revoke_hand_decisions
from connector.language import _
from connector.model import mask_phone
from connector.sync.decisions import Choice, HandDecision, Key, Value
from connector.sync.words import kind_word

ALL = click.option("--all", "everything", is_flag=True, help="All that wait.")


def which(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which hand edits are meant."""
    return WHO(FIELD(ALL(command)))


@click.group(name="by-hand")
def by_hand() -> None:
    """What people have set by hand on the platform: list, keep, restore, revoke."""


@by_hand.command(name="list")
@PROGRAMME
@SITE
@pass_session
def list_(session: Session, programme: str | None) -> None:
    """List hand edits that wait for a decision, and the decisions that hold. Nothing is written."""

    def told(ctx: Context) -> int:
        _print(list_hand_edits(ctx, programme))
        return Exit.DONE

    raise click.exceptions.Exit(in_turn(session.context, programme, told))


def _print(found: HandEdits) -> None:
    waiting = plain_table(
        _("What"), _("Who or which"), _("Field"), _("We want"), _("On the platform"), title=_("Waiting")
    )
    for item in found.waiting:
        for edit in item.edits:
            row = (kind_word(item.kind), _name(item.key), edit.field, _shown(edit.ours), _shown(edit.theirs))
            waiting.add_row(*row)
    decided = plain_table(
        _("What"), _("Who or which"), _("Field"), _("Decision"), _("Value"), _("By"), title=_("Decided")
    )
    for one in found.decided:
        word = _choices()[one.choice]
        decided.add_row(kind_word(one.kind), _name(one.key), one.field, word, _shown(one.value), one.words)
    for table in (waiting, decided):
        if table.row_count:
            screen().print(table)
    if not found.waiting:
        click.echo(_("No hand edit waits for a decision."))


@by_hand.command()
@PROGRAMME
@SITE
@which
@BY
@REASON
@pass_session
def keep(session: Session, /, **decision: Any) -> None:
    """The platform's value is what we want from now on."""
    _decide(session, Choice.KEEP, **decision)


@by_hand.command()
@PROGRAMME
@SITE
@which
@BY
@REASON
@pass_session
def restore(session: Session, /, **decision: Any) -> None:
    """The next plan sends our value again."""
    _decide(session, Choice.RESTORE, **decision)


@by_hand.command()
@PROGRAMME
@SITE
@WHO
@FIELD
@BY
@pass_session
def revoke(session: Session, programme: str | None, who: str, field: str, by: str) -> None:
    """End decisions: the next plan compares as if they had never been made."""
    _check_meant(who, field, everything=False)
    _tell(revoke_hand_decisions(session.context, programme, who=who, field=field, by=by), _("ended"))


def _decide(
    session: Session,
    choice: Choice,
    *,
    programme: str | None,
    who: str,
    field: str,
    everything: bool,
    by: str,
    reason: str,
) -> None:
    _check_meant(who, field, everything=everything)
    _tell(decide_hand_edits(session.context, programme, choice, who=who, field=field, by=by, reason=reason))


def _check_meant(who: str, field: str, *, everything: bool) -> None:
    if not (who or field or everything):
        raise click.UsageError("say which: --who, --field or both")


def _tell(decisions: list[HandDecision], word: str = "") -> None:
    for one in decisions:
        click.echo(f"{kind_word(one.kind)} {_name(one.key)} {one.field}: {word or _choices()[one.choice]}")


def _choices() -> dict[Choice, str]:
    return {Choice.KEEP: _("kept"), Choice.RESTORE: _("restored")}


def _name(key: Key) -> str:
    """A cohort by its ID number, a person masked; both where it is one in the other."""
    *container, last = key
    return " ".join([*container, mask_phone(last) if last.isdecimal() else last])


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value or _("(empty)")
