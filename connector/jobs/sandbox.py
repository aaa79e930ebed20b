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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSandbox:
    """A sandbox that listens: its address, the file of its token, and the way to move its clock."""

    url: str
    token_file: Path
    control: SandboxControl

    def now(self) -> datetime:
        """The time on the sandbox's clock."""
        return datetime.fromtimestamp(self.control.state()["now"], UTC)

    def requests(self) -> int:
        """The HTTP requests that came to the site's own door since it started."""
        return int(self.control.state()["http_requests"])

    def day(self) -> int:
        """The day of the course on the sandbox's clock."""
        return int(self.control.state()["day"])


@contextmanager
def running_sandbox(folder: Path, *, seed: int = 1, speed: float | None = None) -> Iterator[RunningSandbox]:
    """Start a sandbox with its state in `folder`, on a free loopback port; stop it when the block ends.

    With `speed` its requests take as long as on a real site, divided by it; without, as little time as they
    can. Raises FatalError when it does not come up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    token_file = folder / "sandbox.token"
    command = [sys.executable, "-m", "connector", "sandbox", "--port", "0", "--seed", str(seed)]
    command += ["--state", str(folder / "sandbox.db"), "--token-file", str(token_file)]
    command += [] if speed is None else ["--realistic", "--speed", str(speed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own interpreter
        try:
            url = process.stdout.readline().strip() if process.stdout is not None else ""
            if not url.startswith("http"):
                raise FatalError(_("The sandbox did not start."), hint=_("Its own message stands above this line."))
            token = token_file.read_text(encoding="utf-8").strip()
            yield RunningSandbox(url=url, token_file=token_file, control=SandboxControl(url, token))
        finally:
            process.terminate()
