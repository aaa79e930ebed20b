"""One programme on a Moodle and an Open edX over real loopback ports, typed as a person types it."""

import csv
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.certificates.entry import RegisterEntry
from connector.cli.main import cli
from connector.cli.session import Session
from connector.context import Context, open_context
from connector.errors import ConfigError
from connector.places import provinces
from connector.sandbox.control import SandboxControl
from connector.sandbox.openedx.programme import CLIENT, COURSE
from connector.sandbox.rosters import write_rosters
from connector.sandbox.server import SandboxServer
from connector.sandbox.serving import PLATFORMS, write_token
from connector.settings import Settings
from connector.store.store import Store

KEY = "bkhcn-2025-k1"
EVENING = datetime(2025, 12, 15, 16, 59, tzinfo=UTC)  # the window's last minute
AFTER = datetime(2025, 12, 16, 1, tzinfo=UTC)
CODES = [province.code for province in provinces()]
ON_OPENEDX = CODES[::2]
LEARNERS = 25
OPENEDX: Mapping[str, Any] = {
    "provinces": ON_OPENEDX,
    "enrolment": {"courses": [COURSE], "limit_to_window": False},
    "topics": {f"cd{number:02d}": {"course": COURSE, "activity": f"cd{number:02d}"} for number in range(1, 20)},
    "certificate": {"grant": "allowlist", "course": COURSE},
}


