"""Who loses what by a plan, counted by province: what an approver looks at first."""

from collections.abc import Iterator
from dataclasses import dataclass

from connector.language import _
from connector.places import province_by_code
from connector.sync.consequences import UNENROL, UNKNOWN, grades_dropped
from connector.sync.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """One province's losses: people who lose access; how many of them have done something, or have a certificate.

    `dropping` people lose `grades` for good: surely where the site is known to unenrol, perhaps where nobody has told.
    """

    province_code: str
    people: int
    studied: int
    certified: int
    dropping: int
    grades: int


def losses_of(plan: Plan) -> list[Losses]:
    """The losses of the plan's changes (not of those held back) by province code, provinces without any left out."""
    people: dict[str, set[str]] = {}
    grades: dict[str, dict[str, int]] = {}
    counts = plan.cohort_unenrol in (UNENROL, "unknown")
    for change in plan.changes:
        if not change.takes_access:
            continue
        people.setdefault(change.province_code, set()).add(change.username)
        dropped = grades_dropped(change, plan.stakes.get(change.username, UNKNOWN)) if counts else 0
        if dropped:
            # Whoever leaves two cohorts can lose a grade only once.
            grades.setdefault(change.province_code, {})[change.username] = dropped
    return [_losses(plan, code, people[code], grades.get(code, {})) for code in sorted(people)]


def _losses(plan: Plan, code: str, usernames: set[str], grades: dict[str, int]) -> Losses:
    stakes = [plan.stakes.get(username, UNKNOWN) for username in usernames]
    return Losses(
        province_code=code,
        people=len(usernames),
        studied=sum(any(one.done.values()) for one in stakes),
        certified=sum(one.certificate is not None for one in stakes),
        dropping=len(grades),
        grades=sum(grades.values()),
    )


def loss_notices(plan: Plan) -> Iterator[str]:
    """One sentence for each province that loses something, or one on those who move."""
    if plan.moves:
        yield from _moves(plan)
        return
    dropped = (
        _("{grades} grades of {people} people are dropped")
        if plan.cohort_unenrol == UNENROL
        else _("{grades} grades of {people} people may be dropped (sites.<key>.cohort_unenrol is not set)")
    )
    for one in losses_of(plan):
        parts = [_("{count} people lose access").format(count=one.people)]
        if one.studied:
            parts.append(_("{count} of them have done topics").format(count=one.studied))
        if one.certified:
            parts.append(_("{count} have a certificate").format(count=one.certified))
        if one.grades:
            parts.append(dropped.format(grades=one.grades, people=one.dropping))
        name = province_by_code(one.province_code).name if one.province_code else _("All provinces")
        yield f"{name}: {', '.join(parts)}."


def _moves(plan: Plan) -> Iterator[str]:
    people = {change.username for change in plan.changes if change.takes_access}
    if people:
        yield _(
            "{count} people move to the cohorts of the provinces in force. A course that enrols the old cohort must "
            "enrol the new one too before this is applied."
        ).format(count=len(people))
