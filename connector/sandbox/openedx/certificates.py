"""Certificates: when one is issued, lost or withdrawn, and how they are read.

One is issued at the moment of first passing and its grade is frozen there. Source: lms/djangoapps/certificates
{generation_handler,signals,api}.py; reference/openedx-facts.md section 11; the recorded certificates_*, cert_*.
"""

from hashlib import sha256
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.allowed import enrolment_of
from connector.sandbox.openedx.answers import reply
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.courses import course_row
from connector.sandbox.openedx.marks import grade_book
from connector.sandbox.openedx.site import EdxSite, iso

ISSUED = "downloadable"
_COLUMNS = "c.userid, u.username, c.course, c.mode, c.status, c.grade, c.uuid, c.created, c.modified"


def regrade(site: EdxSite, userid: int, course: str) -> None:
    """After a grade has changed: issue where that happens by itself, and take back what is passed no longer."""
    if status_of(site, userid, course) == ISSUED and not _allowlisted(site, userid, course):
        grade = grade_book(site, course).grade(userid)
        if not grade.passed:
            _set(site, userid, course, "notpassing", str(grade.percent))
            return
    consider(site, userid, course)


def consider(site: EdxSite, userid: int, course: str) -> None:
    """Issue a certificate if the site does so by itself and everything for it is there."""
    if site.features.automatic_certificates:
        issue(site, userid, course)


def issue(site: EdxSite, userid: int, course: str) -> bool:
    """Issue a certificate if the learner may have one and has none; whether one was issued."""
    if status_of(site, userid, course) == ISSUED or not _eligible(site, userid, course):
        return False
    grade = grade_book(site, course).grade(userid)
    if not (grade.passed or _allowlisted(site, userid, course)):
        return False
    found = enrolment_of(site, userid, course)
    now, mode = site.moment(), found[0] if found else ""
    site.db.execute(
        "INSERT INTO certificates (userid, course, mode, status, grade, uuid, created, modified)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (userid, course) DO UPDATE SET mode = excluded.mode,"
        " status = excluded.status, grade = excluded.grade, modified = excluded.modified",
        (userid, course, mode, ISSUED, str(grade.percent), _uuid(site, userid, course), now, now),
    )
    return True


def _uuid(site: EdxSite, userid: int, course: str) -> str:
    """32 digits of base 16. Seeded: the demo prints the same codes each time."""
    seed = site.one("SELECT value FROM config WHERE name = 'seed'")
    return sha256(f"{seed and seed[0]}:{course}:{userid}".encode()).hexdigest()[:32]


def withdraw(site: EdxSite, userid: int, course: str) -> None:
    """Make a certificate unavailable; its grade is emptied."""
    _set(site, userid, course, "unavailable", "")


def status_of(site: EdxSite, userid: int, course: str) -> str | None:
    """The status of the learner's certificate, or None."""
    row = site.one("SELECT status FROM certificates WHERE userid = ? AND course = ?", (userid, course))
    return None if row is None else str(row[0])


def certificate(ask: Ask) -> SandboxAnswer:
    """One learner's certificate of one course, whatever its status; none is a 404."""
    rows = _rows(ask, "c.course = ?", ask.course)
    return reply(_shown(rows[0])) if rows else reply({"error_code": "no_certificate_for_user"}, 404)


def certificates(ask: Ask) -> SandboxAnswer:
    """A learner's certificates, only those that can be seen: what is passed no longer is left out."""
    rows = _rows(ask, "c.status = ?", ISSUED)
    return reply([_shown(row) | _more(ask.site, row) for row in rows])


def _rows(ask: Ask, condition: str, value: str) -> list[tuple[Any, ...]]:
    name = ask.arguments["username"]
    ask.need(ask.user.is_staff or ask.user.username == name)
    sql = f"SELECT {_COLUMNS} FROM certificates c JOIN users u ON u.id = c.userid WHERE u.username = ? AND {condition}"
    return ask.site.all(sql, (name, value))


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    _userid, username, course, mode, status, grade, uuid, created, _modified = row
    visible = status == ISSUED
    return {
        "username": username, "course_id": course, "certificate_type": mode, "created_date": iso(created),
        "status": status, "is_passing": visible, "download_url": f"/certificates/{uuid}" if visible else None,
        "grade": grade,
    }  # fmt: skip


def _more(site: EdxSite, row: tuple[Any, ...]) -> dict[str, Any]:
    course = course_row(site, row[2])
    name = course["name"] if course else None
    org = str(row[2]).split(":")[1].split("+")[0]
    head = {"course_display_name": name, "course_organization": org}
    return head | {"modified_date": iso(row[8]), "uuid": row[6]}


def _eligible(site: EdxSite, userid: int, course: str) -> bool:
    found = enrolment_of(site, userid, course)
    if not found or not found[1] or found[0] == "audit":
        return False
    row = course_row(site, course)
    key = (userid, course)
    invalid = site.one("SELECT 1 FROM invalidations WHERE userid = ? AND course = ?", key)
    return bool(row and row["certificates"]) and invalid is None


def _allowlisted(site: EdxSite, userid: int, course: str) -> bool:
    return site.one("SELECT 1 FROM allowlist WHERE userid = ? AND course = ?", (userid, course)) is not None


def _set(site: EdxSite, userid: int, course: str, status: str, grade: str) -> None:
    sql = "UPDATE certificates SET status = ?, grade = ?, modified = ? WHERE userid = ? AND course = ?"
    site.db.execute(sql, (status, grade, site.moment(), userid, course))
