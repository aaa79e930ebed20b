"""Plans and applies rest while nothing can have changed: the platform is not asked only to find that all is well.

What could change a plan here is known without it: the lists, the programme's definition, and what anybody applies. What
is changed by hand on the platform is not; so it is looked at again after some time even so (`rests` of the job).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from connector.context import Context
from connector.jobs.service.kinds import Ended, Result, Work
from connector.language import _
from connector.mappers.roster_moment import HERE
from connector.store.journal import JOB


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a plan rests on, but for the platform."""

    lists: tuple[datetime | None, int, int]
    definition: str
    last_apply: tuple[int, str]


class Resting:
    """An act that is not done again while it found nothing to do and its basis is the same.

    It remembers in memory only: a service that starts looks once, and of two services each looks for itself.
    """

    def __init__(self, act: Callable[[Context, Work], Result]) -> None:
        self.__doc__ = act.__doc__  # the reference tells what each kind of job does
        self._act = act
        self._found_nothing: dict[tuple[str, str], tuple[Basis, datetime]] = {}

    def __call__(self, ctx: Context, work: Work) -> Result:
        """What the act says, or that there was no need for it."""
        # Read before the act: what changes in its midst is seen by the next one.
        basis, now, place = _basis(ctx, work), ctx.now(), (work.province_code, work.site)
        before, at = self._found_nothing.get(place, (None, now))
        if before == basis and now - at < work.job.rests:
            words = _("No list has changed since {when}, when nothing was to be done; the platform was not asked.")
            return Result(ended=Ended.NOTHING, message=words.format(when=f"{at.astimezone(HERE):%H:%M %d/%m/%Y}"))
        self._found_nothing.pop(place, None)
        result = self._act(ctx, work)
        if result.ended is Ended.NOTHING and not result.needs:
            self._found_nothing[place] = basis, now
        return result


def _basis(ctx: Context, work: Work) -> Basis:
    definition = ctx.programme(work.programme.key).model_dump_json()
    with ctx.store.begin() as tx:
        last = tx.runs.newest(1, job=JOB)
        return Basis(
            lists=tx.registrations.moved(),
            definition=sha256(definition.encode()).hexdigest(),
            last_apply=(last[0].id, last[0].outcome) if last else (0, ""),
        )
