"""The parts of the configuration that keep plans from doing harm: limits, freezes, protected accounts, approval."""

from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from connector.errors import ConfigError
from connector.language import _
from connector.settings.sections import Section, SiteKey

HOME = ZoneInfo("Asia/Ho_Chi_Minh")


class Limits(Section):
    """How many people a plan may take something from; beyond it a person must say so (plan --override)."""

    removal_share: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Largest share of a province's people who may lose access in one plan.",
    )
    removal_floor: int = Field(
        default=5, ge=0, description="So many removals in a province are always allowed, whatever the share."
    )
    removal_most: int = Field(
        default=500, ge=0, description="The most people of a province who may lose access in one plan (0: no ceiling)."
    )
    national_share: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="Largest share of all provinces' people together who may lose access in one plan.",
    )
    national_floor: int = Field(
        default=50, ge=0, description="So many removals in the country are always allowed, whatever the share."
    )
    national_most: int = Field(
        default=2000,
        ge=0,
        description="The most people in the country who may lose access in one plan (0: no ceiling).",
    )
    grade_losses: int = Field(
        default=0, ge=0, description="So many people may lose grades for good in one plan (where a site unenrols)."
    )
    mirror_share: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Largest share of what the mirror knows (of all, of a topic, course or cohort, of a province) that "
        "may be missing in one reading; beyond it the old values stand until a person accepts the loss.",
    )
    mirror_floor: int = Field(
        default=5, ge=0, description="So many missing in one reading of the mirror are always believed."
    )
    plan_age_minutes: int = Field(default=24 * 60, gt=0, description="A plan older than this is refused by apply.")


class Freeze(Section):
    """A time in which nothing is written to the platforms: a holiday, an audit, an upgrade of the site."""

    starts_at: datetime = Field(description="First moment, Viet Nam's time, without an offset: 2026-02-14T00:00.")
    ends_at: datetime = Field(description="First moment at which writing goes on again.")
    why: str = Field(min_length=1, description="The reason; people who are refused read it.")
    sites: tuple[SiteKey, ...] = Field(default=(), description="Only these sites (left out: all).")

    @field_validator("starts_at", "ends_at")
    @classmethod
    def _at_home(cls, moment: datetime) -> datetime:
        if moment.tzinfo is not None:
            raise ValueError("write the time without an offset, such as 2026-02-14T00:00; it is Viet Nam's time")
        return moment.replace(tzinfo=HOME)

    @model_validator(mode="after")
    def _has_a_length(self) -> "Freeze":
        if self.starts_at >= self.ends_at:
            raise ValueError("the freeze ends before it begins")
        return self

    def holds(self, site: str, moment: datetime) -> bool:
        """True when nothing may be written to this site at this aware moment."""
        return self.starts_at <= moment < self.ends_at and (not self.sites or site in self.sites)


class Protected(Section):
    """Accounts that no plan ever touches, whatever rosters say, and no override lets through."""

    usernames: tuple[str, ...] = Field(default=(), description="Log-in names.")
    file: Path | None = Field(default=None, description="A file of more of them, one a line; # begins a comment.")

    def names(self) -> frozenset[str]:
        """All of them in small letters, the file read now. Raises ConfigError when that cannot be done."""
        lines = (line.partition("#")[0] for line in self._lines())
        return frozenset(name for line in (*self.usernames, *lines) if (name := line.strip().lower()))

    def _lines(self) -> list[str]:
        if self.file is None:
            return []
        try:
            return self.file.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                _("The list of protected accounts {path} cannot be read: {why}.").format(path=self.file, why=error),
                hint=_("Nothing is planned without it; mend protected.file in the configuration."),
            ) from None


class ApprovalPolicy(Section):
    """When a second person must approve a plan before it is applied (connector approve)."""

    when: Literal["never", "losses", "always"] = Field(
        default="never",
        description="never; losses: when somebody loses access or a guard was overridden; always: every plan.",
    )
