"""Two intakes on one programme: who waits, who takes part, how far each has come, and the clean lists."""

from dataclasses import replace
from pathlib import Path

import pytest

from connector.context import Context
from connector.errors import ConfigError, RosterFileError
from connector.jobs.evaluate import evaluate
from connector.jobs.explain import person_story
from connector.jobs.mirror import mirror
from connector.jobs.plan import make_plan
from connector.jobs.registered import Stage, count_stages, export_lists, mark_informed, registered_people
from connector.jobs.rosters import ImportOutcome, import_rosters
from connector.model import Kind
from connector.rosters.reader import read_roster
from connector.settings import Rosters
from tests.jobs.world import PROGRAMME, World

HEAD = "STT,Họ và tên,Số ĐTDĐ,Đơn vị công tác,Chức vụ,Tỉnh/Thành phố\n"
FORM = "Dấu thời gian,Họ và tên,Số điện thoại,Đơn vị công tác,Chức vụ,Tỉnh/Thành phố\n"
AN = "Nguyễn Văn An,0912000001,UBND xã Nhân Hòa,,Nghệ An"
BINH = "Trần Thị Bình,0912000002,UBND xã Nhân Hòa,Chuyên viên,Nghệ An"
IN_TIME, TOO_LATE = "24/11/2025 23:59:59", "25/11/2025 00:00:00"


def listed(folder: Path, name: str, *people: str) -> Path:
    path = folder / name
    path.write_text(HEAD + "".join(f"{number},{person}\n" for number, person in enumerate(people, 1)), "utf-8")
    return path


def sent(folder: Path, name: str, *people: tuple[str, str]) -> Path:
    path = folder / name
    path.write_text(FORM + "".join(f"{moment},{person}\n" for moment, person in people), "utf-8")
    return path


def take(world: World, *paths: Path, complete: bool = False) -> ImportOutcome:
    return import_rosters(world.ctx, PROGRAMME, paths, complete=complete)


def stages(world: World) -> dict[str, Stage]:
    return {one.registration.learner.full_name: one.stage for one in registered_people(world.ctx, PROGRAMME)}


def accounts_planned(world: World) -> int:
    return sum(change.kind is Kind.ACCOUNT for change in make_plan(world.ctx, PROGRAMME).changes)


def test_who_registers_himself_has_no_account_before_a_department_confirms(world: World, tmp_path: Path) -> None:
    outcome = take(world, sent(tmp_path, "qr.csv", (IN_TIME, AN), (TOO_LATE, BINH)))
    assert (outcome.new, outcome.awaiting, outcome.late) == (2, 2, 1)
    assert set(stages(world).values()) == {Stage.REGISTERED}
    assert make_plan(world.ctx, PROGRAMME).empty
    take(world, listed(tmp_path, "a.csv", AN))
    assert stages(world) == {"Nguyễn Văn An": Stage.CONFIRMED, "Trần Thị Bình": Stage.REGISTERED}
    assert accounts_planned(world) == 1


def test_a_programme_may_accept_them_at_once(world: World, tmp_path: Path) -> None:
    accepting = accepts(world.ctx, tmp_path)
    import_rosters(accepting, PROGRAMME, [sent(tmp_path, "qr.csv", (IN_TIME, AN))])
    assert [one.stage for one in registered_people(accepting, PROGRAMME)] == [Stage.CONFIRMED]
    assert not make_plan(accepting, PROGRAMME).empty
    assert make_plan(world.ctx, PROGRAMME).empty, "the policy is the programme's, the database holds what lists say"


def accepts(ctx: Context, folder: Path) -> Context:
    """The same world with a programme file of the other policy."""
    text = (ctx.settings.programmes_dir / f"{PROGRAMME}.yaml").read_text("utf-8")
    programmes = folder / "programmes"
    programmes.mkdir()
    changed = text.replace("self_registration: confirm ", "self_registration: accept ")
    assert changed != text
    (programmes / f"{PROGRAMME}.yaml").write_text(changed, "utf-8")
    return replace(ctx, settings=ctx.settings.model_copy(update={"programmes_dir": programmes}))


def test_stages_go_on_to_account_and_information(world: World, tmp_path: Path) -> None:
    take(world, listed(tmp_path, "a.csv", AN, BINH))
    assert mark_informed(world.ctx, PROGRAMME) == 0
    world.provision()
    assert set(stages(world).values()) == {Stage.PROVISIONED}
    assert mark_informed(world.ctx, PROGRAMME, ["31"]) == 0
    assert mark_informed(world.ctx, PROGRAMME, ["40"]) == 2
    assert mark_informed(world.ctx, PROGRAMME) == 0
    assert set(stages(world).values()) == {Stage.INFORMED}
    take(world, listed(tmp_path, "a.csv", AN))
    assert stages(world)["Trần Thị Bình"] is Stage.LEFT
    assert stages(world)["Nguyễn Văn An"] is Stage.INFORMED, "an import forgets nobody's information"
    assert count_stages(registered_people(world.ctx, PROGRAMME))["40"] == {Stage.INFORMED: 1, Stage.LEFT: 1}


