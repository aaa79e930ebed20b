"""`connector moodle`: what it prints can be put into a file as it is."""

import pytest
from click.testing import CliRunner

from connector.cli.moodle import moodle
from connector.moodle_ws.granting import role_preset, service_script


@pytest.mark.parametrize(("verb", "text"), [("role", role_preset()), ("service", service_script())])
def test_it_prints_the_file_and_nothing_else(verb: str, text: str) -> None:
    result = CliRunner().invoke(moodle, [verb])
    assert (result.exit_code, result.stdout) == (0, text)
