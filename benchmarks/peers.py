"""`python -m benchmarks.peers`: the connector against pymoodle and edutools-moodle on the sandbox's realistic mode.

Five tasks with 2,000 people; requests are counted by the sandbox. Each client runs in a process of its own and gets
its own copies of two sites: a new one, and one where all are enrolled and have studied. What each client does is told
in benchmarks/contestants.py.

Two switches keep it short. `--speed` lets the sandbox answer so many times quicker than a real site; a client's own
time is not made quicker, which is to the disadvantage of the client that does more. `--sample`: the peers' loops that
go person by person are run for so many people and counted up to all; 0 runs them for everybody.
"""

import argparse
import gc
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from benchmarks.contestants import ACTIVITIES, COURSES, Connector, Contestant, Edutools, Pymoodle, Task
from connector.context import Context
from connector.jobs.apply import apply
from connector.jobs.demo import Clock, Demo, demo_context
from connector.jobs.measure import Cost as Measured
from connector.jobs.measure import Meter
from connector.jobs.plan import make_plan
from connector.jobs.rosters import import_rosters
from connector.jobs.sandbox import RunningSandbox, running_sandbox
from connector.rosters.reader import read_roster
from connector.sandbox.rosters import write_rosters
from connector.settings import AccountMapping, Settings
from connector.sync.mapping import AccountMapper

PEOPLE, SAMPLE, SPEED = 2_000, 20, 2.0
PROVINCE, COHORT = "01", "VN-01"
DAY = 15  # most have done something, and all enrolments are still in force
NAMES = ("connector", "pymoodle", "edutools-moodle")
TASKS = ("create the users", "fill one cohort", "read 19 activities", "read 19 courses", "unchanged second run")
WRITING, READING = (0, 1), (2, 3)


class Door(Protocol):
    """Where requests are counted: the sandbox."""

    def requests(self) -> int:
        """How many have come so far."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a task cost one client, counted up to all people; `tried` of them were really done one by one."""

    task: str
    requests: float
    wall: float
    cpu: float
    tried: int
    found: int


