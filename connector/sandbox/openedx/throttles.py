"""Rate limits as Open edX keeps them: one history for a user and scope, whichever view asked.

Two views with different limits fill the same history, so forty-five calls of one make the first call of the other a
429 that names no number of seconds. Source: facts section 0, "429", "shared bucket" and the table of throttles.
"""

from dataclasses import dataclass
from math import ceil

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.answers import Refusal, Style, page, reply
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.site import EdxSite

_MINUTE = 60.0
_WEEK = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Limit:
    """Calls in a minute for global staff and for everybody else."""

    staff: int
    others: int


ENROLMENTS = Limit(120, 40)
COURSES = Limit(40, 20)


def throttle(ask: Ask, limit: Limit) -> None:
    """Count the call, or refuse it with 429; a refused call is not counted."""
    if not ask.site.features.rate_limits:
        return
    scope = "staff" if ask.caller and ask.caller.is_staff else "user"
    rate = limit.staff if scope == "staff" else limit.others
    history = _history(ask.site, scope, str(ask.caller.id) if ask.caller else "127.0.0.1", _MINUTE)
    if len(history) < rate:
        history.append(ask.site.ticks())
        return
    raise Refusal(_throttled(ask, history, rate))


def _throttled(ask: Ask, history: list[float], rate: int) -> SandboxAnswer:
    left = rate - len(history) + 1  # DRF: none left when another view has put more in than this one's limit
    wait = ceil((_MINUTE - (ask.site.ticks() - history[0])) / left) if left > 0 else 0
    text = "Request was throttled." + (f" Expected available in {wait} seconds." if left > 0 else "")
    if ask.style is Style.DEVELOPER or left <= 0:
        return reply({ask.style.value: text}, 429)
    return reply({"detail": text}, 429, Retry_After=str(wait))


def token_limit(site: EdxSite) -> None:
    """120 tokens a minute from one address; then a page of HTML with no Retry-After."""
    if not _counted(site, "oauth", 120, _MINUTE):
        raise Refusal(page(429))


def registration_limit(site: EdxSite) -> None:
    """60 registrations in seven days from one address, failures too; then 403, not 429."""
    if not _counted(site, "registration", site.features.registrations_a_week, _WEEK):
        raise Refusal(reply({"error_code": "forbidden-request"}, 403))


def validation_limit(site: EdxSite) -> None:
    """30 dry checks in seven days from one address."""
    if not _counted(site, "validation", 30, _WEEK):
        raise Refusal(reply({"detail": "You do not have permission to perform this action."}, 403))


def _counted(site: EdxSite, scope: str, limit: int, seconds: float) -> bool:
    if not site.features.rate_limits:
        return True
    history = _history(site, scope, "127.0.0.1", seconds)
    if len(history) >= limit:
        return False
    history.append(site.ticks())
    return True


def _history(site: EdxSite, scope: str, who: str, seconds: float) -> list[float]:
    since = site.ticks() - seconds
    history = [tick for tick in site.buckets.get((scope, who), []) if tick > since]
    site.buckets[(scope, who)] = history
    return history
