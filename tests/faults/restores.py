"""Restores and copies: database, platform or both are set back at drawn moments of a programme; what then happens.

A programme is lived through in steps: people are provided, change, study, are certified, some are revoked and reissued,
more come. After each step the database and the platform are copied. Then one or both go back to a copy (the book of
numbers never does), the connector is asked to work on, and must say in words that something is wrong before it writes
anything. What it names is settled, the newest list is imported, and after the next jobs nobody has two accounts, no
number is held by two people, and no paper that was taken back is valid.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

from connector.certificates.verification import Validity
from connector.context import Context
from connector.errors import ConfigError, ConnectorError, UnsafePlanError
from connector.jobs.apply import apply
from connector.jobs.certificate_acts import reissue_certificate, revoke_certificate
from connector.jobs.certificate_book import verify_certificate
from connector.jobs.fence import accept_fence, look_at_fence
from connector.jobs.plan import make_plan
from connector.jobs.recover import find_missing, recover
from connector.sync.fence import Standing
from tests.faults.campaign import MIDDLE, Job, Life, Report, judge, push, read_all
from tests.faults.grounds import MOODLE, Ground
from tests.faults.kills import FILES
from tests.faults.mortal import Fate, MortalDoor
from tests.faults.people import Roster, changed_roster, first_roster

LEARNERS = 40
BY, WHY = "Lan", "restored from a copy"
# What a platform says of people; a read changes nothing of it.
_TABLES = {
    "moodle": ("users", "cohorts", "cohort_members", "user_enrolments", "group_members", "issues"),
    "openedx": ("users", "cohorts", "members", "enrolments", "certificates", "allowlist"),
}


class SetBack(StrEnum):
    """What goes back to a copy."""

    DATABASE = "database"
    PLATFORM = "platform"
    BOTH = "both"


@dataclass(frozen=True)
class Moment:
    """A copy of everything after a step."""

    folder: Path
    site: bytes
    now: int
    roster: Roster
    numbers: dict[str, str]


@dataclass(frozen=True)
class Restore:
    """One life: what was set back, over how many steps, what was said first, and what was not as it must be."""

    seed: int
    platform: str
    what: SetBack
    database_steps: int
    platform_steps: int
    said: tuple[str, ...]
    findings: tuple[str, ...]


def restore_once(seed: int, folder: Path, ground: Ground = MOODLE, learners: int = LEARNERS) -> Restore:
    """One life with this seed. Writes into the folder only."""
    dice = Random(seed)
    (folder / "now").mkdir(parents=True)
    story = _Story(Life(seed, folder / "now", Report(seed=seed, learners=learners), ground), dice, learners)
    moments = list(story.moments(folder))
    what = list(SetBack)[seed % 3]
    last = len(moments) - 1
    database = dice.randrange(last) if what is not SetBack.PLATFORM else last
    platform = dice.randrange(last) if what is not SetBack.DATABASE else last
    story.set_back(moments[database], moments[platform])
    said, findings = story.work_on()
    story.life.sandbox.close()
    return Restore(seed, ground.name, what, last - database, last - platform, tuple(said), tuple(findings))


class _Story:
    """A programme's life, and what must be true of it for ever."""

    def __init__(self, life: Life, dice: Random, learners: int) -> None:
        life.door.weather = None
        life.connections = 1
        self.life = life
        self.dice = dice
        self.learners = learners
        self.void: set[str] = set()

    def moments(self, folder: Path) -> Iterator[Moment]:
        """Live step by step, with a copy after each."""
        life, dice = self.life, self.dice
        steps: list[list[Job]] = [
            [self._join, provide_all],
            [self._change, provide_all, read_all],
            [self._end, provide_all, read_all, judge, push],
            [life.cron, push],
            [self._correct, push, life.cron, push],
            [self._more, provide_all, read_all, judge, push, life.cron, push],
            [self._correct, push, life.cron, push],
        ]
        for number, jobs in enumerate(steps[: dice.randint(4, len(steps))]):
            with life.alive(Fate()) as ctx:
                for job in jobs:
                    job(ctx)
            yield self._moment(folder / str(number))

    def _join(self, _ctx: Context) -> None:
        self.life.register(first_roster(self.dice, self.learners))

    def _change(self, _ctx: Context) -> None:
        self.life.register(changed_roster(self.dice, self.life.roster))
        self.life.sandbox.move(MIDDLE)

    def _end(self, _ctx: Context) -> None:
        self.life.sandbox.move(self.life.ground.last)

    def _more(self, _ctx: Context) -> None:
        here = self.life.roster
        more = first_roster(self.dice, self.learners + 6).present[-6:]
        # Names of nobody else, so that nobody is taken for one who has a new number.
        new = [replace(one, full_name=f"{one.full_name} Số {number}") for number, one in enumerate(more)]
        self.life.register(replace(here, present=(*here.present, *new)))

    def _correct(self, ctx: Context) -> None:
        """Revoke one certificate, and on Moodle, where a new paper has a new code, reissue another one."""
        programme = self.life.ground.programme
        with ctx.store.begin() as tx:
            valid = [one for one in tx.register.of_programme(programme).values() if one.is_valid]
        chosen = self.dice.sample(valid, min(2, len(valid)))
        for entry in chosen[:1]:
            revoke_certificate(ctx, programme, entry.phone, by=BY, reason="issued by mistake")
            self.void.add(entry.serial)
        for entry in chosen[1:] if self.life.ground is MOODLE else ():
            reissue_certificate(ctx, programme, entry.phone, by=BY, reason="another name")
            self.void.add(entry.serial)

    def _moment(self, folder: Path) -> Moment:
        folder.mkdir()
        for name in FILES:
            if (self.life.folder / name).exists():
                shutil.copyfile(self.life.folder / name, folder / name)
        site = self.life.sandbox.site
        with self.life.alive(Fate()) as ctx:
            return Moment(folder, site.db.serialize(), site.now(), self.life.roster, _numbers(ctx, self.life))

    def set_back(self, database: Moment, platform: Moment) -> None:
        """Database and platform as they were; time, the book of numbers and what must be true go on."""
        self.given = self._given()
        self.equal = database == platform
        life, now = self.life, self.life.sandbox.site.now()
        shutil.copyfile(database.folder / "connector.db", life.folder / "connector.db")
        again = life.ground.revive(platform.site, life.sandbox)
        life.sandbox.close()
        life.sandbox = again
        life.sandbox.site.set_now(now)
        life.door = MortalDoor(life.sandbox, None)

    def _given(self) -> dict[str, str]:
        with self.life.alive(Fate()) as ctx:
            return _numbers(ctx, self.life)

    def work_on(self) -> tuple[list[str], list[str]]:
        """The jobs as they would run, what they say first, settling it, the jobs again, and all that is not right."""
        said, findings = self._words_first()
        with self.life.alive(Fate()) as ctx:
            findings += self._settle(ctx)
        for jobs in ([provide_all, read_all, judge, push], [self.life.cron, push, read_all, judge, push]):
            with self.life.alive(Fate()) as ctx:
                findings += [words for job in jobs if (words := _done(job, ctx))]
        with self.life.alive(Fate()) as ctx:
            findings += self._compared(ctx)
        return said, findings

    def _words_first(self) -> tuple[list[str], list[str]]:
        before = self._platform()
        said: list[str] = []
        findings: list[str] = []
        with self.life.alive(Fate()) as ctx:
            for job in (provide_all, push):
                try:
                    job(ctx)
                except (UnsafePlanError, ConfigError) as error:
                    said.append(str(error))
                except ConnectorError as error:
                    findings.append(f"{type(error).__name__}: {error}")
        changed = self._platform() != before
        if changed and not self.equal:
            findings.append("the platform was written to before a word was said")
        # The last batch of numbers, lost alone, is given to the same people again, as after a kill.
        if not said and not self.equal and self._given() != self.given:
            findings.append("nothing was said")
        return said, findings

    def _platform(self) -> dict[str, Counter[Any]]:
        site = self.life.sandbox.site
        return {table: Counter(site.all(f"SELECT * FROM {table}")) for table in _TABLES[self.life.ground.name]}

    def _settle(self, ctx: Context) -> list[str]:
        """What an operator does who reads what is said: the newest list, then what the words name."""
        self.life.register(self.life.roster)
        key = self.life.ground.site_key
        if look_at_fence(ctx, key).standing in (Standing.SITE_SET_BACK, Standing.MARK_GONE):
            accept_fence(ctx, key, by=BY, reason=WHY)
        if find_missing(ctx).whole:
            return []
        try:
            recover(ctx, by=BY, reason=WHY)
        except UnsafePlanError:  # accounts that a platform that was set back has no more
            recover(ctx, by=BY, reason=WHY, leave=True)
        fence = look_at_fence(ctx, key)
        return [] if fence.in_order else [f"after recovering: {fence.words}"]

    def _compared(self, ctx: Context) -> Iterator[str]:
        numbers = _numbers(ctx, self.life)
        for number, count in Counter(numbers.values()).items():
            if count > 1:
                yield f"number {number} is held by {count} people"
        was = {number: phone for phone, number in self.given.items()}
        for phone, number in numbers.items():
            if was.get(number, phone) != phone:
                yield f"number {number} is held by another person than before"
        lost = set(was) - set(numbers.values())
        if lost:
            yield f"{len(lost)} numbers are lost, such as {sorted(lost)[0]}"
        for code in sorted(self.void):
            if any(one.validity is Validity.VALID for one in verify_certificate(ctx, code)):
                yield f"the paper {code} was taken back and is valid"
        yield from self._two_accounts()
        yield from self._dead_papers(ctx)

    def _two_accounts(self) -> Iterator[str]:
        site = self.life.sandbox.site
        column = "idnumber" if self.life.ground is MOODLE else "email"
        rows = [row[0] for row in site.all(f"SELECT {column} FROM users") if row[0]]
        names = Counter(row[0] for row in site.all("SELECT username FROM users"))
        for value, count in [*Counter(rows).items(), *names.items()]:
            if count > 1:
                yield f"{value} has {count} accounts"

    def _dead_papers(self, ctx: Context) -> Iterator[str]:
        """Whatever the platform does not show must not be told as valid."""
        query = (
            "SELECT code FROM issues"
            if self.life.ground is MOODLE
            else "SELECT uuid FROM certificates WHERE status = 'downloadable'"
        )
        living = {str(row[0]) for row in self.life.sandbox.site.all(query)}
        with ctx.store.begin() as tx:
            entries = [one for one in tx.register.of_programme(self.life.ground.programme).values() if one.is_valid]
        for entry in entries:
            if entry.serial not in living and any(
                one.validity is Validity.VALID for one in verify_certificate(ctx, entry.serial)
            ):
                yield f"the paper {entry.serial} is not on the platform and is valid"


def provide_all(ctx: Context) -> object:
    """Plan and apply as an operator does who has looked at what is held."""
    plan = make_plan(ctx, by=BY, override="The departments have confirmed who left and who moved.")
    return plan if plan.empty else apply(ctx, plan)


def _done(job: Job, ctx: Context) -> str:
    try:
        job(ctx)
    except ConnectorError as error:
        return f"after settling: {type(error).__name__}: {error}"
    return ""


def _numbers(ctx: Context, life: Life) -> dict[str, str]:
    with ctx.store.begin() as tx:
        register = tx.register.of_programme(life.ground.programme)
    return {phone: entry.register_no for phone, entry in register.items() if entry.register_no}
