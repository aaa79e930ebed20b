"""What a plan costs: 18,000 learners with 500 changes on a sandbox over HTTP, and 500,000 learners in 34 shards.

The 500,000 stand in a real database; no sandbox could hold them in reasonable time, so a stand-in answers in the
connector's own process, person by person, as ledger and roster say. Its time and memory are counted as the connector's,
which makes both figures worse than they are.
"""

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from connector.cli.main import COLLECT
from connector.context import Context, open_context
from connector.jobs.demo import PROGRAMME, SITE, Clock, Demo, demo_context
from connector.jobs.measure import peak_megabytes
from connector.jobs.people import people_of
from connector.jobs.plan import make_plan, provision_of
from connector.jobs.sandbox import running_sandbox
from connector.lms import CallCounts, Capability, LmsClient, Oddity, Work
from connector.model import (
    AccountSeen,
    Cohort,
    EnrolmentSeen,
    Kind,
    Learner,
    Membership,
    Origin,
    Registration,
    RegistrationState,
    national_phone,
)
from connector.places import provinces
from connector.settings import Settings
from connector.sync.change import Action
from connector.sync.desired import desired_state
from connector.sync.mapping import AccountMapper
from connector.sync.state import OwnedItem

NOW = datetime(2025, 12, 5, 2, 0, tzinfo=UTC)
CHANGED, ADDED = 350, 50
CHANGES = CHANGED + 3 * ADDED
SECONDS, MEGABYTES = 5.0, 600.0
MANY = 500_000
CODES = [province.code for province in provinces()]


def measure_on_sandbox(folder: Path) -> dict[str, Any]:
    """The plan of 500 changes on what a demo has left in this folder: own CPU seconds, requests by function."""
    gc.set_threshold(*COLLECT)  # as every command does
    with running_sandbox(folder) as sandbox:
        ctx = demo_context(Demo(folder=folder), Settings(), sandbox, Clock(sandbox))
        _change(
            ctx, [item.learner for item in people_of(ctx, ctx.programme(PROGRAMME)).registrations if item.is_listed]
        )
        before = Counter(dict(ctx.lms(SITE).calls.by_function))
        wall, cpu = time.perf_counter(), time.process_time()
        plan = make_plan(ctx, PROGRAMME)
        found = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "changes": len(plan.changes)}
        calls = Counter(dict(ctx.lms(SITE).calls.by_function)) - before
        ctx.store.close()
    return found | {"requests": dict(sorted(calls.items()))}


def _change(ctx: Context, people: Sequence[Learner]) -> None:
    """350 people get another position, 50 are new: 500 changes of the platform."""
    step = len(people) // CHANGED
    moved = [replace(one, position=f"{one.position} (mới)") for one in people[::step][:CHANGED]]
    new = [_learner(9_000_000 + number) for number in range(ADDED)]
    _register(ctx, [*moved, *new])


def _register(ctx: Context, people: Iterable[Learner]) -> None:
    items = [Registration(programme=PROGRAMME, learner=one, state=RegistrationState.CONFIRMED) for one in people]
    with ctx.store.begin() as tx:
        tx.registrations.save(items, NOW)


