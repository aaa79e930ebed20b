import json
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import BrokenData, ConfigError, PlatformUnavailable, UnsafePlanError
from connector.jobs.apply import apply, load_plan, save_plan
from connector.jobs.lease import only_writer
from connector.jobs.plan import make_plan
from connector.lms import Outcome
from connector.model import Kind, Registration, RegistrationState
from connector.store.caller import Caller
from connector.store.journal import JOB, StoreJournal
from tests.jobs.world import COURSE, PROGRAMME, World, learner

OTHER = "bkhcn-2025-k1-courses"


def test_a_plan_writes_nothing_and_names_everything(world: World) -> None:
    world.register(learner(1), learner(2, province="31"))
    plan = make_plan(world.ctx, PROGRAMME)
    kinds = {kind: sum(count for (k, _a, _p), count in plan.counts.items() if k is kind) for kind in Kind}
    assert {kind: count for kind, count in kinds.items() if count} == {
        Kind.COHORT: 2,
        Kind.ACCOUNT: 2,
        Kind.MEMBERSHIP: 2,
        Kind.ENROLMENT: 2,
    }
    assert world.lms.sent == []


def test_after_an_apply_the_next_plan_is_empty(world: World) -> None:
    world.register(learner(1), learner(2), learner(3, province="31"))
    outcome = world.provision()
    assert (outcome.done, outcome.complete) == (11, True)
    assert make_plan(world.ctx, PROGRAMME).empty
    assert (COURSE, "0912000001") in world.lms.enrolled
    assert world.lms.enrolled[COURSE, "0912000001"].ends_at == world.programme.window.ends_at


def test_a_plan_of_some_provinces_leaves_the_others_alone(world: World) -> None:
    world.register(learner(1), learner(2, province="31"))
    plan = make_plan(world.ctx, PROGRAMME, ["31"])
    apply(world.ctx, plan)
    assert set(world.lms.seen) == {"0912000002"}
    assert make_plan(world.ctx, PROGRAMME, ["31"]).empty
    assert not make_plan(world.ctx, PROGRAMME).empty


def test_an_unknown_province_is_told(world: World) -> None:
    with pytest.raises(ConfigError, match="no province with the code '99'"):
        make_plan(world.ctx, PROGRAMME, ["99"])


def test_a_plan_file_comes_back_the_same_and_is_for_its_owner_only(world: World, tmp_path: Path) -> None:
    world.register(learner(1))
    plan = make_plan(world.ctx, PROGRAMME, ["40"])
    path = tmp_path / "deep" / "plan.json"
    save_plan(plan, path)
    assert load_plan(path) == plan
    assert path.stat().st_mode & 0o077 == 0


def test_files_that_are_no_plans_are_told_apart(world: World, tmp_path: Path) -> None:
    world.register(learner(1))
    path = tmp_path / "plan.json"
    with pytest.raises(ConfigError, match="cannot be read"):
        load_plan(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BrokenData):
        load_plan(path)
    save_plan(make_plan(world.ctx, PROGRAMME), path)
    path.write_text(path.read_text().replace("Chuyên viên", "Giám đốc"))
    with pytest.raises(BrokenData, match="changed after it was made"):
        load_plan(path)


def test_an_old_plan_is_refused(world: World) -> None:
    world.register(learner(1))
    plan = make_plan(world.ctx, PROGRAMME)
    world.pass_time(hours=25)
    with pytest.raises(UnsafePlanError, match="25 hours old"):
        apply(world.ctx, plan)
    assert world.lms.sent == []


def test_a_plan_is_refused_when_the_world_has_moved(world: World) -> None:
    world.register(learner(1))
    plan = make_plan(world.ctx, PROGRAMME)
    world.register(learner(2))
    with pytest.raises(UnsafePlanError, match="moved"):
        apply(world.ctx, plan)
    assert world.lms.sent == []


def test_two_applies_on_one_site_never_run_together(world: World) -> None:
    world.register(learner(1))
    plan = make_plan(world.ctx, PROGRAMME)
    elsewhere = Caller(who="lan", host="may-chu-2", machine="another", pid=17)
    with only_writer(replace(world.ctx, caller=elsewhere), "sandbox"):
        with pytest.raises(UnsafePlanError, match=r"Another apply .* by lan on may-chu-2, process 17, since 08:00:00"):
            apply(world.ctx, plan)
        assert world.lms.sent == []
    assert apply(world.ctx, plan).complete


def test_one_refused_account_does_not_stop_the_others(world: World) -> None:
    world.register(learner(1), learner(2))
    world.lms.refuse["0912000001",] = "invalidparameter"
    outcome = world.provision()
    assert (outcome.done, outcome.refused) == (4, 3)
    assert "0912000001" not in str(outcome.refusals)
    del world.lms.refuse["0912000001",]
    assert world.provision().complete


