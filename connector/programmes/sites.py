"""One programme on several sites: which provinces each site serves, and what it has of its own.

The sections are those of the programme file. What a site leaves out is the programme's own, so two sites that are built
alike say nothing but their provinces. Why it is so: docs/decisions/0013-one-programme-several-sites.md.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from connector.language import _
from connector.places import provinces as provinces_in_force
from connector.programmes.certificate import CertificatePolicy, Release
from connector.programmes.enrolment import EnrolmentPolicy
from connector.programmes.rule import Place, Problem
from connector.programmes.topics import Key, Part, RemoteKey, Topic
from connector.programmes.wording import nearest

SiteKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _two_digits(code: Any) -> Any:
    """YAML reads 40 as a number, and 01 as 1."""
    return f"{code:02d}" if isinstance(code, int) and not isinstance(code, bool) else code


ProvinceCode = Annotated[str, BeforeValidator(_two_digits)]


class TopicPlace(Part):
    """Where a topic lives on one site."""

    course: RemoteKey = Field(description="Idnumber of the course on this site.")
    activity: RemoteKey | None = Field(
        default=None, description="Idnumber of the activity; left out when the topic is the whole course."
    )


class SiteShare(Part):
    """One of several sites of a programme."""

    provinces: tuple[ProvinceCode, ...] | None = Field(
        default=None, description="Codes of the provinces whose people are enrolled here; left out: all others."
    )
    enrolment: EnrolmentPolicy | None = Field(
        default=None, description="As the programme's, for this site; left out: the programme's own."
    )
    topics: dict[Key, TopicPlace] = Field(
        default={}, description="By key of the topic where it lives on this site; left out: as in topics."
    )
    certificate: Release | None = Field(
        default=None, description="How the certificate is released on this site; left out: as in certificate."
    )

    def sections(
        self, topics: Sequence[Topic], enrolment: EnrolmentPolicy, certificate: CertificatePolicy
    ) -> dict[str, Any]:
        """These sections of the programme as this site has them."""
        return {
            "topics": tuple(self._placed(topic) for topic in topics),
            "enrolment": self.enrolment or enrolment,
            "certificate": certificate.model_copy(update=dict(self.certificate)) if self.certificate else certificate,
        }

    @property
    def has_own(self) -> bool:
        """True when anything but its provinces is its own."""
        return bool(self.topics or self.enrolment or self.certificate)

    def names(self, place: Place) -> bool:
        """True when a section of this site, or a topic in it, stands at this place."""
        own = getattr(self, str(place[0]), None)
        return bool(own) and (place[0] != "topics" or place[1] in self.topics)

    def _placed(self, topic: Topic) -> Topic:
        place = self.topics.get(topic.key)
        return topic if place is None else topic.model_copy(update=dict(place))


def home_of(sites: Mapping[str, SiteShare], province_code: str) -> str:
    """The key of the site that serves this province. `sites` must have been checked by `share_problems`."""
    named = (key for key, share in sites.items() if share.provinces and province_code in share.provinces)
    others = (key for key, share in sites.items() if share.provinces is None)
    return next(named, None) or next(others)


def sites_in_words(sites: Mapping[str, SiteShare]) -> tuple[str, ...]:
    """Which provinces are at home on which site, a line each."""
    names = {province.code: province.name for province in provinces_in_force()}
    return tuple(
        _("on {site}: {provinces}").format(
            site=key,
            provinces=_("all other provinces")
            if share.provinces is None
            else ", ".join(f"{code} {names[code]}" for code in share.provinces),
        )
        for key, share in sites.items()
    )


def choice_problems(given: Collection[str]) -> Iterator[Problem]:
    """What is wrong when a file holds both of `site` and `sites`, or neither; `given` are its keys."""
    if {"site", "sites"} <= set(given):
        yield Problem(place=("sites",), why=_("give either 'site' or 'sites', not both"))
    if not {"site", "sites"} & set(given):
        yield Problem(place=("site",), why=_("this key is needed and missing"))


def share_problems(sites: Mapping[str, SiteShare], topics: Sequence[Topic] = ()) -> list[Problem]:
    """All that cannot be meant in how these sites share the country: each province must have exactly one."""
    known = [topic.key for topic in topics]
    found = list(_province_problems(sites))
    for key, share in sites.items():
        for topic in sorted(share.topics.keys() - set(known)) if known else ():
            why = _("there is no topic '{key}'. {hint}").format(key=topic, hint=nearest(topic, known))
            found.append(Problem(place=("sites", key, "topics", topic), why=why))
    if len(sites) == 1:
        why = _("one site alone is written as 'site: {key}'").format(key=min(sites))
        found.append(Problem(place=("sites",), why=why))
    return found


def _province_problems(sites: Mapping[str, SiteShare]) -> Iterator[Problem]:
    in_force = [province.code for province in provinces_in_force()]
    served = Counter(code for share in sites.values() for code in share.provinces or ())
    for key, share in sites.items():
        for number, code in enumerate(share.provinces or ()):
            place = ("sites", key, "provinces", number)
            if code not in in_force:
                yield Problem(place=place, why=_("there is no province with the code '{code}'").format(code=code))
            if served[code] > 1:
                yield Problem(place=place, why=_("the province {code} stands at two places").format(code=code))
    rest = [key for key, share in sites.items() if share.provinces is None]
    for key in rest[1:]:
        why = _("'{first}' serves all other provinces already; name those of this site").format(first=rest[0])
        yield Problem(place=("sites", key, "provinces"), why=why)
    missing = ", ".join(code for code in in_force if not served[code])
    if sites and not rest and missing:
        yield Problem(place=("sites",), why=_("no site serves these provinces: {codes}").format(codes=missing))
