"""The whole road on Open edX: registrations to accounts, cohorts and enrolments, and the mirror after learning."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import yaml

from connector.context import courses_of
from connector.errors import Interrupted
from connector.jobs.apply import apply
from connector.jobs.mirror import Reach, mirror
from connector.jobs.plan import make_plan
from connector.jobs.undo import make_undo
from connector.model import Kind, RegistrationState, TopicRef, national_phone
from connector.settings import Settings
from connector.store.store import Store
from tests.jobs.world import PROGRAMME, START, World, learner, make_world
from tests.openedx.pretend import C1, C2, Pretend

SITE = {
    "platform": "openedx",
    "url": "https://lms.example.vn",
    "client_id": "connector",
    "client_secret": "x",
    "sign_up": "csv",
}


def world_on(
    site: Pretend, folder: Path, topics: Sequence[TopicRef] = (TopicRef(course=C1), TopicRef(course=C2))
) -> World:
    """The programme of the repository, with places of Open edX as its topics."""
    programme = yaml.safe_load(Path(f"config/programmes/{PROGRAMME}.yaml").read_text(encoding="utf-8"))
    programme["enrolment"] = {"courses": [C1, C2], "limit_to_window": False}
    programme["topics"] = [
        {"key": f"cd0{number}", "name": f"CD {number}", "kind": "mandatory", "course": ref.course}
        | ({"activity": ref.activity} if ref.activity else {})
        for number, ref in enumerate(topics, start=1)
    ]
    programme["rule"] = {"type": "at_least", "name": "total", "title": "Tổng số", "count": 2}
    programme["certificate"] = {**programme["certificate"], "grant": "allowlist"}
    for name in ("certificate", "group"):
        del programme["certificate"][name]
    programme["certificate"]["course"] = C1
    (folder / "programmes").mkdir()
    text = yaml.safe_dump(programme, allow_unicode=True)
    (folder / "programmes" / f"{PROGRAMME}.yaml").write_text(text, encoding="utf-8")
    world = make_world(folder)
    world.ctx.store.close()
    settings = Settings.model_validate(
        {"state_dir": folder, "programmes_dir": folder / "programmes", "sites": {"sandbox": SITE}}
    )
    store = Store(f"sqlite:///{folder}/edx.db")
    world.ctx = replace(world.ctx, settings=settings, store=store, open_site=lambda *_: site.lms, _clients={})
    return world


def test_registrations_become_people_in_courses_and_their_grades_come_back(tmp_path: Path) -> None:
    site = Pretend(name="sandbox")
    world = world_on(site, tmp_path)
    assert courses_of(world.ctx.settings, "sandbox") == (C1, C2)
    people = [learner(1), learner(2)]
    world.register(*people)
    outcome = apply(world.ctx, make_plan(world.ctx, PROGRAMME))
    assert not outcome.refusals
    names = [national_phone(one.phone) for one in people]
    for course in (C1, C2):
        assert site.enrolments(course) == dict.fromkeys(names, ("honor", True))
        assert [site.cohort_of(course, name) for name in names] == ["Nghệ An (VN-40)"] * 2
    assert make_plan(world.ctx, PROGRAMME).empty
    undo = make_undo(world.ctx, outcome.run_id)
    assert {change.kind for change in undo.changes} == {Kind.MEMBERSHIP, Kind.ENROLMENT}
    assert Kind.ACCOUNT in {held.change.kind for held in undo.held}

    mirror(world.ctx, PROGRAMME)
    site.answer(C1, names[0], "final", 2)
    world.pass_time(hours=1)
    site.clock.now += 3600
    mirror(world.ctx, PROGRAMME)
    with world.ctx.store.begin() as tx:
        (result,) = tx.mirror.results_of("sandbox", names[0])
    assert (result.ref, result.done, result.completed_at) == (TopicRef(course=C1), True, START + timedelta(hours=1))
    world.ctx.store.close()


def test_sections_without_grades_are_read_of_those_who_have_not_done_everything(tmp_path: Path) -> None:
    site = Pretend(name="sandbox")
    doc, hw1 = TopicRef(course=C1, activity="doc"), TopicRef(course=C1, activity="hw1")
    world = world_on(site, tmp_path, [doc, hw1])
    people = [learner(1), learner(2)]
    world.register(*people)
    apply(world.ctx, make_plan(world.ctx, PROGRAMME))
    first, second = (national_phone(one.phone) for one in people)
    for name in (first, second):
        site.log_in(name)
        site.read(C1, name, "doc")
    site.answer(C1, first, "hw1", 2)

    def asked(reach: Reach = Reach.MOVED) -> list[int]:
        before = len(site.requests)
        mirror(world.ctx, PROGRAMME, reach=reach)
        paths = [str(request.url) for request in site.requests[before:] if "/blocks/" in str(request.url)]
        return [sum(path.endswith(f"username={name}") for path in paths) for name in (first, second)]

    assert asked() == [1, 1]
    assert asked() == [0, 1]  # the first has done everything
    assert asked(Reach.ROLLING) == [1, 1]
    assert asked(Reach.FULL) == [1, 1]
    world.ctx.store.close()


def test_what_somebody_did_stays_true_after_he_was_unenrolled(tmp_path: Path) -> None:
    """Open edX tells no grades of those who have left (facts section 8: all active enrolments)."""
    site = Pretend(name="sandbox")
    world = world_on(site, tmp_path, [TopicRef(course=C1, activity="hw1"), TopicRef(course=C2)])
    world.register(learner(1))
    apply(world.ctx, make_plan(world.ctx, PROGRAMME))
    name = national_phone(learner(1).phone)
    site.answer(C1, name, "hw1", 2)
    mirror(world.ctx, PROGRAMME)
    site.enrol(C1, name, active=False)
    world.pass_time(hours=1)
    mirror(world.ctx, PROGRAMME)
    with world.ctx.store.begin() as tx:
        (result,) = tx.mirror.results_of("sandbox", name)
    assert (result.ref.activity, result.done) == ("hw1", True)
    world.ctx.store.close()


def test_an_enrolment_that_came_with_the_account_is_ours_though_the_run_ended_before_it_was_asked_for(
    tmp_path: Path,
) -> None:
    site = Pretend(name="sandbox")
    world = world_on(site, tmp_path)
    people = [learner(1), learner(2)]
    world.register(*people)
    names = [national_phone(one.phone) for one in people]

    def stop_after_the_accounts() -> None:
        if site.site.one("SELECT 1 FROM users WHERE username = ?", (names[0],)):
            raise Interrupted("stopped")

    apply(replace(world.ctx, safe_point=stop_after_the_accounts), make_plan(world.ctx, PROGRAMME))
    assert site.enrolments(C1) == dict.fromkeys(names, ("honor", True))
    assert site.enrolments(C2) == {}
    world.register(learner(1), state=RegistrationState.LEFT)  # before any other run
    assert apply(world.ctx, make_plan(world.ctx, PROGRAMME)).complete
    assert site.enrolments(C1) == {names[0]: ("honor", False), names[1]: ("honor", True)}
    assert make_plan(world.ctx, PROGRAMME).empty
    with world.ctx.store.begin() as tx:
        owned = {row.key for row in tx.ledger.owned("sandbox") if row.kind is Kind.ENROLMENT}
    assert owned == {(C1, names[0]), (C1, names[1]), (C2, names[1])}
    world.ctx.store.close()


def test_who_was_signed_up_in_audit_is_enrolled_with_the_mode_by_the_next_run(tmp_path: Path) -> None:
    site = Pretend(name="sandbox")
    site.features.csv_signup_extra = False  # a sign-up without a mode
    site.offer(C1, "audit", "honor")
    world = world_on(site, tmp_path)
    world.register(learner(1))
    name = national_phone(learner(1).phone)

    def stop_after_the_accounts() -> None:
        if site.site.one("SELECT 1 FROM users WHERE username = ?", (name,)):
            raise Interrupted("stopped")

    apply(replace(world.ctx, safe_point=stop_after_the_accounts), make_plan(world.ctx, PROGRAMME))
    assert site.enrolments(C1) == {name: ("audit", True)}
    assert apply(world.ctx, make_plan(world.ctx, PROGRAMME)).complete
    assert site.enrolments(C1) == {name: ("honor", True)}
    assert make_plan(world.ctx, PROGRAMME).empty
    world.ctx.store.close()
