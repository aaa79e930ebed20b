"""From a bad list or a bad read to the plan: nobody is removed, and the plan says what to do."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.errors import ConfigError, UnsafePlanError
from connector.jobs.apply import apply
from connector.jobs.plan import make_plan
from connector.jobs.rosters import import_rosters
from connector.model import Account, Kind
from connector.settings import Freeze, Limits, Protected, Settings
from connector.sync.plan import Plan
from connector.sync.render import notices
from tests.jobs.test_rosters import HEAD
from tests.jobs.world import COURSE, PROGRAMME, START, World, learner

NGHE_AN, HAI_PHONG = "Nghệ An", "Hải Phòng"
PEOPLE = 60


def name_of(number: int) -> str:
    """Nobody shares his name: a namesake with another number might be the same person (sync/renames.py)."""
    return f"Nguyễn Văn {chr(65 + number // 26 % 26)}{chr(97 + number % 26)}"


def listed(folder: Path, name: str, numbers: Iterable[int], province: str) -> Path:
    """A department's list of these people."""
    path = folder / name
    rows = [
        f"{row},{name_of(number)},091200{number:04d},UBND xã Nhân Hòa,Chuyên viên,{province}\n"
        for row, number in enumerate(numbers, 1)
    ]
    path.write_text(HEAD + "".join(rows), "utf-8")
    return path


@pytest.fixture
def running(world: World, tmp_path: Path) -> World:
    """Sixty people of Nghệ An and ten of Hải Phòng, imported, planned and applied."""
    import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "nghe-an.csv", range(PEOPLE), NGHE_AN)])
    import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "hai-phong.csv", range(100, 110), HAI_PHONG)])
    assert world.provision().complete
    return world


def with_settings(world: World, **changes: object) -> None:
    world.ctx = replace(world.ctx, settings=world.ctx.settings.model_copy(update=changes))


def lossless(world: World, *, says: str) -> Plan:
    """The plan, which takes nothing from anybody, also when it is applied, and says so with this advice."""
    before = (set(world.lms.members), {key: one.active for key, one in world.lms.enrolled.items()})
    plan = make_plan(world.ctx, PROGRAMME)
    assert not any(change.takes_access or change.action == "remove" for change in plan.changes)
    assert says in " ".join(notices(plan)), notices(plan)
    assert apply(world.ctx, plan).complete
    assert before[0] <= world.lms.members
    assert all(world.lms.enrolled[key].active is active for key, active in before[1].items())
    return plan


def test_an_empty_list_removes_nobody(running: World, tmp_path: Path) -> None:
    import_rosters(running.ctx, PROGRAMME, [listed(tmp_path, "nghe-an.csv", (), NGHE_AN)])
    assert make_plan(running.ctx, PROGRAMME).empty  # a list without a row is refused as a whole
    import_rosters(running.ctx, PROGRAMME, [listed(tmp_path, "nghe-an.csv", [999], NGHE_AN)], complete=True)
    plan = lossless(running, says="60 of 60 people would lose access; check its roster")
    assert {change.username for change in plan.changes} == {"0912000999"}


def test_a_list_cut_to_a_tenth_removes_nobody_and_lets_new_people_in(running: World, tmp_path: Path) -> None:
    import_rosters(running.ctx, PROGRAMME, [listed(tmp_path, "nghe-an.csv", [*range(6), 500], NGHE_AN)], complete=True)
    plan = lossless(running, says="54 of 60 people would lose access")
    assert {change.username for change in plan.changes} == {"0912000500"}
    assert len(plan.held) == 54


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("Trần Thị Hoa", True),
        ("Nguyễn Thị Hoa", False),  # the family's name stayed
        ("Trần Văn Ab", False),  # the given name stayed
        ("Ab Văn Nguyễn", False),  # written the other way round
        ("NGUYỄN VĂN AB", False),
    ],
)
def test_a_number_that_another_person_has_now_waits_for_a_word(running: World, name: str, *, held: bool) -> None:
    running.register(learner(1, name=name))
    plan = make_plan(running.ctx, PROGRAMME)
    assert [one.change.username for one in plan.held] == (["0912000001"] if held else [])
    if held:
        assert plan.empty
        assert plan.held[0].reason.startswith("Another person seems to have this number now")
        assert apply(running.ctx, plan).done == 0
        assert running.lms.seen["0912000001"].account.firstname == "Ab"
        plan = make_plan(running.ctx, PROGRAMME, override="one person; the list was mended")
    assert apply(running.ctx, plan).complete
    assert running.lms.seen["0912000001"].account.firstname == name.rpartition(" ")[2]
    assert make_plan(running.ctx, PROGRAMME).empty


def test_a_file_of_the_wrong_province_moves_nobody_out(running: World, tmp_path: Path) -> None:
    import_rosters(running.ctx, PROGRAMME, [listed(tmp_path, "nghe-an.csv", range(PEOPLE), HAI_PHONG)], complete=True)
    lossless(running, says="no roster row is left for its 60 people; import its roster")
    assert sum(item.cohort == "VN-40" for item in running.lms.members) == PEOPLE


