"""The units under deploy/ name commands, settings and ports that exist."""

import re
from configparser import ConfigParser
from pathlib import Path

from connector.cli.main import cli
from connector.settings import Serve

DEPLOY = Path(__file__).parent.parent / "deploy"


def test_the_systemd_unit_starts_what_is_there_and_waits_long_enough_for_its_stop() -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # keys keep their capitals
    unit.read(DEPLOY / "connector.service", encoding="utf-8")
    service = unit["Service"]
    for key in ("ExecStart", "ExecStartPre"):
        _program, command, *options = service[key].split()
        assert command in cli.commands
        known = {name for one in cli.commands[command].params for name in one.opts}
        assert set(options) <= known
    assert float(service["TimeoutStopSec"]) > Serve().stop_within.total_seconds()


def test_the_container_starts_the_service_and_asks_its_health_where_it_listens() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert 'ENTRYPOINT ["connector"]\nCMD ["serve"]' in text
    assert "serve" in cli.commands
    assert re.findall(r"127\.0\.0\.1:(\d+)/healthz", text) == [str(Serve().port)]
