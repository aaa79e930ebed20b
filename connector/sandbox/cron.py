"""The pretend site's scheduled tasks: course completion, and mod_customcert's issuing of certificates.

Source: completion_regular_task; mod_customcert 4.4.11 classes/task/issue_certificates_task.php;
reference/moodle-ws-facts.md section 7 and 13.1; recordings moodle-4.5/certificate_gate.jsonl.
"""

import json
import random
import string

from connector.sandbox.completion import aggregate
from connector.sandbox.completion_state import Module, course_modules
from connector.sandbox.enrolments import STUDENT
from connector.sandbox.site import Site

_LETTERS = string.ascii_letters + string.digits
_CODE_LENGTH = 10
_DONE = "u.id IN (SELECT userid FROM module_completion WHERE cmid = :own AND state IN (1, 2))"
_RESTRICTIONS = {
    "completion": "u.id IN (SELECT userid FROM module_completion WHERE cmid = :cm AND state IN (1, 2))",
    "profile": "u.id IN (SELECT d.userid FROM profile_data d JOIN profile_fields f ON f.id = d.fieldid"
    " WHERE f.shortname = :cf AND d.data = :v)",
}


def run_cron(site: Site) -> int:
    """Complete courses and issue certificates; writes, and gives the number of new certificates."""
    with site.transaction():
        aggregate(site)
        return sum(
            _issue(site, item)
            for (courseid,) in site.all("SELECT DISTINCT course FROM modules WHERE modname = 'customcert'")
            for item in course_modules(site, courseid)
            if item.modname == "customcert" and site.switches.certificates_by_mail
        )


def _issue(site: Site, item: Module) -> int:
    due = [userid for userid in _eligible(site, item) if not _issued(site, item, userid)]
    seed = site.config("seed", "0")
    numbers = [site.next_id("issues") for _userid in due]
    site.db.executemany(
        "INSERT INTO issues (id, customcertid, userid, code, emailed, timecreated) VALUES (?, ?, ?, ?, 1, ?)",
        [
            (number, item.instance, userid, _code(seed, number), site.now())
            for number, userid in zip(numbers, due, strict=True)
        ],
    )
    return len(due)


def _eligible(site: Site, item: Module) -> list[int]:
    """Students for whom the activity is available by all its restrictions, past its own completion where tracked.

    The task goes by capability, which comes with the role: an enrolment that is over or suspended still counts, a
    suspended account does not (classes/task/issue_certificates_task.php of 4.4.11).
    """
    conditions = [
        "u.deleted = 0",
        "u.suspended = 0",
        f"EXISTS (SELECT 1 FROM roles r WHERE r.userid = u.id AND r.course = {item.course} AND r.roleid = {STUDENT})",
    ]
    if item.groupid is not None:
        conditions.append(f"u.id IN (SELECT userid FROM group_members WHERE groupid = {item.groupid})")
    if item.completion:
        conditions.append(_DONE)
    values: dict[str, str | int] = {"own": item.cmid}
    if item.condition is not None:
        restriction = json.loads(item.condition)
        conditions.append(_RESTRICTIONS[restriction["type"]])
        values |= {name: value for name, value in restriction.items() if name in ("cf", "v", "cm")}
    sql = f"SELECT u.id FROM users u WHERE {' AND '.join(conditions)} ORDER BY u.id"
    return [row[0] for row in site.db.execute(sql, values)]


def _issued(site: Site, item: Module, userid: int) -> bool:
    sql = "SELECT 1 FROM issues WHERE customcertid = ? AND userid = ?"
    return site.one(sql, (item.instance, userid)) is not None


def _code(seed: str, number: int) -> str:
    """Ten letters and digits. Seeded: the demo prints the same codes each time; 62^10 codes leave no clash to fear.

    By the number of the issue, not by the person: whoever is issued anew gets another code, as on the real site.
    """
    dice = random.Random(f"{seed}:{number}")  # noqa: S311 - a simulation must be repeatable, not secret
    return "".join(dice.choice(_LETTERS) for _ in range(_CODE_LENGTH))