def test_a_page_of_the_platform_that_is_missing_removes_nobody(running: World, tmp_path: Path) -> None:
    import_rosters(running.ctx, PROGRAMME, [listed(tmp_path, "nghe-an.csv", [*range(58), 501], NGHE_AN)], complete=True)
    page = {key: running.lms.enrolled.pop(key) for key in list(running.lms.enrolled)[:40]}
    lossless(running, says="30 of our 70 enrolment bkhcn-2025-01 were found")
    assert not page.keys() & running.lms.enrolled.keys(), "nobody is enrolled twice either"
    assert (COURSE, "0912000501") in running.lms.enrolled


@pytest.mark.parametrize(("place", "kind"), [("VN-40", Kind.MEMBERSHIP), (COURSE, Kind.ENROLMENT)])
def test_a_cohort_or_course_that_cannot_be_read_blocks_losses_and_lets_additions_through(
    running: World, tmp_path: Path, place: str, kind: Kind
) -> None:
    people = [*range(58), 501]
    import_rosters(running.ctx, PROGRAMME, [listed(tmp_path, "nghe-an.csv", people, NGHE_AN)], complete=True)
    running.register(learner(58, province="31", name=name_of(58)))
    running.lms.untold = {place}
    plan = make_plan(running.ctx, PROGRAMME)
    lost = [change for change in plan.changes if change.takes_access and change.kind is kind]
    assert lost == []
    assert all(held.final for held in plan.held if held.change.kind is kind)
    assert f"does not tell the {'cohort membership' if kind is Kind.MEMBERSHIP else 'enrolment'} {place}" in " ".join(
        notices(plan)
    )
    assert "0912000501" in {change.username for change in plan.changes if change.kind is kind}
    assert make_plan(running.ctx, PROGRAMME, override="I insist").held == plan.held
    running.lms.untold = set()
    assert apply(running.ctx, make_plan(running.ctx, PROGRAMME)).complete
    assert make_plan(running.ctx, PROGRAMME).empty


def test_what_is_meant_goes_through_with_a_reason_and_stands_in_the_run(running: World, tmp_path: Path) -> None:
    import_rosters(running.ctx, PROGRAMME, [listed(tmp_path, "nghe-an.csv", range(6), NGHE_AN)], complete=True)
    held = make_plan(running.ctx, PROGRAMME)
    plan = make_plan(running.ctx, PROGRAMME, by="Lan", override="the department has confirmed it")
    assert (held.empty, plan.held, len(plan.changes)) == (True, (), 54)
    assert plan.override is not None
    assert (plan.override.by, plan.override.let_through[0][1]) == ("Lan", 54)
    assert plan.checksum != replace(plan, override=None).checksum
    run_id = apply(running.ctx, plan).run_id
    with running.ctx.store.begin() as tx:
        run = tx.runs.latest("apply", PROGRAMME)
    assert run is not None
    assert (run.id, run.terms["override"][:2]) == (run_id, ["Lan", "the department has confirmed it"])
    assert make_plan(running.ctx, PROGRAMME, by="Lan", override="again").override is None, (
        "nothing was to be overridden"
    )


def test_an_override_for_one_province_leaves_the_others_guarded(running: World, tmp_path: Path) -> None:
    for name, province in (("nghe-an.csv", NGHE_AN), ("hai-phong.csv", HAI_PHONG)):
        import_rosters(running.ctx, PROGRAMME, [listed(tmp_path, name, [900 + len(name)], province)], complete=True)
    plan = make_plan(running.ctx, PROGRAMME, ["31"], override="closed")
    assert {change.province_code for change in plan.changes if change.takes_access} == {"31"}
    apply(running.ctx, plan)
    assert {held.change.province_code for held in make_plan(running.ctx, PROGRAMME).held} == {"40"}


def test_all_provinces_together_have_a_limit(running: World, tmp_path: Path) -> None:
    import_rosters(running.ctx, PROGRAMME, [listed(tmp_path, "nghe-an.csv", range(57), NGHE_AN)], complete=True)
    assert len(make_plan(running.ctx, PROGRAMME).changes) == 3
    with_settings(running, limits=Limits(national_floor=2, national_share=0.04))
    lossless(running, says="All provinces together: 3 of 70 people would lose access")
    with_settings(running, limits=Limits(national_most=2))
    assert len(make_plan(running.ctx, PROGRAMME, ["40"]).held) == 3
    with_settings(running, limits=Limits(removal_most=2))
    assert len(make_plan(running.ctx, PROGRAMME).held) == 3


