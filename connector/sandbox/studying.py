"""What learners do while the clock moves, written into the site: completion, grades, last access.

Only people with an active, unsuspended place as a student study. Idempotent: a stretch of time that is studied twice
leaves the same state; a finished topic stays as it was first finished, an overridden one is not touched.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from connector.sandbox.building import AUTOMATIC
from connector.sandbox.completion_state import COMPLETE, FAILED, PASSED, Module, course_modules
from connector.sandbox.enrolments import STUDENT
from connector.sandbox.site import Site
from connector.sandbox.study import Event, timetable

_NUMBER = re.compile(r"cd-?0*([0-9]+)")


@dataclass(frozen=True, slots=True)
class Place:
    """A learner's place in a course: from when to when (0: no end) he may enter."""

    course: int
    begin: int
    end: int


@dataclass(slots=True)
class Written:
    """Rows to be written, in order of time for each learner."""

    completions: list[tuple[int, int, int, int]] = field(default_factory=list)
    grades: list[tuple[int, int, float, int]] = field(default_factory=list)
    logins: list[tuple[int, int, int]] = field(default_factory=list)
    visits: list[tuple[int, int, int]] = field(default_factory=list)


def study(site: Site, since: int, until: int, *, seed: int) -> int:
    """Let everybody study from `since` (exclusive) to `until` (inclusive); the number of finished or tried topics."""
    topics = {row[0]: _topics(site, row[0]) for row in site.all("SELECT id FROM courses")}
    written = Written()
    for userid, username, places in _learners(site):
        begin = min(place.begin for place in places)
        events = [event for event in timetable(seed, username, begin) if since < event.time <= until]
        if events:
            written.logins.append((events[0].time, events[-1].time, userid))
            for place in places:
                _attend(written, userid, place, topics[place.course], events)
    with site.transaction():
        _write(site, written)
    return len(written.completions)


def _topics(site: Site, courseid: int) -> dict[int, Module]:
    found = ((_NUMBER.fullmatch(item.idnumber), item) for item in course_modules(site, courseid))
    return {int(match[1]): item for match, item in found if match and item.completion == AUTOMATIC}


def _learners(site: Site) -> Iterator[tuple[int, str, list[Place]]]:
    rows = site.all(
        "SELECT u.id, u.username, e.course, max(e.timestart, e.timecreated), e.timeend FROM user_enrolments e"
        " JOIN users u ON u.id = e.userid AND u.deleted = 0 AND u.suspended = 0"
        " JOIN roles r ON r.course = e.course AND r.userid = e.userid AND r.enrol = e.enrol AND r.roleid = ?"
        " WHERE e.status = 0 ORDER BY u.id, e.course",
        (STUDENT,),
    )
    userid, username = 0, ""
    places: list[Place] = []
    for row in rows:
        if row[0] != userid and places:
            yield userid, username, places
            places = []
        userid, username = row[0], row[1]
        places.append(Place(*row[2:]))
    if places:
        yield userid, username, places


def _attend(written: Written, userid: int, place: Place, topics: dict[int, Module], events: list[Event]) -> None:
    seen = 0
    for time, topic, points in events:
        item = topics.get(topic)
        if item is None or time < place.begin or (place.end and time >= place.end):
            continue
        seen = time
        if item.by_view:
            written.completions.append((userid, item.cmid, COMPLETE, time))
            continue
        raw = points * item.grademax / 10
        written.grades.append((userid, item.cmid, raw, time))
        written.completions.append((userid, item.cmid, PASSED if raw >= item.gradepass else FAILED, time))
    if seen:
        written.visits.append((userid, place.course, seen))


def _write(site: Site, written: Written) -> None:
    site.db.executemany(
        "INSERT INTO module_completion (userid, cmid, state, timemodified) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (userid, cmid) DO UPDATE SET state = excluded.state, timemodified = excluded.timemodified"
        " WHERE overrideby IS NULL AND state NOT IN (1, 2)",
        written.completions,
    )
    site.db.executemany(
        "INSERT INTO grades (userid, cmid, raw, timegraded) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (userid, cmid) DO UPDATE SET raw = excluded.raw, timegraded = excluded.timegraded"
        " WHERE excluded.raw > raw",
        written.grades,
    )
    site.db.executemany(
        "UPDATE users SET firstaccess = CASE firstaccess WHEN 0 THEN ? ELSE firstaccess END,"
        " lastaccess = max(lastaccess, ?) WHERE id = ?",
        written.logins,
    )
    site.db.executemany(
        "INSERT INTO course_access (userid, course, timeaccess) VALUES (?, ?, ?)"
        " ON CONFLICT (userid, course) DO UPDATE SET timeaccess = max(timeaccess, excluded.timeaccess)",
        written.visits,
    )