def test_after_an_outage_the_next_plan_holds_exactly_the_rest(world: World) -> None:
    world.register(learner(1), learner(2))
    plan = make_plan(world.ctx, PROGRAMME)
    reads_and_cohort = 4
    world.lms.outages = [*[None] * reads_and_cohort, PlatformUnavailable("down")]
    outcome = apply(world.ctx, plan)
    assert isinstance(outcome.stopped_by, PlatformUnavailable)
    assert world.provision().complete
    assert make_plan(world.ctx, PROGRAMME).empty


def test_who_has_left_keeps_the_account_and_loses_the_enrolment(world: World) -> None:
    world.register(learner(1), learner(2))
    world.provision()
    world.register(learner(1), state=RegistrationState.LEFT)
    world.provision()
    assert world.lms.enrolled[COURSE, "0912000001"].active is False
    assert world.lms.enrolled[COURSE, "0912000002"].active is True
    assert make_plan(world.ctx, PROGRAMME).empty


def test_first_passwords_are_sent_and_kept_only_sealed(world: World) -> None:
    world.register(learner(1))
    world.provision()
    password = world.lms.passwords["0912000001"]
    assert len(password) == 12
    with world.ctx.store.begin() as tx:
        sealed = tx.passwords.sealed("sandbox", ["0912000001"])["0912000001"]
    assert password.encode() not in sealed.content
    for path in world.ctx.settings.state_dir.iterdir():
        assert password.encode() not in path.read_bytes()


def test_every_change_is_in_the_journal_with_its_outcome(world: World) -> None:
    world.register(learner(1))
    run_id = world.provision().run_id
    with world.ctx.store.begin() as tx:
        lines = tx.journal.history("sandbox", "0912000001")
        run = tx.runs.latest(JOB, PROGRAMME)
    assert [(line.kind, line.state, line.run_id) for line in lines] == [
        ("account", Outcome.DONE, run_id),
        ("membership", Outcome.DONE, run_id),
        ("enrolment", Outcome.DONE, run_id),
    ]
    assert run is not None
    assert run.counts == {"done": 4, "already": 0, "refused": 0, "unknown": 0, "left": 0}


def test_what_was_announced_and_never_settled_is_found_and_taken_up(world: World) -> None:
    world.register(learner(1))
    plan = make_plan(world.ctx, PROGRAMME)
    journal = StoreJournal(world.ctx.store, site="sandbox", programme=PROGRAMME, now=world.ctx.now)
    run_id = journal.begin(plan)
    creation = next(change for change in plan.changes if change.kind is Kind.ACCOUNT)
    journal.sending(run_id, [creation])
    world.lms.add_account(creation.after)  # type: ignore[arg-type]  # the process is killed here
    assert journal.unsettled() == journal.unsettled(run_id) == [creation]
    assert world.provision().complete
    assert journal.unsettled() == []
    with world.ctx.store.begin() as tx:
        assert tx.ledger.usernames("sandbox", Kind.ACCOUNT) == {"0912000001"}
    assert make_plan(world.ctx, PROGRAMME).empty


def test_an_account_that_others_made_is_left_alone(world: World) -> None:
    world.register(learner(1))
    plan = make_plan(world.ctx, PROGRAMME)
    account = next(change.after for change in plan.changes if change.kind is Kind.ACCOUNT)
    world.lms.add_account(account)  # type: ignore[arg-type]
    fresh = make_plan(world.ctx, PROGRAMME)
    assert [one.username for one in fresh.foreign] == ["0912000001"]
    assert all(change.kind is Kind.COHORT for change in fresh.changes)


def test_people_of_another_programme_on_the_site_are_not_taken_for_leavers(world: World, tmp_path: Path) -> None:
    world.register(learner(1))
    world.provision()
    with world.ctx.store.begin() as tx:
        before = tx.ledger.owned("sandbox")
    other = make_plan(world.ctx, "bkhcn-2025-k1-courses")
    assert other.empty, json.dumps([str(change.key) for change in other.changes])
    with world.ctx.store.begin() as tx:
        assert tx.ledger.owned("sandbox") == before


def test_shard_by_shard_gives_the_same_plan_as_all_at_once(world: World) -> None:
    people = [learner(number, province=("40", "31", "01")[number % 3]) for number in range(9)]
    world.register(*people)
    whole, parts = make_plan(world.ctx, PROGRAMME), make_plan(world.ctx, PROGRAMME, shard=2)
    assert parts == whole
    world.provision()
    world.register(learner(0, province="31"))  # moves
    world.register(learner(1), state=RegistrationState.LEFT)
    whole, parts = make_plan(world.ctx, PROGRAMME), make_plan(world.ctx, PROGRAMME, shard=2)
    assert not whole.empty
    assert parts.changes == whole.changes


