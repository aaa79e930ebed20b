"""Members of a cohort: listed, added many at once, taken out, or sent as a CSV file that answers nothing.

Source: openedx/core/djangoapps/course_groups/views.py; reference/openedx-facts.md section 6; cohort_users_*.
"""

import csv
from collections.abc import Iterable
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.accounts import user_row
from connector.sandbox.openedx.answers import developer, empty, reply
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.cohorts import cohort_named, need_course, preassign, put_in_cohort
from connector.sandbox.openedx.paging import numbered, page_link, page_size
from connector.sandbox.openedx.registration import is_email


def members(ask: Ask) -> SandboxAnswer:
    """The cohort's accounts in pages, or many added: a string in place of a list is taken letter by letter."""
    cohort = _cohort(ask)
    if ask.method == "POST":
        data = ask.data()
        if not data.get("users"):
            raise developer(400, "Missing users key in payload", "missing-users")
        return reply(add_members(ask, cohort, data["users"]))
    sql = "SELECT u.username, u.email FROM members m JOIN users u ON u.id = m.userid WHERE m.cohort = ? ORDER BY u.id"
    rows = ask.site.all(sql, (cohort,))
    here, pages, part = numbered(ask, rows)
    size = page_size(ask)
    links = {
        "next": page_link(ask, here + 1) if here < pages else None,
        "previous": page_link(ask, here - 1) if here > 1 else None,
    }
    counts = {"count": len(rows), "num_pages": pages, "current_page": here, "start": (here - 1) * size}
    results = [{"username": name, "email": email, "name": " "} for name, email in part]
    return reply(links | counts | {"results": results})


def member(ask: Ask) -> SandboxAnswer:
    """One account added, or taken out: 204, and 400 when it is not in the cohort."""
    cohort, name = _cohort(ask), ask.arguments["username"]
    if ask.method == "POST":
        return reply(add_members(ask, cohort, [name]))
    user = user_row(ask.site, name)
    if user is None:
        raise developer(404, "User does not exist.", "user-not-found")
    gone = ask.site.db.execute("DELETE FROM members WHERE cohort = ? AND userid = ?", (cohort, user[0])).rowcount
    if not gone:
        raise developer(400, "User not assigned to the given cohort.", "user-not-in-cohort")
    return empty(204)


def upload(ask: Ask) -> SandboxAnswer:
    """A CSV file with a cohort column: 204 at once, and what failed is told only in a report."""
    need_course(ask)
    file = ask.file("uploaded-file")
    if file is None:
        raise developer(400, "No file uploaded with key 'uploaded-file'.", "failed-validation")
    rows = list(csv.DictReader(file[1].splitlines()))
    names = set(rows[0]) if rows else set()
    if "cohort" not in names:
        raise developer(400, "The file must contain a 'cohort' column containing cohort names.", "failed-validation")
    if not names & {"username", "email"}:
        text = "The file must contain a 'username' column, an 'email' column, or both."
        raise developer(400, text, "failed-validation")
    for row in rows:
        cohort = cohort_named(ask.site, ask.course, row["cohort"] or "")
        if cohort is not None:
            add_members(ask, cohort, [row.get("username") or row.get("email") or ""])
    return empty(204)


def add_members(ask: Ask, cohort: int, names: Iterable[str]) -> dict[str, Any]:
    """Put accounts into a cohort; e-mails without account are noted for it, in each call again."""
    told: dict[str, Any] = {"success": True, "added": [], "changed": [], "present": [], "unknown": []}
    told |= {"preassigned": [], "invalid": []}
    for name in filter(None, names):
        kind, entry = _add(ask, cohort, name)
        told[kind].append(entry)
    return told


def _add(ask: Ask, cohort: int, name: str) -> tuple[str, Any]:
    user = user_row(ask.site, name)
    if user is None:
        return _unknown(ask, cohort, name)
    row = ask.site.one("SELECT cohort FROM members WHERE course = ? AND userid = ?", (ask.course, user[0]))
    if row and row[0] == cohort:
        return "present", name
    before = put_in_cohort(ask.site, ask.course, cohort, user[0])
    entry = {"username": user[1], "email": user[2]}
    return ("added", entry) if before is None else ("changed", entry | {"previous_cohort": before})


def _unknown(ask: Ask, cohort: int, name: str) -> tuple[str, Any]:
    if "@" not in name:
        return "unknown", name
    if not is_email(name):
        return "invalid", name
    preassign(ask.site, ask.course, cohort, name)
    return "preassigned", name


def _cohort(ask: Ask) -> int:
    need_course(ask)
    number = ask.arguments["cohort"]
    row = ask.site.one("SELECT id FROM cohorts WHERE course = ? AND id = ?", (ask.course, number))
    if row is None:
        raise developer(404, f"Cohort (ID {number}) not found for {ask.course}", "cohort-not-found")
    return int(row[0])
