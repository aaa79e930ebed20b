"""What a change costs the person it is about, in words, for whoever approves the plan."""

from datetime import datetime

from connector.language import _
from connector.model import AccountSeen, EnrolmentSeen, mask_phone
from connector.sync.change import Change


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
    """The cost of leaving a cohort (reference/moodle-ws-facts.md section 3: enrolments that hang on it go too)."""
    return _(
        "Leaves cohort {cohort}; courses that enrol this cohort may drop the enrolment and its grades. "
        "Last log-in: {when}."
    ).format(cohort=cohort, when=_day(seen.last_access))


def of_making_again() -> str:
    """What it means that something of ours has gone."""
    return _("We made it before and it is gone from the platform; it is made again.")


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else _("never")
