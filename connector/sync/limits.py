"""How many people may lose something in one plan: by province and nationwide, by share and by number.

People are counted, not verbs: whoever can do less afterwards, and whoever loses grades for good.
"""

from collections.abc import Iterator, Mapping

from connector.language import _
from connector.settings import Limits
from connector.sync.consequences import UNENROL, UNKNOWN, grades_dropped
from connector.sync.plan import Plan


def hold_beyond_limits(plan: Plan, limits: Limits) -> Plan:
    """The plan without the losses of provinces, and of the country, that are more than the limits allow.

    Of those who only move, as in a merger, grades alone are counted.
    """
    if plan.moves:
        return hold_grade_losses(plan, limits)
    return hold_grade_losses(hold_nationwide(hold_shrunken(plan, limits), limits), limits)


def hold_shrunken(plan: Plan, limits: Limits) -> Plan:
    """The plan without the removals of each province whose roster is empty or shrank by more than the limits."""
    losers: dict[str, set[str]] = {}
    for change in plan.changes:
        if change.takes_access:
            losers.setdefault(change.province_code, set()).add(change.username)
    unsafe = dict(_unsafe_provinces(plan, losers, limits))
    return plan.holding_back(
        {
            place: unsafe[change.province_code]
            for place, change in enumerate(plan.changes)
            if change.takes_access and change.province_code in unsafe
        }
    )


def _unsafe_provinces(plan: Plan, losers: Mapping[str, set[str]], limits: Limits) -> Iterator[tuple[str, str]]:
    for code, usernames in losers.items():
        people = plan.people.get(code)
        owned = max(people.owned if people else 0, len(usernames))
        if limits.removal_share < 1 and (people is None or people.registered == 0):
            why = _("Province {code}: no roster row is left for its {owned} people; import its roster.")
        elif too_many(len(usernames), owned, limits) or _above(len(usernames), limits.removal_most):
            why = _("Province {code}: {count} of {owned} people would lose access; check its roster.")
        else:
            continue
        yield code, why.format(code=code, count=len(usernames), owned=owned)


def hold_nationwide(plan: Plan, limits: Limits) -> Plan:
    """The plan without any removal, if those that each province could bear are too many for the country.

    The share is that of the whole country, so it says nothing of a plan of some provinces; the number always holds.
    """
    places = [place for place, change in enumerate(plan.changes) if change.takes_access]
    count = len({plan.changes[place].username for place in places})
    owned = max(sum(people.owned for people in plan.people.values()), count)
    share = 1 if plan.provinces else limits.national_share
    if not _above(count, limits.national_most) and (count <= limits.national_floor or count <= share * owned):
        return plan
    why = _("All provinces together: {count} of {owned} people would lose access; check which rosters have shrunk.")
    return plan.holding_back(dict.fromkeys(places, why.format(count=count, owned=owned)))


def hold_grade_losses(plan: Plan, limits: Limits) -> Plan:
    """The plan without the removals that drop grades, where the site is known to unenrol and too many would lose."""
    if plan.cohort_unenrol != UNENROL:
        return plan
    dropping = [
        place
        for place, change in enumerate(plan.changes)
        if grades_dropped(change, plan.stakes.get(change.username, UNKNOWN))
    ]
    people = {plan.changes[place].username for place in dropping}
    if len(people) <= limits.grade_losses:
        return plan
    why = _("{count} people would lose grades for good: the site unenrols who leaves a cohort.").format(
        count=len(people)
    )
    hint = _("Let the site's administrator set cohort enrolment to suspend instead.")
    return plan.holding_back(dict.fromkeys(dropping, f"{why} {hint}"))


def too_many(count: int, total: int, limits: Limits) -> bool:
    """True when so many of a total are more than both the floor and the share that a province may lose."""
    return count > limits.removal_floor and count > limits.removal_share * total


def _above(count: int, most: int) -> bool:
    return most > 0 and count > most
