"""What of the mirror is held because too much was missing, in words; and how a person accepts that it is gone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import tzinfo

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.people import People
from connector.language import _
from connector.model import RegistrationState
from connector.places import province_by_code
from connector.programmes.definition import Programme
from connector.store.mirror_holds import Hold
from connector.store.mirror_merge import Stamp
from connector.sync.shrink import ALL, PLACE, Bounds, ShrinkGuard


@dataclass(frozen=True)
class Guards:
    """Makes the guard of each part of one programme's mirror, and keeps what it held."""

    ctx: Context
    programme: Programme
    people: People

    def of(self, part: str, *, absent: Collection[str] = (), unread: Collection[str] = ()) -> ShrinkGuard:
        """The guard of a part. `absent` are those who have no account any more, `unread` those who were not seen and
        whose account is held. Of people who have left, anything may go. Reads the database only.
        """
        limits, provinces = self.ctx.settings.limits, self.people.province_of
        with self.ctx.store.begin() as tx:
            opened = tx.holds.open(self.programme.site, self.programme.key, part)
        return ShrinkGuard(
            bounds=Bounds(share=limits.mirror_share, floor=limits.mirror_floor),
            province_of=lambda name: provinces.get(name, ""),
            explained=self._left() | set(absent),
            unread=unread,
            accepted={(hold.measure, hold.group): hold.lost for hold in opened if hold.accepted_at},
        )

    def _left(self) -> set[str]:
        names = self.people.username_of
        left = (one for one in self.people.registrations if one.state is RegistrationState.LEFT)
        return {names[one.learner.phone] for one in left}

    def settle(self, part: str, guard: ShrinkGuard, stamp: Stamp) -> None:
        """Write what the guard held of the part, and the end of what it held no more."""
        with self.ctx.store.begin() as tx:
            tx.holds.settle(self.programme.site, self.programme.key, part, guard.found, stamp)


def accept_shrink(ctx: Context, number: int, *, by: str, reason: str) -> Hold:
    """Write who takes the loss as true, and why; the next mirror run then believes as much of it. The hold as it is.

    Raises ConfigError when there is no such hold, or it is over.
    """
    with ctx.store.begin() as tx:
        hold = tx.holds.find(number)
        if hold is None or hold.ended_at is not None:
            raise ConfigError(
                _("Nothing is held under the number {number}.").format(number=number),
                hint=_("'connector mirror status' shows what is held."),
            )
        tx.holds.accept(number, by, reason, ctx.now())
    return hold


def told(holds: Iterable[Hold], part_names: dict[str, str], zone: tzinfo) -> list[str]:
    """Each hold in a sentence: what was missing of what, since when, and that the old values stand."""
    return [_told(hold, part_names, zone) for hold in holds]


def _told(hold: Hold, part_names: dict[str, str], zone: tzinfo) -> str:
    words = _(
        "HELD [{number}] since {since}: {lost} of {before} {part}{what} are missing from the platform's answer{where}; "
        "what was known before stands"
    ).format(
        number=hold.number,
        since=f"{hold.since.astimezone(zone):%H:%M %d/%m/%Y}",
        lost=hold.lost,
        before=hold.before,
        part=part_names[hold.part],
        what=_measure(hold.measure),
        where=_where(hold),
    )
    if hold.accepted_at is None:
        return words
    return _("{held} (accepted by {by}; the next mirror run will believe it)").format(held=words, by=hold.accepted_by)


def _measure(name: str) -> str:
    words = {
        "done": _("that were done"),
        "grade": _("that had a grade"),
        "active": _("whose state was known"),
        "last_access": _("with a last access"),
        "last_course_access": _("with a last access to the course"),
    }
    return f" {words[name]}" if name in words else ""


def _where(hold: Hold) -> str:
    kind, name = hold.group
    if hold.group == ALL:
        return ""
    if kind == PLACE:
        return _(" (only {place})").format(place=name)
    return _(" (only people of {province})").format(province=province_by_code(name).name)
