"""A reading from which too much is missing is held: what was known stands, and every output says so."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from connector.errors import ConfigError
from connector.jobs.evaluate import evaluate
from connector.jobs.freshness import freshness_of, mirror_status
from connector.jobs.mirror import Reach, certificate_key, mirror
from connector.jobs.service.acts import mirror_full
from connector.jobs.service.kinds import Work
from connector.jobs.shrinks import accept_shrink
from connector.model import EnrolmentSeen, RegistrationState
from connector.store.mirror_holds import Hold
from connector.sync.shrink import ALL, PLACE, PROVINCE
from tests.fakes.lms import FakeLms
from tests.jobs.service.timetable import job
from tests.jobs.world import COURSE, PROGRAMME, World, learner

NEAR, FAR = range(1, 13), range(13, 19)  # twelve people of one province and six of another


@pytest.fixture(autouse=True)
def _studied(world: World) -> None:
    world.register(*(learner(number) for number in NEAR), *(learner(number, province="31") for number in FAR))
    world.provision()
    for number in (*NEAR, *FAR):
        world.complete(learner(number), topics=19)
    mirror(world.ctx, PROGRAMME)
    assert evaluate(world.ctx, PROGRAMME).passed == 18


def again(world: World, reach: Reach = Reach.FULL) -> list[Hold]:
    world.pass_time(days=1)
    return list(mirror(world.ctx, PROGRAMME, reach=reach).held)


def names(numbers: range) -> set[str]:
    return {f"091200{number:04d}" for number in numbers}


def hide_people(lms: FakeLms, usernames: set[str]) -> None:
    """A token that sees these people no more: not their accounts, nor anything of theirs."""
    lms.seen = {name: seen for name, seen in lms.seen.items() if name not in usernames}
    lms.enrolled = {key: one for key, one in lms.enrolled.items() if key[1] not in usernames}
    lms.results = {key: one for key, one in lms.results.items() if key[0] not in usernames}


def heads(holds: list[Hold]) -> set[tuple[str, str, tuple[str, str], int, int]]:
    return {(hold.part, hold.measure, hold.group, hold.lost, hold.before) for hold in holds}


def test_a_token_that_sees_nobody_changes_nothing(world: World) -> None:
    hide_people(world.lms, names(range(1, 19)))
    assert heads(again(world)) == {("accounts", "", ALL, 18, 18)}
    with world.ctx.store.begin() as tx:
        assert len(tx.mirror.accounts("sandbox")) == 18
        assert len(list(tx.mirror.results("sandbox", [COURSE]))) == 18
    outcome = evaluate(world.ctx, PROGRAMME)
    assert outcome.passed == 18
    assert "18 of 18 accounts are missing" in outcome.freshness


def test_a_province_that_is_not_shown_is_held_alone(world: World) -> None:
    hide_people(world.lms, names(FAR))
    assert heads(again(world)) >= {("accounts", "", ALL, 6, 18)}
    assert evaluate(world.ctx, PROGRAMME).passed == 18


def test_a_small_province_is_held_by_itself(world: World) -> None:
    world.register(*(learner(number) for number in range(100, 170)))
    world.provision()
    assert again(world) == []
    hide_people(world.lms, names(FAR))
    assert heads(again(world)) == {("accounts", "", (PROVINCE, "31"), 6, 6)}


def test_completion_that_is_switched_off_withdraws_nothing(world: World) -> None:
    world.lms.results.clear()
    assert {hold.part for hold in again(world)} == {"results"}
    assert evaluate(world.ctx, PROGRAMME).passed == 18
    assert "18 of" not in freshness_of(world.ctx, world.programme)
    assert "342 of 342 topic results that were done" in freshness_of(world.ctx, world.programme)


def test_one_topic_that_is_switched_off_is_held_alone(world: World) -> None:
    ref = world.programme.refs[1]
    for key in [key for key in world.lms.results if key[1] == ref]:
        world.lms.results[key] = replace(world.lms.results[key], done=False, completed_at=None)
    assert (PLACE, str(ref)) in {hold.group for hold in again(world)}
    assert evaluate(world.ctx, PROGRAMME).passed == 18


def test_a_lost_right_leaves_states_accesses_and_grades_as_they_were(world: World) -> None:
    def without(seen: EnrolmentSeen) -> EnrolmentSeen:
        return replace(seen, active=None, last_course_access=None)

    world.lms.shown = without
    for key, result in world.lms.results.items():
        world.lms.results[key] = replace(result, grade=None)
    found = {(hold.part, hold.measure) for hold in again(world)}
    assert found == {("enrolments", "active"), ("enrolments", "last_course_access"), ("results", "grade")} - {
        ("enrolments", "last_course_access")  # each row is counted in the first that it lost
    }
    with world.ctx.store.begin() as tx:
        assert all(one.grade == 80.0 for _name, some in tx.mirror.results("sandbox", [COURSE]) for one in some)


def test_what_the_platform_says_is_believed_of_everybody(world: World) -> None:
    for key, one in world.lms.enrolled.items():
        world.lms.enrolled[key] = replace(one, active=False)
    assert again(world) == []


@pytest.mark.parametrize("reach", Reach)
def test_a_hold_outlives_runs_and_ends_when_the_part_is_whole_again(world: World, reach: Reach) -> None:
    kept = dict(world.lms.results)
    world.lms.results.clear()
    first = again(world)
    assert first
    assert [hold.number for hold in again(world, reach)] == [hold.number for hold in first]
    world.lms.results.update(kept)
    assert again(world, reach) == []
    with world.ctx.store.begin() as tx:
        ended = tx.holds.find(first[0].number)
    assert ended is not None
    assert (ended.ended_how, ended.since) == ("whole", first[0].since)


@pytest.mark.parametrize("reach", Reach)
def test_an_accepted_loss_is_believed_by_the_next_run(world: World, reach: Reach) -> None:
    world.lms.results.clear()
    (hold,) = again(world)
    accept_shrink(world.ctx, hold.number, by="Nguyễn Thị A", reason="course was reset on purpose")
    assert "accepted by Nguyễn Thị A" in mirror_status(world.ctx, PROGRAMME).held[0]
    assert again(world, reach) == []
    assert evaluate(world.ctx, PROGRAMME).passed == 0
    with pytest.raises(ConfigError):
        accept_shrink(world.ctx, hold.number, by="x", reason="y")


def test_more_than_was_accepted_is_held_again(world: World) -> None:
    ref = world.programme.refs[0]
    for name in sorted(names(NEAR))[:8]:
        del world.lms.results[name, ref]
    holds = again(world)
    for hold in holds:
        accept_shrink(world.ctx, hold.number, by="A", reason="reset")
    for name in sorted(names(NEAR)):
        world.lms.results.pop((name, ref), None)
    later = again(world)
    assert later
    assert all(hold.accepted_at is None for hold in later)


def test_people_who_left_and_people_who_moved_are_no_shrink(world: World) -> None:
    world.register(*(learner(number, province="31") for number in FAR), state=RegistrationState.LEFT)
    hide_people(world.lms, names(FAR))
    assert again(world) == []
    (new,) = {item.cohort for item in world.lms.members if item.username in names(FAR)}
    world.lms.members = {replace(item, cohort=new) for item in world.lms.members}
    assert again(world) == []


def cohorts(lms: FakeLms) -> None:
    lms.members.clear()


def certificates(lms: FakeLms) -> None:
    lms.issues.clear()


@pytest.mark.parametrize(("part", "empty"), [("memberships", cohorts), ("issues", certificates)])
def test_members_and_certificates_are_held_too(world: World, part: str, empty: Callable[[FakeLms], None]) -> None:
    group = world.lms.courses[COURSE].groups[world.gate.group]
    group.update(names(range(1, 19)))
    world.lms.issue_certificates(world.gate, world.now)
    again(world)
    empty(world.lms)
    assert heads(again(world)) == {(part, "", ALL, 18, 18)}
    assert {hold.part for hold in again(world, Reach.MOVED)} == {part}
    with world.ctx.store.begin() as tx:
        assert not tx.mirror.issues("sandbox", certificate_key(world.programme)) or part != "issues"


def test_the_service_calls_a_person(world: World) -> None:
    world.lms.results.clear()
    result = mirror_full(world.ctx, Work(job=job("all", "mirror-full"), programme=world.programme))
    assert "held" in result.needs["shrunk"]
