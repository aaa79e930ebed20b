from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import PlatformUnavailable
from connector.jobs.apply import apply
from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import Reach, mirror
from connector.jobs.plan import make_plan
from connector.model import Enrolment, Registration, RegistrationState, TopicResult
from tests.jobs.world import PROGRAMME, START, World, learner

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
