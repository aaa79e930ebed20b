"""Incidents of the service: one for each thing that is wrong, told once when it begins and once when it is over."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from connector.context import Context
from connector.jobs.service.attempt import Failure
from connector.jobs.service.kinds import Result
from connector.jobs.service.slots import Slot
from connector.language import _
from connector.mappers.roster_moment import HERE
from connector.store.incidents import Incident

LOG = logging.getLogger("connector.service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is told to a person: a line and a text, without personal data. `over` when the incident has ended."""

    key: str
    subject: str
    text: str
    over: bool


Tell = Callable[[Alert], bool]


def forget_undeclared(ctx: Context, slots: Iterable[Slot]) -> None:
    """Write that the incidents of jobs, provinces and sites that the configuration no longer names are over."""
    declared = {prefix for slot in slots for prefix in _prefixes(slot)}
    with ctx.store.begin() as tx:
        keys = (one.key for one in tx.incidents.opened())
        tx.incidents.close(tuple(key for key in keys if f"{key.rpartition(':')[0]}:" not in declared), ctx.now())


def _prefixes(slot: Slot) -> tuple[str, str]:
    """How the keys of its own incidents begin, and those of its site's."""
    return f"job:{slot.name}:", f"site:{slot.work.programme.site_key or ''}:"


def note(ctx: Context, slot: Slot, result: Result | Failure, *, asked: bool) -> None:
    """Write what an attempt says about the slot's incidents: opened, met again, or over.

    Only who has `asked` the platform and was answered knows that it is back.
    """
    mine, site = _prefixes(slot)
    away = f"{site}away"
    met = _met(result, mine, away)
    now, reached = ctx.now(), asked and isinstance(result, Result)
    with ctx.store.begin() as tx:
        over = [one for one in tx.incidents.open_under(mine) if one not in met and _conclusive(result)]
        tx.incidents.close((*over, *([away] if reached else [])), now)
        for key, words in met.items():
            patience = ctx.settings.alerts.patience if key == away else timedelta(0)
            tx.incidents.meet(key, words, now, now + patience)


def _conclusive(result: Result | Failure) -> bool:
    """True when the attempt came so far that an earlier incident of the job would have been met again."""
    if isinstance(result, Result):
        return True
    return not (result.interrupted or result.platform_away or result.again_at)


def _met(result: Result | Failure, mine: str, away: str) -> dict[str, str]:
    """The incidents that this attempt speaks of, each with its words."""
    if isinstance(result, Result):
        return {f"{mine}{need}": words for need, words in result.needs.items()}
    if result.platform_away:
        return {away: result.message}
    # What was stopped, or will be tried again for another reason, is not yet a person's business.
    return {} if result.interrupted or result.again_at else {f"{mine}{result.kind}": result.message}


def tell_all(ctx: Context, tell: Tell) -> int:
    """Tell what is to be told by now; how much was. Of two services one tells each; what fails is told again later."""
    now, told = ctx.now(), 0
    with ctx.store.begin() as tx:
        waiting = [*tx.incidents.to_tell(now), *tx.incidents.over_to_tell()]
    for incident in waiting:
        with ctx.store.begin() as tx:
            mine = tx.incidents.told(incident, now)
        if mine and tell(alert_of(incident)):
            told += 1
        elif mine:
            with ctx.store.begin() as tx:
                tx.incidents.untold(incident)
    return told


def alert_of(incident: Incident) -> Alert:
    """The alert in the language of the service."""
    kind, _colon, rest = incident.key.partition(":")
    what = _("site {name}") if kind == "site" else _("job {name}")
    name = what.format(name=rest.rpartition(":")[0])
    since = f"{incident.opened_at.astimezone(HERE):%H:%M %d/%m/%Y}"
    if incident.closed_at is None:
        subject = _("Needs a person: {name}").format(name=name)
        return Alert(key=incident.key, subject=subject, text=f"{incident.message}\n{_('Since')} {since}", over=False)
    until = f"{incident.closed_at.astimezone(HERE):%H:%M %d/%m/%Y}"
    text = _("It lasted from {since} to {until}: {message}").format(since=since, until=until, message=incident.message)
    return Alert(key=incident.key, subject=_("Over: {name}").format(name=name), text=text, over=True)
