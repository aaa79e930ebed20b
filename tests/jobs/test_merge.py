"""Cohorts of provinces that are no longer in force, and their people's way into those that are."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import ConfigError, OutcomeUnknown
from connector.jobs.apply import apply, load_plan, save_plan
from connector.jobs.merge import make_merger
from connector.jobs.plan import make_plan
from connector.jobs.resume import resume
from connector.model import Cohort, Kind, Membership, RegistrationState
from connector.settings import Protected
from connector.sync.change import Action
from connector.sync.losses import loss_notices
from connector.sync.merging import merged_name
from connector.sync.plan import Plan
from connector.sync.state import OwnedItem
from tests.jobs.test_runs import Killed
from tests.jobs.world import PROGRAMME, World, learner

OLD, NEW, IN_FORCE = "VN-02", "VN-08", "08"  # Hà Giang went into Tuyên Quang
MERGED = "Hà Giang (đã sáp nhập vào Tuyên Quang)"


def before_the_merger(world: World, people: Sequence[int] = range(1, 13)) -> None:
    """The platform and our ledger as they were: these people in the cohort of Hà Giang, known by its own code."""
    world.register(*[learner(number, province=IN_FORCE) for number in people])
    assert world.provision().complete
    names = [f"091200{number:04d}" for number in people]
    world.lms.cohort_names = {OLD: "Hà Giang"} | {
        key: name for key, name in world.lms.cohort_names.items() if key != NEW
    }
    world.lms.members = {replace(one, cohort=OLD) if one.username in names else one for one in world.lms.members}
    items: list[OwnedItem] = [owned(Cohort(idnumber=OLD, name="Hà Giang"))]
    items += [owned(Membership(cohort=OLD, username=name)) for name in names]
    with world.ctx.store.begin() as tx:
        tx.ledger.disown("sandbox", [(Kind.COHORT, (NEW,)), *((Kind.MEMBERSHIP, (NEW, name)) for name in names)])
        tx.ledger.own("sandbox", 1, items, world.now)


def with_terms(world: World, folder: Path, line: str, instead: str) -> None:
    """The programme with this line written anew."""
    text = (world.ctx.settings.programmes_dir / f"{PROGRAMME}.yaml").read_text("utf-8")
    assert line in text
    (folder / f"{PROGRAMME}.yaml").write_text(text.replace(line, instead), "utf-8")
    world.ctx = replace(world.ctx, settings=world.ctx.settings.model_copy(update={"programmes_dir": folder}))


def owned(item: Cohort | Membership) -> OwnedItem:
    return OwnedItem(kind=item.kind, key=item.key, remote_id="", item=item, province_code="02")


def members(world: World, cohort: str) -> set[str]:
    return {one.username for one in world.lms.members if one.cohort == cohort}


def merger(world: World, *pairs: str) -> Plan:
    return make_merger(world.ctx, PROGRAMME, pairs)


@pytest.mark.parametrize("pairs", [(), (f"{OLD}={IN_FORCE}",)])
def test_people_move_and_both_cohorts_stay(world: World, tmp_path: Path, pairs: tuple[str, ...]) -> None:
    before_the_merger(world)
    plan = merger(world, *pairs)
    # Twelve of twelve leave a cohort, and no limit holds them: they are added first.
    assert not plan.held
    assert [(change.kind, change.action) for change in plan.changes] == [
        (Kind.COHORT, Action.CREATE),
        (Kind.COHORT, Action.UPDATE),
        *[(Kind.MEMBERSHIP, Action.CREATE)] * 12,
        *[(Kind.MEMBERSHIP, Action.REMOVE)] * 12,
    ]
    assert "12 people move" in " ".join(loss_notices(plan))
    save_plan(plan, tmp_path / "merge.json")
    assert apply(world.ctx, load_plan(tmp_path / "merge.json")).complete
    assert (len(members(world, NEW)), members(world, OLD)) == (12, set())
    assert world.lms.cohort_names == {OLD: MERGED, NEW: "Tuyên Quang"}
    assert merger(world, *pairs).empty
    assert not any(loss_notices(merger(world, *pairs)))
    assert make_plan(world.ctx, PROGRAMME).empty
    with world.ctx.store.begin() as tx:
        rows = tx.ledger.owned("sandbox", provinces=[IN_FORCE], usernames=[""])
        history = tx.journal.history("sandbox", "0912000001")
    assert {row.key[0]: row.province_code for row in rows if row.kind is Kind.COHORT} == {OLD: "08", NEW: "08"}
    assert [(line.container, line.action) for line in history if line.kind == Kind.MEMBERSHIP][-2:] == [
        (NEW, Action.CREATE),
        (OLD, Action.REMOVE),
    ]


def test_who_is_in_the_new_cohort_already_is_only_taken_out_of_the_old_one(world: World) -> None:
    before_the_merger(world)
    assert apply(world.ctx, make_plan(world.ctx, PROGRAMME)).complete
    plan = merger(world)
    assert {(change.kind, change.action) for change in plan.changes} == {
        (Kind.COHORT, Action.UPDATE),
        (Kind.MEMBERSHIP, Action.REMOVE),
    }
    assert apply(world.ctx, plan).complete
    assert (len(members(world, NEW)), members(world, OLD)) == (12, set())
    assert make_plan(world.ctx, PROGRAMME).empty


@pytest.mark.parametrize("at", range(4))
def test_a_merger_that_was_killed_between_two_batches_is_resumed(world: World, at: int) -> None:
    before_the_merger(world)
    points = iter(range(100))

    def die() -> None:
        assert members(world, OLD) | members(world, NEW) == {f"091200{number:04d}" for number in range(1, 13)}
        if next(points) == at:
            raise Killed

    with pytest.raises(Killed):
        apply(replace(world.ctx, safe_point=die), merger(world))
    assert resume(world.ctx).complete
    assert (len(members(world, NEW)), members(world, OLD)) == (12, set())
    assert merger(world).empty
    assert make_plan(world.ctx, PROGRAMME).empty


def test_a_merger_whose_removals_had_no_answer_is_resumed(world: World) -> None:
    before_the_merger(world)
    plan = merger(world)
    reads_and_writes = 6
    world.lms.outages = [*[None] * reads_and_writes, OutcomeUnknown("no answer")]
    assert apply(world.ctx, plan).unknown == 12
    assert members(world, OLD) == set()
    assert resume(world.ctx).complete
    assert merger(world).empty


def test_who_cannot_be_added_stays_in_the_old_cohort(world: World) -> None:
    before_the_merger(world)
    world.lms.refuse[NEW, "0912000003"] = "nopermission"
    assert apply(world.ctx, merger(world)).refused == 2
    assert members(world, OLD) == {"0912000003"}


def test_people_of_others_stay_where_they_are(world: World) -> None:
    before_the_merger(world)
    world.lms.members.add(Membership(cohort=OLD, username="teacher"))
    with world.ctx.store.begin() as tx:
        tx.ledger.disown("sandbox", [(Kind.ACCOUNT, ("0912000001",))])
    world.ctx = replace(
        world.ctx, settings=world.ctx.settings.model_copy(update={"protected": Protected(usernames=("0912000002",))})
    )
    plan = merger(world)
    assert any("not ours" in held.reason for held in plan.held)
    assert apply(world.ctx, plan).complete
    assert members(world, OLD) == {"teacher", "0912000001", "0912000002"}


def test_who_has_moved_goes_where_the_lists_say(world: World) -> None:
    before_the_merger(world)
    world.register(learner(1, province="40"))
    plan = merger(world)
    assert [held.reason for held in plan.held if held.change.username == "0912000001"] == [
        "The lists say another province: apply 'connector plan' first, then merge again."
    ]
    assert apply(world.ctx, plan).complete
    assert apply(world.ctx, make_plan(world.ctx, PROGRAMME)).complete
    assert apply(world.ctx, merger(world)).complete
    assert {one.cohort for one in world.lms.members if one.username == "0912000001"} == {"VN-40"}
    assert make_plan(world.ctx, PROGRAMME).empty


@pytest.mark.parametrize(("policy", "moved"), [("leave_cohort", False), ("suspend_enrolment", True)])
def test_who_is_on_no_list_moves_unless_leavers_are_in_no_cohort(
    world: World, tmp_path: Path, policy: str, *, moved: bool
) -> None:
    before_the_merger(world)
    with_terms(world, tmp_path, "leaving: suspend_enrolment", f"leaving: {policy}")
    world.register(learner(1, province=IN_FORCE), state=RegistrationState.LEFT)
    world.register(learner(2, province=IN_FORCE), state=RegistrationState.CONFLICT)
    assert apply(world.ctx, merger(world)).complete
    assert ("0912000001" in members(world, NEW)) is moved
    assert "0912000002" in members(world, NEW)
    assert not {change.kind for change in make_plan(world.ctx, PROGRAMME).changes} & {Kind.MEMBERSHIP, Kind.COHORT}


def test_after_the_programme_a_merger_needs_a_word(world: World, tmp_path: Path) -> None:
    before_the_merger(world)
    with_terms(world, tmp_path, "  ends_at: open ", "  ends_at: 2025-12-20T00:00 ")
    world.pass_time(days=30)
    assert (merger(world).empty, len(merger(world).held)) == (True, 26)
    plan = make_merger(world.ctx, PROGRAMME, by="Lan", override="the ministry asks for it")
    assert apply(world.ctx, plan).complete
    assert (len(members(world, NEW)), members(world, OLD)) == (12, set())


def test_a_cohort_that_cannot_be_read_loses_nobody(world: World) -> None:
    before_the_merger(world)
    world.lms.untold = {OLD}
    plan = merger(world)
    assert {change.kind for change in plan.changes} == {Kind.COHORT}
    assert "does not tell" in plan.held[0].reason


def test_a_plan_whose_world_has_moved_is_made_anew_with_the_same_pairs(world: World) -> None:
    before_the_merger(world)
    plan = merger(world)
    assert plan.recipe == ("merge", f"{OLD}={IN_FORCE}")
    assert merger(world, *plan.recipe[1:]).checksum == plan.checksum


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("VN-02", "does not say"),
        ("=08", "does not say"),
        ("VN-02=02", "no province with the code '02'"),
        ("VN-08=08", "still puts people"),
        ("VN-77=79", "We have made no cohort"),
    ],
)
def test_a_wrong_pair_is_refused(world: World, pair: str, words: str) -> None:
    before_the_merger(world)
    with pytest.raises(ConfigError, match=words):
        merger(world, pair)


def test_nothing_is_found_where_all_provinces_are_in_force(world: World) -> None:
    world.register(learner(1))
    assert world.provision().complete
    assert merger(world).empty


def test_a_name_tells_the_merger_once() -> None:
    once = merged_name("Hà Giang", "Tuyên Quang")
    assert once == MERGED == merged_name(once, "Tuyên Quang")
