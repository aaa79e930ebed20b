"""Random calls on a real Moodle and on the pretend one, in the same state: the share of equal answers, and the others.

    python -m benchmarks.side_by_side --url http://127.0.0.1:8945 --token-file FILE --calls 1000 --seed 1 --write

The real site must be fresh, with the content of the recordings. Calls that change it are only made with `--write`;
a host that is not this machine is refused. Moments, keys, addresses and what the content's script sets otherwise are
masked; lists of cohort members have no order.
"""

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from connector.sandbox.content import add_recorded_gate, add_recorded_reports, seed_recorded
from connector.sandbox.moodle import ENDPOINT, MoodleSandbox
from connector.sandbox.site import Site

Params = dict[str, Any]
Ask = Callable[[str, Params], Any]
TOKEN = "f" * 32
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
USERS, COHORTS, COURSES, CMIDS, GROUPS = range(1, 14), range(1, 7), (2, 3, 4, 999), range(1, 12), (1, 2)
TEXTS = ("", "0", "An", "Nguyễn Văn", "a&b <i>", " x ", "VN-31")
_MASKS = (
    (re.compile(r"https?://[^\"/]*(?=/)"), "SITE"),
    (re.compile(r"\b1[5-9]\d{8}\b"), "TIME"),
    (re.compile(r"/boost/core/\S+?/u/"), "/boost/core/REV/u/"),
    (re.compile(r"Test course (?:category )?\d[^\"]*|Test (?:quiz|page) \d"), "LOREM"),
    (re.compile(r"a@example\.invalid|admin@example\.vn"), "ADMIN"),
    (re.compile(r"(?<=\"module\": )\d+"), "KIND"),
    (re.compile(r"(?<=in )/\S+?(?=/lib/)"), "DIR"),
    (re.compile(r"(?<=\"startdate\": )(?:TIME|0)|(?<=\"gradepass\": )\"[0-9.]+\"|(?<=\"section\": )\d+"), "CONTENT"),
    (re.compile(r"(?<=key\": \")[0-9a-f]{32}"), "KEY"),
)