def test_protected_accounts_are_never_touched_not_even_by_an_override(running: World, tmp_path: Path) -> None:
    names = tmp_path / "protected.txt"
    names.write_text("# of the ministry\n0912000059  # head of the project\n", "utf-8")
    with_settings(running, protected=Protected(usernames=("0912000058",), file=names))
    import_rosters(running.ctx, PROGRAMME, [listed(tmp_path, "nghe-an.csv", range(57), NGHE_AN)], complete=True)
    plan = make_plan(running.ctx, PROGRAMME, override="all of them")
    assert {change.username for change in plan.changes} == {"0912000057"}
    assert {held.change.username for held in plan.held} == {"0912000058", "0912000059"}
    with_settings(running, protected=Protected(usernames=("0912000057",)))
    with pytest.raises(UnsafePlanError, match="1 changes of this plan concern protected accounts"):
        apply(running.ctx, plan)
    names.unlink()
    with_settings(running, protected=Protected(file=names))
    with pytest.raises(ConfigError, match="list of protected accounts"):
        make_plan(running.ctx, PROGRAMME)


def test_administrators_and_site_accounts_never_enter_a_plan(running: World, tmp_path: Path) -> None:
    seen = running.lms.seen["0912000001"]
    for name in ("admin", "0912000700"):
        running.lms.add_account(replace(seen.account, username=name, email=f"{name}@example.org", idnumber=""))
    people = [*range(PEOPLE), 700]
    import_rosters(running.ctx, PROGRAMME, [listed(tmp_path, "nghe-an.csv", people, NGHE_AN)], complete=True)
    plan = make_plan(running.ctx, PROGRAMME, override="everything")
    assert plan.changes == ()
    assert [one.username for one in plan.foreign] == ["0912000700"]


def frozen(world: World, **span: datetime) -> Freeze:
    return Freeze.model_validate({"why": "Tết", **{name: at.replace(tzinfo=None) for name, at in span.items()}})


def test_in_a_freeze_plans_are_made_and_nothing_is_written(running: World) -> None:
    home = ZoneInfo("Asia/Ho_Chi_Minh")
    running.register(learner(800))
    now = START.astimezone(home)
    freeze = frozen(running, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=2))
    with_settings(running, freezes=(freeze,))
    plan = make_plan(running.ctx, PROGRAMME)
    assert plan.pause is not None
    assert plan.pause.until == now + timedelta(hours=2)
    running.lms.sent.clear()
    with pytest.raises(
        UnsafePlanError, match=r"Nothing is written to the site 'sandbox' now: Tết.*after 2025-12-01 10:00"
    ):
        apply(running.ctx, plan)
    assert running.lms.sent == []
    running.pass_time(hours=2)
    assert apply(running.ctx, plan).complete


def test_a_freeze_of_another_site_stops_nobody_here(running: World) -> None:
    now = START.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    freeze = frozen(running, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=2))
    with_settings(running, freezes=(freeze.model_copy(update={"sites": ("other",)}),))
    assert make_plan(running.ctx, PROGRAMME).pause is None
    running.register(learner(800))
    assert running.provision().complete


def test_a_freeze_that_begins_meanwhile_ends_the_run_before_its_next_batch(running: World) -> None:
    running.register(learner(800))
    plan = make_plan(running.ctx, PROGRAMME)
    now = START.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    begins = frozen(running, starts_at=now + timedelta(minutes=5), ends_at=now + timedelta(hours=2))
    with_settings(running, freezes=(begins,))
    outcome = apply(running.ctx, plan, lambda settled, _total: running.pass_time(minutes=10 if settled else 0))
    assert isinstance(outcome.stopped_by, UnsafePlanError)
    assert (outcome.done, outcome.left) == (1, 2)
    running.pass_time(hours=2)
    assert running.provision().complete


def test_outside_of_the_programmes_own_time_changes_are_held(running: World, tmp_path: Path) -> None:
    folder = tmp_path / "programmes"
    folder.mkdir()
    for file in Settings().programmes_dir.glob("*.yaml"):
        text = file.read_text("utf-8").replace("ends_at: open", "starts_at: 2025-11-20T00:00")
        (folder / file.name).write_text(text, "utf-8")
    with_settings(running, programmes_dir=folder)
    running.register(learner(800))
    assert len(make_plan(running.ctx, PROGRAMME).changes) == 3
    running.now = datetime(2025, 12, 16, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    plan = make_plan(running.ctx, PROGRAMME)
    assert (plan.empty, len(plan.held)) == (True, 3)
    assert "The programme's time is over since 2025-12-16 00:00" in notices(plan)[0]
    assert len(make_plan(running.ctx, PROGRAMME, override="a late appeal").changes) == 3
    running.now = datetime(2025, 11, 19, 23, 59, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert "not provisioned before 2025-11-20 00:00" in notices(make_plan(running.ctx, PROGRAMME))[0]


def test_who_bears_an_administrators_name_is_not_taken_for_ours(world: World) -> None:
    account = Account(username="0912000001", firstname="Q", lastname="T", email="qt@example.org", idnumber="")
    world.lms.add_account(account)
    world.register(learner(1))
    world.provision()
    assert world.lms.seen["0912000001"].account == account
    assert world.lms.members == set()
