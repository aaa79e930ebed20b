"""Use case: a pretend platform in a process of its own, for the demo and for training."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connector.errors import FatalError
from connector.language import _
from connector.sandbox.control import SandboxControl
from connector.sandbox.serving import files_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSandbox:
    """A sandbox that listens: its platform and address, the file of its secret, and the way to move its clock."""

    platform: str
    url: str
    token_file: Path
    control: SandboxControl

    def now(self) -> datetime:
        """The time on the sandbox's clock."""
        return datetime.fromtimestamp(self.control.state()["now"], UTC)

    def requests(self) -> int:
        """The HTTP requests that came to the site's own door since it started."""
        return int(self.control.state()["http_requests"])


@contextmanager
def running_sandbox(
    folder: Path, *, platform: str = "moodle", seed: int = 1, speed: float | None = None
) -> Iterator[RunningSandbox]:
    """Start a sandbox with its state in `folder`, on a free loopback port; stop it when the block ends.

    With `speed` its requests take as long as on a real site, divided by it; without, as little time as they
    can. Raises FatalError when it does not come up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state, token_file = files_of(platform, folder)
    command = [sys.executable, "-m", "connector", "sandbox", "--platform", platform, "--port", "0", "--seed", str(seed)]
    command += ["--state", str(state), "--token-file", str(token_file)]
    command += [] if speed is None else ["--realistic", "--speed", str(speed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own interpreter
        try:
            url = process.stdout.readline().strip() if process.stdout is not None else ""
            if not url.startswith("http"):
                raise FatalError(_("The sandbox did not start."), hint=_("Its own message stands above this line."))
            token = token_file.read_text(encoding="utf-8").strip()
            control = SandboxControl(url, token)
            yield RunningSandbox(platform=platform, url=url, token_file=token_file, control=control)
        finally:
            process.terminate()