def _learner(number: int) -> Learner:
    return Learner(
        phone=f"+849{number:08}",
        full_name=f"Nguyễn Thị Người Mẫu {number}",
        province_code=CODES[number % len(CODES)],
        commune_code=None,
        workplace=f"UBND xã Mẫu {number % 3321}",
        position="Chuyên viên văn hóa xã hội",
        origin=Origin(file=f"{CODES[number % len(CODES)]}.xlsx", sheet="Danh sách", row=number // len(CODES) + 8),
    )


class StandIn:
    """A platform that holds exactly the learners 0 to `count`, answered from their numbers; reads only."""

    name = SITE
    capabilities = ~Capability(0)
    sign_up_course = ""

    def __init__(self, ctx: Context, count: int) -> None:
        provision = provision_of(ctx, ctx.programme(PROGRAMME))
        self._mapper = AccountMapper(provision.accounts)
        self._count = count
        self._asked: Counter[str] = Counter()
        sample = [
            Registration(programme=PROGRAMME, learner=_learner(n), state=RegistrationState.CONFIRMED) for n in range(34)
        ]
        found = desired_state(provision, sample, ())
        self._cohorts = [wanted.item for wanted in found.items[Kind.COHORT].values()]
        self._cohort_of = {key[1]: key[0] for key in found.items[Kind.MEMBERSHIP]}

    @property
    def calls(self) -> CallCounts:
        return CallCounts(
            requests=self._asked.total(),
            by_outcome=tuple((name, "ok", count) for name, count in sorted(self._asked.items())),
        )

    def outlook(self, _work: Work) -> list[str]:
        return []

    def take_oddities(self) -> list[Oddity]:
        return []

    def accounts(self, usernames: Sequence[str]) -> Iterator[AccountSeen]:
        self._asked["accounts"] += 1
        for username in usernames:
            number = int(username[2:])
            if number < self._count:
                yield AccountSeen(
                    account=self._mapper.account(_learner(number)), remote_id=str(number), last_access=NOW
                )

    def cohorts(self) -> Iterator[Cohort]:
        self._asked["cohorts"] += 1
        yield from (cohort for cohort in self._cohorts if isinstance(cohort, Cohort))

    def memberships(self, cohorts: Sequence[str], usernames: Iterable[str]) -> Iterator[Membership]:
        self._asked["memberships"] += 1
        wanted = set(cohorts)
        for username in usernames:
            number = int(username[2:])
            if number < self._count:
                home = self._cohort_of[national_phone(_learner(number % 34).phone)]
                if home in wanted:
                    yield Membership(cohort=home, username=username)

    def enrolments(self, course: str) -> Iterator[EnrolmentSeen]:
        self._asked["enrolments"] += 1
        for number in range(self._count):
            username = f"09{number:08}"
            yield EnrolmentSeen(course=course, username=username, active=True, last_access=NOW, last_course_access=NOW)


def prepare(folder: Path, count: int) -> None:
    """A database as after an apply for so many learners, with 500 changes waiting in the registrations."""
    ctx = open_context(Settings(state_dir=folder))
    provision = provision_of(ctx, ctx.programme(PROGRAMME))
    for start in range(0, count, 10_000):
        people = [_learner(number) for number in range(start, min(start + 10_000, count))]
        _register(ctx, people)
        registrations = [
            Registration(programme=PROGRAMME, learner=one, state=RegistrationState.CONFIRMED) for one in people
        ]
        desired = desired_state(provision, registrations, ())
        rows = [
            OwnedItem(kind=kind, key=key, remote_id="1", item=wanted.item, province_code=wanted.province_code)
            for kind, items in desired.items.items()
            for key, wanted in items.items()
        ]
        with ctx.store.begin() as tx:
            tx.ledger.own(SITE, 1, rows, NOW)
    _change(ctx, [_learner(number) for number in range(count)][:: max(1, count // 1000)])
    ctx.store.close()


def measure_shards(folder: Path) -> dict[str, Any]:
    """The plan on a prepared database, one province a shard: seconds, peak memory of this process, changes, calls."""
    gc.set_threshold(*COLLECT)
    context = open_context(Settings(state_dir=folder))
    with context.store.begin() as tx:
        count = sum(sum(states.values()) for states in tx.registrations.counts(PROGRAMME).values()) - ADDED
    stand_in = StandIn(context, count)  # a plan only reads
    ctx = replace(context, open_site=lambda _key, _site: cast("LmsClient", stand_in), now=lambda: NOW)
    wall, cpu = time.perf_counter(), time.process_time()
    plan = make_plan(ctx, PROGRAMME, shard=1)
    found = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "changes": len(plan.changes)}
    kinds = Counter(f"{change.kind} {change.action}" for change in plan.changes)
    assert kinds[f"{Kind.ACCOUNT} {Action.UPDATE}"] == CHANGED, kinds
    ctx.store.close()
    return found | {
        "learners": count,
        "megabytes": round(peak_megabytes(), 1),
        "requests": dict(stand_in.calls.by_function),
    }


def run_shards(count: int = MANY) -> dict[str, Any]:
    """Prepare and measure, each in a process of its own, so that the peak is that of the plan alone."""
    with tempfile.TemporaryDirectory(prefix="connector-plans-") as folder:
        command = [sys.executable, "-m", "benchmarks.plans"]
        subprocess.run([*command, "prepare", folder, str(count)], check=True)
        done = subprocess.run([*command, "measure", folder], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def table(figures: dict[str, Any]) -> str:
    """Both plans, and the requests of the one on the sandbox by function, as Markdown."""
    rows = ["| plan | changes | wall s | own CPU s | peak MB |", "|---|---|---|---|---|"]
    for name, found in (
        ("on the sandbox", figures["sandbox"]),
        (f"{figures['shards']['learners']} learners, 34 shards", figures["shards"]),
    ):
        peak = found.get("megabytes", "")
        rows.append(f"| {name} | {found['changes']} | {found['wall']:.1f} | {found['cpu']:.1f} | {peak} |")
    rows += ["", "| function | calls |", "|---|---|"]
    rows += [f"| `{name}` | {count} |" for name, count in figures["sandbox"]["requests"].items()]
    return "\n".join(rows)


def main(arguments: Sequence[str]) -> None:
    """`prepare FOLDER COUNT` or `measure FOLDER`, for `run_shards`."""
    if arguments[0] == "prepare":
        prepare(Path(arguments[1]), int(arguments[2]))
    else:
        print(json.dumps(measure_shards(Path(arguments[1]))))


if __name__ == "__main__":
    main(sys.argv[1:])
