import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.errors import PlatformUnavailable, UnsafePlanError
from connector.jobs.apply import apply
from connector.jobs.evaluate import evaluate
from connector.jobs.explain import person_story
from connector.jobs.freshness import issues_untold, mirror_status
from connector.jobs.mirror import Reach, certificate_key, mirror
from connector.jobs.plan import make_plan
from connector.lms import Capability, Oddity
from connector.model import Enrolment, Registration, RegistrationState, TopicResult
from tests.fakes.lms import FakeLms
from tests.jobs.world import COURSE, PROGRAMME, START, World, learner

COURSES = "bkhcn-2025-k1-courses"


@pytest.fixture(autouse=True)
def _provisioned(world: World) -> None:
    world.register(learner(1), learner(2), learner(3, province="31"))
    world.provision()


def parts(world: World, *, full: bool = False) -> tuple[dict[str, tuple[int, int, int, int]], int]:
    outcome = mirror(world.ctx, PROGRAMME, reach=Reach.FULL if full else Reach.MOVED)
    found = {name: (part.seen, part.new, part.changed, part.gone) for name, part in outcome.parts}
    return found, outcome.learners_read


def test_the_first_mirror_reads_everybody(world: World) -> None:
    world.complete(learner(1), topics=3)
    found, read = parts(world)
    assert read == 3
    assert found == {
        "accounts": (3, 3, 0, 0),
        "cohorts": (2, 2, 0, 0),
        "topics": (19, 19, 0, 0),
        "memberships": (3, 3, 0, 0),
        "results": (3, 3, 0, 0),
        "enrolments": (3, 3, 0, 0),
        "issues": (0, 0, 0, 0),
    }


def test_then_only_those_are_read_whose_access_has_moved(world: World) -> None:
    for number in (1, 2, 3):
        world.visit(learner(number), START + timedelta(hours=number))
    parts(world)
    world.complete(learner(1), topics=2, at=START + timedelta(hours=9))
    found, read = parts(world)
    assert read == 1
    assert found["results"] == (2, 2, 0, 0)


def test_whoever_was_there_in_the_last_minutes_is_read_once_more(world: World) -> None:
    world.visit(learner(1), START + timedelta(hours=1))
    world.visit(learner(2), START + timedelta(hours=5))
    parts(world)
    username = "0912000002"
    ref = world.programme.refs[0]
    world.complete(learner(2), topics=1, at=START + timedelta(hours=5))  # the same minute: the time does not move
    assert (username, ref) in world.lms.results
    found, read = parts(world)
    assert (read, found["results"][1]) == (1, 1)


def test_the_last_ten_minutes_before_the_latest_access_are_read_again(world: World) -> None:
    latest = START + timedelta(hours=5)
    world.visit(learner(1), latest)
    world.visit(learner(2), latest - timedelta(minutes=9, seconds=59))
    world.visit(learner(3), latest - timedelta(minutes=10, seconds=1))
    parts(world)
    for number in (2, 3):  # the last one waits for a rolling or full run
        world.complete(learner(number), topics=1, at=world.lms.course_access[COURSE, f"091200{number:04d}"])
    found, read = parts(world)
    assert (read, found["results"][1]) == (2, 1)


def test_a_site_that_tells_no_issues_is_mirrored_without_them(world: World) -> None:
    world.lms.capabilities &= ~(Capability.CERTIFICATES | Capability.ISSUE_LIST)
    world.complete(learner(1), topics=19)
    found, _read = parts(world)
    assert (found["results"][1], found["issues"]) == (19, (0, 0, 0, 0))
    assert "certificate_issues" not in dict(world.lms.calls.by_function)
    outcome = evaluate(world.ctx, PROGRAMME)
    assert outcome.passed == 1
    assert "does not tell which certificates it issued" in outcome.freshness
    assert len(issues_untold(world.ctx, world.programme)) == 1


def test_a_site_that_tells_issues_says_nothing_of_it(world: World) -> None:
    parts(world)
    assert issues_untold(world.ctx, world.programme) == []


def test_a_full_run_finds_what_moved_no_access_and_what_was_withdrawn(world: World) -> None:
    world.complete(learner(1), topics=2, at=START)
    world.visit(learner(2), START + timedelta(hours=5))
    parts(world)
    del world.lms.results["0912000001", world.programme.refs[0]]
    assert parts(world)[0]["results"][3] == 0
    assert parts(world, full=True)[0]["results"][3] == 1


