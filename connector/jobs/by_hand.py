"""Use case: what people have set by hand on things of ours, and what an operator decides about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.plan import make_plan
from connector.language import _
from connector.mappers.roster import phone_of_text
from connector.model import national_phone
from connector.programmes.definition import Programme
from connector.sync.decisions import Choice, HandDecision
from connector.sync.diff import ByHand
from connector.sync.mapping import AccountMapper


@dataclass(frozen=True, slots=True, kw_only=True)
class HandEdits:
    """What waits for a decision, and the decisions that hold on the site, oldest first."""

    waiting: tuple[ByHand, ...]
    decided: tuple[HandDecision, ...]


def list_hand_edits(ctx: Context, programme_key: str | None = None) -> HandEdits:
    """All hand edits of the programme's things. Reads the platform, as a plan does; nothing is written."""
    programme = ctx.programme(programme_key)
    waiting = make_plan(ctx, programme.key).by_hand
    with ctx.store.begin() as tx:
        return HandEdits(waiting=waiting, decided=tuple(tx.decisions.by_hand(programme.site)))


def decide_hand_edits(
    ctx: Context,
    programme_key: str | None,
    choice: Choice,
    *,
    who: str = "",
    field: str = "",
    by: str = "",
    reason: str = "",
) -> list[HandDecision]:
    """Decide about the waiting hand edits of one person or cohort, of one field, or of both; the decisions.

    `who` is a phone number, a username or a cohort's ID number. Kept values are wanted from now on; restored ones are
    overwritten by the next plan. Reads the platform and writes the decisions; nothing is sent. Raises ConfigError when
    nothing waits that is meant.
    """
    programme = ctx.programme(programme_key)
    names = _names(ctx, programme, who)
    found = [
        HandDecision(
            kind=item.kind,
            key=item.key,
            field=edit.field,
            choice=choice,
            value=edit.theirs,
            by=by or ctx.caller.who,
            reason=reason,
            decided_at=ctx.now(),
        )
        for item in make_plan(ctx, programme.key).by_hand
        for edit in item.edits
        if (not names or names & {item.key[0], item.key[-1]}) and field in ("", edit.field)
    ]
    if not found:
        raise _nothing()
    with ctx.store.begin() as tx:
        tx.decisions.decide(programme.site, found)
    return found


def revoke_hand_decisions(
    ctx: Context, programme_key: str | None, *, who: str = "", field: str = "", by: str = ""
) -> list[HandDecision]:
    """End the decisions about this person or cohort, of this field, or of both; the next plan compares as before."""
    programme = ctx.programme(programme_key)
    names = _names(ctx, programme, who)
    with ctx.store.begin() as tx:
        ended = list(_meant(tx.decisions.by_hand(programme.site), names, field))
        for one in ended:
            tx.decisions.revoke(programme.site, one, by or ctx.caller.who, ctx.now())
    if not ended:
        raise _nothing()
    return ended


def _meant(decisions: Sequence[HandDecision], names: set[str], field: str) -> Iterator[HandDecision]:
    for one in decisions:
        if (not names or names & {one.key[0], one.key[-1]}) and field in ("", one.field):
            yield one


def _names(ctx: Context, programme: Programme, who: str) -> set[str]:
    """The usernames or cohorts that these words may mean; empty when everything is meant."""
    if not who:
        return set()
    try:
        phone = phone_of_text(who)
    except ConfigError:
        return {who}
    mapper = AccountMapper(ctx.settings.site(programme.site).accounts)
    with ctx.store.begin() as tx:
        known = tx.registrations.of_phones(programme.key, [phone]).get(phone)
    return {who, mapper.username(known.learner) if known else national_phone(phone)}


def _nothing() -> ConfigError:
    return ConfigError(
        _("Nothing that is meant waits for a decision or was decided."), hint=_("See 'connector by-hand list'.")
    )
