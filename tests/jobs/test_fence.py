"""A restored database, a copied or a moved site is noticed before anything is written, and settled by a person."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import pytest

from connector.errors import AccessDenied, ConfigError, OutcomeUnknown, UnsafePlanError
from connector.jobs.adopt import adopt
from connector.jobs.apply import apply
from connector.jobs.certify import push_certificates
from connector.jobs.doctor import examine
from connector.jobs.evaluate import evaluate
from connector.jobs.fence import accept_fence, check_fence, leave_mark, look_at_fence
from connector.jobs.lease import only_one
from connector.jobs.mirror import mirror
from connector.jobs.plan import make_plan
from connector.jobs.resume import resume
from connector.lms import Severity
from connector.store.store import Store
from connector.sync.fence import Standing, mark_of
from tests.jobs.world import PROGRAMME, World, learner

PEOPLE = [learner(number) for number in range(1, 6)]
BY = "Lê Văn Duyệt"


def number_there(world: World) -> int:
    found = mark_of(world.lms.mark)
    return found.number if found else 0


def earn(world: World) -> None:
    world.complete(PEOPLE[0], topics=12)
    mirror(world.ctx, PROGRAMME)
    evaluate(world.ctx, PROGRAMME)


def copied(world: World, path: Path) -> Path:
    world.ctx.store.close()
    copyfile(world.ctx.settings.state_dir / "connector.db", path)
    return path


def restore(world: World, copy: Path) -> None:
    world.ctx.store.close()
    copyfile(copy, world.ctx.settings.state_dir / "connector.db")
    world.ctx = replace(world.ctx, store=Store(f"sqlite:///{world.ctx.settings.state_dir}/connector.db"))


def test_each_run_that_writes_leaves_a_higher_mark_and_a_run_that_does_not_leaves_none(world: World) -> None:
    site = world.programme.site
    assert look_at_fence(world.ctx, site).standing is Standing.NEW
    world.register(*PEOPLE[:3])
    world.provision()
    first = number_there(world)
    assert first == 1
    apply(world.ctx, make_plan(world.ctx))
    assert number_there(world) == first
    world.register(*PEOPLE)
    world.provision()
    assert number_there(world) == 2
    earn(world)
    push_certificates(world.ctx, PROGRAMME)
    assert number_there(world) == 3
    push_certificates(world.ctx, PROGRAMME)
    assert number_there(world) == 3
    fence = look_at_fence(world.ctx, site)
    assert (fence.standing, fence.ours, fence.theirs) == (Standing.IN_ORDER, 3, 3)
    assert fence.binding is not None
    assert fence.binding.address == "mooc.example"


def test_a_mark_that_another_process_leaves_while_one_is_read_is_no_alarm(world: World) -> None:
    site = world.programme.site
    world.register(*PEOPLE[:1])
    world.provision()
    for _time in range(2):
        world.lms.meanwhile = lambda: leave_mark(world.ctx, site)
        assert check_fence(world.ctx, site).standing is Standing.IN_ORDER
    assert number_there(world) == 3


def test_an_older_database_writes_nothing_by_no_way(world: World, tmp_path: Path) -> None:
    world.register(*PEOPLE[:3])
    world.provision()
    earn(world)
    copy = copied(world, tmp_path / "copy.db")
    restore(world, copy)
    world.register(*PEOPLE)
    plan = make_plan(world.ctx)
    assert plan.changes
    restore(world, copy)
    world.register(*PEOPLE[:4])
    world.provision()
    restore(world, copy)
    sent = list(world.lms.sent)
    ways: list[Callable[[], object]] = [
        lambda: make_plan(world.ctx),
        lambda: apply(world.ctx, plan),
        lambda: resume(world.ctx),
        lambda: adopt(world.ctx, PROGRAMME, []),
        lambda: push_certificates(world.ctx, PROGRAMME),
        lambda: leave_mark(world.ctx, world.programme.site),
    ]
    with world.ctx.store.begin() as tx:  # so that there is something to resume
        run = tx.runs.newest(1, job="apply", programme=PROGRAMME)[0]
        tx.runs.finish(run.id, "stopped", {}, world.now, "")
    for way in ways:
        with pytest.raises(UnsafePlanError, match=r"older than what was done .*run 2 .*connector recover"):
            way()
    assert (world.lms.sent, number_there(world)) == (sent, 2)
    with pytest.raises(ConfigError, match="connector recover"):
        accept_fence(world.ctx, world.programme.site, by=BY, reason="chắc chắn")


def test_two_copies_of_one_database_are_told_by_the_second_that_writes(world: World, tmp_path: Path) -> None:
    world.register(*PEOPLE[:3])
    world.provision()
    copy = copied(world, tmp_path / "copy.db")
    restore(world, copy)
    world.register(*PEOPLE[:4])
    world.provision()  # run 2 of the one
    one = copied(world, tmp_path / "one.db")
    text = world.lms.mark
    restore(world, copy)
    world.lms.mark = make_mark_of_first_run(world, text)
    world.register(*PEOPLE)
    world.provision()  # run 2 of the other
    restore(world, one)
    assert look_at_fence(world.ctx, world.programme.site).standing is Standing.OLDER_DATABASE


def make_mark_of_first_run(world: World, newer: str) -> str:
    """The mark as it stood when both had it."""
    with world.ctx.store.begin() as tx:
        confirmed = tx.fences.bond(world.programme.site).confirmed
    assert confirmed is not None
    assert confirmed.text != newer
    return confirmed.text


def test_a_site_that_was_set_back_is_told_and_taken_over_by_a_person(world: World) -> None:
    site = world.programme.site
    world.register(*PEOPLE[:3])
    world.provision()
    earlier = world.lms.mark
    world.register(*PEOPLE[:4])
    world.provision()
    world.lms.mark = earlier
    with pytest.raises(UnsafePlanError, match=r"was set back: .*run 1, and run 2 has written since"):
        check_fence(world.ctx, site)
    accepted = accept_fence(world.ctx, site, by=BY, reason="khôi phục từ bản sao 2 giờ sáng")
    assert accepted.standing is Standing.SITE_SET_BACK
    assert number_there(world) == 3
    fence = check_fence(world.ctx, site)
    assert fence.binding is not None
    assert (fence.binding.bound_by, fence.binding.reason) == (BY, "khôi phục từ bản sao 2 giờ sáng")
    with pytest.raises(ConfigError, match="nothing to settle"):
        accept_fence(world.ctx, site, by=BY, reason="lần nữa")


def test_a_mark_that_was_deleted_by_hand_is_told(world: World) -> None:
    world.register(*PEOPLE[:1])
    world.provision()
    world.lms.mark = ""
    with pytest.raises(UnsafePlanError, match="The mark of run 1 is gone"):
        check_fence(world.ctx, world.programme.site)
    accept_fence(world.ctx, world.programme.site, by=BY, reason="xóa nhầm")
    assert number_there(world) == 2


def test_another_database_is_told_until_a_person_takes_the_site_over(world: World) -> None:
    world.lms.mark = f"connector {'b' * 32} 41 {'c' * 16} - do not delete"
    world.register(*PEOPLE[:1])
    with pytest.raises(UnsafePlanError, match=r"mark of another database \(run 41\)"):
        apply(world.ctx, make_plan(world.ctx))
    assert not world.lms.sent
    accept_fence(world.ctx, world.programme.site, by=BY, reason="bản cũ đã tắt")
    world.provision()
    assert number_there(world) == 43


def test_a_copy_of_the_site_is_neither_written_nor_mirrored(world: World) -> None:
    world.register(*PEOPLE[:1])
    world.provision()
    earn(world)
    world.lms.where = "staging.example"
    with pytest.raises(UnsafePlanError, match=r"is now staging\.example; this database was bound to mooc\.example"):
        mirror(world.ctx, PROGRAMME)
    with pytest.raises(UnsafePlanError, match="give it a database of its own"):
        push_certificates(world.ctx, PROGRAMME)
    (finding,) = [one for one in examine(world.ctx) if one.severity is Severity.ERROR]
    assert "staging.example" in finding.detail
    accept_fence(world.ctx, world.programme.site, by=BY, reason="đổi tên miền")
    mirror(world.ctx, PROGRAMME)


def test_a_lost_answer_to_the_mark_is_no_alarm(world: World) -> None:
    world.register(*PEOPLE[:1])
    world.provision()
    world.lms.at_mark = OutcomeUnknown("no answer")
    with pytest.raises(OutcomeUnknown):
        leave_mark(world.ctx, world.programme.site)
    world.lms.at_mark = None
    assert number_there(world) == 2
    assert check_fence(world.ctx, world.programme.site).standing is Standing.IN_ORDER


def test_a_site_that_lets_us_leave_no_mark_is_worked_with_as_before(world: World) -> None:
    world.lms.refuse["mark",] = "nopermissions"
    world.register(*PEOPLE[:1])
    world.provision()
    assert not leave_mark(world.ctx, world.programme.site)
    assert look_at_fence(world.ctx, world.programme.site).standing is Standing.NEW


def test_a_mark_that_cannot_be_read_is_a_finding_of_the_doctor(world: World) -> None:
    world.lms.at_mark = AccessDenied("no right to see cohorts")
    assert any("cannot be read: no right" in one.detail for one in examine(world.ctx))


def test_two_processes_leave_their_marks_one_after_the_other(world: World) -> None:
    world.register(*PEOPLE[:1])
    waited: list[float] = []
    ctx = replace(world.ctx, wait=waited.append)
    with only_one(ctx, f"mark:{world.programme.site}"), pytest.raises(UnsafePlanError, match="about to write"):
        leave_mark(ctx, world.programme.site)
    assert len(waited) == 30
    assert leave_mark(ctx, world.programme.site)