def test_an_outage_while_results_are_read_loses_none_of_them(world: World) -> None:
    parts(world)
    world.complete(learner(1), topics=2, at=START + timedelta(hours=9))
    reads_before_results = 4
    world.lms.outages = [*[None] * reads_before_results, PlatformUnavailable("down")]
    with pytest.raises(PlatformUnavailable):
        mirror(world.ctx, PROGRAMME)
    found, read = parts(world)
    assert (read, found["results"][1]) == (1, 2)


def test_a_failed_mirror_is_no_snapshot(world: World) -> None:
    parts(world)
    world.lms.outages = [PlatformUnavailable("down")]
    with pytest.raises(PlatformUnavailable):
        mirror(world.ctx, PROGRAMME)
    with world.ctx.store.begin() as tx:
        done = tx.runs.latest("mirror", PROGRAMME)
        failed = tx.runs.latest("mirror", PROGRAMME, outcome="failed")
    assert done is not None
    assert failed is not None
    assert evaluate(world.ctx, PROGRAMME).snapshot.id == done.id < failed.id


def test_progress_is_told_while_it_goes_on(world: World) -> None:
    told: list[tuple[str, int, int]] = []
    mirror(world.ctx, PROGRAMME, progress=lambda name, done, total: told.append((name, done, total)))
    assert told == [("accounts", 3, 3), ("results", 3, 3)]


def test_completed_courses_stay_when_the_enrolment_is_over(world: World) -> None:
    programme = world.ctx.programme(COURSES)
    for course in programme.enrolment.courses:
        if course not in world.lms.courses:
            world.lms.add_course(course)
    with world.ctx.store.begin() as tx:
        ours = Registration(programme=COURSES, learner=learner(1), state=RegistrationState.CONFIRMED)
        tx.registrations.save([ours], world.now)
    apply(world.ctx, make_plan(world.ctx, COURSES))
    ref, username = programme.refs[0], "0912000001"
    world.lms.results[username, ref] = TopicResult(ref=ref, username=username, done=True, completed_at=START)
    assert dict(mirror(world.ctx, COURSES).parts)["results"].new == 1
    over = Enrolment(course=ref.course, username=username, active=False)
    world.lms.enrol([over])
    del world.lms.results[username, ref]  # Moodle tells no completion of somebody whose enrolment is not active
    assert dict(mirror(world.ctx, COURSES, reach=Reach.FULL).parts)["results"].gone == 0
    world.lms.enrol([replace(over, active=True)])
    assert dict(mirror(world.ctx, COURSES, reach=Reach.FULL).parts)["results"].gone == 1


def odd(number: int, part: str = "results", place: str = "") -> Oddity:
    username = f"091200{number:04d}"
    return Oddity(part=part, place=place, username=username, why="unknown completion state 7", raw='{"state": 7}')


def test_a_rolling_run_reads_a_seventh_besides_and_seven_read_all(world: World) -> None:
    world.register(*[learner(number) for number in range(4, 15)])
    world.provision()
    parts(world)
    username, ref = "0912000014", world.programme.refs[0]
    late = TopicResult(ref=ref, username=username, done=True, completed_at=START - timedelta(days=1))
    world.lms.results[username, ref] = late  # entered by hand with an earlier date: no access moves
    read = []
    for _night in range(7):
        world.pass_time(days=1)
        read.append(mirror(world.ctx, PROGRAMME, reach=Reach.ROLLING).learners_read)
    assert read == [2] * 7
    with world.ctx.store.begin() as tx:
        assert tx.mirror.results_of("sandbox", username) == [late]
        oldest = tx.marks.parts("sandbox", PROGRAMME)["results"].whole_at
    assert oldest == world.now - timedelta(days=6)


