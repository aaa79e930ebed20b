"""Enrolments written down, and e-mails allowed to be enrolled before they have an active account.

Source: common/djangoapps/student/models; reference/openedx-facts.md sections 4 (enrollment_allowed) and 5.
"""

from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.answers import Refusal, empty, reply
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.courses import default_mode
from connector.sandbox.openedx.site import EdxSite, iso


def enrolment_of(site: EdxSite, userid: int, course: str) -> tuple[str, bool, int] | None:
    """Mode, whether active, and moment of creation; None for somebody who was never enrolled."""
    row = site.one("SELECT mode, is_active, created FROM enrolments WHERE userid = ? AND course = ?", (userid, course))
    return None if row is None else (str(row[0]), bool(row[1]), int(row[2]))


def write_enrolment(site: EdxSite, userid: int, course: str, mode: str, *, active: bool) -> None:
    """Make or change an enrolment; its moment of creation stays."""
    site.db.execute(
        "INSERT INTO enrolments (userid, course, mode, is_active, created) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (userid, course) DO UPDATE SET mode = excluded.mode, is_active = excluded.is_active",
        (userid, course, mode, int(active), site.moment()),
    )


def allow(site: EdxSite, email: str, course: str, *, auto_enroll: bool) -> None:
    """Let an e-mail be enrolled later, at once when its account becomes active if `auto_enroll`."""
    site.db.execute(
        "INSERT INTO allowed (email, course, auto_enroll, created) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (email, course) DO UPDATE SET auto_enroll = excluded.auto_enroll",
        (email, course, int(auto_enroll), site.moment()),
    )


def disallow(site: EdxSite, email: str, course: str) -> None:
    """Take the permission back."""
    site.db.execute("DELETE FROM allowed WHERE email = ? AND course = ?", (email, course))


def allowance(site: EdxSite, email: str, course: str) -> tuple[bool, bool]:
    """Whether the e-mail is allowed, and whether it will be enrolled by itself."""
    row = site.one("SELECT auto_enroll FROM allowed WHERE email = ? AND course = ?", (email, course))
    return row is not None, bool(row and row[0])


def enrol_allowed(site: EdxSite, userid: int) -> None:
    """Enrol an account that has become active where its e-mail waits, in the default mode."""
    sql = "SELECT a.course FROM allowed a JOIN users u ON u.email = a.email WHERE u.id = ? AND a.auto_enroll = 1"
    for (course,) in site.all(sql, (userid,)):
        found = enrolment_of(site, userid, course)
        if not (found and found[1]):
            write_enrolment(site, userid, course, default_mode(site, course), active=True)


def allowed(ask: Ask) -> SandboxAnswer:
    """List, add (409 when there already) or remove (404 when not) an allowed e-mail."""
    ask.need_staff()
    if ask.method == "GET":
        email = ask.query.get("email", ask.user.email)
        sql = "SELECT email, course, auto_enroll, created FROM allowed WHERE email = ? ORDER BY id"
        return reply([_shown(row) for row in ask.site.all(sql, (email,))])
    data = ask.data()
    missing = {name: ["This field is required."] for name in ("email", "course_id") if not data.get(name)}
    if missing:
        raise Refusal(reply(missing, 400))
    key = (data["email"], data["course_id"])
    there = ask.site.one("SELECT 1 FROM allowed WHERE email = ? AND course = ?", key) is not None
    words = f"An enrollment allowed with email {key[0]} and course {key[1]}"
    if ask.method == "DELETE":
        if not there:
            return reply({"message": f"{words} doesn't exists."}, 404)
        disallow(ask.site, *key)
        return empty(204)
    if there:
        return reply({"message": f"{words} already exists."}, 409)
    allow(ask.site, *key, auto_enroll=bool(data.get("auto_enroll")))
    sql = "SELECT email, course, auto_enroll, created FROM allowed WHERE email = ? AND course = ?"
    return reply(next(_shown(row) for row in ask.site.all(sql, key)), 201)


def _shown(row: tuple[Any, ...]) -> dict[str, object]:
    email, course, auto, created = row
    return {"email": email, "course_id": course, "auto_enroll": bool(auto), "created": iso(created), "user": None}
