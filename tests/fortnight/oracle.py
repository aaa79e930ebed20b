"""What must hold at the end of a fortnight: counted from the site's own tables and from what the provinces sent.

No figure of the connector is believed; its report is read as its reader reads it, from the file.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from connector.jobs.service.alarms import Alert
from connector.jobs.service.kinds import GOOD
from connector.sandbox.site import Site
from connector.store.ticks import Tick
from tests.faults.checks import differences
from tests.fortnight.scenery import CLOSES, OPENS, Scenery
from tests.fortnight.world import Away

COURSE = "bkhcn-2025-01"
MANDATORY = {f"cd{number:02d}" for number in range(1, 6)}
LEAST_ELECTIVE = 5
_PHONE = re.compile(r"(?<![0-9a-f])(?:\+84|0)(?:3|5|7|8|9)\d{8}(?!\d)")
# So soon after its end a person is told that an incident is over.
SOON = timedelta(hours=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What stands on the site. `completed` are those who meet the rule; names are log-in names."""

    members: Mapping[str, set[str]]
    enrolled: Counter[str]
    done: Mapping[str, set[str]]
    completed: set[str]
    logged_in: set[str]
    certificates: Counter[str]


def seen_on_site(site: Site) -> Seen:
    """The site's own tables. Reads only."""
    members: dict[str, set[str]] = {}
    for cohort, name in site.all(
        "SELECT c.idnumber, u.username FROM cohort_members m JOIN cohorts c ON c.id = m.cohort"
        " JOIN users u ON u.id = m.userid AND u.deleted = 0"
    ):
        members.setdefault(cohort, set()).add(name)
    done: dict[str, set[str]] = {}
    for name, topic in site.all(
        "SELECT u.username, m.idnumber FROM module_completion d JOIN users u ON u.id = d.userid"
        " JOIN modules m ON m.id = d.cmid JOIN courses c ON c.id = m.course"
        " WHERE d.state IN (1, 2) AND c.idnumber = ? AND m.idnumber LIKE 'cd%'"
        " AND d.timemodified >= ? AND d.timemodified < ?",
        (COURSE, int(OPENS.timestamp()), int(CLOSES.timestamp())),
    ):
        done.setdefault(name, set()).add(topic)
    enrolled = site.all(
        "SELECT u.username FROM user_enrolments e JOIN users u ON u.id = e.userid AND u.suspended = 0"
        " JOIN courses c ON c.id = e.course WHERE c.idnumber = ? AND e.status = 0",
        (COURSE,),
    )
    issues = site.all("SELECT u.username FROM issues i JOIN users u ON u.id = i.userid")
    return Seen(
        members=members,
        enrolled=Counter(row[0] for row in enrolled),
        done=done,
        completed={name for name, topics in done.items() if meets_the_rule(topics)},
        logged_in={row[0] for row in site.all("SELECT username FROM users WHERE lastaccess > 0")},
        certificates=Counter(row[0] for row in issues),
    )


def meets_the_rule(topics: set[str]) -> bool:
    """All five mandatory topics and five of the others: then it is ten, too."""
    return topics >= MANDATORY and len(topics - MANDATORY) >= LEAST_ELECTIVE


def findings(site: Site, truth: Scenery, reports: Path) -> list[str]:
    """What on the site and in the last report is not as it must be."""
    seen = seen_on_site(site)
    return [*on_the_site(seen, truth), *named(site, truth), *certified(seen, truth), *reported(seen, truth, reports)]


def on_the_site(seen: Seen, truth: Scenery) -> Iterator[str]:
    """Each cohort holds exactly the people of the province's last list; all of them may study."""
    expected = Counter((f"VN-{code}", name) for name, code in truth.present.items())
    found = Counter((cohort, name) for cohort, names in seen.members.items() for name in names)
    yield from differences("cohorts", expected, found)
    there = Counter({name: count for name, count in seen.enrolled.items() if name not in truth.left})
    yield from differences("enrolments", Counter(truth.present.keys()), there)


def certified(seen: Seen, truth: Scenery) -> Iterator[str]:
    """Whoever has completed has one certificate; nobody else has any, but who had completed before he left may."""
    expected = Counter(seen.completed & truth.present.keys())
    found = Counter({name: count for name, count in seen.certificates.items() if name not in truth.left})
    yield from differences("certificates", expected, found)
    if not expected:
        yield "certificates: nobody has completed, so nothing was shown"


