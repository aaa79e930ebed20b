"""A pretend Moodle on a real loopback port, and the command line as a person types it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from connector.cli.main import main
from connector.sandbox.control import SandboxControl
from connector.sandbox.moodle import open_moodle
from connector.sandbox.server import SandboxServer
from connector.sandbox.serving import write_token


@dataclass(frozen=True)
class Desk:
    """A folder with a configuration, a running sandbox, and a person who types commands."""

    folder: Path
    url: str
    token_file: Path
    control: SandboxControl
    capture: pytest.CaptureFixture[str]

    @property
    def config(self) -> Path:
        return self.folder / "connector.yaml"

    def configure(self, **changes: object) -> None:
        """Write the configuration; `changes` are values of the site."""
        site = {"url": self.url, "token_file": str(self.token_file), "retry_budget": 0} | changes
        content = {"language": "en", "state_dir": str(self.folder / "state"), "sites": {"sandbox": site}}
        self.config.write_text(yaml.safe_dump(content), encoding="utf-8")

    def type(self, *words: str | Path) -> tuple[int, str, str]:
        """Exit code, output and error output of one command."""
        self.capture.readouterr()
        with pytest.raises(SystemExit) as leave:
            main(["--config", str(self.config), *map(str, words)])
        seen = self.capture.readouterr()
        return int(str(leave.value.code)), seen.out, seen.err


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    token_file = tmp_path / "token"
    sandbox, token = open_moodle(str(tmp_path / "sandbox.db"), day=1, seed=1)
    write_token(token_file, token)
    server = SandboxServer(sandbox, token, 0, 0.1)
    thread = threading.Thread(target=server.run, args=(_nothing,))
    thread.start()
    made = Desk(
        folder=tmp_path,
        url=server.url,
        token_file=token_file,
        control=SandboxControl(server.url, token),
        capture=capsys,
    )
    made.configure()
    yield made
    server.shutdown()
    thread.join()
    sandbox.close()


def _nothing(_url: str) -> None:
    return
