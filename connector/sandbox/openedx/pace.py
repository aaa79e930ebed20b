"""What a real Open edX would have taken for a request: a floor for each kind of call, and so much for each row.

The floors are the medians of the recorded calls (two cores, one worker); the seconds of a row are those of the lists
that were measured: 130 CSV sign-ups 31 s, 130 cohort members 2.9 s, 130 active people enrolled in bulk 3.6 s, 130
accounts looked up 1 s, 144 students listed 0.2 s (reference/openedx-facts.md sections 3, 5, 6, 10 and 11). Read as
ratios. What was not measured gets the floor of any call, and is marked where it is a guess.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.asking import Ask

ANY_CALL = 0.025


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one kind of call: `floor` once, `each` for every row that `rows` counts in request and answer."""

    floor: float
    each: float = 0.0
    rows: Callable[[Ask, SandboxAnswer], int] = lambda _ask, _answer: 0


def _lines(ask: Ask, _answer: SandboxAnswer) -> int:
    return (ask.file("students_list") or ("", ""))[1].count("\n")


def _sent(name: str) -> Callable[[Ask, SandboxAnswer], int]:
    return lambda ask, _answer: len(ask.data()[name])


def _identifiers(ask: Ask, _answer: SandboxAnswer) -> int:
    data = ask.data()
    return len(str(data["identifiers"]).replace("\n", ",").split(",")) * len(str(data["courses"]).split(","))


def _told(name: str = "") -> Callable[[Ask, SandboxAnswer], int]:
    def count(_ask: Ask, answer: SandboxAnswer) -> int:
        body = json.loads(answer.body)
        return len(body[name] if name else body)

    return count


COSTS = {
    "oauth.access_token": Cost(0.030),
    "registration.register": Cost(0.430),
    "signup.register_and_enrol": Cost(0.040, 0.240, _lines),
    "accounts.accounts": Cost(0.020, 0.0075, _told()),
    "accounts.search_emails": Cost(0.020, 0.00008, _sent("emails")),
    "enrolments.write": Cost(0.052),
    "enrolment_lists.enrolments": Cost(0.024, 0.0002, _told("results")),  # rows: not measured
    "bulk.bulk_enrol": Cost(0.040, 0.028, _identifiers),
    "cohorts.cohorts": Cost(0.040),
    "cohort_members.members": Cost(0.025),
    "cohort_members.add": Cost(0.035, 0.022, _sent("users")),
    "grades.grades": Cost(0.044, 0.010, _told("results")),  # rows: not measured, a tenth of a gradebook's floor
    "gradebook.gradebook": Cost(0.090, 0.010, _told("results")),  # rows: not measured
    "gradebook.bulk_update": Cost(0.100, 0.100, lambda ask, _answer: len(ask.data())),
    "progress.blocks": Cost(0.107),
    "progress.progress": Cost(0.200),
    "instructor.students": Cost(0.060, 0.001, _told("students")),
    "instructor.start_generation": Cost(0.088),
    "exceptions.bulk_exceptions": Cost(0.060, 0.020, _lines),  # rows: not measured
    "exceptions.generate": Cost(0.058),
}


def cost_of(name: str, ask: Ask, answer: SandboxAnswer) -> float:
    """The seconds of one call that was carried out; a refused one costs the floor of any call."""
    if answer.status >= HTTPStatus.BAD_REQUEST:
        return ANY_CALL
    if name == "cohort_members.members" and ask.method == "POST":
        name = "cohort_members.add"
    cost = COSTS.get(name, Cost(ANY_CALL))
    return cost.floor + cost.each * cost.rows(ask, answer)
