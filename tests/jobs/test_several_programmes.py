"""One person in several programmes and on several platforms: nobody's plan undoes another's."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import AnyHttpUrl, SecretStr

from connector.errors import ConfigError
from connector.jobs.apply import apply
from connector.jobs.family import all_programmes
from connector.jobs.plan import make_plan
from connector.jobs.renames import accept_renames, list_renames
from connector.model import Kind, Learner, Registration, RegistrationState
from connector.programmes.definition import known_programmes
from connector.settings import Settings, Site
from tests.fakes.lms import FakeLms
from tests.jobs.world import COURSE, PROGRAMME, World, learner, make_world

ONE, TWO, OTHER = PROGRAMME, "k2", "elsewhere"
NAME = "0912000001"
STAYING = [learner(number) for number in range(50, 60)]


@dataclass
class Several:
    """Programmes k1 and k2 on one site, a third one on another; each may be changed before it is used."""

    world: World
    folder: Path
    other_lms: FakeLms

    def define(self, key: str, **changes: Any) -> None:
        content = yaml.safe_load(Path(f"config/programmes/{PROGRAMME}.yaml").read_text(encoding="utf-8"))
        content |= {"key": key} | changes
        (self.folder / f"{key}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    def register(
        self, programme: str, *learners: Learner, state: RegistrationState = RegistrationState.CONFIRMED
    ) -> None:
        self.world.pass_time(minutes=1)
        with self.world.ctx.store.begin() as tx:
            items = [Registration(programme=programme, learner=one, state=state) for one in learners]
            tx.registrations.save(items, self.world.now)

    def sync(self, programme: str) -> None:
        assert apply(self.world.ctx, make_plan(self.world.ctx, programme)).complete


@pytest.fixture
def several(tmp_path: Path) -> Several:
    folder = tmp_path / "programmes"
    folder.mkdir()
    site = Site(url=AnyHttpUrl("http://127.0.0.1:1"), token=SecretStr("x" * 32))
    settings = Settings(state_dir=tmp_path, programmes_dir=folder, sites={"sandbox": site, "second": site})
    base = make_world(tmp_path)
    other = FakeLms(name="second")
    platforms: dict[str, FakeLms] = {"sandbox": base.lms, "second": other}
    open_site: Callable[[str, Site], FakeLms] = lambda key, _site: platforms[key]  # noqa: E731 - a field of a context
    base.ctx = replace(base.ctx, settings=settings, open_site=open_site)
    made = Several(world=base, folder=folder, other_lms=other)
    for key in (ONE, TWO):
        made.define(key)
    made.define(OTHER, site="second")
    for key in (ONE, OTHER):  # who leaves is not the last one of his province
        made.register(key, *STAYING)
    here = base.lms.courses[COURSE]
    other.add_course(COURSE, here.activities, here.groups)
    return made


def check_quiet(several: Several, *programmes: str) -> None:
    for key in programmes:
        assert make_plan(several.world.ctx, key).empty


def test_who_leaves_one_programme_stays_in_the_other(several: Several) -> None:
    person = learner(1)
    for key in (ONE, TWO):
        several.register(key, person)
        several.sync(key)
    with several.world.ctx.store.begin() as tx:
        assert [row.kind for row in tx.ledger.of_username("sandbox", NAME)].count(Kind.ACCOUNT) == 1
    several.register(ONE, person, state=RegistrationState.LEFT)
    check_quiet(several, ONE, TWO)
    assert several.world.lms.enrolled[COURSE, NAME].active
    several.register(TWO, person, state=RegistrationState.LEFT)
    several.sync(ONE)
    assert not several.world.lms.enrolled[COURSE, NAME].active
    check_quiet(several, ONE, TWO)


def test_the_latest_import_describes_the_person_in_both_and_the_plan_says_so(several: Several) -> None:
    several.register(ONE, learner(1))
    several.sync(ONE)
    several.register(TWO, replace(learner(1, province="31"), workplace="UBND xã Khác", position="Chủ tịch"))
    plan = make_plan(several.world.ctx, ONE)
    assert any("1 people are described otherwise" in remark for remark in plan.remarks)
    several.sync(ONE)
    check_quiet(several, ONE, TWO)
    account = several.world.lms.seen[NAME].account
    assert dict(account.fields)["institution"] == "UBND xã Khác"
    assert {item.cohort for item in several.world.lms.members if item.username == NAME} == {"VN-31"}
    several.register(ONE, replace(learner(1), workplace="UBND xã Mới"))
    for key in (TWO, ONE):
        several.sync(key)
        check_quiet(several, ONE, TWO)
    assert dict(several.world.lms.seen[NAME].account.fields)["institution"] == "UBND xã Mới"


def test_of_three_programmes_the_latest_counts_even_if_it_agrees_again(several: Several) -> None:
    several.define("k3")
    several.register(ONE, learner(1))
    several.register(TWO, replace(learner(1), workplace="UBND xã Khác"))
    several.register("k3", learner(1))
    for key in (ONE, TWO, "k3"):
        several.sync(key)
    check_quiet(several, ONE, TWO, "k3")
    assert dict(several.world.lms.seen[NAME].account.fields)["institution"] == learner(1).workplace


def test_two_rounds_of_one_course_are_fine_until_somebody_stands_in_both(several: Several) -> None:
    several.define(TWO, window={"starts_at": "2026-01-05T00:00", "ends_at": "2026-01-20T00:00"})
    several.register(ONE, learner(1), learner(2))
    several.register(TWO, learner(2), learner(3))
    for key, other in ((ONE, TWO), (TWO, ONE)):
        plan = make_plan(several.world.ctx, key)
        assert [held.change.key for held in plan.held] == [(COURSE, "0912000002")]
        assert all(held.final and other in held.reason for held in plan.held)
        several.sync(key)
    assert (COURSE, "0912000002") not in several.world.lms.enrolled
    assert (COURSE, "0912000003") in several.world.lms.enrolled
    several.register(ONE, learner(2), state=RegistrationState.LEFT)
    several.sync(TWO)
    check_quiet(several, ONE, TWO)
    assert (COURSE, "0912000002") in several.world.lms.enrolled


def test_two_names_for_one_cohort_are_refused_with_both_programmes(several: Several) -> None:
    several.define(TWO, cohorts={"name": "Tỉnh {province}"})
    with pytest.raises(ConfigError, match=f"'{ONE}' and '{TWO}'.*VN-"):
        make_plan(several.world.ctx, ONE)
    several.define(TWO, cohorts={"idnumber": "K2-{province_code}", "name": "Tỉnh {province}"})
    assert len(all_programmes(several.world.ctx)) == 3


def test_programmes_that_wait_for_each_other_are_refused_with_the_ring(several: Several) -> None:
    def waits_for(key: str) -> dict[str, str]:
        return {"type": "prerequisite", "name": "before", "programme": key}

    several.define(ONE, rule=waits_for(TWO))
    assert len(all_programmes(several.world.ctx)) == 3
    several.define(TWO, rule=waits_for(ONE))
    with pytest.raises(ConfigError, match=f"{ONE} < {TWO} < {ONE}|{TWO} < {ONE} < {TWO}"):
        all_programmes(several.world.ctx)


def test_the_shipped_programmes_go_together(several: Several) -> None:
    settings = several.world.ctx.settings.model_copy(update={"programmes_dir": Path("config/programmes")})
    shipped = all_programmes(replace(several.world.ctx, settings=settings))
    assert len(shipped) == len(known_programmes(Path("config/programmes"))) >= 2


def test_two_platforms_have_one_ledger_and_do_not_meet(several: Several) -> None:
    for key in (ONE, OTHER):
        several.register(key, learner(1))
        several.sync(key)
    assert NAME in several.other_lms.seen.keys() & several.world.lms.seen.keys()
    several.register(OTHER, learner(1), state=RegistrationState.LEFT)
    several.sync(OTHER)
    assert not several.other_lms.enrolled[COURSE, NAME].active
    assert several.world.lms.enrolled[COURSE, NAME].active
    check_quiet(several, ONE, OTHER)


def test_a_new_number_is_decided_once_for_all_platforms(several: Several) -> None:
    old, new = learner(1), replace(learner(2), full_name=learner(1).full_name)
    for key in (ONE, TWO, OTHER):
        several.register(key, old)
        several.sync(key)
        several.register(key, old, state=RegistrationState.LEFT)
        several.register(key, new)
    (pair,) = list_renames(several.world.ctx, ONE).open
    accept_renames(several.world.ctx, ONE, [pair.id])
    for key in (ONE, TWO, OTHER):
        assert list_renames(several.world.ctx, key).open == ()
        several.sync(key)
    check_quiet(several, ONE, TWO, OTHER)
    for lms in (several.world.lms, several.other_lms):
        assert lms.seen.keys() & {NAME, "0912000002"} == {"0912000002"}


def test_a_number_that_another_programme_still_lists_cannot_be_renamed(several: Several) -> None:
    old, new = learner(1), replace(learner(2), full_name=learner(1).full_name)
    for key in (ONE, TWO):
        several.register(key, old)
        several.sync(key)
    several.register(ONE, old, state=RegistrationState.LEFT)
    several.register(ONE, new)
    (pair,) = list_renames(several.world.ctx, ONE).open
    assert TWO in pair.doubts[0]
    with pytest.raises(ConfigError, match=f"lists of programme '{TWO}'"):
        accept_renames(several.world.ctx, ONE, [pair.id])


def test_a_programme_that_never_knew_the_old_number_waits_too(several: Several) -> None:
    old, new = learner(1), replace(learner(2), full_name=learner(1).full_name)
    several.register(ONE, old)
    several.sync(ONE)
    several.register(ONE, old, state=RegistrationState.LEFT)
    several.register(TWO, new)
    assert len(list_renames(several.world.ctx, TWO).open) == 1
    assert not any(change.username == "0912000002" for change in make_plan(several.world.ctx, TWO).changes)