def test_somebody_who_moved_and_then_left_is_suspended_once_and_stays_so(world: World) -> None:
    world.register(learner(1, province="31"), learner(3, province="31"), learner(2))
    world.provision()
    world.register(learner(1, province="40"))
    world.register(learner(1, province="40"), state=RegistrationState.LEFT)
    plan = make_plan(world.ctx, PROGRAMME, shard=1)
    assert [change.key for change in plan.changes if change.takes_access] == [(COURSE, "0912000001")]
    apply(world.ctx, plan)
    assert make_plan(world.ctx, PROGRAMME).empty


def test_people_of_two_programmes_keep_what_each_gives_them(world: World, tmp_path: Path) -> None:
    # Both enrol in one course, so both must want the same dates there.
    for key in (PROGRAMME, OTHER):
        text = (world.ctx.settings.programmes_dir / f"{key}.yaml").read_text(encoding="utf-8")
        changed = text.replace("limit_to_window: true", "limit_to_window: false")
        (tmp_path / f"{key}.yaml").write_text(changed, encoding="utf-8")
    world.ctx = replace(world.ctx, settings=world.ctx.settings.model_copy(update={"programmes_dir": tmp_path}))
    world.register(learner(1), learner(2))
    with world.ctx.store.begin() as tx:
        other = [Registration(programme=OTHER, learner=learner(1), state=RegistrationState.CONFIRMED)]
        tx.registrations.save(other, world.now)
    for ref in world.ctx.programme(OTHER).refs:
        world.lms.add_course(ref.course)
    world.provision()
    apply(world.ctx, make_plan(world.ctx, OTHER))
    assert len([key for key in world.lms.enrolled if key[1] == "0912000001"]) == 1 + 19
    assert make_plan(world.ctx, PROGRAMME).changes == ()
    assert make_plan(world.ctx, OTHER).changes == ()


def test_a_mover_leaves_the_old_cohort_also_when_only_the_new_province_is_planned(world: World) -> None:
    people = [learner(number) for number in range(1, 30)]
    world.register(*people, learner(50, province="31"))
    world.provision()
    for number in range(1, 9):  # more than the floor, and more than the share of an unknown headcount
        world.register(learner(number, province="31"))
    plan = make_plan(world.ctx, PROGRAMME, ["31"])
    assert make_plan(world.ctx, PROGRAMME).held != ()  # eight of 29 at once is too much without a person's word
    assert {held.change.province_code for held in plan.held} == {"40"}
    world.register(*[learner(number) for number in range(2, 9)])
    apply(world.ctx, make_plan(world.ctx, PROGRAMME, ["31"]))
    assert {item.cohort for item in world.lms.members if item.username == "0912000001"} == {"VN-31"}
    assert make_plan(world.ctx, PROGRAMME).empty


def with_terms(world: World, folder: Path, **lines: str) -> None:
    """The programme with these lines of its enrolment or leaving written anew."""
    text = (world.ctx.settings.programmes_dir / f"{PROGRAMME}.yaml").read_text(encoding="utf-8")
    changed = text.replace("  limit_to_window: true ", lines.get("enrolment", "  limit_to_window: true ") + " ")
    changed = changed.replace("leaving: suspend_enrolment", f"leaving: {lines.get('leaving', 'suspend_enrolment')}")
    (folder / f"{PROGRAMME}.yaml").write_text(changed, encoding="utf-8")
    world.ctx = replace(world.ctx, settings=world.ctx.settings.model_copy(update={"programmes_dir": folder}))


def test_each_province_has_a_group_in_the_course_where_the_programme_says_so(world: World, tmp_path: Path) -> None:
    with_terms(world, tmp_path, enrolment='  groups: "VN-{province_code}"')
    world.register(learner(1), learner(2, province="31"))
    assert world.provision().complete
    groups = world.lms.courses[COURSE].groups
    assert (groups["VN-40"], groups["VN-31"]) == ({"0912000001"}, {"0912000002"})
    assert make_plan(world.ctx, PROGRAMME).empty
    world.register(learner(1, province="31"))
    assert world.provision().complete
    assert (groups["VN-40"], groups["VN-31"]) == (set(), {"0912000001", "0912000002"})


def test_a_course_that_enrols_cohorts_fills_its_groups_in_the_next_run(world: World, tmp_path: Path) -> None:
    lines = '  method: cohort\n  groups: "VN-{province_code}"'
    with_terms(world, tmp_path, enrolment=lines, leaving="leave_cohort")
    world.lms.courses[COURSE].enrols = {"VN-40"}
    world.register(learner(1), learner(2, province="31"))
    world.provision()
    assert ("enrol", 1) not in world.lms.sent
    assert list(world.lms.enrolled) == [(COURSE, "0912000001")]
    world.provision()
    assert world.lms.courses[COURSE].groups["VN-40"] == {"0912000001"}
    assert make_plan(world.ctx, PROGRAMME).empty  # the other one waits for an enrolment that we cannot make
