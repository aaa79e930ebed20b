"""Which pretend platforms there are, how each is opened, and `serve`: one of them on a loopback port."""

from collections.abc import Callable, Mapping
from pathlib import Path

from connector.sandbox.mishaps import Weather
from connector.sandbox.moodle import open_moodle
from connector.sandbox.openedx.platform import open_openedx
from connector.sandbox.pace import Pace
from connector.sandbox.server import Sandbox, SandboxServer

# From a state file ('file' or ':memory:'), a day and a seed to the sandbox and its token.
PLATFORMS: Mapping[str, Callable[[str, int | None, int], tuple[Sandbox, str]]] = {
    "moodle": open_moodle,
    "openedx": open_openedx,
}


def files_of(platform: str, folder: Path) -> tuple[Path, Path]:
    """The state file and the token file of a sandbox that lives in this folder."""
    name = "sandbox" if platform == "moodle" else f"sandbox-{platform}"
    return folder / f"{name}.db", folder / f"{name}.token"


def write_token(file: Path, token: str) -> None:
    """Write the token into a file that its owner alone may read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(token + "\n", encoding="utf-8")


def serve(
    state_path: str,
    port: int,
    token_file: Path,
    *,
    platform: str = "moodle",
    day: int | None,
    seed: int,
    cron_seconds: float,
    ready: Callable[[str], None],
    weather: Weather | None = None,
    pace: Pace | None = None,
) -> None:
    """Serve a pretend platform on 127.0.0.1 until it is stopped; writes the state file and the token file.

    `state_path` is a file, or ':memory:'. `port` 0 takes any free one. `ready` is called with the address.
    `weather` brings mishaps, `pace` makes requests take as long as on a real site.
    Raises OSError when the port is taken.
    """
    sandbox, token = PLATFORMS[platform](state_path, day, seed)
    try:
        write_token(token_file, token)
        SandboxServer(sandbox, token, port, cron_seconds, weather=weather, pace=pace).run(ready)
    finally:
        sandbox.close()
