"""What an administrator of a Moodle needs: a role to import, and a script that makes the service.

Both are made of the table of functions (`functions.py`), by which client and doctor go too. The role is a preset as
Moodle itself exports one (admin/roles/classes/preset.php); rights that a site does not know are left out on import. For
services Moodle has no import, so a script of some lines does it with Moodle's own class (webservice/lib.php).
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from connector.moodle_ws.functions import FUNCTIONS, RIGHTS_AT_ALL

SHORTNAME = "connector"
STUDENT = "student"  # the short name of the learners' role on a Moodle whose roles are as installed


def rights() -> tuple[str, ...]:
    """Every right that a function of the table needs, and those that no single one asks for; sorted, each once."""
    return tuple(sorted({*RIGHTS_AT_ALL, *(right for function in FUNCTIONS for right in function.rights)}))


def role_preset() -> str:
    """A role for the connector's account as XML: to be assigned in the system context, may assign learners only."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<role>
  <shortname>{SHORTNAME}</shortname>
  <name>Connector</name>
  <description>Web-service account of the connector. Made by 'connector moodle role'.</description>
  <archetype></archetype>
  <contextlevels>
    <level>system</level>
  </contextlevels>
  <allowassign>
    <shortname>{STUDENT}</shortname>
  </allowassign>
  <allowoverride/>
  <allowswitch/>
  <allowview>
    <shortname>{STUDENT}</shortname>
  </allowview>
  <permissions>
{_lines(f"    <allow>{escape(right)}</allow>" for right in rights())}
  </permissions>
</role>
"""


def service_script() -> str:
    """A PHP script that makes the service `connector`, or adds to it what is missing; it names what the site lacks."""
    names = _lines(f"    '{function.name}'," for function in FUNCTIONS)
    return f"""<?php
// Makes the web service '{SHORTNAME}', for authorised users only, or adds what it lacks.
// Made by 'connector moodle service'.
// On the server, as the web server's user:  php service.php /path/to/moodle
define('CLI_SCRIPT', true);
require($argv[1] . '/config.php');
require_once($CFG->dirroot . '/webservice/lib.php');
$functions = [
{names}
];
$manager = new webservice();
$service = $manager->get_external_service_by_shortname('{SHORTNAME}');
$id = $service ? $service->id : $manager->add_external_service((object) [
    'name' => 'Connector', 'shortname' => '{SHORTNAME}', 'enabled' => 1, 'restrictedusers' => 1,
    'requiredcapability' => '', 'downloadfiles' => 0, 'uploadfiles' => 0,
]);
foreach ($functions as $name) {{
    if (!$DB->record_exists('external_functions', ['name' => $name])) {{
        echo "not on this site: $name\\n";
    }} else if (!$manager->service_function_exists($name, $id)) {{
        $manager->add_external_function_to_service($name, $id);
        echo "added: $name\\n";
    }}
}}
"""


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)
