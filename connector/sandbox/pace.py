"""What a real site would have taken for a request: a floor for each request and so much for each row.

Measured on a real Moodle 4.5 on two shared cores (reference/moodle-ws-facts.md section 0.1): read as ratios. `floor` is
fitted so that both the single call and the long list come out as measured. Functions that were not measured get the
floor of any call, and so much a row as their nearest measured relative; they are marked.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore, Event
from typing import Any

ANY_CALL = 0.040
CORES = 2
# Two connections took 8 ms where one took 13, not half of it: each is slowed down while the other one works.
CROWDED = 2 * 8 / 13

_Rows = Callable[[Mapping[str, Any], Any], float]


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one function: `floor` once a request, `each` for every row that `rows` counts."""

    floor: float
    each: float
    rows: _Rows

    def of(self, args: Mapping[str, Any], result: Any) -> float:
        """The seconds above the floor."""
        return self.each * self.rows(args, result)


def _given(name: str) -> _Rows:
    return lambda args, _result: len(args[name])


def _found(name: str = "") -> _Rows:
    return lambda _args, result: len(result[name] if name else result)


def _one(_args: Mapping[str, Any], _result: Any) -> float:
    return 1


def _hashed(args: Mapping[str, Any], _result: Any) -> float:
    """Accounts by their weight: without a password to hash it is 7 ms instead of 13."""
    return sum(7 / 13 if user["auth"] == "nologin" else 1 for user in args["users"])


def _added(args: Mapping[str, Any], result: Any) -> float:
    """Members by their weight: who is in already costs 0.4 ms instead of 2."""
    known = len(result["warnings"])
    return len(args["members"]) - known + known * 0.2


def _described(args: Mapping[str, Any], result: Any) -> float:
    """Rows by their weight: all fields cost 4.25 ms, chosen ones 0.5."""
    chosen = any(option["name"] == "userfields" for option in args["options"])
    return len(result) * (1 if chosen else 8.5)


def _graded(_args: Mapping[str, Any], result: Any) -> float:
    return sum(len(user["gradeitems"]) for user in result["usergrades"]) / 19


def _reported(_args: Mapping[str, Any], result: Any) -> float:
    return len(result["data"]["rows"])


COSTS = {
    "core_user_create_users": Cost(0.075, 0.013, _hashed),
    "core_user_update_users": Cost(ANY_CALL, 0.0016, _given("users")),
    "core_user_get_users_by_field": Cost(ANY_CALL, 0.0037, _found()),
    "core_user_get_users": Cost(ANY_CALL, 0.0037, _found("users")),
    "core_cohort_add_cohort_members": Cost(ANY_CALL, 0.002, _added),
    "core_cohort_delete_cohort_members": Cost(ANY_CALL, 0.002, _given("members")),  # not measured: as adding
    "core_cohort_create_cohorts": Cost(ANY_CALL, 0.002, _given("cohorts")),  # not measured
    "enrol_manual_enrol_users": Cost(ANY_CALL, 0.0046, _given("enrolments")),
    "enrol_manual_unenrol_users": Cost(ANY_CALL, 0.0046, _given("enrolments")),  # not measured: as enrolling
    "core_enrol_get_enrolled_users": Cost(ANY_CALL, 0.0005, _described),
    "core_completion_get_activities_completion_status": Cost(0.033, 0.025, _one),
    "core_completion_override_activity_completion_status": Cost(0.080, 0.010, _one),
    "gradereport_user_get_grade_items": Cost(ANY_CALL, 0.0035, _graded),
    "core_reportbuilder_retrieve_report": Cost(ANY_CALL, 0.00007, _reported),  # without the progress column
    "core_group_add_group_members": Cost(ANY_CALL, 0.002, _given("members")),  # not measured: as in cohorts
    "mod_customcert_list_issues": Cost(ANY_CALL, 0.0005, _found()),  # not measured
}
# Seconds of an inner call of a batch that has no cost of its own; not measured.
INNER_CALL = 0.005


class Bill:
    """What the calls of one request would have cost; empty again when it is taken."""

    def __init__(self) -> None:
        self._floor = 0.0
        self._rows = 0.0

    def add(self, function: str, args: Mapping[str, Any], result: Any) -> None:
        """Add one call that was carried out."""
        cost = COSTS.get(function)
        self._floor = max(self._floor, cost.floor if cost else ANY_CALL)
        self._rows += cost.of(args, result) if cost else INNER_CALL

    def take(self) -> float:
        """The seconds of all calls since it was last taken; the floor of any call where none was carried out."""
        total = max(self._floor, ANY_CALL) + self._rows
        self._floor = self._rows = 0.0
        return total


class Pace:
    """Lets requests take as long as on a real site with two cores; `speed` 10 makes it ten times quicker."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._cores = BoundedSemaphore(CORES)
        self._busy = 0

    @contextmanager
    def core(self) -> Iterator[None]:
        """Hold one of the site's cores; further requests wait for one."""
        with self._cores:
            self._busy += 1
            try:
                yield
            finally:
                self._busy -= 1

    def spend(self, seconds: float, began: float, stopped: Event) -> None:
        """Wait until so many seconds of a real site have passed since `began` (time.perf_counter). Core is held."""
        slowed = seconds * (CROWDED if self._busy > 1 else 1.0)
        left = slowed / self._speed - (time.perf_counter() - began)
        if left > 0:
            stopped.wait(left)