@dataclass
class Office:
    """A folder with a configuration, some running platforms that share a clock, and a person who types commands."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    sites: dict[str, dict[str, Any]] = field(default_factory=dict)
    controls: list[SandboxControl] = field(default_factory=list)

    def configure(self, **programme: Any) -> None:
        programmes = self.folder / "programmes"
        programmes.mkdir(exist_ok=True)
        content = yaml.safe_load(Path(f"config/programmes/{KEY}.yaml").read_text(encoding="utf-8"))
        del content["site"]
        text = yaml.safe_dump(content | programme, allow_unicode=True)
        (programmes / f"{KEY}.yaml").write_text(text, encoding="utf-8")
        settings = {"language": "en", "state_dir": str(self.folder / "state"), "programmes_dir": str(programmes)}
        self.config.write_text(yaml.safe_dump(settings | {"sites": self.sites}), encoding="utf-8")

    @property
    def config(self) -> Path:
        return self.folder / "connector.yaml"

    def open(self, settings: Settings) -> Context:
        return replace(open_context(settings), now=lambda: datetime.fromtimestamp(self.controls[0].state()["now"], UTC))

    def move_to(self, moment: datetime) -> None:
        for control in self.controls:
            control.move_to(moment)

    def type(self, *words: str | Path) -> tuple[int, str]:
        """Exit code and output of one command."""
        self.capture.readouterr()
        session = Session(self.config, self.open)
        code = cli.main(list(map(str, words)), obj=session, prog_name="connector", standalone_mode=False)
        return int(code or 0), self.capture.readouterr().out


@contextmanager
def office(folder: Path, capture: pytest.CaptureFixture[str], **platforms: str) -> Iterator[Office]:
    folder.mkdir()
    made = Office(folder=folder, capture=capture)
    with ExitStack() as stack:
        for key, platform in platforms.items():
            sandbox, secret = PLATFORMS[platform](str(folder / f"{key}.db"), 1, 1)
            write_token(folder / key, secret)
            server = SandboxServer(sandbox, secret, 0, 0.1)
            thread = threading.Thread(target=server.run, args=(lambda _url: None,))
            thread.start()
            for end in (sandbox.close, thread.join, server.shutdown):
                stack.callback(end)
            made.controls.append(SandboxControl(server.url, secret))
            access = {"token_file": str(folder / key)}
            if platform == "openedx":
                access = {"client_secret_file": str(folder / key), "client_id": CLIENT, "sign_up": "csv"}
            made.sites[key] = {"platform": platform, "url": server.url, "retry_budget": 0} | access
        yield made


def whole_road(made: Office, *plans: str) -> None:
    lists = write_rosters(made.folder / "lists", LEARNERS, 1)
    assert made.type("roster", "import", *lists)[0] == 4  # one row is bad on purpose
    assert made.type("plan", "--out", made.folder / "plan.json")[0] == 3
    assert made.type("apply", *(made.folder / plan for plan in plans))[0] == 0
    for moment in (EVENING, AFTER):
        made.move_to(moment)
        assert made.type("mirror", "--full")[0] == 0
        assert made.type("evaluate")[0] == 0
    assert made.type("certificates", "push", "--wait", "20")[0] == 0
    assert made.type("report", "progress", "--out", made.folder / "reports", "--format", "csv")[0] == 0


def rows(made: Office) -> list[dict[str, str]]:
    """Every row of the report; of the moment of completion and of the number only whether there is one.

    Open edX does not tell when a topic was done, and numbers are given in the order in which platforms issue.
    """
    found = []
    for table in ("provinces", "learners"):
        (file,) = (made.folder / "reports").glob(f"*-{table}.csv")
        with file.open(encoding="utf-8-sig", newline="") as lines:
            found += [
                {name: str(bool(cell)) if name in OWN else cell for name, cell in row.items()}
                for row in csv.DictReader(lines)
            ]
    return found


OWN = ("Completed on", "Certificate number")


@pytest.mark.timeout(120)
def test_moodle_and_open_edx_report_together_what_a_moodle_reports_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with office(tmp_path / "one", capsys, mooc="moodle") as alone:
        alone.configure(site="mooc")
        whole_road(alone, "plan.json")
        expected = rows(alone)
    with office(tmp_path / "two", capsys, mooc="moodle", edx="openedx") as made:
        made.configure(sites={"mooc": {}, "edx": OPENEDX})
        assert "on edx: 01 Hà Nội, " in made.type("programme", "check")[1]
        code, out = made.type("doctor")
        assert (code, out.count("Site mooc"), out.count("Site edx")) == (0, 1, 1)
        whole_road(made, "plan-mooc.json", "plan-edx.json")
        assert rows(made) == expected
        look(made)


def look(made: Office) -> None:
    """What the person sees afterwards."""
    code, out = made.type("plan")
    assert (code, out.count("No changes.")) == (0, 2)
    entries = registered(made)
    assert sorted(entry.seq or 0 for entry in entries) == list(range(1, len(entries) + 1))
    assert {entry.site for entry in entries if entry.province_code in ON_OPENEDX} == {"edx"}
    assert {entry.site for entry in entries if entry.province_code not in ON_OPENEDX} == {"mooc"}
    for entry in (entries[0], next(one for one in entries if one.site != entries[0].site)):
        told = made.type("explain", entry.phone)[1]
        assert f"What the platform says ({entry.site})" in told
        assert f"Mirror of {entry.site}: accounts" in told
        assert f"({entry.site})" in told.partition("Certificate")[2]
    code, out = made.type("mirror", "status", "--site", "edx")
    assert (code, "Site" in out, "topic results" in out) == (0, False, True)
    for command in ("by-hand", "renames"):
        code, out = made.type(command, "list")
        assert (code, out.count("waits for a decision")) == (0, 2)
    with pytest.raises(ConfigError, match="Name one of them with --site"):
        made.type("adopt")
    assert made.type("adopt", "--site", "mooc")[0] == 0
    assert "all" in next(line for line in made.type("runs")[1].splitlines() if " evaluate " in line).split()
    with pytest.raises(ConfigError, match="The JSON of one plan alone"):
        made.type("plan", "--format", "json")


def registered(made: Office) -> list[RegisterEntry]:
    store = Store(f"sqlite:///{made.folder}/state/connector.db")
    with store.begin() as tx:
        found = list(tx.register.of_programme(KEY).values())
    store.close()
    return found


@pytest.mark.timeout(60)
def test_a_site_that_is_away_does_not_hold_the_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with office(tmp_path / "two", capsys, mooc="moodle", edx="openedx") as made:
        made.sites["mooc"]["url"] = "http://127.0.0.1:9"
        made.configure(sites={"mooc": {}, "edx": OPENEDX})
        made.type("roster", "import", *write_rosters(made.folder / "lists", 5, 1))
        code, out = made.type("plan", "--out", made.folder / "plan.json")
        assert (code, "Site edx" in out) == (1, True)
        assert [path.name for path in made.folder.glob("plan*")] == ["plan-edx.json"]
        assert made.type("apply", made.folder / "plan-edx.json")[0] == 0
