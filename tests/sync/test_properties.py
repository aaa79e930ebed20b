"""Laws that hold for all rosters, all leaving policies and all points where a run may die."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from connector.errors import OutcomeUnknown, PlatformUnavailable
from connector.model import Registration, RegistrationState
from connector.settings import Limits
from connector.sync.actual import read_actual
from connector.sync.desired import Leaving, desired_state
from connector.sync.diff import diff
from connector.sync.state import ledger_of
from tests.sync.world import HANOI, HUE, NGHE_AN, World, learner, registered, terms

PROVINCES = (HANOI, HUE, NGHE_AN)
JOINING, LEAVING_A_COHORT = 4, 9


@st.composite
def rosters(draw: st.DrawFn) -> list[Registration]:
    """People 0..11, each at most once: some province, some state, one of two names."""
    people = draw(
        st.dictionaries(
            st.integers(0, 11),
            st.tuples(
                st.sampled_from(PROVINCES), st.sampled_from(RegistrationState), st.sampled_from(["Lê An", "Lê Bình"])
            ),
        )
    )
    return [
        Registration(programme="k1", learner=learner(number, province, full_name=name), state=state)
        for number, (province, state, name) in people.items()
    ]


@st.composite
def faults(draw: st.DrawFn) -> tuple[int, float, bool]:
    """After how many writes the platform fails, which share of that write it did, and whether it says so."""
    return draw(st.integers(0, 8)), draw(st.sampled_from([0.0, 0.5, 1.0])), draw(st.booleans())


policies = st.sampled_from(Leaving)


@given(st.lists(rosters(), min_size=1, max_size=4), policies)
def test_after_each_apply_the_next_plan_is_empty(sequence: Sequence[list[Registration]], leaving: Leaving) -> None:
    world = World(terms(leaving, courses=("course", "second")))
    for roster in sequence:
        assert world.sync(roster).complete
        again = world.plan(roster)
        assert again.changes == ()
        assert again.held == ()


@given(rosters(), policies)
def test_what_is_as_wanted_gives_no_difference(roster: list[Registration], leaving: Leaving) -> None:
    world = World(terms(leaving))
    world.sync(roster)
    owned = world.journal.owned
    desired = desired_state(world.provision, roster, owned)
    actual = read_actual(world.platform, desired, ledger_of(owned))
    found = diff(desired, actual, ledger_of(owned), world.now)
    assert (found.changes, found.foreign, found.by_hand) == ((), (), ())
    assert actual.warnings == ()


@given(rosters(), rosters(), policies)
def test_whoever_moves_is_in_the_new_cohort_before_he_leaves_the_old_one(
    first: list[Registration], second: list[Registration], leaving: Leaving
) -> None:
    world = World(terms(leaving))
    world.sync(first)
    changes = world.plan(second).changes
    added = {one.username: place for place, one in enumerate(changes) if one.phase == JOINING}
    left = {one.username: place for place, one in enumerate(changes) if one.phase == LEAVING_A_COHORT}
    assert all(added[username] < left[username] for username in added.keys() & left.keys())


@given(rosters(), rosters(), policies)
def test_an_override_lets_through_exactly_what_was_held(
    first: list[Registration], second: list[Registration], leaving: Leaving
) -> None:
    world = World(terms(leaving), Limits(removal_share=0, removal_floor=0))
    world.limits = Limits(removal_share=1.0, national_share=1.0)
    world.sync(first)
    free = world.plan(second)
    world.limits = Limits(removal_share=0, removal_floor=0)
    guarded = world.plan(second)
    assert not any(change.takes_access for change in guarded.changes)
    let = guarded.overridden("Lan", "meant")
    assert (let.changes, let.held) == (free.changes, ())
    assert (let is guarded) == (not guarded.held)


@given(st.lists(rosters(), min_size=1, max_size=3), policies)
def test_the_order_of_rows_and_provinces_is_irrelevant(
    sequence: Sequence[list[Registration]], leaving: Leaving
) -> None:
    one, other = World(terms(leaving)), World(terms(leaving))
    for roster in sequence:
        shuffled = sorted(roster, key=lambda item: (item.learner.province_code, item.learner.phone), reverse=True)
        assert one.plan(roster).checksum == other.plan(shuffled).checksum
        one.sync(roster)
        other.sync(shuffled)
    assert one.platform.picture() == other.platform.picture()


@given(st.lists(rosters(), min_size=1, max_size=3), policies, st.permutations(PROVINCES))
def test_shard_by_shard_gives_what_one_run_gives(
    sequence: Sequence[list[Registration]], leaving: Leaving, order: Sequence[str]
) -> None:
    whole, sharded = World(terms(leaving)), World(terms(leaving))
    for roster in sequence:
        whole.sync(roster)
        for province in order:
            sync_shard(sharded, roster, province)
    assert sharded.platform.picture() == whole.platform.picture()
    assert sharded.plan(sequence[-1]).changes == ()


def sync_shard(world: World, roster: Sequence[Registration], province: str) -> None:
    """One province as a job does it: its registrations, its rows and those of its people, and who is elsewhere."""
    live = [item for item in roster if item.is_listed]
    here = [item for item in live if item.learner.province_code == province]
    mine = {"0" + item.learner.phone[3:] for item in here}
    elsewhere = {"0" + item.learner.phone[3:] for item in live} - mine
    rows = [row for row in world.journal.owned if row.province_code in (province, "") or row.key[-1] in mine]
    assert world.apply(world.plan(here, elsewhere, rows)).complete


@given(rosters(), rosters(), policies, st.lists(faults(), max_size=4), st.integers(1, 5))
def test_killed_anywhere_the_next_runs_reach_the_same_end(
    first: list[Registration],
    second: list[Registration],
    leaving: Leaving,
    blows: list[tuple[int, float, bool]],
    batch: int,
) -> None:
    world, calm = World(terms(leaving)), World(terms(leaving))
    for roster in (first, second):
        calm.sync(roster)
        for writes, done, silent in blows:
            error = OutcomeUnknown("no answer") if silent else PlatformUnavailable("closed")
            world.platform.break_after(writes, error, done)
            world.apply(world.plan(roster), batch)
        world.platform.calm()
        assert world.sync(roster).complete
        assert world.plan(roster).changes == ()
    assert world.platform.picture() == calm.platform.picture()


@given(st.integers(20, 60), st.integers(0, 60), st.sampled_from([x for x in Leaving if x is not Leaving.KEEP]))
def test_a_shrunken_roster_never_removes_anybody(size: int, left: int, leaving: Leaving) -> None:
    limits = Limits(removal_share=0.05, removal_floor=2)
    world = World(terms(leaving), limits)
    world.sync(registered(range(size)))
    before = world.platform.picture()
    remaining = range(min(left, size))
    gone = size - len(remaining)
    plan = world.plan(registered(remaining))
    allowed = remaining and (gone <= 2 or gone <= 0.05 * size)
    assert len(plan.held) == (0 if allowed else gone)
    world.apply(plan)
    if not allowed:
        assert world.platform.picture() == before