def test_who_has_logged_in_knows_of_his_account(world: World, tmp_path: Path) -> None:
    take(world, listed(tmp_path, "a.csv", AN))
    world.provision()
    (one,) = registered_people(world.ctx, PROGRAMME)
    world.visit(one.registration.learner, world.now)
    mirror(world.ctx, PROGRAMME)
    assert stages(world) == {"Nguyễn Văn An": Stage.INFORMED}


def test_a_department_that_takes_somebody_off_leaves_him_to_his_own_form(world: World, tmp_path: Path) -> None:
    take(world, sent(tmp_path, "qr.csv", (IN_TIME, AN)), listed(tmp_path, "a.csv", AN, BINH))
    world.provision()
    take(world, listed(tmp_path, "b.csv", BINH), complete=True)
    assert stages(world) == {"Nguyễn Văn An": Stage.REGISTERED, "Trần Thị Bình": Stage.PROVISIONED}
    suspended = [change for change in make_plan(world.ctx, PROGRAMME).changes if change.kind is Kind.ENROLMENT]
    assert [change.username for change in suspended] == ["0912000001"]
    mirror(world.ctx, PROGRAMME)
    assert evaluate(world.ctx, PROGRAMME).judged == 1


def test_two_provinces_may_call_their_files_the_same(world: World, tmp_path: Path) -> None:
    other = tmp_path / "hai_phong"
    other.mkdir()
    take(world, listed(tmp_path, "Phu luc 01.csv", AN))
    outcome = take(world, listed(other, "Phu luc 01.csv", BINH.replace("Nghệ An", "Hải Phòng")))
    assert (outcome.new, outcome.left) == (1, 0)
    assert set(stages(world).values()) == {Stage.CONFIRMED}


def test_the_mended_answer_adds_only_what_is_mended(world: World, tmp_path: Path) -> None:
    first = take(world, listed(tmp_path, "a.csv", AN, BINH.replace("0912000002", "091200000")))
    assert first.files[0].error_workbook is not None
    assert first.files[0].error_workbook.name == "a-loi.xlsx"
    outcome = take(world, listed(tmp_path, "a-loi.csv", AN, BINH))
    assert (outcome.new, outcome.changed, outcome.left) == (1, 0, 0)
    gone = take(world, listed(tmp_path, "a-loi.csv", BINH))
    assert (gone.new, gone.changed, gone.left) == (0, 1, 1)


def test_a_list_without_a_good_row_ends_nobody(world: World, tmp_path: Path) -> None:
    take(world, listed(tmp_path, "a.csv", AN))
    assert take(world, listed(tmp_path, "a.csv", AN.replace("0912000001", ""))).left == 0
    assert stages(world) == {"Nguyễn Văn An": Stage.CONFIRMED}


def test_the_clean_lists_can_be_read_again(world: World, tmp_path: Path) -> None:
    take(world, listed(tmp_path, "a.csv", BINH, AN), sent(tmp_path, "qr.csv", (IN_TIME, AN.replace("1,U", "3,U"))))
    province, country = export_lists(world.ctx, PROGRAMME)
    assert [one.full_name for one in read_roster(province).accepted] == ["Nguyễn Văn An", "Trần Thị Bình"]
    assert len(read_roster(country).accepted) == 2
    awaiting, _country = export_lists(world.ctx, PROGRAMME, folder=tmp_path / "out", awaiting=True)
    assert [one.phone for one in read_roster(awaiting).accepted] == ["+84912000003"]
    assert take(world, awaiting).awaiting == 0
    assert set(stages(world).values()) == {Stage.CONFIRMED}
    assert export_lists(world.ctx, PROGRAMME, ["31"]) == []
    world.pass_time(days=1)
    take(world, sent(tmp_path, "qr2.csv", (IN_TIME, BINH.replace("0912000002", "0912000004"))))
    later, _country = export_lists(world.ctx, PROGRAMME, folder=tmp_path / "out", awaiting=True)
    assert later.name != awaiting.name, "the second list must not take the place of the first when it comes back"


def test_the_story_tells_moment_lateness_and_sources(world: World, tmp_path: Path) -> None:
    take(
        world, sent(tmp_path, "qr.csv", (TOO_LATE, AN.replace("Hòa,,", "Hòa,Văn thư,"))), listed(tmp_path, "a.csv", AN)
    )
    roster = person_story(world.ctx, "0912000001", PROGRAMME).chapters[0].lines
    assert any("00:00 25/11/2025 (late)" in line for line in roster)
    assert any("qr.csv:2" in line and "position" in line for line in roster)


def test_limits_are_the_settings(world: World, tmp_path: Path) -> None:
    small = world.ctx.settings.model_copy(update={"rosters": Rosters(file_megabytes=0.0001)})
    outcome = import_rosters(replace(world.ctx, settings=small), PROGRAMME, [listed(tmp_path, "a.csv", AN, BINH)])
    problem = outcome.files[0].problem
    assert isinstance(problem, RosterFileError)
    assert problem.code == "too_large"
    assert not (world.ctx.settings.state_dir / "rosters").exists()


def test_an_unknown_province_is_refused(world: World) -> None:
    with pytest.raises(ConfigError, match="99"):
        registered_people(world.ctx, PROGRAMME, ["99"])
