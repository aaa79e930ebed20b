"""Learning results: batches that one bad person cannot stop, grades only where they can be, reports that are proved."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.errors import AccessDenied, ConfigError
from connector.model import Enrolment, TopicRef
from connector.moodle_ws.ids import Activity
from connector.moodle_ws.lms import MoodleLms
from connector.moodle_ws.reports import ROWS_PER_PAGE
from connector.moodle_ws.results import ACTIVITIES, COURSE, GRADES, PEOPLE_PER_REQUEST, Results
from connector.wire.oddities import Oddities
from tests.contract.worlds import PAGE, QUIZ, WHOLE, SandboxWorld
from tests.moodle_ws.conftest import account, functions_since, new
from tests.moodle_ws.scripted import ScriptedDoor, Told, good, ids_of, refusal, site_info

Make = Callable[[int], list[str]]

RETRIEVE = "core_reportbuilder_retrieve_report"


@pytest.fixture
def world() -> SandboxWorld:
    return SandboxWorld()


def enrolled(world: SandboxWorld, count: int) -> list[str]:
    world.lms.create_accounts([new(number) for number in range(count)])
    names = [account(number).username for number in range(count)]
    world.lms.enrol([Enrolment(course=ref.course, username=name) for name in names for ref in (PAGE, WHOLE)])
    return names


def calls(world: SandboxWorld) -> dict[str, int]:
    return dict(world.lms.calls.by_function)


def test_topics_of_one_course_share_one_call_a_person(world: SandboxWorld) -> None:
    names = enrolled(world, 5)
    world.complete(names[0], PAGE)
    before = calls(world)
    requests = world.lms.calls.requests
    assert [item.username for item in world.lms.topic_results([PAGE, QUIZ], names)] == [names[0]]
    made = {name: calls(world)[name] - before.get(name, 0) for name in (ACTIVITIES, GRADES)}
    assert made == {ACTIVITIES: 5, GRADES: 1}
    assert world.lms.calls.requests - requests == 4  # contents, course modules, completions, grades


def test_a_person_whom_moodle_refuses_is_taken_out(world: SandboxWorld) -> None:
    names = enrolled(world, 4)
    for name in names:
        world.complete(name, PAGE)
    world.door.site.db.execute("UPDATE users SET deleted = 1 WHERE username = ?", (names[1],))
    world.door.site.memory.clear()
    assert [item.username for item in world.lms.topic_results([PAGE], names)] == [names[0], names[2], names[3]]


def test_an_ungraded_course_is_asked_for_grades_once() -> None:
    results, door = scripted({"cd01": 1})
    done = {"cmid": 1, "state": 1, "timecompleted": 9, "overrideby": None}
    full = [{"statuses": [done]}] * PEOPLE_PER_REQUEST
    no_grades = [{"usergrades": [{"userid": number, "gradeitems": []}]} for number in range(1, PEOPLE_PER_REQUEST + 1)]
    people = people_of(results, PEOPLE_PER_REQUEST + 1)
    door.script += [good(*full), good(*no_grades), good({"statuses": [done]})]
    found = list(results.of([TopicRef(course="c", activity="cd01")], people))
    assert len(found) == PEOPLE_PER_REQUEST + 1
    assert all(item.grade is None for item in found)


def scripted(activities: dict[str, int], *script: Any) -> tuple[Results, ScriptedDoor]:
    """Results over a course 'c' with these activities, whose site info has been read."""
    door = ScriptedDoor(site_info(), *script)
    ids = ids_of(door)
    assert ids.ws.batches
    ids._courses["c"] = 2
    ids._activities["c"] = {
        name: Activity(cmid=cmid, module="quiz", instance=1, name=name, completion=True)
        for name, cmid in activities.items()
    }
    return Results(ids.ws, ids, Oddities()), door


def people_of(results: Results, count: int) -> list[str]:
    """So many usernames that are known already, numbered from 1."""
    results.ids.users |= {f"0{number}": number for number in range(1, count + 1)}
    return [f"0{number}" for number in range(1, count + 1)]


def test_grades_of_many_come_in_one_answer_where_it_is_small_enough() -> None:
    results, door = scripted({"cd01": 1})
    people = people_of(results, 201)
    results.ids.enrolled["c"] = set(range(1, 202))
    statuses = [{"statuses": [{"cmid": 1, "state": 2, "timecompleted": 9, "overrideby": None}]}] * 201
    items = [{"cmid": 1, "graderaw": 6, "grademax": 10}]
    everybody = {"usergrades": [{"userid": number, "gradeitems": items} for number in range(1, 201)]}
    own = {"usergrades": [{"userid": 201, "gradeitems": [{"cmid": 1, "graderaw": 9, "grademax": 10}]}]}
    door.script += [good(*statuses), good(everybody), good(own)]
    found = {item.username: item.grade for item in results.of([TopicRef(course="c", activity="cd01")], people)}
    assert door.inner(2) == [(GRADES, {"courseid": 2, "userid": 0})]
    assert found["01"] == 60.0
    # Somebody whose enrolment is over is not in the answer for everybody, and is asked for alone.
    assert door.inner(3) == [(GRADES, {"courseid": 2, "userid": 201})]
    assert found["0201"] == 90.0


def test_grades_of_everybody_are_asked_for_once() -> None:
    results, door = scripted({"cd01": 1})
    people = people_of(results, PEOPLE_PER_REQUEST + 1)
    results.ids.enrolled["c"] = set(range(PEOPLE_PER_REQUEST + 1))
    begun = {"statuses": [{"cmid": 1, "state": 2, "timecompleted": 9, "overrideby": None}]}
    items = [{"cmid": 1, "graderaw": 5, "grademax": 10}]
    everybody = {"usergrades": [{"userid": number, "gradeitems": items} for number in range(PEOPLE_PER_REQUEST + 2)]}
    door.script += [good(*[begun] * PEOPLE_PER_REQUEST), good(everybody), good(begun)]
    found = list(results.of([TopicRef(course="c", activity="cd01")], people))
    assert [item.grade for item in found] == [50.0] * (PEOPLE_PER_REQUEST + 1)


def test_grades_of_too_many_are_asked_for_person_by_person() -> None:
    results, door = scripted({"cd01": 1})
    people = people_of(results, 201)
    results.ids.enrolled["c"] = set(range(100_000))
    begun = {"statuses": [{"cmid": 1, "state": 3, "timecompleted": 9, "overrideby": None}]}
    door.script += [good(begun, *[{"statuses": []}] * 200), refusal("usernotenroled")]
    found = list(results.of([TopicRef(course="c", activity="cd01")], people))
    assert [(item.username, item.done, item.grade) for item in found] == [("01", False, None)]
    assert door.inner(2) == [(GRADES, {"courseid": 2, "userid": 1})]


def test_a_course_without_criteria_is_an_error_not_a_silence(world: SandboxWorld) -> None:
    names = enrolled(world, 2)
    world.door.site.db.execute("DELETE FROM reports")
    with pytest.raises(ConfigError, match="no completion criteria"):
        list(world.lms.topic_results([TopicRef(course=PAGE.course)], names))


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "UTC", "Asia/Kathmandu"])
def test_the_report_is_read_in_whatever_zone_it_is_written(world: SandboxWorld, zone: str) -> None:
    names = enrolled(world, 6)
    world.door.site.switches.timezone = zone
    times = {}
    for index, name in enumerate(names[:4]):
        world.door.site.set_now(world.door.site.now() + 3600 * index)
        times[name] = world.complete(name, WHOLE).replace(second=0)
    before = calls(world)
    found = {item.username: item.completed_at for item in world.lms.topic_results([WHOLE], names)}
    assert found == times
    made = functions_of(world, before)
    assert (made[RETRIEVE], made[COURSE]) == (1, 2)


def functions_of(world: SandboxWorld, before: dict[str, int]) -> dict[str, int]:
    lms = world.lms
    assert isinstance(lms, MoodleLms)
    return functions_since(lms, before)


def test_report_and_person_by_person_tell_the_same(world: SandboxWorld) -> None:
    names = enrolled(world, 6)
    for name in names[::2]:
        world.complete(name, WHOLE)
    by_report = set(world.lms.topic_results([WHOLE], names))
    world.door.site.db.execute("DELETE FROM reports")
    before = calls(world)
    assert set(world.forget().topic_results([WHOLE], names)) == by_report
    assert set(world.lms.topic_results([WHOLE], names)) == by_report
    assert functions_of(world, before)[COURSE] == 6


HEADERS = ["Course ID number", "Username", "Completed", "Time completed"]
REPORTS = {"reports": [{"name": "other", "id": 1}, {"name": "connector-completions", "id": 4}]}
EXACT = {"completionstatus": {"completed": True, "completions": [{"timecompleted": 1764522030}]}}


def page(total: int, *rows: list[str]) -> Told:
    data = {"headers": HEADERS, "rows": [{"columns": row} for row in rows], "totalrowcount": total}
    return good({"data": data, "warnings": []})


def line(name: str, time: str = "Sunday, 30 November 2025, 5:00 PM") -> list[str]:
    return ["c", name, "Yes", time]


def test_rows_that_are_missing_are_read_again() -> None:
    results, door = scripted(
        {}, good(REPORTS), page(2, line("01")), page(2, line("01"), line("02")), good(EXACT), good(EXACT)
    )
    found = list(results.of([TopicRef(course="c")], people_of(results, 2)))
    assert {item.username for item in found} == {"01", "02"}
    assert {item.completed_at for item in found} == {datetime.fromtimestamp(1764522000, UTC)}
    assert [door.inner(index)[0][0] for index in (2, 3)] == [RETRIEVE, RETRIEVE]


def test_a_report_of_several_pages_is_read_whole() -> None:
    rows = [line(f"0{number}") for number in range(1, ROWS_PER_PAGE + 2)]
    first, second = page(len(rows), *rows[:ROWS_PER_PAGE]), page(len(rows), *rows[ROWS_PER_PAGE:], line("stranger"))
    whole = [first, page(len(rows), *rows[ROWS_PER_PAGE:])]
    results, door = scripted({}, good(REPORTS), first, second, *whole, good(EXACT))
    found = list(results.of([TopicRef(course="c")], people_of(results, len(rows))))
    assert len(found) == len(rows)
    assert [door.inner(index)[0][1]["page"] for index in (2, 3, 4, 5)] == [0, 1, 0, 1]


def test_texts_are_asked_for_in_english() -> None:
    results, door = scripted({}, good(REPORTS), page(0))
    assert list(results.of([TopicRef(course="c")], people_of(results, 1))) == []
    assert dict(door.asked[2])["requests[0][settinglang]"] == "en"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([good(REPORTS), page(2, line("01")), page(2, line("01")), page(2, line("01"))], "changes while it is read"),
        ([good(REPORTS), page(1, line("01", "Sunday, 30 November 2025, 5:07 PM")), good(EXACT)], "time zone"),
        (
            [good(REPORTS), page(1, line("01")), good({"completionstatus": {"completed": False, "completions": []}})],
            "time zone",
        ),
        ([refusal("nopermissions")], "cannot be listed"),
    ],
)
def test_a_report_that_cannot_be_trusted_is_not_used(
    script: list[Told], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    results, _door = scripted({}, *script, good(EXACT))
    found = list(results.of([TopicRef(course="c")], people_of(results, 1)))
    assert [item.completed_at for item in found] == [datetime.fromtimestamp(1764522030, UTC)]
    assert words in caplog.text


def test_two_zones_in_one_report_are_no_zone() -> None:
    summer = {"completionstatus": {"completed": True, "completions": [{"timecompleted": 1764522030 + 86400}]}}
    rows = [line("01"), line("02", "Monday, 1 December 2025, 6:00 PM")]
    results, _door = scripted({}, good(REPORTS), page(2, *rows), good(EXACT), good(summer), good(EXACT, summer))
    found = {item.username: item.completed_at for item in results.of([TopicRef(course="c")], people_of(results, 2))}
    assert found["02"] == datetime.fromtimestamp(1764522030 + 86400, UTC)


def test_those_whose_enrolment_is_over_are_not_asked_for(world: SandboxWorld) -> None:
    names = enrolled(world, 3)
    world.door.site.db.execute("DELETE FROM reports")
    for name in names:
        world.complete(name, WHOLE)
    world.lms.enrol([Enrolment(course=WHOLE.course, username=name, active=False) for name in names[1:]])
    list(world.lms.enrolments(WHOLE.course))
    before = calls(world)
    assert [item.username for item in world.lms.topic_results([WHOLE], names)] == names[:1]
    assert calls(world)[COURSE] - before.get(COURSE, 0) == 1


def test_a_site_without_reports_is_asked_person_by_person() -> None:
    door = ScriptedDoor(site_info(COURSE), good(EXACT))
    ids = ids_of(door, u01=1)
    ids._courses["c"] = 2
    assert len(list(Results(ids.ws, ids, Oddities()).of([TopicRef(course="c")], ["01"]))) == 1


def test_a_denied_question_stops_the_reading() -> None:
    results, _door = scripted({"cd01": 1}, refusal("nopermissions"))
    with pytest.raises(AccessDenied):
        list(results.of([TopicRef(course="c", activity="cd01")], people_of(results, 1)))
