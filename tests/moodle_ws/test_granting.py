"""The role and the service that are handed to an administrator hold all that the table names, and nothing else."""

import re
from xml.etree import ElementTree as Tree

from connector.moodle_ws.functions import FUNCTIONS, RIGHTS_AT_ALL
from connector.moodle_ws.granting import rights, role_preset, service_script


def test_the_role_allows_every_right_of_the_table_once_and_assigns_learners_only() -> None:
    role = Tree.fromstring(role_preset())
    allowed = [one.text for one in role.findall("permissions/allow")]
    needed = {right for function in FUNCTIONS for right in function.rights} | set(RIGHTS_AT_ALL)
    assert sorted(needed) == allowed == list(rights())
    assert [one.text for one in role.findall("allowassign/shortname")] == ["student"]
    assert [one.text for one in role.findall("contextlevels/level")] == ["system"]


def test_the_script_names_every_function_of_the_table() -> None:
    listed = re.findall(r"^    '([a-z_]+)',$", service_script(), flags=re.MULTILINE)
    assert listed == [function.name for function in FUNCTIONS]
    assert "'restrictedusers' => 1" in service_script()
