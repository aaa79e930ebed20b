"""Use case: the log of acts on people's data, written by the jobs that show, export or correct them."""

from dataclasses import dataclass
from datetime import datetime

from connector.context import Context
from connector.store.acts import ActDone, DataAct

SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ActLog:
    """The newest acts that were asked for, newest first; `broken` is the first row that was changed afterwards."""

    acts: tuple[ActDone, ...]
    broken: int | None


def act_of(ctx: Context, act: DataAct, *, phone: str = "", what: str = "", by: str = "", reason: str = "") -> ActDone:
    """The act as the log holds it, done now; `by` is the name that was given, the caller where none was."""
    return ActDone(
        at=ctx.now(),
        act=act,
        who=by.strip() or ctx.caller.who,
        via=ctx.caller.trigger,
        phone=phone,
        what=what,
        reason=reason,
    )


def record_act(ctx: Context, act: DataAct, *, phone: str = "", what: str = "", by: str = "", reason: str = "") -> None:
    """Append the act to the log, in a transaction of its own; called before data leave, so that none leave unlogged."""
    with ctx.store.begin() as tx:
        tx.acts.record(act_of(ctx, act, phone=phone, what=what, by=by, reason=reason))


def act_log(
    ctx: Context, *, phone: str = "", who: str = "", since: datetime | None = None, most: int = SHOWN
) -> ActLog:
    """The newest acts on a person, by an actor, since a moment; and whether the whole log is unbroken. Reads only."""
    with ctx.store.begin() as tx:
        found = tx.acts.newest(most=most, phone=phone, who=who, since=since)
        return ActLog(acts=tuple(found), broken=tx.acts.first_broken())
