"""A programme with another certificate policy than the sample's, for tests of certificates."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from connector.settings import Certificates
from tests.jobs.world import PROGRAMME, World

OWN_PAPER: dict[str, Any] = {
    "grant": "own_paper",
    "course": None,
    "certificate": None,
    "group": None,
    "signer": "Giám đốc Học viện",
}
SAMPLE = Path("config/programmes") / f"{PROGRAMME}.yaml"


def set_policy(world: World, folder: Path, certificates: Certificates | None = None, **changes: Any) -> None:
    """Change the programme's certificate (None takes a key away), and the settings of certificates."""
    content = yaml.safe_load(SAMPLE.read_text(encoding="utf-8"))
    content["certificate"] = {
        name: value for name, value in (content["certificate"] | changes).items() if value is not None
    }
    programmes = folder / "programmes"
    programmes.mkdir(exist_ok=True)
    (programmes / SAMPLE.name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    update = {"programmes_dir": programmes, "certificates": certificates or Certificates()}
    world.ctx = replace(world.ctx, settings=world.ctx.settings.model_copy(update=update))