def named(site: Site, truth: Scenery) -> Iterator[str]:
    """Everybody on a list has one account, under the name of the last list."""
    accounts = site.all("SELECT username, lastname || ' ' || firstname FROM users WHERE deleted = 0 AND id > 2")
    found = Counter((name, full_name) for name, full_name in accounts if name not in truth.left)
    yield from differences("accounts", Counter(truth.names.items()), found)


def reported(seen: Seen, truth: Scenery, folder: Path) -> Iterator[str]:
    """The last report says of each province and of each person what stands on the site."""
    *_earlier, provinces = sorted(folder.glob("*-provinces.csv"))
    *_earlier, learners = sorted(folder.glob("*-learners.csv"))
    expected = Counter(dict.fromkeys(_province_rows(seen, truth), 1))
    found = Counter(tuple(row[1:2] + row[3:8] + row[9:]) for row in _rows(provinces) if row[3] != "0")
    yield from differences("report, provinces", expected, found)
    people = _rows(learners)
    told = Counter((row[2], row[7], row[8], bool(row[11]), bool(row[12])) for row in people)
    yield from differences("report, learners", Counter(_learner_rows(seen, truth)), told)
    numbers = Counter(row[12] for row in people if row[12])
    if numbers and max(numbers.values()) > 1:
        yield "report: two people have one certificate number"


def _rows(file: Path) -> list[list[str]]:
    """The rows below the head."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.reader(text))[1:]


def _province_rows(seen: Seen, truth: Scenery) -> Iterator[tuple[str, ...]]:
    """Code; registered, with account, logged in, studying, completed, certified."""
    for code in sorted(set(truth.present.values())):
        names = {name for name, where in truth.present.items() if where == code}
        studying = {name for name in names if seen.done.get(name)} - seen.completed
        counts = (
            len(names),
            len(names & seen.enrolled.keys()),
            len(names & seen.logged_in),
            len(studying),
            len(names & seen.completed),
            len(names & seen.certificates.keys()),
        )
        yield (code, *map(str, counts))


def _learner_rows(seen: Seen, truth: Scenery) -> Iterator[tuple[str, str, str, bool, bool]]:
    """Number, mandatory and elective topics done, completed, certified."""
    for name in truth.present:
        done = seen.done.get(name, set())
        mandatory = len(done & MANDATORY)
        has = name in seen.completed, name in seen.certificates
        yield name, str(mandatory), str(len(done) - mandatory), *has


@dataclass(frozen=True, slots=True)
class Expected:
    """An incident for which a person is to be called while it lasts, and told once it is over."""

    key: str
    begins: datetime
    ends: datetime


def alerts_are_true(told: Sequence[tuple[datetime, Alert]], expected: Sequence[Expected]) -> Iterator[str]:
    """Each incident is told once while it lasts and once after it; nothing else is told."""
    waiting = list(told)
    for one in expected:
        for over, after, until in ((False, one.begins, one.ends), (True, one.ends, one.ends + SOON)):
            found = next(
                (
                    item
                    for item in waiting
                    if item[1].key.startswith(one.key) and item[1].over is over and after <= item[0] <= until
                ),
                None,
            )
            if found is None:
                yield f"alerts: {one.key}, over={over}, was not told between {after} and {until}"
            else:
                waiting.remove(found)
    yield from (f"alerts: at {moment}: {one.key} over={one.over}: {one.text}" for moment, one in waiting)


def ended_well(ticks: Sequence[Tick], aways: Sequence[Away]) -> Iterator[str]:
    """No tick ended badly or is open, but those that were due while the site was away."""
    for tick in ticks:
        away = any(one.begins <= tick.due_at < one.ends for one in aways)
        if tick.state not in (*GOOD, "missed", "superseded") and not away:
            yield f"ticks: {tick.slot} of {tick.due_at} ended as {tick.state}: {tick.message}"


def told_nobody(log: str, token: str) -> Iterator[str]:
    """Neither a full phone number nor the token is in the log; and there is one."""
    if found := _PHONE.search(log):
        yield f"log: a phone number is in it: ...{log[max(0, found.start() - 80) : found.end()]}"
    if token in log:
        yield "log: the token is in it"
    if "ended" not in log:
        yield "log: it is empty, so nothing was shown"