def main() -> int:
    """Measure and print the table; 1 when the clients do not find the same."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="people of the peers' loops; 0 for everybody")
    parser.add_argument("--speed", type=float, default=SPEED, help="so many times quicker than a real site")
    parser.add_argument("--only", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sample = options.sample or options.people
    if options.only:
        print(json.dumps([asdict(cost) for cost in costs(options.only, options.folder, sample, options.speed)]))
        return 0
    print(table(measure(options.people, sample, options.speed)))
    return 0


def measure(people: int = PEOPLE, sample: int = SAMPLE, speed: float = SPEED) -> dict[str, Any]:
    """The costs of every client at every task. Raises SystemExit when they do not find the same."""
    with tempfile.TemporaryDirectory(prefix="connector-peers-") as name:
        folder = Path(name)
        prepare(folder, people)
        found = {one: _in_own_process(one, folder, people, sample, speed) for one in NAMES}
    figures = {
        "people": people,
        "sample": sample,
        "speed": speed,
        "versions": {name: version(name) for name in ("pymoodle", "edutools-moodle")},
        "clients": found,
    }
    check_same(figures)
    return figures


def prepare(folder: Path, people: int) -> None:
    """The roster, and a site where its people are in both programmes and have studied for two weeks."""
    rosters = write_rosters(folder / "lists", people, seed=1, provinces=[PROVINCE])
    with running_sandbox(folder / "studied") as sandbox:
        ctx = _context(folder / "studied", sandbox)
        # Both enrol in the course of the certificate, one with dates: the programme of the second run comes last.
        for programme in (COURSES, ACTIVITIES):
            import_rosters(ctx, programme, rosters)
            outcome = apply(ctx, make_plan(ctx, programme))
            if outcome.refused or outcome.unknown or outcome.left or outcome.stopped_by:
                raise SystemExit(f"the site for the peers could not be prepared: {outcome}")
        sandbox.control.move_to_day(DAY)
        ctx.store.close()


def _in_own_process(name: str, folder: Path, people: int, sample: int, speed: float) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.peers", "--only", name, "--folder", str(folder)]
    command += ["--people", str(people), "--sample", str(sample), "--speed", str(speed)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def costs(name: str, folder: Path, sample: int, speed: float) -> Iterator[Cost]:
    """One client at all tasks, in this process. The reading of the roster is done before anything is measured."""
    gc.set_threshold(200_000, 50, 1_000)  # as the connector does
    mapper = AccountMapper(AccountMapping())
    learners = [learner for path in sorted((folder / "lists").iterdir()) for learner in read_roster(path).accepted]
    people = [mapper.account(learner) for learner in learners]
    watched = [account.username for account in people[:: max(1, len(people) // sample)]][:sample]
    new, studied = folder / f"new-{name}", folder / f"studied-{name}"
    with running_sandbox(new, speed=speed) as sandbox:
        client = _client(name, new, sandbox)
        if isinstance(client, Connector):
            client.register(sorted((folder / "lists").iterdir()))
        yield cost(TASKS[0], client.create_users(people), sandbox, len(people), sample)
        yield cost(TASKS[1], client.fill_cohort(COHORT), sandbox, len(people), sample)
    shutil.copytree(folder / "studied", studied)
    with running_sandbox(studied, speed=speed) as sandbox:
        # A new client for each task: what one has looked up is no gift to the next.
        yield cost(TASKS[2], _client(name, studied, sandbox).read_activities(watched), sandbox, len(people), sample)
        yield cost(TASKS[3], _client(name, studied, sandbox).read_courses(watched), sandbox, len(people), sample)
        yield cost(TASKS[4], _client(name, studied, sandbox).second_run(people, COHORT), sandbox, len(people), sample)


def _client(name: str, folder: Path, sandbox: RunningSandbox) -> Contestant:
    if name == "connector":
        return Connector(_context(folder, sandbox))
    return Pymoodle(sandbox) if name == "pymoodle" else Edutools(sandbox)


def _context(folder: Path, sandbox: RunningSandbox) -> Context:
    return demo_context(Demo(folder=folder), Settings(), sandbox, Clock(sandbox))


def cost(task: str, steps: Task, sandbox: Door, people: int, sample: int) -> Cost:
    """What the task costs: what is done once, and the loop over `sample` people counted up to all of them."""
    meter = Meter(requests=sandbox.requests)
    with meter.step("once"):
        found = next(steps)
    with meter.step("each"):
        one_by_one = list(islice(steps, sample))
    once, each = meter.costs
    return counted_up(task, once, each, tried=len(one_by_one), people=people, found=found + sum(one_by_one))


def counted_up(task: str, once: Measured, each: Measured, *, tried: int, people: int, found: int) -> Cost:
    """The whole cost: `once`, and `each`, which was the loop over `tried` people, for all of them."""
    factor = people / tried if tried else 0.0
    return Cost(
        task=task,
        requests=once.requests + factor * each.requests,
        wall=once.wall + factor * each.wall,
        cpu=once.cpu + factor * each.cpu,
        tried=tried,
        found=found,
    )


def check_same(figures: dict[str, Any]) -> None:
    """Raises SystemExit when a client did not do all of a task, or found other completions than the others."""
    for number, task in enumerate(TASKS):
        done = {name: found[number] for name, found in figures["clients"].items()}
        wanted = {name: _wanted(number, one, figures, done["connector"]) for name, one in done.items()}
        wrong = {name: (one["found"], wanted[name]) for name, one in done.items() if one["found"] != wanted[name]}
        if wrong or (number in READING and not done["connector"]["found"]):
            raise SystemExit(f"'{task}' is not the same work for all: {wrong or 'nothing was found'}")


def _wanted(number: int, one: dict[str, Any], figures: dict[str, Any], ours: dict[str, Any]) -> int:
    """What this client must have found: all that it wrote, the same completions, no difference."""
    if number in WRITING:
        return int(one["tried"] or figures["people"])
    return int(ours["found"]) if number in READING else 0


def table(figures: dict[str, Any]) -> str:
    """The costs side by side, as Markdown."""
    lines = ["| task | " + " | ".join(f"{name}: requests | s | CPU s" for name in NAMES) + " |"]
    lines += ["|---|" + "---|" * (3 * len(NAMES))]
    for number, task in enumerate(TASKS):
        cells = [_cells(figures["clients"][name][number], figures["people"]) for name in NAMES]
        lines.append(f"| {task} | " + " | ".join(cells) + " |")
    versions = ", ".join(f"{name} {number}" for name, number in figures["versions"].items())
    lines += [
        "",
        f"{figures['people']} people, sandbox {figures['speed']:g} times as quick as a real site; {versions}.",
    ]
    if figures["sample"] < figures["people"]:
        lines.append(f"*: person by person, measured on {figures['sample']} people and counted up to all.")
    return "\n".join(lines)


def _cells(one: dict[str, Any], people: int) -> str:
    mark = "*" if 0 < one["tried"] < people else ""
    return f"{one['requests']:.0f}{mark} | {one['wall']:.1f}{mark} | {one['cpu']:.1f}{mark}"


if __name__ == "__main__":
    sys.exit(main())
