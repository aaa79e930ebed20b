"""What people read of a plan: pages with names, costs and reasons, for the owner's eyes only."""

from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connector.errors import BrokenData, ConfigError
from connector.jobs.apply import load_plan
from connector.jobs.mirror import mirror
from connector.jobs.plan import make_plan
from connector.jobs.plan_files import pages_of, write_plan
from connector.model import RegistrationState
from tests.jobs.world import PROGRAMME, World, learner


def leaving_world(world: World) -> World:
    """Twenty people of two provinces; one has studied and leaves, eight of another province leave at once."""
    world.register(*[learner(number, name=f"=1+{number} Nguyễn An") for number in range(1, 11)])
    world.register(*[learner(number, province="31") for number in range(20, 30)])
    world.provision()
    world.complete(learner(1), 3)
    mirror(world.ctx, PROGRAMME)
    world.register(learner(1, name="=1+1 Nguyễn An"), state=RegistrationState.LEFT)
    world.register(*[learner(number, province="31") for number in range(20, 28)], state=RegistrationState.LEFT)
    world.register(learner(40, name="Phạm Mới"))
    return world


def test_the_workbook_tells_who_loses_what_and_what_is_held(world: World, tmp_path: Path) -> None:
    plan = make_plan(leaving_world(world).ctx, PROGRAMME)
    path = tmp_path / "deep" / "plan.xlsx"
    write_plan(world.ctx, plan, path)
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["plan.xlsx"]
    book = load_workbook(path)
    assert book.sheetnames == ["Summary", "Losses", "Held back", "Changes"]
    (loss,) = [[cell.value for cell in row] for row in book["Losses"].iter_rows(min_row=4)]
    assert loss[:3] == ["Nghệ An", "=1+1 Nguyễn An", "091*****01"]
    assert "So far: 3 topics done, 3 grades." in str(loss[4])
    assert {cell.data_type for row in book["Losses"].iter_rows() for cell in row if cell.value} == {"s"}
    held = [[cell.value for cell in row] for row in book["Held back"].iter_rows(min_row=4)]
    assert len(held) == 8
    assert all("8 of 10 people would lose access" in str(row[4]) for row in held)
    changes = [[cell.value for cell in row] for row in book["Changes"].iter_rows(min_row=4)]
    assert {row[1] for row in changes} == {"Phạm Mới"}
    everything = "".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "0912000001" not in everything


def test_a_long_list_is_cut_and_says_so(world: World) -> None:
    plan = make_plan(leaving_world(world).ctx, PROGRAMME)
    pages = {page.name: page for page in pages_of(plan, {}, listed=2)}
    assert len(list(pages["Held back"].grids[0].rows)) == 2
    assert list(pages["Held back"].lines) == ["Only the first 2 are listed."]


def test_what_is_to_be_read_is_never_taken_for_what_is_to_be_applied(world: World, tmp_path: Path) -> None:
    world.register(learner(1))
    plan = make_plan(world.ctx, PROGRAMME)
    for name in ("plan.md", "plan.xlsx"):
        write_plan(world.ctx, plan, tmp_path / name)
        with pytest.raises(BrokenData, match="plan"):
            load_plan(tmp_path / name)
    write_plan(world.ctx, plan, tmp_path / "plan.JSON")
    assert load_plan(tmp_path / "plan.JSON") == plan
    for name in ("plan", "plan.txt", "plan.xls"):
        with pytest.raises(ConfigError, match="cannot be written as"):
            write_plan(world.ctx, plan, tmp_path / name)


def test_a_file_that_cannot_be_written_leaves_what_was_there(world: World, tmp_path: Path) -> None:
    plan = make_plan(world.ctx, PROGRAMME)
    (tmp_path / "plan.md").mkdir()
    with pytest.raises(ConfigError, match="cannot be written to"):
        write_plan(world.ctx, plan, tmp_path / "plan.md")
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_what_others_have_set_is_listed_with_both_values(world: World) -> None:
    world.register(learner(1), learner(2))
    world.provision()
    seen = world.lms.seen["0912000001"]
    world.lms.seen["0912000001"] = replace(seen, account=replace(seen.account, email="own@example.org"))
    (page,) = [page for page in pages_of(make_plan(world.ctx, PROGRAMME), {}) if page.name == "Left to people"]
    (row,) = list(page.grids[0].rows)
    assert (row[2], row[4], row[6]) == ("091*****01", "email", "own@example.org")
