"""How fresh the mirror is, in words: every output that rests on it says so."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from connector.context import Context
from connector.jobs.shrinks import told as told_holds
from connector.language import _
from connector.programmes.definition import Programme
from connector.store.mirror_holds import Hold
from connector.store.mirror_marks import PartRead
from connector.store.quarantine import Quarantined

# What verdicts, certificates and reports rest on.
DECIDING = ("accounts", "enrolments", "results", "issues")


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorStatus:
    """The parts of a programme's mirror as they were last read, and what of them could not be understood.

    `site` is the one that is meant, of a programme with several. `issues_untold`: the platform issues the certificates,
    and they have never been read, though all else has.
    """

    parts: tuple[PartRead, ...]
    quarantine: tuple[Quarantined, ...]
    holds: tuple[Hold, ...]
    zone: tzinfo
    site: str = ""
    issues_untold: bool = False

    def time(self, moment: datetime | None) -> str:
        """A moment in the programme's zone, '-' for none."""
        return f"{moment.astimezone(self.zone):%H:%M %d/%m/%Y}" if moment else "-"

    @property
    def line(self) -> str:
        """One line: when each deciding part was read, and since when everybody's results were."""
        if not self.parts:
            return self._headed(_("nothing has been read yet"))
        told = [self._told(part) for name in DECIDING for part in self.parts if part.part == name]
        odd = _("; {count} rows could not be understood").format(count=len(self.quarantine)) if self.quarantine else ""
        return self._headed(", ".join(told)) + odd + "".join(f"; {one}" for one in [*self.untold, *self.held])

    @property
    def untold(self) -> list[str]:
        """That certificate issues are not read, in words; empty where they are."""
        if not self.issues_untold:
            return []
        return [
            _(
                "the platform does not tell which certificates it issued: none can be read back and registered "
                "(see 'connector doctor')"
            )
        ]

    @property
    def held(self) -> list[str]:
        """A sentence for each part of the mirror that is held."""
        return told_holds(self.holds, part_names(), self.zone)

    def _headed(self, told: str) -> str:
        if self.site:
            return _("Mirror of {site}: {parts}").format(site=self.site, parts=told)
        return _("Mirror: {parts}").format(parts=told)

    def _told(self, part: PartRead) -> str:
        words = f"{part_names()[part.part]} {self.time(part.read_at)}"
        if part.whole_at is None or part.whole_at >= part.read_at:
            return words
        return _("{part} (all since {moment})").format(part=words, moment=self.time(part.whole_at))


def mirror_status(ctx: Context, programme_key: str | None = None) -> MirrorStatus:
    """How fresh the programme's mirror is. Reads the database only."""
    return status_of(ctx, ctx.programme(programme_key))


def freshness_of(ctx: Context, programme: Programme) -> str:
    """One line: how fresh the mirror is, of each of the programme's sites. Reads the database only."""
    return " · ".join(status_of(ctx, here).line for here in programme.by_site)


def status_of(ctx: Context, programme: Programme) -> MirrorStatus:
    """How fresh this programme's mirror is. Reads the database only."""
    with ctx.store.begin() as tx:
        parts = tx.marks.parts(programme.site, programme.key)
        odd = tx.quarantine.open(programme.site, programme.key)
        holds = tx.holds.open(programme.site, programme.key)
    site = programme.site if programme.sites else ""
    known = [parts[name] for name in part_names() if name in parts]
    return MirrorStatus(
        parts=tuple(known),
        quarantine=tuple(odd),
        holds=tuple(holds),
        zone=programme.zone,
        site=site,
        issues_untold="results" in parts and "issues" not in parts and programme.certificate.gate is not None,
    )


def issues_untold(ctx: Context, programme: Programme) -> list[str]:
    """The words of each of the programme's sites that does not tell its certificate issues. Reads the database only."""
    return [line for here in programme.by_site for line in status_of(ctx, here).untold]


def part_names() -> dict[str, str]:
    """What people call the parts of the mirror, in the order in which they are read."""
    return {
        "accounts": _("accounts"),
        "cohorts": _("cohorts"),
        "memberships": _("cohort members"),
        "topics": _("topics"),
        "results": _("topic results"),
        "enrolments": _("enrolments"),
        "issues": _("certificate issues"),
    }


def event_words() -> dict[str, str]:
    """What the mirror's events are called."""
    return {
        "completed": _("completed"),
        "withdrawn": _("withdrawn"),
        "returned": _("is there again"),
        "gone": _("is there no more"),
        "moved": _("time of completion changed"),
        "graded": _("grade changed"),
        "overridden": _("set or released by hand"),
        "suspended": _("suspended"),
        "restored": _("active again"),
        "replaced": _("another account under the same name"),
        "first_access": _("first access"),
        "changed": _("changed"),
    }
