from dataclasses import replace

from connector.model import Cohort
from connector.sync.desired import Leaving
from connector.sync.render import notices, summary_rows, to_markdown
from tests.sync.test_desired import account
from tests.sync.test_planfile import rich_plan
from tests.sync.world import HUE, World, registered, terms, username


def test_a_plan_is_a_table_by_province_with_a_total() -> None:
    table = summary_rows(World().plan([*registered([1, 2]), *registered([3], HUE)]))
    assert table.headings == ("Code", "Province", "New cohorts", "New accounts", "New members", "New enrolments")
    assert table.rows == (
        ("01", "Hà Nội", "1", "2", "2", "2"),
        ("46", "Huế", "1", "1", "1", "1"),
        ("", "Total", "2", "3", "3", "3"),
    )


def test_losses_records_and_what_is_held_back_have_columns_of_their_own() -> None:
    table = summary_rows(rich_plan())
    assert dict(zip(table.headings, table.rows[-1], strict=True)) == {
        "Code": "",
        "Province": "Total",
        "New accounts": "1",
        "New members": "2",
        "New enrolments": "1",
        "Suspended enrolments": "1",
        "Held back": "15",
    }
    world = World(terms(Leaving.LEAVE_COHORT))
    world.sync(registered([1]))
    world.platform.members.clear()
    assert summary_rows(world.plan([])).headings == ("Code", "Province", "Only recorded")


def test_a_cohort_of_all_provinces_has_a_row() -> None:
    table = summary_rows(World(terms(cohort="VN-ALL")).plan(registered([1])))
    assert table.rows[0] == ("", "All provinces", "1", "0", "0", "0")


def test_the_page_tells_counts_losses_and_what_is_left_and_names_nobody() -> None:
    plan = rich_plan()
    page = to_markdown(plan)
    assert page.startswith("# Plan for programme k1 on site sandbox\n\nMade at 2025-12-05 09:00 by -.")
    assert plan.checksum in page
    assert "| Code | Province | New accounts |" in page
    assert "| --- | --- |" in page
    assert "- 46 090*****21 is suspended: Can no longer enter course course; progress and grades are kept." in page
    assert "- 15 changes are held back. Province 01: 15 of 20 people would lose access" in page
    assert "1 learners have accounts that we did not make (090*****30)" in page
    assert "1 times somebody else has set 'email' of a account of ours" in page
    assert "1 wanted things (cohort membership) are there already" in page
    assert not any(username(number) in page for number in range(40))
    assert "Mẫu" not in page


def test_a_removal_says_that_he_leaves() -> None:
    world = World(terms(Leaving.LEAVE_COHORT))
    world.sync(registered([1]))
    assert "- 01 090*****01 leaves: Leaves cohort VN-01." in to_markdown(world.plan([]))


def test_long_lists_are_cut_and_say_so() -> None:
    world = World(terms(Leaving.LEAVE_COHORT))
    world.sync(registered(range(60)))
    page = to_markdown(world.plan(registered([70])))
    assert page.count("leaves:") == 50
    assert "- ... and 10 more" in page
    world = World()
    world.platform.people = {username(number): account(number) for number in range(7)}
    (notice,) = notices(world.plan(registered(range(7))))
    assert notice.count("090") == 5
    assert "..." in notice


def test_an_empty_plan_is_a_short_page() -> None:
    world = World()
    world.platform.known_cohorts["VN-01"] = Cohort(idnumber="VN-01", name="Hà Nội")
    page = to_markdown(replace(world.plan([]), provinces=("01",)))
    assert "No changes." in page
    assert "|" not in page
