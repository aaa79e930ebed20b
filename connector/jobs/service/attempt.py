"""One attempt at one tick: what is done when it fails depends on the kind of error (connector/errors.py)."""

import logging
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.context import Context
from connector.errors import ConnectorError, Interrupted, PlatformUnavailable, RetryableError, UnsafePlanError
from connector.jobs.service.kinds import Ended, Result
from connector.jobs.service.slots import Slot
from connector.language import _
from connector.store.ticks import Tick

LOG = logging.getLogger("connector.service")
# After the first failure, the second, ...; the last one again and again until the grace is over.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an attempt failed. `kind` is the class of the error; `again_at` when it is tried again, if it is."""

    ended: Ended
    kind: str
    message: str
    again_at: datetime | None = None
    interrupted: bool = False

    @property
    def platform_away(self) -> bool:
        """True for an outage: all jobs of a site have it together."""
        return self.kind == PlatformUnavailable.__name__


def attempt(ctx: Context, slot: Slot, tick: Tick) -> Result | Failure:
    """Do the work of the tick; how it ended. Raises nothing but what ends the process."""
    try:
        return slot.kind.act(ctx.on(slot.work.site) if slot.work.site else ctx, slot.work)
    except Interrupted as error:
        return _failure(Ended.FAILED, error, again_at=ctx.now(), interrupted=True)
    except RetryableError as error:
        return _failure(Ended.FAILED, error, again_at=_again_at(ctx.now(), slot, tick, error))
    except UnsafePlanError as error:
        return _failure(Ended.UNSAFE, error)
    except ConnectorError as error:
        return _failure(Ended.FAILED, error)
    except Exception as error:  # noqa: BLE001 - one job's mistake must not end the others; it is logged and told
        # The text of a foreign error may name a person; where it happened never does.
        places = [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(error.__traceback__)]
        LOG.log(
            logging.ERROR,
            "unexpected error",
            extra={"slot": slot.name, "error": type(error).__name__, "at": places[-6:]},
        )
        words = _("unexpected: {kind}").format(kind=type(error).__name__)
        return Failure(ended=Ended.FAILED, kind=type(error).__name__, message=words)


def _failure(
    ended: Ended, error: ConnectorError, *, again_at: datetime | None = None, interrupted: bool = False
) -> Failure:
    return Failure(
        ended=ended, kind=type(error).__name__, message=str(error), again_at=again_at, interrupted=interrupted
    )


def _again_at(now: datetime, slot: Slot, tick: Tick, error: RetryableError) -> datetime | None:
    """When the tick is tried again, not before the platform asked for; None once its grace is over."""
    wait = BACK_OFF[min(tick.attempts, len(BACK_OFF)) - 1]
    if isinstance(error, PlatformUnavailable) and error.retry_after:
        wait = max(wait, timedelta(seconds=error.retry_after))
    return now + wait if now + wait <= tick.due_at + slot.grace else None
