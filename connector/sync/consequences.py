"""What a change costs the person it is about, in words, for whoever approves the plan.

A change knows what the platform does to him (`of_account` ...); the mirror knows what he has done so far (`Stakes`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.language import _
from connector.model import AccountSeen, CertificateState, EnrolmentSeen, Kind, mask_phone
from connector.sync.change import Change

UNENROL = "unenrol"
"""The `cohort_unenrol` of a site that drops enrolments, and the grades with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """What one person has on the site, as the mirror tells it: topics done and grades by course, his certificate.

    `enrolled` are the courses in which we enrolled him ourselves: there he stays when he leaves a cohort. `mirrored` is
    False when the mirror has never seen him, so that nothing is known. `last_visit` is None when he never came.
    """

    done: Mapping[str, int] = field(default_factory=dict)
    grades: Mapping[str, int] = field(default_factory=dict)
    enrolled: frozenset[str] = frozenset()
    certificate: CertificateState | None = None
    last_visit: datetime | None = None
    mirrored: bool = True


UNKNOWN = Stakes(mirrored=False)


def grades_dropped(change: Change, stakes: Stakes) -> int:
    """How many grades hang on the enrolments that end with this change where the site unenrols; 0 for other changes.

    Only the last enrolment in a course takes the grades along (reference/moodle-ws-facts.md section 3), so the courses
    in which we enrolled him ourselves do not count.
    """
    if change.kind is not Kind.MEMBERSHIP or not change.takes_access:
        return 0
    return sum(count for course, count in stakes.grades.items() if course not in stakes.enrolled)


def weighed(change: Change, stakes: Stakes, cohort_unenrol: str) -> Change:
    """The change with all that it costs in its consequence; one that takes nothing comes back as it is."""
    if not change.takes_access:
        return change
    parts = [change.consequence, *_by_cohort(change, stakes, cohort_unenrol), _so_far(change, stakes)]
    return replace(change, consequence=" ".join(filter(None, parts)))


def _by_cohort(change: Change, stakes: Stakes, cohort_unenrol: str) -> list[str]:
    if change.kind is not Kind.MEMBERSHIP:
        return []
    words = {
        UNENROL: _("Courses that enrol this cohort unenrol him."),
        "suspend": _("Courses that enrol this cohort suspend him; grades are kept."),
        "keep": _("Courses keep him."),
    }
    unknown = _("Whether courses that enrol this cohort then unenrol him is not known (sites.<key>.cohort_unenrol).")
    dropped = grades_dropped(change, stakes)
    found = [words.get(cohort_unenrol, unknown)]
    if dropped and cohort_unenrol == UNENROL:
        found.append(_("{count} grades are dropped.").format(count=dropped))
    elif dropped and cohort_unenrol not in words:
        found.append(_("{count} grades may be dropped.").format(count=dropped))
    return found


def _so_far(change: Change, stakes: Stakes) -> str:
    if not stakes.mirrored:
        return _("The mirror does not know him yet.")
    course = change.key[0] if change.kind is Kind.ENROLMENT else None
    done = _total(stakes.done, course)
    if not done and stakes.certificate is None:
        return _("Nothing done so far.")
    text = _("So far: {done} topics done, {grades} grades").format(done=done, grades=_total(stakes.grades, course))
    return f"{text}, {certificate_word(stakes.certificate)}." if stakes.certificate else f"{text}."


def _total(counts: Mapping[str, int], course: str | None) -> int:
    return sum(count for name, count in counts.items() if course in (None, name))


def certificate_word(state: CertificateState) -> str:
    """How far his certificate is."""
    return {
        CertificateState.DUE: _("certificate due"),
        CertificateState.GRANTED: _("certificate released"),
        CertificateState.ISSUED: _("certificate issued"),
    }.get(state, str(state.value))


def of_account(seen: AccountSeen) -> str:
    """The cost of suspending an account."""
    return _("Can no longer log in; everything is kept. Last log-in: {when}.").format(when=_day(seen.last_access))


def of_rename(change: Change) -> str:
    """What a new username means to the person; '' when the change is no rename."""
    if change.renames is None:
        return ""
    old, new = change.renames
    return _("Logs in as {new} instead of {old} from then on, with the same password; tell him.").format(
        new=mask_phone(new), old=mask_phone(old)
    )


def of_enrolment(seen: EnrolmentSeen) -> str:
    """The cost of suspending an enrolment."""
    return _("Can no longer enter course {course}; progress and grades are kept. Last visit: {when}.").format(
        course=seen.course, when=_day(seen.last_course_access)
    )


def of_membership(cohort: str, seen: AccountSeen) -> str:
    """The cost of leaving a cohort, as far as the platform tells it; what courses then do is the site's setting."""
    return _("Leaves cohort {cohort}. Last log-in: {when}.").format(cohort=cohort, when=_day(seen.last_access))


def of_group(group: str) -> str:
    """The cost of leaving a course group: teachers see the person elsewhere, and nothing is lost."""
    return _("Leaves the course group {group}; enrolment, progress and grades stay.").format(group=group)


def of_making_again() -> str:
    """What it means that something of ours has gone."""
    return _("We made it before and it is gone from the platform; it is made again.")


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else _("never")
