"""What is made of the peers' measured figures: loops counted up to all people, sameness of work, the claims."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import pytest

from benchmarks import contestants, peers
from benchmarks.claims import against_peers
from benchmarks.peers import NAMES, READING, TASKS, WRITING, check_same, counted_up
from connector.jobs.measure import Cost as Measured
from connector.model import Account

PEOPLE, SAMPLE = 2_000, 20


def measured(name: str, wall: float, requests: int) -> Measured:
    return Measured(name=name, wall=wall, cpu=wall / 10, requests=requests)


def test_what_is_done_once_is_not_counted_up_and_the_loop_is() -> None:
    once, each = measured("once", 8.0, 3), measured("each", 1.5, 40)
    cost = counted_up("t", once, each, tried=SAMPLE, people=PEOPLE, found=7)
    assert (cost.requests, cost.wall, cost.tried, cost.found) == (3 + 40 * 100, 8.0 + 150.0, SAMPLE, 7)
    assert cost.cpu == pytest.approx(0.8 + 15.0)


def test_a_task_without_a_loop_costs_what_it_cost() -> None:
    cost = counted_up("t", measured("once", 8.0, 3), measured("each", 0.001, 0), tried=0, people=PEOPLE, found=PEOPLE)
    assert (cost.requests, cost.wall) == (3, 8.0)


class CountingSandbox:
    """Stands for the running sandbox: its door has been used so often."""

    def __init__(self) -> None:
        self.used = 0

    def requests(self) -> int:
        return self.used


def test_a_loop_is_broken_off_after_the_sample() -> None:
    sandbox = CountingSandbox()

    def steps() -> Iterator[int]:
        sandbox.used += 5
        yield 0
        for _person in range(PEOPLE):
            sandbox.used += 2
            yield 1

    cost = peers.cost("t", steps(), sandbox, PEOPLE, SAMPLE)
    assert (cost.requests, cost.tried, cost.found) == (5 + 2 * PEOPLE, SAMPLE, SAMPLE)
    assert sandbox.used == 5 + 2 * SAMPLE


def figures() -> dict[str, Any]:
    """Figures of a sound run: the connector in bulk, the peers in loops."""

    def clients(name: str) -> Iterator[dict[str, Any]]:
        for number, task in enumerate(TASKS):
            tried = 0 if name == "connector" else SAMPLE
            found = (tried or PEOPLE) if number in WRITING else 200 if number in READING else 0
            once = measured("once", 10.0, 20 if name == "connector" else 200)
            yield asdict(counted_up(task, once, measured("each", 0.0, 0), tried=tried, people=PEOPLE, found=found))

    return {
        "people": PEOPLE,
        "sample": SAMPLE,
        "speed": 2.0,
        "versions": {"pymoodle": "0.4.1"},
        "clients": {name: list(clients(name)) for name in NAMES},
    }


def test_a_sound_run_is_the_same_work_for_all() -> None:
    check_same(figures())


def fewer_made(found: dict[str, Any]) -> None:
    found["clients"]["pymoodle"][0]["found"] -= 1


def other_completions(found: dict[str, Any]) -> None:
    found["clients"]["edutools-moodle"][2]["found"] += 1


def nothing_studied(found: dict[str, Any]) -> None:
    for client in found["clients"].values():
        client[3]["found"] = 0


def a_difference(found: dict[str, Any]) -> None:
    found["clients"]["connector"][4]["found"] = 1


@pytest.mark.parametrize("spoil", [fewer_made, other_completions, nothing_studied, a_difference])
def test_other_work_ends_the_measurement(spoil: Callable[[dict[str, Any]], None]) -> None:
    found = figures()
    spoil(found)
    with pytest.raises(SystemExit, match="not the same work"):
        check_same(found)


def test_the_claims_hold_up_to_a_tenth_of_the_requests_and_the_same_time() -> None:
    found = figures()["clients"]
    assert [claim.holds for claim in against_peers(found)] == [True] * 10
    found["connector"][0]["requests"] = 21
    found["connector"][3]["wall"] = 10.4
    assert [claim.name for claim in against_peers(found) if not claim.holds] == [
        f"{TASKS[0]}: requests over edutools-moodle's",
        f"{TASKS[3]}: time over pymoodle's",
    ]


def test_the_table_marks_what_was_counted_up() -> None:
    lines = peers.table(figures()).splitlines()
    assert len(lines) == 2 + len(TASKS) + 3
    assert "| create the users | 20 | 10.0 | 1.0 | 200* | 10.0* | 1.0* |" in lines[2]


def test_the_peers_compare_account_member_and_enrolment() -> None:
    one = Account(username="0912", firstname="An", lastname="Lê Văn", email="a@x.invalid", idnumber="7")
    row = {
        "id": 3,
        "username": "0912",
        "firstname": "An",
        "lastname": "Lê Văn",
        "email": "a@x.invalid",
        "idnumber": "7",
    }
    assert contestants.differences([one], [row], {3}, {3}) == 0
    assert contestants.differences([one], [row | {"firstname": "Ân"}], {3}, {3}) == 1
    assert contestants.differences([one], [row], set(), {3}) == 1
    assert contestants.differences([one], [row], {3}, set()) == 1
    assert contestants.differences([one], [], {3}, {3}) == 1


def test_the_peers_count_complete_topics_only() -> None:
    modules = [{"id": 5, "name": "Chuyên đề 1: Mở đầu"}, {"id": 6, "name": "Giấy chứng nhận"}]
    cmids = contestants.topic_modules([{"modules": modules}])
    statuses = [{"cmid": 5, "state": 2}, {"cmid": 5, "state": 3}, {"cmid": 6, "state": 1}]
    assert (cmids, contestants.completed(statuses, cmids)) == ({5}, 1)
