"""Kills at random points in their short form; `make faults` makes 300 on 2,000 learners."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.grounds import OPENEDX
from tests.faults.kills import Scene, kill_once, make_scenes, slain_once

FEW = 120


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    return {scene.name: scene for scene in make_scenes(tmp_path_factory.mktemp("scenes"), FEW, FEW)}


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        *[("first apply", seed) for seed in range(5)],
        *[("apply of changes", seed) for seed in range(3)],
        *[(name, seed) for name in ("mirror", "certificates", "corrections") for seed in range(2)],
    ],
)
def test_killed_anywhere_the_next_lives_reach_the_same_end(
    scenes: dict[str, Scene], name: str, seed: int, tmp_path: Path
) -> None:
    kill = kill_once(scenes[name], seed, tmp_path)
    assert kill.findings == ()
    assert kill.died_at


@pytest.fixture(scope="module")
def edx_scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    made = make_scenes(tmp_path_factory.mktemp("edx_scenes"), FEW, FEW // 4, OPENEDX)
    return {scene.name: scene for scene in made}


@pytest.mark.parametrize(
    ("name", "seed"),
    [("first apply", 1), *[("apply of changes", seed) for seed in (1, 2, 3)], ("mirror", 1), ("certificates", 1)],
)
def test_on_open_edx_too(edx_scenes: dict[str, Scene], name: str, seed: int, tmp_path: Path) -> None:
    kill = kill_once(edx_scenes[name], seed, tmp_path)
    assert kill.findings == ()
    assert kill.died_at


def test_a_real_process_is_slain_and_resumed(scenes: dict[str, Scene], tmp_path: Path) -> None:
    assert slain_once(scenes["first apply"], 1, tmp_path).findings == ()


def test_what_is_not_as_planned_is_found(scenes: dict[str, Scene], tmp_path: Path) -> None:
    scene = scenes["first apply"]
    short = replace(scene, roster=replace(scene.roster, present=scene.roster.present[1:]))
    words = [finding.partition(":")[0] for finding in kill_once(short, 1, tmp_path).findings]
    assert words == ["accounts", "memberships", "enrolments"]
