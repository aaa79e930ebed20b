"""Accounts that the platform had before us: the sure ones at once, the doubtful ones by review, staff never."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import ConfigError
from connector.jobs.adopt import acting_as, adopt, find_adoptable, read_decisions, write_review
from connector.jobs.plan import make_plan
from connector.jobs.renames import accept_renames, list_renames
from connector.model import Account, Enrolment, Learner, Membership, RegistrationState
from connector.settings import Protected
from tests.jobs.world import COURSE, PROGRAMME, World, learner

ONE = learner(1)
NAME = "0912000001"


def account(one: Learner = ONE, /, **more: object) -> Account:
    values: dict[str, object] = {
        "username": "0" + one.phone[3:],
        "firstname": one.given_name,
        "lastname": one.family_and_middle,
        "email": f"{one.phone[3:]}@example.org",
        "idnumber": "",
    }
    return Account(**(values | more))  # type: ignore[arg-type] # names and values of its own fields


def test_a_sure_account_is_taken_over_with_what_is_wanted_anyway(world: World) -> None:
    world.register(ONE, learner(2))
    world.lms.add_account(account())
    world.lms.cohort_names["VN-40"] = "Nghệ An"
    world.lms.members.add(Membership(cohort="VN-40", username=NAME))
    world.lms.enrolled[COURSE, NAME] = Enrolment(course=COURSE, username=NAME)
    assert [one.username for one in make_plan(world.ctx, PROGRAMME).foreign] == [NAME]
    found = find_adoptable(world.ctx, PROGRAMME)
    assert (len(found.sure), len(found.doubtful), found.staff) == (1, 0, 0)
    world.lms.sent.clear()
    outcome = adopt(acting_as(world.ctx, "An"), PROGRAMME, found.sure)
    assert outcome.complete
    assert world.lms.sent == []
    with world.ctx.store.begin() as tx:
        assert len(tx.ledger.of_username("sandbox", NAME)) == 3
        run = tx.runs.find(outcome.run_id)
        assert run is not None
        assert run.who == "An"
    assert find_adoptable(world.ctx, PROGRAMME).candidates == ()
    assert make_plan(world.ctx, PROGRAMME).foreign == ()
    assert world.provision().complete
    after = world.lms.seen[NAME].account
    assert (after.idnumber, after.email) == (f"VN-{NAME}", f"{NAME[1:]}@example.org")
    assert world.lms.enrolled[COURSE, NAME].ends_at is not None
    plan = make_plan(world.ctx, PROGRAMME)
    assert (plan.empty, plan.by_hand) == (True, ())


@pytest.mark.parametrize("names", [{"usernames": (NAME,)}, {"usernames": ("AN.Nguyen",)}])
def test_a_protected_account_is_never_taken_over(world: World, names: dict[str, object]) -> None:
    world.register(ONE)
    world.lms.add_account(account())
    world.lms.add_account(account(username="an.nguyen", idnumber=f"VN-{NAME}", email="b@example.org"))
    assert len(find_adoptable(world.ctx, PROGRAMME).candidates) == 2
    protected = Protected.model_validate(names)
    world.ctx = replace(world.ctx, settings=world.ctx.settings.model_copy(update={"protected": protected}))
    found = find_adoptable(world.ctx, PROGRAMME)
    assert found.staff == 1
    assert [one.seen.account.username for one in found.candidates] == [
        name for name in (NAME, "an.nguyen") if name not in protected.names()
    ]


@pytest.mark.parametrize(
    ("more", "doubt"),
    [
        ({"firstname": "Khác"}, "another name"),
        ({"username": "an.nguyen", "idnumber": f"VN-{NAME}"}, "renames it"),
        ({"username": f"84{NAME[1:]}"}, "renames it"),
        ({"idnumber": "VN-0999999999"}, "another ID number"),
        ({"suspended": True}, "suspended"),
    ],
)
def test_what_could_be_somebody_else_s_is_doubtful(world: World, more: dict[str, object], doubt: str) -> None:
    world.register(ONE)
    world.lms.add_account(account(**more))
    (one,) = find_adoptable(world.ctx, PROGRAMME).candidates
    assert not one.sure
    assert any(doubt in words for words in one.doubts)


def test_two_accounts_of_one_person_are_both_doubtful(world: World) -> None:
    world.register(ONE)
    world.lms.add_account(account())
    world.lms.add_account(account(username="an.nguyen", idnumber=NAME, email="b@example.org"))
    assert [one.doubts[-1] for one in find_adoptable(world.ctx, PROGRAMME).candidates] == ["2 accounts may be his"] * 2


def test_the_name_agrees_in_either_order_and_writing(world: World) -> None:
    world.register(ONE)
    world.lms.add_account(account(firstname=ONE.family_and_middle.upper(), lastname=ONE.given_name))
    assert find_adoptable(world.ctx, PROGRAMME).candidates[0].sure


def test_staff_is_never_taken_over(world: World) -> None:
    world.register(ONE)
    world.lms.add_account(account())
    world.lms.staff.add(NAME)
    found = find_adoptable(world.ctx, PROGRAMME)
    assert (found.candidates, found.staff) == ((), 1)


def test_a_reviewed_account_of_another_name_is_adopted_and_renamed(world: World, tmp_path: Path) -> None:
    world.register(ONE, learner(2))
    world.lms.add_account(account(username="an.nguyen", idnumber=f"VN-{NAME}"))
    world.lms.add_account(account(learner(2), firstname="Khác"))
    doubtful = find_adoptable(world.ctx, PROGRAMME).doubtful
    path = tmp_path / "review.csv"
    write_review(doubtful, path)
    assert path.stat().st_mode & 0o077 == 0
    fill(path, {"an.nguyen": "Adopt ", "0912000002": "leave"})
    chosen = read_decisions(path, doubtful)
    assert [one.seen.account.username for one in chosen] == ["an.nguyen"]
    assert adopt(world.ctx, PROGRAMME, chosen, reason="reviewed").complete
    plan = make_plan(world.ctx, PROGRAMME)
    assert [change.renames for change in plan.changes if change.renames] == [("an.nguyen", NAME)]
    assert world.provision().complete
    assert world.lms.seen.keys() == {NAME, "0912000002"}
    assert world.lms.seen[NAME].account.email == f"{NAME[1:]}@example.org"
    assert make_plan(world.ctx, PROGRAMME).empty
    with world.ctx.store.begin() as tx:
        assert [one.field for one in tx.decisions.by_hand("sandbox", NAME)] == ["email"]


def fill(path: Path, decisions: dict[str, str]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(row | {"decision": decisions.get(row["account_username"], "")} for row in rows)


@pytest.mark.parametrize("decision", ["yes", "adopt"])
def test_a_wrong_word_and_an_account_that_has_changed_are_refused(world: World, tmp_path: Path, decision: str) -> None:
    world.register(ONE)
    world.lms.add_account(account(firstname="Khác"))
    doubtful = find_adoptable(world.ctx, PROGRAMME).doubtful
    path = tmp_path / "review.csv"
    write_review(doubtful, path)
    fill(path, {NAME: decision})
    with pytest.raises(ConfigError, match=r"review\.csv, row 2"):
        read_decisions(path, doubtful if decision == "yes" else [])


def test_two_accounts_for_one_person_are_refused(world: World, tmp_path: Path) -> None:
    world.register(ONE)
    world.lms.add_account(account())
    world.lms.add_account(account(username="an.nguyen", idnumber=NAME, email="b@example.org"))
    doubtful = find_adoptable(world.ctx, PROGRAMME).doubtful
    path = tmp_path / "review.csv"
    write_review(doubtful, path)
    fill(path, {NAME: "adopt", "an.nguyen": "adopt"})
    with pytest.raises(ConfigError, match="two accounts"):
        read_decisions(path, doubtful)
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="no review file"):
        read_decisions(path, doubtful)


def test_no_cell_of_the_review_file_is_a_formula(world: World, tmp_path: Path) -> None:
    world.register(ONE)
    world.lms.add_account(account(firstname="=HYPERLINK(1)", lastname="=1+1"))
    path = tmp_path / "review.csv"
    write_review(find_adoptable(world.ctx, PROGRAMME).doubtful, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert all(not cell.startswith(("=", "+")) for row in csv.reader(file) for cell in row)


def test_an_address_of_his_own_survives_a_changed_number(world: World) -> None:
    world.register(ONE)
    world.lms.add_account(account())
    adopt(world.ctx, PROGRAMME, find_adoptable(world.ctx, PROGRAMME).sure)
    assert world.provision().complete
    world.register(ONE, state=RegistrationState.LEFT)
    world.register(replace(learner(2), full_name=ONE.full_name))
    accept_renames(world.ctx, PROGRAMME, [pair.id for pair in list_renames(world.ctx, PROGRAMME).open], reason="x")
    assert world.provision().complete
    assert world.lms.seen["0912000002"].account.email == f"{NAME[1:]}@example.org"
    assert make_plan(world.ctx, PROGRAMME).empty
