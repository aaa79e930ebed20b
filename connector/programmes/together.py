"""Programmes beside each other: what they must agree on, or one would undo or block the other. Pure."""

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import combinations

from connector.errors import ConfigError
from connector.language import _
from connector.places import provinces
from connector.programmes.definition import Programme
from connector.programmes.rule import Prerequisite, walk


def check_together(programmes: Sequence[Programme]) -> None:
    """Pass if no two programmes call one cohort by two names, and none waits for itself through its prerequisites.

    Raises ConfigError naming all pairs, or the ring.
    """
    clashes = [clash for one, other in combinations(programmes, 2) for clash in _name_clashes(one, other)]
    if clashes:
        raise ConfigError("\n".join(clashes), hint=_("Give both the same names, or cohorts of their own."))
    try:
        TopologicalSorter({programme.key: prerequisites(programme) for programme in programmes}).prepare()
    except CycleError as error:
        raise ConfigError(
            _("These programmes wait for each other and can never be completed: {ring}.").format(
                ring=" < ".join(error.args[1])
            ),
            hint=_("Take the prerequisite out of one of them."),
        ) from None


def prerequisites(programme: Programme) -> list[str]:
    """The keys of the programmes that this one's rule asks for, sorted."""
    return sorted({part.programme for _place, part in walk(programme.rule) if isinstance(part, Prerequisite)})


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
