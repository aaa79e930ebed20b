"""mod_customcert's issues, read and deleted; nothing issues by web service.

Source: mod_customcert 4.4.11 classes/external.php; reference/moodle-ws-facts.md 13.1; recordings
moodle-4.5/certificate_gate.jsonl.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.faults import missing
from connector.sandbox.site import Site

MOST = 500
_SELECT = (
    "SELECT i.id, i.customcertid, i.code, i.emailed, i.timecreated, u.id, u.firstname, u.lastname, u.username,"
    " u.email, m.name, m.contextid FROM issues i JOIN users u ON u.id = i.userid"
    " JOIN modules m ON m.modname = 'customcert' AND m.instance = i.customcertid"
)


def list_issues(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """mod_customcert_list_issues: newest first, without a tie-breaker that a caller may trust; 1 to 500 a page."""
    filters = {
        "i.timecreated >= ?": args.get("timecreatedfrom"),
        "i.userid = ?": args.get("userid"),
        "i.customcertid = ?": args.get("customcertid"),
    }
    given = {condition: value for condition, value in filters.items() if value}
    where = f" WHERE {' AND '.join(given)}" if given else ""
    limit = min(max(args["limit"], 1), MOST)
    rows = site.all(
        f"{_SELECT}{where} ORDER BY i.timecreated DESC, i.id LIMIT ? OFFSET ?",
        (*given.values(), limit, max(args["offset"], 0)),
    )
    return [_shown(row) for row in rows]


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    issueid, certificate, code, emailed, created, userid, firstname, lastname, username, email, name, context = row
    return {
        "issue": {
            "id": issueid,
            "customcertid": certificate,
            "code": code,
            "emailed": emailed,
            "timecreated": created,
        },
        "user": {"id": userid, "fullname": f"{firstname} {lastname}", "username": username, "email": email},
        "template": {"id": certificate, "name": name, "contextid": context},
        "pdf": {"name": None, "content": None, "haspdf": False},
    }


def delete_issue(site: Site, args: Mapping[str, Any]) -> bool:
    """mod_customcert_delete_issue: an unknown certificate or issue is a missing record."""
    certificate = args["certificateid"]
    if not site.one("SELECT 1 FROM modules WHERE modname = 'customcert' AND instance = ?", (certificate,)):
        raise missing("customcert")
    if not site.one("SELECT 1 FROM issues WHERE id = ? AND customcertid = ?", (args["issueid"], certificate)):
        raise missing("customcert_issues")
    site.db.execute("DELETE FROM issues WHERE id = ?", (args["issueid"],))
    return True
