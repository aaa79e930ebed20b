"""`connector serve --check`: everything that is in the way is told at once, and nothing where nothing is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from connector.jobs.service.check import problems
from connector.lms import Finding, Needs, Severity
from connector.settings import ScheduledJob
from tests.fakes.lms import FakeLms
from tests.jobs.service.timetable import job
from tests.jobs.world import PROGRAMME, World


def checked(world: World, *jobs: ScheduledJob, **settings: Any) -> list[str]:
    changed = world.ctx.settings.model_copy(update={"jobs": jobs, **settings})
    return problems(replace(world.ctx, settings=changed))


def test_without_jobs_there_is_nothing_to_serve(world: World) -> None:
    (problem,) = checked(world)
    assert "No jobs are declared" in problem


def test_a_service_that_can_begin_has_no_problem_and_a_folder_for_lists(world: World) -> None:
    assert checked(world, job("lists", "pick-up"), job("copy")) == []
    assert (world.ctx.settings.state_dir / "pickup").is_dir()


def test_what_cannot_be_scheduled_names_the_job(world: World) -> None:
    bad = [
        job("a", programme="nobody"),
        job("b", trigger={"cron": "99 * * * *"}),
        job("c", "plan", provinces=("99",)),
    ]
    found = checked(world, *bad)
    assert [problem.partition(":")[0] for problem in found] == ["a", "b", "c"]


def test_programmes_with_mistakes_are_told(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "programmes"
    folder.mkdir()
    good = Path(f"config/programmes/{PROGRAMME}.yaml").read_text("utf-8")
    (folder / f"{PROGRAMME}.yaml").write_text(good, "utf-8")
    (folder / "bad.yaml").write_text("key: bad\n", "utf-8")
    assert any("bad.yaml" in problem for problem in checked(world, job("copy"), programmes_dir=folder))


def test_folders_that_are_not_there_and_a_broken_key_are_told(world: World, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("nonsense", "utf-8")
    found = checked(world, job("lists", "pick-up", folder=str(tmp_path / "share")), password_key_file=tmp_path / "key")
    assert any(problem.startswith("lists:") and "share" in problem for problem in found)
    assert any("key" in problem for problem in found[1:])
    assert any("nothing" in problem for problem in checked(world, job("copy"), state_dir=tmp_path / "nothing"))


def test_what_the_doctor_finds_wrong_is_in_the_way(world: World) -> None:
    world.lms.courses.clear()
    found = checked(world, job("copy"))
    assert found
    assert all(problem.startswith(f"{PROGRAMME}: ") for problem in found)


class NearlyWell(FakeLms):
    """A platform of which something is warned."""

    def check(self, needs: Needs) -> list[Finding]:
        return [Finding(severity=Severity.WARNING, subject="x", detail="y", remedy="z")]


def test_what_he_only_warns_of_is_not(world: World) -> None:
    world.lms.__class__ = NearlyWell
    assert checked(world, job("copy")) == []
