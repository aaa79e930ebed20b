"""The pretend Moodle 4.5: one HTTP request in, one HTTP answer out.

`MoodleSandbox.handle` is a function of the request and the site's state; it opens no sockets. Two doors lead to it: the
loopback server (server.py) and, in tests, an adapter on a real requests.Session (tests/fakes/sandbox_door.py).

Source: webservice/rest/server.php and locallib.php; reference/moodle-ws-facts.md 0.2, 1.1-1.6; recordings states.jsonl.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from connector.sandbox.answers import SandboxAnswer, json_fault, json_result, page, xml_fault, xml_result
from connector.sandbox.clock import move, set_day
from connector.sandbox.content import day_of, is_seeded, seed_site
from connector.sandbox.cron import run_cron
from connector.sandbox.faults import MoodleFault, access_denied, invalid_parameter, invalid_token, moodle_exception
from connector.sandbox.forms import read_form
from connector.sandbox.functions import FUNCTIONS, descriptions, perform
from connector.sandbox.pace import Bill
from connector.sandbox.pages import LOGIN, MAINTENANCE, NOT_FOUND
from connector.sandbox.site import Request, Site

ENDPOINT = "/webservice/rest/server.php"
_PAGES = ("/", "/index.php", "/login/index.php", "/my/", "/my/index.php")
_TRUE = ("1", "true")
_COUNTS = {
    "users": "SELECT count(*) FROM users WHERE deleted = 0",
    "members": "SELECT count(*) FROM cohort_members",
    "enrolments": "SELECT count(*) FROM user_enrolments",
    "completions": "SELECT count(*) FROM module_completion WHERE state IN (1, 2)",
    "eligible": "SELECT count(*) FROM group_members",
    "issues": "SELECT count(*) FROM issues",
}


class MoodleSandbox:
    """A pretend Moodle over one site. Not for several threads at once."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def handle(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> SandboxAnswer:
        """The answer to one request. `path` without the query; headers by their usual names. May write to the site."""
        if self.site.switches.maintenance:
            return page(503, MAINTENANCE.format(name=self.site.switches.sitename), Retry_After="300")
        if path != ENDPOINT:
            return self._other_page(path)
        if not (self.site.switches.web_services and self.site.switches.rest_protocol):
            return page(403, "")
        return self._call(self._variables(method, query, headers, body))

    def open_at(self, url: str, *, billed: bool) -> None:
        """Take this address for the site's own; `billed`: count what calls would cost on a real site."""
        self.site.switches.wwwroot = url
        self.site.bill = Bill() if billed else None

    def take_cost(self) -> float:
        """Seconds that a real site would have taken since this was last asked; 0 where nothing is billed."""
        return self.site.bill.take() if self.site.bill else 0.0

    def move(self, until: int) -> None:
        """Move the clock to an epoch; people study and cron runs."""
        move(self.site, until)

    def run_cron(self) -> None:
        """Complete courses and issue certificates."""
        run_cron(self.site)

    def changes(self) -> int:
        """A number that grows with every write to the site."""
        return self.site.db.total_changes

    def counts(self) -> dict[str, Any]:
        """What is on the site now, and the calls of each function since the start."""
        found: dict[str, Any] = {"day": day_of(self.site.now()), "now": self.site.now()}
        for name, sql in _COUNTS.items():
            row = self.site.one(sql)
            found[name] = row[0] if row else 0
        return found | {"requests": dict(sorted(self.site.calls.items()))}

    def close(self) -> None:
        """Close the site's database."""
        self.site.close()

    def _other_page(self, path: str) -> SandboxAnswer:
        name = self.site.switches.sitename
        return page(200, LOGIN.format(name=name)) if path in _PAGES else page(404, NOT_FOUND.format(name=name))

    def _variables(self, method: str, query: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        limit = self.site.switches.max_input_vars
        variables = read_form(query, limit=limit)
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        fits = len(body) <= self.site.switches.post_max_size  # a larger body arrives as no variables at all (facts 1.6)
        if method == "POST" and fits and kind.startswith("application/x-www-form-urlencoded"):
            variables |= read_form(body.decode("utf-8", "replace"), limit=limit)
        return variables

    def _call(self, variables: dict[str, Any]) -> SandboxAnswer:
        as_json = variables.pop("moodlewsrestformat", "") == "json"
        name = str(variables.pop("wsfunction", ""))
        try:
            self._authenticate(str(variables.pop("wstoken", "")), variables)
            if not name:
                raise invalid_parameter()
            self.site.calls[name] += 1
            result = perform(self.site, name, variables)
        except MoodleFault as fault:
            return json_fault(fault) if as_json else xml_fault(fault)
        return json_result(result) if as_json else xml_result(result, descriptions()[name].tree)

    def _authenticate(self, token: str, variables: dict[str, Any]) -> None:
        row = self.site.one("SELECT valid_until, address, functions FROM tokens WHERE token = ?", (token,))
        if row is None:
            raise invalid_token()
        valid_until, address, functions = row
        if valid_until and valid_until < self.site.now():
            self.site.db.execute("DELETE FROM tokens WHERE token = ?", (token,))
            raise access_denied()
        if address not in ("", "127.0.0.1") or not self.site.switches.service_enabled:
            raise access_denied()
        if self.site.switches.closed:
            raise moodle_exception(
                "sitemaintenance", "The site is undergoing maintenance and is currently not available"
            )
        settings = {
            key: variables.pop(f"moodlewssetting{key}", "") for key in ("raw", "filter", "fileurl", "lang", "timezone")
        }
        service = (frozenset(functions.split()) if functions else frozenset(FUNCTIONS)) - self._too_new()
        self.site.request = Request(raw=settings["raw"] in _TRUE, timezone=settings["timezone"], functions=service)

    def _too_new(self) -> frozenset[str]:
        """The functions that this site's plugins do not have yet."""
        return frozenset() if self.site.switches.lists_issues else frozenset({"mod_customcert_list_issues"})


def open_moodle(state_path: str, day: int | None, seed: int) -> tuple[MoodleSandbox, str]:
    """The Moodle of a state file, with content when it is new, and its service token.

    An existing site keeps its seed and its clock; `day` moves the clock on.
    """
    site = Site(state_path)
    if not is_seeded(site):
        seed_site(site, token=secrets.token_hex(16), number=day or 1, seed=seed)
    elif day is not None and day != day_of(site.now()):
        set_day(site, day)
    row = site.one("SELECT token FROM tokens WHERE functions = '' LIMIT 1")
    return MoodleSandbox(site), str(row[0]) if row else ""
