"""What learners do on the pretend Open edX while its clock moves: they log in, read, answer, pass.

The same people with the same timetable as on the pretend Moodle (sandbox/study.py): the seed and the username decide.
Only active accounts with an active enrolment study. Each thing is written at its own moment, in order of time, so
certificates that are issued by themselves are issued at the moment of first passing.
"""

import re
from collections import defaultdict
from operator import itemgetter
from typing import NamedTuple

from connector.sandbox.content import day
from connector.sandbox.openedx.certificates import consider
from connector.sandbox.openedx.content import Block, answer_problem, complete, subsections
from connector.sandbox.openedx.site import MICRO, EdxSite
from connector.sandbox.study import Event, timetable

_NUMBER = re.compile(r"cd0*([0-9]+)")
_FULL = 10  # points that a timetable gives at most


class Deed(NamedTuple):
    """Something that a learner does at `time` (epoch): a log-in where there is no course."""

    time: int
    userid: int
    course: str
    section: Block | None
    points: float


def set_day(site: EdxSite, number: int) -> None:
    """Move the clock to 08:00 Viet Nam time of a day of the programme; day 1 is 2025-12-01."""
    move(site, day(number))


def move(site: EdxSite, until: int) -> None:
    """Move the clock to an epoch: forward, people study; backward, only the clock changes."""
    since = site.now()
    if until > since:
        row = site.one("SELECT value FROM config WHERE name = 'seed'")
        study(site, since, until, seed=int(row[0]) if row else 0)
    site.set_now(until)


def study(site: EdxSite, since: int, until: int, *, seed: int) -> int:
    """Let everybody study from `since` (exclusive) to `until` (inclusive); how much was done."""
    topics = {course: _topics(site, course) for (course,) in site.all("SELECT id FROM courses")}
    deeds: list[Deed] = []
    for (userid, username), places in _places(site).items():
        begin = min(places.values())
        for event in timetable(seed, username, begin):
            if since < event.time <= until:
                deeds += _deeds(userid, event, places, topics)
    with site.transaction():
        for deed in sorted(deeds, key=itemgetter(0)):
            site.pass_to(deed.time)
            _do(site, deed)
    return len(deeds)


def _topics(site: EdxSite, course: str) -> dict[int, Block]:
    found = ((_NUMBER.fullmatch(section.name), section) for section in subsections(site, course))
    return {int(match[1]): section for match, section in found if match}


def _places(site: EdxSite) -> dict[tuple[int, str], dict[str, int]]:
    """For each learner the courses that he may enter, and since when."""
    rows = site.all(
        "SELECT u.id, u.username, e.course, e.created FROM enrolments e"
        " JOIN users u ON u.id = e.userid AND u.is_active = 1 WHERE e.is_active = 1 ORDER BY u.id, e.course"
    )
    found: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    for userid, username, course, created in rows:
        found[userid, username][course] = created // MICRO
    return found


def _deeds(userid: int, event: Event, places: dict[str, int], topics: dict[str, dict[int, Block]]) -> list[Deed]:
    if not event.topic:
        return [Deed(event.time, userid, "", None, 0)]
    return [
        Deed(event.time, userid, course, topics[course][event.topic], event.points)
        for course, begin in places.items()
        if event.topic in topics[course] and event.time >= begin
    ]


def _do(site: EdxSite, deed: Deed) -> None:
    if deed.section is None:
        site.db.execute("UPDATE users SET last_login = ? WHERE id = ?", (site.moment(), deed.userid))
        return
    for leaf in deed.section.leaves():
        if leaf.points:
            answer_problem(site, deed.userid, leaf.id, deed.points * leaf.points / _FULL)
        else:
            complete(site, deed.userid, leaf.id)
    if deed.section.format:
        consider(site, deed.userid, deed.course)
