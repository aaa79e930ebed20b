"""Programmes on one platform: what they must agree on, or each plan would undo the other's. Pure."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from connector.errors import ConfigError
from connector.language import _
from connector.places import provinces
from connector.programmes.definition import Programme


def check_together(programmes: Sequence[Programme]) -> None:
    """Pass if no two programmes call one cohort by two names. Raises ConfigError naming all pairs that do."""
    clashes = [clash for one, other in combinations(programmes, 2) for clash in _name_clashes(one, other)]
    if clashes:
        raise ConfigError("\n".join(clashes), hint=_("Give both the same names, or cohorts of their own."))


def fought_over(one: Programme, other: Programme) -> tuple[str, ...]:
    """The courses in which both programmes enrol, on one site, with different dates; sorted.

    Two rounds of one training may share a course as long as nobody stands in both: whoever does would get the dates of
    the programme that was planned last.
    """
    if one.site != other.site or _dates(one) == _dates(other):
        return ()
    return tuple(sorted(set(one.enrolment.courses) & set(other.enrolment.courses)))


def _dates(programme: Programme) -> tuple[object, object] | None:
    window = programme.window
    return (window.starts_at, window.ends_at) if programme.enrolment.limit_to_window else None


def _name_clashes(one: Programme, other: Programme) -> Iterator[str]:
    if one.site != other.site or one.cohorts == other.cohorts:
        return
    names = {}
    for place in provinces():
        cohort = one.cohorts.of(place.code, place.name)
        names[cohort.idnumber] = cohort.name
    for place in provinces():
        cohort = other.cohorts.of(place.code, place.name)
        first = names.get(cohort.idnumber, cohort.name)
        if first != cohort.name:
            yield _(
                "The programmes '{one}' and '{other}' call the cohort '{cohort}' by two names: '{first}', '{second}'."
            ).format(one=one.key, other=other.key, cohort=cohort.idnumber, first=first, second=cohort.name)
            return
