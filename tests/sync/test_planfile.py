import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.errors import BrokenData
from connector.model import CertificateState, Kind
from connector.sync.actual import ShortRead
from connector.sync.consequences import Stakes
from connector.sync.desired import Leaving
from connector.sync.plan import Pause, Plan
from connector.sync.planfile import from_json, to_json
from connector.sync.render import notices
from tests.sync.test_desired import account
from tests.sync.world import HUE, NOW, STRICT, World, registered, terms, username


def rich_plan() -> Plan:
    """A plan with something in every part."""
    world = World(terms(Leaving.SUSPEND_ENROLMENT), STRICT)
    world.sync([*registered(range(20)), *registered([21], HUE)])
    world.platform.people[username(1)] = replace(world.platform.people[username(1)], email="own@example.org")
    world.platform.people[username(30)] = account(30)
    world.platform.members.remove(("VN-01", username(2)))
    del world.journal.rows[Kind.MEMBERSHIP, ("VN-01", username(3))]
    return world.plan([*registered(range(5)), *registered([30, 31], HUE)])


def test_a_plan_comes_back_as_it_was() -> None:
    plan = replace(rich_plan(), provinces=("01", "46"))
    parts: list[Any] = [plan.changes, plan.held, plan.foreign, plan.by_hand, plan.made_by_others, plan.people]
    assert all(parts)
    assert plan.short_reads
    back = from_json(to_json(plan))
    assert back == plan
    assert back.checksum == plan.checksum
    assert json.loads(to_json(plan))["checksum"] == plan.checksum


def test_a_trailing_line_end_is_no_edit() -> None:
    assert from_json(to_json(rich_plan()) + "\n") == rich_plan()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0900000031", "0900000032"),
        ('"sandbox"', '"real"'),
        ("2025-12-05T", "2025-12-06T"),
        ('"01":[20,5]', '"01":[5,5]'),
    ],
)
def test_an_edited_plan_is_refused(old: str, new: str) -> None:
    text = to_json(rich_plan())
    assert old in text
    with pytest.raises(BrokenData, match="changed after it was made"):
        from_json(text.replace(old, new))


def test_a_plan_of_another_checksum_is_refused() -> None:
    plan = rich_plan()
    text = to_json(plan)
    with pytest.raises(BrokenData, match="not its own"):
        from_json(text.replace(plan.checksum, "0" * 64))


def test_a_cut_plan_is_refused() -> None:
    text = to_json(rich_plan())
    for length in (0, 1, 50, len(text) // 2, len(text) - 1):
        with pytest.raises(BrokenData):
            from_json(text[:length])


@pytest.mark.parametrize("text", ["{}", "[]", '{"format":"other","version":2}', "null"])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(BrokenData, match="not a plan"):
        from_json(text)


def test_a_plan_of_another_version_is_refused() -> None:
    with pytest.raises(BrokenData, match="another version"):
        from_json(to_json(rich_plan()).replace('"version":3', '"version":2'))


def test_a_plan_that_was_written_anew_by_another_tool_is_refused() -> None:
    with pytest.raises(BrokenData, match="changed after it was made"):
        from_json(json.dumps(json.loads(to_json(rich_plan()))))


def test_the_checksum_is_over_what_matters() -> None:
    plan = rich_plan()
    same = [
        replace(plan, created_at=plan.created_at + timedelta(days=1)),
        replace(plan, foreign=(), by_hand=(), held=()),
        replace(plan, changes=tuple(replace(one, consequence="x", remote_id="7") for one in plan.changes)),
    ]
    assert {one.checksum for one in same} == {plan.checksum}
    other = [
        replace(plan, site="real"),
        replace(plan, programme="k2"),
        replace(plan, changes=plan.changes[1:]),
        replace(plan, changes=plan.changes[::-1]),
        replace(plan, changes=(replace(plan.changes[0], after=account(5)), *plan.changes[1:])),
    ]
    assert len({one.checksum for one in [plan, *other]}) == 6


def test_what_people_have_said_and_what_is_at_stake_comes_back() -> None:
    plan = rich_plan()
    stakes = Stakes(
        done={"course": 3},
        grades={"course": 2},
        enrolled=frozenset({"course"}),
        certificate=CertificateState.ISSUED,
        last_visit=NOW,
    )
    full = replace(
        plan.weighing({username(21): stakes, username(5): Stakes(mirrored=False)}, "suspend"),
        author="Lan",
        needs_approval=True,
        pause=Pause(why="Tết", until=NOW),
    ).overridden("Lan", "meant")
    assert full.override is not None
    assert from_json(to_json(full)) == full
    final = replace(plan, held=tuple(replace(held, final=True) for held in plan.held))
    assert from_json(to_json(final)) == final
    assert final.overridden("Lan", "meant") is final


def test_an_override_is_part_of_the_checksum() -> None:
    plan = rich_plan()
    one, other = plan.overridden("Lan", "meant"), plan.overridden("Lan", "also meant")
    assert len({plan.checksum, one.checksum, other.checksum, replace(one, override=None).checksum}) == 4


def test_a_short_read_is_kept() -> None:
    assert (
        ShortRead(kind=Kind.MEMBERSHIP, place="VN-01", owned=19, found=18)
        in from_json(to_json(rich_plan())).short_reads
    )


def test_a_plan_remembers_that_the_platform_enrols() -> None:
    plan = replace(rich_plan(), enrols=False)
    assert from_json(to_json(plan)) == plan
    assert "No enrolment is sent" in " ".join(notices(plan))
    assert "No enrolment is sent" not in " ".join(notices(rich_plan()))
