"""Enrolments on the sandbox: all fields explicit, strangers halved out, nulls confirmed, pages without gaps."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.errors import AccessDenied
from connector.lms import Outcome
from connector.model import Enrolment
from connector.moodle_ws.enrolments import ENROL, ENROLLED, PAGE, Enrolments
from connector.moodle_ws.lms import MoodleLms
from connector.wire.oddities import Oddities
from tests.fakes.sandbox_door import Mishap, SandboxDoor
from tests.moodle_ws.conftest import functions_since, sent
from tests.moodle_ws.scripted import ScriptedDoor, good, ids_of, refusal, site_info

Make = Callable[[int], list[str]]

COURSE = "bkhcn-2025-01"
START, END = datetime(2025, 12, 1, tzinfo=UTC), datetime(2025, 12, 16, tzinfo=UTC)


def items(names: list[str], **more: Any) -> list[Enrolment]:
    return [Enrolment(course=COURSE, username=name, **more) for name in names]


def row(number: int) -> dict[str, Any]:
    return {"id": number, "username": f"0{number}", "lastaccess": 0, "lastcourseaccess": 0}


def scripted(*script: Any, **users: int) -> tuple[Enrolments, ScriptedDoor]:
    """Enrolments in a course that is known to be number 2."""
    door = ScriptedDoor(site_info(), *script)
    ids = ids_of(door, **users)
    ids._courses[COURSE] = 2
    return Enrolments(ids.ws, ids, Oddities(), role_id=5), door


def test_every_field_is_sent(lms: MoodleLms, people: Make, door: SandboxDoor) -> None:
    names = people(2)
    lms.enrol([*items(names[:1], starts_at=START, ends_at=END), *items(names[1:], active=False)])
    form = next(sent(request) for request in door.requests if ENROL in sent(request))
    assert f'"timestart":{int(START.timestamp())},"timeend":{int(END.timestamp())},"suspend":0' in form
    assert '"timestart":0,"timeend":0,"suspend":1' in form
    assert '"roleid":5' in form


def test_five_hundred_people_are_one_write(lms: MoodleLms, people: Make) -> None:
    names = people(501)
    before = dict(lms.calls.by_function)
    assert {result.outcome for result in lms.enrol(items(names))} == {Outcome.DONE}
    assert functions_since(lms, before) == {ENROL: 2, ENROLLED: 1, "core_course_get_courses_by_field": 1}


def test_a_person_that_moodle_has_lost_is_halved_out(lms: MoodleLms, people: Make, door: SandboxDoor) -> None:
    """The recorded TypeError of an unknown user: it has no error code and keeps nothing of the list (facts 4.1)."""
    names = people(8)
    door.site.db.execute("DELETE FROM users WHERE username = ?", (names[5],))
    door.site.memory.clear()
    results = lms.enrol(items(names))
    assert [result.key[1] for result in results if result.outcome is not Outcome.DONE] == [names[5]]
    assert results[5].outcome is Outcome.REFUSED
    assert "/var/www" not in results[5].message
    assert len(list(lms.enrolments(COURSE))) == 7


def test_strangers_are_refused_without_a_request(lms: MoodleLms) -> None:
    result = lms.enrol(items(["0999999999"]))[0]
    assert (result.outcome, result.code) == (Outcome.REFUSED, "unknown_user")
    assert ENROL not in dict(lms.calls.by_function)


def test_a_course_without_manual_enrolment_is_refused_in_one_call(
    lms: MoodleLms, people: Make, door: SandboxDoor
) -> None:
    names = people(10)
    door.site.db.execute("DELETE FROM enrol WHERE method = 'manual'")
    before = dict(lms.calls.by_function)
    results = lms.enrol(items(names))
    assert {(result.outcome, result.code) for result in results} == {(Outcome.REFUSED, "wsnoinstance")}
    assert functions_since(lms, before)[ENROL] == 1


@pytest.mark.parametrize("mishap", [Mishap.LOST, Mishap.RESET])
def test_a_lost_enrolment_is_read_back_and_not_repeated(
    mishap: Mishap, lms: MoodleLms, people: Make, door: SandboxDoor
) -> None:
    """Repeating it would send the welcome message again."""
    names = people(3)
    list(lms.enrolments(COURSE))
    door.mishaps = [mishap]
    assert {result.outcome for result in lms.enrol(items(names, starts_at=START))} == {Outcome.DONE}
    assert dict(lms.calls.by_function)[ENROL] == 1


def test_a_lost_change_of_window_is_sent_again(lms: MoodleLms, people: Make, door: SandboxDoor) -> None:
    """A window cannot be read, so that somebody is enrolled proves nothing if he was so before."""
    names = people(2)
    lms.enrol(items(names))
    list(lms.enrolments(COURSE))
    before = dict(lms.calls.by_function)
    door.mishaps = [Mishap.LOST]
    assert {result.outcome for result in lms.enrol(items(names, ends_at=END))} == {Outcome.DONE}
    assert functions_since(lms, before)[ENROL] == 2


def test_a_suspension_is_confirmed_by_the_suspended(lms: MoodleLms, people: Make) -> None:
    names = people(3)
    lms.enrol(items(names))
    assert {result.outcome for result in lms.enrol(items(names[:1], active=False))} == {Outcome.DONE}
    assert {seen.username for seen in lms.enrolments(COURSE) if not seen.active} == set(names[:1])


def test_what_moodle_took_and_does_not_show_is_unknown() -> None:
    enrolments, _door = scripted(good(None), good([row(7)]), u07=7, u08=8)
    results = enrolments.enrol(items(["07", "08"]))
    assert [(result.outcome, result.code) for result in results] == [
        (Outcome.DONE, ""),
        (Outcome.UNKNOWN, "not_confirmed"),
    ]


def test_a_suspension_that_did_not_take_is_unknown() -> None:
    enrolments, _door = scripted(good(None), good([row(7), row(8)]), good([row(8)]), u07=7, u08=8)
    results = enrolments.enrol(items(["07", "08"], active=False))
    assert [result.outcome for result in results] == [Outcome.UNKNOWN, Outcome.DONE]


def test_reading_back_stops_when_all_are_found() -> None:
    first_page = good([row(number) for number in range(9000, 9000 - PAGE, -1)])
    enrolments, door = scripted(good(None), first_page, u09000=9000)
    assert enrolments.enrol(items(["09000"]))[0].outcome is Outcome.DONE
    options = {option["name"]: option["value"] for option in door.inner(2)[0][1]["options"]}
    assert (options["sortby"], options["sortdirection"]) == ("id", "DESC")


def test_pages_are_read_to_the_end_and_nobody_is_told_twice() -> None:
    full = [row(number) for number in range(1, PAGE + 1)]
    enrolments, door = scripted(good([]), good(full), good([row(PAGE), row(PAGE + 1)]))
    seen = [item.username for item in enrolments.seen(COURSE)]
    assert seen == [f"0{number}" for number in range(1, PAGE + 2)]
    starts = [
        {option["name"]: option["value"] for option in door.inner(index)[0][1]["options"]}["limitfrom"]
        for index in (1, 2, 3)
    ]
    assert starts == ["0", "0", str(PAGE)]


def test_only_the_needed_fields_are_asked_for() -> None:
    enrolments, door = scripted(good([]), good([]))
    assert list(enrolments.seen(COURSE)) == []
    options = {option["name"]: option["value"] for option in door.inner(2)[0][1]["options"]}
    assert options["userfields"] == "id,username,lastaccess,lastcourseaccess"


def test_without_the_right_to_review_nobody_knows_who_is_suspended() -> None:
    enrolments, _door = scripted(refusal("nopermissions"), good([row(7)]))
    assert [seen.active for seen in enrolments.seen(COURSE)] == [None]


def test_hidden_usernames_stop_the_reading() -> None:
    enrolments, _door = scripted(good([]), good([{"id": 7, "fullname": "An"}]))
    with pytest.raises(AccessDenied, match="hides the usernames"):
        list(enrolments.seen(COURSE))


def test_access_times_are_read(lms: MoodleLms, people: Make, door: SandboxDoor) -> None:
    names = people(1)
    lms.enrol(items(names))
    door.site.db.execute("UPDATE users SET lastaccess = 1764522000 WHERE username = ?", (names[0],))
    door.site.memory.clear()
    seen = next(iter(lms.enrolments(COURSE)))
    assert seen.last_access == datetime.fromtimestamp(1764522000, UTC)
    assert seen.last_course_access is None


def test_an_active_enrolment_that_is_over_is_confirmed_beside_a_suspended_one(
    lms: MoodleLms, people: Callable[[int], list[str]]
) -> None:
    first, second = people(2)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    over = Enrolment(course=COURSE, username=first, ends_at=past)
    results = lms.enrol([over, Enrolment(course=COURSE, username=second, active=False)])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.DONE]
