"""A training programme as its YAML file defines it: window, topics, rule, cohorts, enrolment, certificate.

A new programme is a new file `config/programmes/<key>.yaml`; no code. Everything that can be wrong in a file is told
at once, with its line. Facts of the first programme: reference/vietnam-facts.md sections 1.1 and 1.3.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, field_validator, model_validator

from connector.errors import ConfigError
from connector.language import _
from connector.model import TopicRef
from connector.programmes.certificate import CertificatePolicy
from connector.programmes.checks import definition_problems
from connector.programmes.enrolment import Cohorts, EnrolmentPolicy, Leaving
from connector.programmes.rule import ChecksFailed, Prerequisite, Problem, Rule, titles, walk
from connector.programmes.sites import SiteKey, SiteShare, choice_problems, home_of
from connector.programmes.topics import Key, Part, Text, Topic, filled
from connector.programmes.unattended import Unattended
from connector.programmes.window import Window, Writes
from connector.programmes.wording import Located, located, nearest, problems_of, read_definition

SUFFIX = ".yaml"


class SelfRegistration(StrEnum):
    """What a registration by the person's own form is worth without a department's list."""

    CONFIRM = "confirm"
    ACCEPT = "accept"


class RegistrationPolicy(Part):
    """How people come into the programme who registered themselves (QR code)."""

    self_registration: SelfRegistration = Field(
        default=SelfRegistration.CONFIRM,
        description="confirm: an account only when a department's list names the person too; accept: at once.",
    )
    late_from: datetime | None = Field(
        default=None,
        description="First moment at which a self-registration is late, in the window's zone; left out: none is.",
    )

    @field_validator("late_from")
    @classmethod
    def _without_offset(cls, moment: datetime | None) -> datetime | None:
        if moment is not None and moment.tzinfo is not None:
            raise ValueError(_("write the time without an offset, such as 2025-11-25T00:00; the zone is the window's"))
        return moment


class Programme(Part):
    """A training programme. Build with `load_programme` or `find_programme`."""

    key: Key = Field(description="Short key; the file is named by it.")
    name: Text = Field(description="Full name, as it stands in reports.")
    short_name: Text = Field(description="Short name for tables and messages.")
    site_key: SiteKey | None = Field(
        default=None,
        alias="site",
        description="Key of the platform in the configuration (sites); required, unless sites is given.",
    )
    sites: dict[SiteKey, SiteShare] = Field(
        default={}, description="Instead of site: several platforms, each for some provinces, with what is its own."
    )
    window: Window = Field(description="When completions count.")
    writes: Writes = Field(default=Writes(), description="When the programme is provisioned on the platform.")
    unattended: Unattended = Field(default=Unattended(), description="What the service may apply by itself.")
    registration: RegistrationPolicy = Field(
        default=RegistrationPolicy(), description="How people who registered themselves come in."
    )
    cohorts: Cohorts = Field(default=Cohorts(), description="Names of the provinces' cohorts.")
    enrolment: EnrolmentPolicy = Field(description="Which courses learners are enrolled in.")
    leaving: Leaving = Field(default=Leaving.SUSPEND_ENROLMENT, description="What becomes of those who leave.")
    topics: Annotated[tuple[Topic, ...], AfterValidator(filled)] = Field(description="What may be done.")
    rule: Rule = Field(description="When the programme is completed.")
    certificate: CertificatePolicy = Field(description="How the certificate is released and numbered.")

    @model_validator(mode="after")
    def _can_be_meant(self) -> Self:
        given = {Programme.model_fields[name].alias or name for name in self.model_fields_set}
        found = [*choice_problems(given), *definition_problems(dict(self))]
        if found:
            raise ChecksFailed(found)
        return self

    def __hash__(self) -> int:
        """By key, so that a programme is cheap to look up; equality still compares everything."""
        return hash(self.key)

    @property
    def site(self) -> str:
        """The key of its one site, or of the one that `on` has chosen. Raises ConfigError where it has several."""
        if self.site_key is None:
            raise ConfigError(
                _("The programme '{key}' stands on several sites: {sites}.").format(
                    key=self.key, sites=", ".join(self.sites)
                ),
                hint=_("Name one of them with --site."),
            )
        return self.site_key

    @property
    def by_site(self) -> tuple[Self, ...]:
        """The programme as each of its sites has it, in the order of the file; itself where it has one."""
        return (self,) if self.site_key is not None else tuple(self.on(key) for key in self.sites)

    def on(self, site: str) -> Self:
        """The programme as this site has it: its courses, places of topics and gate. Raises ConfigError: not there."""
        if self.site_key == site:
            return self
        if self.site_key is not None or site not in self.sites:
            raise ConfigError(
                _("The programme '{key}' does not stand on the site '{site}'.").format(key=self.key, site=site),
                hint=_("Known sites: {known}.").format(known=self.site_key or ", ".join(self.sites)),
            )
        own = self.sites[site].sections(self.topics, self.enrolment, self.certificate)
        return self.model_copy(update={"site_key": site, **own})

    def home(self, province_code: str) -> str:
        """The key of the site where the people of this province are enrolled."""
        return home_of(self.sites, province_code) if self.sites else self.site

    def serves(self, province_code: str) -> bool:
        """True unless another site than this one serves the province; the programme as a whole serves all."""
        return self.site_key is None or not self.sites or home_of(self.sites, province_code) == self.site_key

    @property
    def refs(self) -> tuple[TopicRef, ...]:
        """Where the topics live, in the order of the file."""
        return tuple(topic.ref for topic in self.topics)

    @property
    def part_titles(self) -> dict[str, str]:
        """What people read for each part of the rule, by the part's name."""
        return titles(self.rule)

    @property
    def zone(self) -> tzinfo:
        """The time zone of the programme's times."""
        return ZoneInfo(self.window.zone)

    @property
    def writes_span(self) -> tuple[datetime | None, datetime | None]:
        """From when until when the platform may be changed, aware; None where there is no end."""
        return self.writes.span(self.window)

    def is_late(self, moment: datetime) -> bool:
        """True when somebody who registered himself at this aware moment was late."""
        late_from = self.registration.late_from
        return late_from is not None and moment >= late_from.replace(tzinfo=self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a programme file is: the programme, or all that is wrong with it."""

    programme: Programme | None
    problems: tuple[Located, ...] = ()


def examine_programme(path: Path) -> Examined:
    """The programme that this file defines, or everything that is wrong in it, in the order of the file. Reads only.

    Where a section has the wrong shape, the others are checked all the same, as far as they do without it.
    """
    definition = read_definition(path)
    if isinstance(definition, Located):
        return Examined(programme=None, problems=(definition,))
    programme, wrong = None, list(definition.repeated())
    try:
        programme = Programme.model_validate(definition.content)
    except ValidationError as error:
        wrong += problems_of(error, Programme)
        more = [*choice_problems(definition.content), *definition_problems(_sections(definition.content))]
        wrong += [(problem.place, problem.why) for problem in more]
    else:
        wrong += [(problem.place, problem.why) for problem in _in_folder(programme, path)]
    if wrong:
        return Examined(programme=None, problems=tuple(located(dict.fromkeys(wrong), definition)))
    return Examined(programme=programme)


def _sections(content: Mapping[str, Any]) -> dict[str, Any]:
    """Those sections of a programme that have the right shape."""
    found: dict[str, Any] = {}
    for name in Programme.model_fields.keys() & content.keys():
        adapter: TypeAdapter[Any] = TypeAdapter(Programme.model_fields[name].rebuild_annotation())
        with suppress(ValidationError):
            found[name] = adapter.validate_python(content[name])
    return found


def _in_folder(programme: Programme, path: Path) -> Iterator[Problem]:
    if programme.key != path.stem:
        why = _("the file defines the programme '{key}'. Name the file {name}.")
        yield Problem(place=("key",), why=why.format(key=programme.key, name=f"{programme.key}{SUFFIX}"))
    known = known_programmes(path.parent)
    for place, part in walk(programme.rule):
        if isinstance(part, Prerequisite) and part.programme not in known:
            why = _("there is no programme '{key}' beside this file. {hint}")
            hint = nearest(part.programme, [key for key in known if key != programme.key])
            yield Problem(place=(*place, "programme"), why=why.format(key=part.programme, hint=hint))


def load_programme(path: Path) -> Programme:
    """The programme that this file defines. Reads only.

    Raises ConfigError: the file is missing, not YAML, or wrong; all that is wrong is told at once, a line for each.
    """
    examined = examine_programme(path)
    if examined.programme is None:
        raise ConfigError("\n".join(map(str, examined.problems)))
    return examined.programme


def known_programmes(folder: Path) -> tuple[str, ...]:
    """The keys of all programmes in the folder, sorted; empty when there is no such folder. Reads only."""
    return tuple(sorted(path.stem for path in folder.glob(f"*{SUFFIX}")))


def programme_file(folder: Path, key: str) -> Path:
    """The file of the programme of this key. Raises ConfigError; an unknown key names the nearest known one."""
    known = known_programmes(folder)
    if key not in known:
        raise ConfigError(
            _("There is no programme '{key}' in {folder}.").format(key=key, folder=folder), hint=nearest(key, known)
        )
    return folder / f"{key}{SUFFIX}"


def find_programme(folder: Path, key: str) -> Programme:
    """The programme of this key. Reads only. Raises ConfigError; an unknown key names the nearest known one."""
    return load_programme(programme_file(folder, key))