def test_what_cannot_be_understood_withdraws_nothing_and_is_read_again(world: World) -> None:
    world.complete(learner(1), topics=2)
    world.complete(learner(2), topics=2)
    parts(world)
    for name in ("0912000001", "0912000002"):
        del world.lms.results[name, world.programme.refs[0]]
    world.visit(learner(1), START + timedelta(hours=9))
    world.visit(learner(2), START + timedelta(hours=9))

    def topic_results(*args: Any) -> Any:
        world.lms.oddities.append(odd(1, place=str(world.programme.refs[0])))
        yield from FakeLms.topic_results(world.lms, *args)

    outcome = mirror(replace(world.ctx, open_site=lambda *_: _Odd(world.lms, topic_results), _clients={}), PROGRAMME)
    assert dict(outcome.parts)["results"].gone == 1
    assert [item.username for item in outcome.odd] == ["0912000001"]
    status = mirror_status(world.ctx, PROGRAMME)
    assert [(item.username, item.times) for item in status.quarantine] == [("0912000001", 1)]
    assert "1 rows could not be understood" in status.line

    world.pass_time(hours=20)
    again = mirror(world.ctx, PROGRAMME)
    assert dict(again.parts)["results"].gone == 1
    assert mirror_status(world.ctx, PROGRAMME).quarantine == ()


class _Odd:
    """The platform with another answer to one question."""

    def __init__(self, lms: FakeLms, topic_results: Any) -> None:
        self._lms = lms
        self.topic_results = topic_results

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lms, name)


def test_an_odd_issue_holds_the_bookmark_and_withdraws_none(world: World) -> None:
    with world.ctx.store.begin() as tx:
        assert tx.marks.parts("sandbox", PROGRAMME) == {}
    parts(world)
    world.lms.grant_certificates(world.gate, ["0912000001"])
    world.lms.issue_certificates(world.gate, START + timedelta(hours=2))
    assert parts(world)[0]["issues"] == (1, 1, 0, 0)
    world.lms.issues.clear()
    assert parts(world)[0]["issues"] == (0, 0, 0, 0)  # only the newer ones were asked for
    assert parts(world, full=True)[0]["issues"] == (0, 0, 0, 1)


def test_freshness_names_what_was_read_when(world: World) -> None:
    assert mirror_status(world.ctx, PROGRAMME).line == "Mirror: nothing has been read yet"
    parts(world)
    world.pass_time(hours=3)
    world.visit(learner(1), world.now)
    parts(world)
    line = mirror_status(world.ctx, PROGRAMME).line
    assert "topic results 11:00 01/12/2025 (all since 08:00 01/12/2025)" in line
    assert "accounts 11:00 01/12/2025," in line
    assert line in evaluate(world.ctx, PROGRAMME).freshness
    assert line in person_story(world.ctx, learner(1).phone, PROGRAMME).chapters[2].lines


def test_the_story_tells_what_was_withdrawn(world: World) -> None:
    world.complete(learner(1), topics=1)
    parts(world)
    world.lms.results.clear()
    parts(world, full=True)
    lines = person_story(world.ctx, learner(1).phone, PROGRAMME).chapters[2].lines
    assert lines[-1] == "seen 08:00 01/12/2025: withdrawn: cd01 Chuyên đề 1"


def test_no_plan_is_made_of_accounts_that_cannot_be_understood(world: World) -> None:
    world.lms.oddities.append(odd(1, part="accounts"))
    with pytest.raises(UnsafePlanError, match="1 accounts cannot be understood"):
        make_plan(world.ctx, PROGRAMME)


@pytest.mark.parametrize("reads_before", range(9))
def test_killed_between_any_two_reads_nothing_is_lost_or_doubled(world: World, reads_before: int) -> None:
    """The mirror of a run that was killed and run again equals that of one that went through."""
    parts(world)
    world.complete(learner(1), topics=3, at=START + timedelta(hours=9))
    world.lms.grant_certificates(world.gate, ["0912000001"])
    world.lms.issue_certificates(world.gate, START + timedelta(hours=9))
    world.lms.outages = [*[None] * reads_before, KeyboardInterrupt()]  # type: ignore[list-item]
    with contextlib.suppress(KeyboardInterrupt):
        mirror(world.ctx, PROGRAMME)
    world.lms.outages = []
    parts(world)
    with world.ctx.store.begin() as tx:
        assert len(tx.mirror.results_of("sandbox", "0912000001")) == 3
        assert tx.mirror.news("sandbox", COURSE, list(world.lms.enrolments(COURSE))) == set()
        assert len(tx.mirror.issues("sandbox", certificate_key(world.programme))) == 1
        events = tx.events.of_usernames("sandbox", ["0912000001"])
    assert [event.what for event in events if event.part == "enrolments"] == ["first_access"]