def flat(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested parameters as PHP form variables."""
    for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
        name = f"{prefix}[{key}]" if prefix else str(key)
        if isinstance(item, dict | list):
            yield from flat(item, name)
        else:
            yield name, str(item)


def form(token: str, function: str, params: Params) -> list[tuple[str, str]]:
    """The variables of one call."""
    return [("wstoken", token), ("wsfunction", function), ("moodlewsrestformat", "json"), *flat(params)]


def real(url: str, token: str) -> Ask:
    """Asks the real site."""
    session = requests.Session()

    def ask(function: str, params: Params) -> Any:
        return session.post(url + ENDPOINT, data=form(token, function, params), timeout=120).json()

    return ask


def pretend() -> Ask:
    """Asks a pretend site in memory with the content of the recordings."""
    site = Site(":memory:")
    seed_recorded(site, token=TOKEN)
    add_recorded_gate(site)
    add_recorded_reports(site)
    site.switches.languages, site.switches.timezone = frozenset({"en"}), "UTC"
    sandbox = MoodleSandbox(site)

    def ask(function: str, params: Params) -> Any:
        body = urlencode(form(TOKEN, function, params)).encode()
        return json.loads(sandbox.handle("POST", ENDPOINT, "", FORM, body).body)

    return ask


class Calls:
    """Random calls, the same for the same seed; ids are drawn from those of a small site, and from unknown ones."""

    def __init__(self, seed: int, *, write: bool) -> None:
        self._draw = random.Random(seed)
        self._made = 0
        reading = [self.by_field, self.members, self.enrolled, self.statuses, self.course, self.module, self.groups]
        writing = [self.create, self.update, self.delete, self.cohort, self.join, self.leave, self.enrol, self.unenrol,
                   self.override, self.group_in, self.group_out]  # fmt: skip
        self._kinds = reading + writing * write

    def next(self) -> tuple[str, Params]:
        """Function and parameters of the next call."""
        return self._draw.choice(self._kinds)()

    def _some(self, values: Any, most: int = 3) -> list[Any]:
        return [self._draw.choice([*values, 99999]) for _ in range(self._draw.randint(1, most))]

    def _one(self, values: Any) -> Any:
        return self._draw.choice([*values])

    def by_field(self) -> tuple[str, Params]:
        field = self._one(("id", "username", "idnumber", "email"))
        values = {"id": self._some(USERS), "username": [f"0912{number}" for number in self._some(USERS)]}
        other = [self._one(TEXTS) for _ in range(2)]
        return "core_user_get_users_by_field", {"field": field, "values": values.get(field, other)}

    def members(self) -> tuple[str, Params]:
        return "core_cohort_get_cohort_members", {"cohortids": self._some(COHORTS, 2)}

    def enrolled(self) -> tuple[str, Params]:
        options = [{"name": "userfields", "value": "id,username,city,country,idnumber,lastcourseaccess"}]
        if self._draw.random() < 0.5:
            options.append({"name": self._one(("onlyactive", "onlysuspended")), "value": "1"})
        return "core_enrol_get_enrolled_users", {"courseid": self._one(COURSES), "options": options}

    def statuses(self) -> tuple[str, Params]:
        params = {"courseid": self._one(COURSES), "userid": self._one(USERS)}
        return "core_completion_get_activities_completion_status", params

    def course(self) -> tuple[str, Params]:
        value = self._one(("bkhcn-2025-01", "cd-1", "nosuch"))
        return "core_course_get_courses_by_field", {"field": "idnumber", "value": value}

    def module(self) -> tuple[str, Params]:
        return "core_course_get_course_module", {"cmid": self._one(CMIDS)}

    def groups(self) -> tuple[str, Params]:
        return "core_group_get_group_members", {"groupids": self._some(GROUPS, 2)}

    def create(self) -> tuple[str, Params]:
        self._made += 1
        number = self._made if self._draw.random() < 0.9 else 1
        user = {"username": f"0912{number}", "password": self._one(("Abc@12345", "Abc@12345", "weak")),
                "firstname": self._one(TEXTS[2:]), "lastname": "L", "email": f"u{number}@hocvien.invalid",
                "idnumber": self._one(TEXTS), "city": self._one(TEXTS), "country": self._one(("VN", "XX", "")),
                "phone2": self._one(("", "0", "0912"))}  # fmt: skip
        return "core_user_create_users", {"users": [user]}

    def update(self) -> tuple[str, Params]:
        user = {"id": self._one([*range(3, 14), 99999]), "city": self._one(TEXTS), "suspended": self._one((0, 1))}
        return "core_user_update_users", {"users": [user]}

    def delete(self) -> tuple[str, Params]:
        if self._draw.random() < 0.7:
            return self.by_field()
        return "core_user_delete_users", {"userids": [self._one(range(3, 14))]}

    def cohort(self) -> tuple[str, Params]:
        number = self._one(range(1, 9))
        kind = {"type": "system", "value": ""}
        cohort = {"categorytype": kind, "name": self._one(TEXTS[2:4]), "idnumber": f"C-{number}"}
        return "core_cohort_create_cohorts", {"cohorts": [cohort]}

    def join(self) -> tuple[str, Params]:
        members = [
            {
                "cohorttype": {"type": "idnumber", "value": f"C-{self._one(range(1, 9))}"},
                "usertype": {"type": "username", "value": f"0912{number}"},
            }
            for number in self._some(USERS)
        ]
        return "core_cohort_add_cohort_members", {"members": members}

    def leave(self) -> tuple[str, Params]:
        members = [{"cohortid": self._one(COHORTS), "userid": userid} for userid in self._some(USERS)]
        return "core_cohort_delete_cohort_members", {"members": members}

    def enrol(self) -> tuple[str, Params]:
        rows = [
            {"roleid": self._one((5, 5, 5, 0)), "userid": userid, "courseid": self._one((*COURSES, 1)),
             "suspend": self._one((0, 1))}
            for userid in self._some(range(3, 14))
        ]  # fmt: skip
        return "enrol_manual_enrol_users", {"enrolments": rows}

    def unenrol(self) -> tuple[str, Params]:
        rows = [{"userid": self._one([*range(3, 14), 99999]), "courseid": self._one(COURSES)}]
        return "enrol_manual_unenrol_users", {"enrolments": rows}

    def override(self) -> tuple[str, Params]:
        params = {"userid": self._one(range(3, 14)), "cmid": self._one(CMIDS), "newstate": self._one((0, 1, 1, 2, 9))}
        return "core_completion_override_activity_completion_status", params

    def group_in(self) -> tuple[str, Params]:
        members = [{"groupid": self._one(GROUPS), "userid": userid} for userid in self._some(USERS, 2)]
        return "core_group_add_group_members", {"members": members}

    def group_out(self) -> tuple[str, Params]:
        function, params = self.group_in()
        return function.replace("add", "delete"), params


def comparable(value: Any) -> str:
    """The answer without what is only one site's own."""
    if isinstance(value, list):
        value = [one | {"userids": sorted(one["userids"])} if _ids(one) else one for one in value]
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


def _ids(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("userids"), list)


def main() -> None:
    """Play, and print the share of equal answers and the unequal ones."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--url", required=True)
    parser.add_argument("--token-file", type=Path, required=True)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="also make calls that change the site")
    told = parser.parse_args()
    if urlsplit(told.url).hostname not in LOOPBACK:
        parser.error("only a site on this machine is played with")
    ask, answer = real(told.url.rstrip("/"), told.token_file.read_text(encoding="ascii").strip()), pretend()
    calls, unequal = Calls(told.seed, write=told.write), Counter[str]()
    for _ in range(told.calls):
        function, params = calls.next()
        there, here = comparable(ask(function, params)), comparable(answer(function, params))
        if there != here:
            unequal[function] += 1
            print(f"{function} {json.dumps(params, ensure_ascii=False)}\n  real    {there}\n  pretend {here}")
    equal = told.calls - unequal.total()
    print(f"{equal} of {told.calls} equal ({100 * equal / told.calls:.1f} %)", dict(unequal.most_common()))


if __name__ == "__main__":
    main()
