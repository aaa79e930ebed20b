"""GET /api/enrollment/v1/enrollments: rows of courses, users or e-mails, newest first, in pages by cursor.

`page=` is not read, so a caller who counts pages gets page one for ever. Source: facts section 4; enrollments_list_*.
"""

from datetime import UTC, datetime
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.answers import field_error, reply
from connector.sandbox.openedx.asking import COURSE_KEY, Ask, number
from connector.sandbox.openedx.paging import Listing, cursor_page
from connector.sandbox.openedx.registration import BAD_NAME, is_username
from connector.sandbox.openedx.site import MICRO, iso

_MOST = 100


def enrolments(ask: Ask) -> SandboxAnswer:
    """Enrolments, inactive ones too."""
    ask.need_staff()
    clauses, values = _conditions(ask)
    where = " AND ".join(["1", *clauses])
    columns = "e.created, e.mode, e.is_active, u.username, e.course"
    sql = f"SELECT {columns} FROM enrolments e JOIN users u ON u.id = e.userid WHERE {where}"
    listing = Listing(sql=sql, values=values, key="e.created", newest_first=True, write=_position, read=_created)
    size = min(number(ask.query.get("page_size"), _MOST), _MOST)
    links, part = cursor_page(ask, listing, size)
    return reply(links | {"results": [_shown(row) for row in part]})


def _conditions(ask: Ask) -> tuple[list[str], list[Any]]:
    clauses: list[str] = []
    values: list[Any] = []
    course = ask.query.get("course_id")
    if course:
        if not COURSE_KEY.fullmatch(course):
            raise field_error("course_id", f"'{course}' is not a valid course id.")
        clauses.append("e.course = ?")
        values.append(course)
    parts = _list(ask, "course_ids")
    if parts:  # a substring in any case, whatever the documentation says
        clauses.append("(" + " OR ".join("instr(lower(e.course), ?)" for _part in parts) + ")")
        values += [part.lower() for part in parts]
    for column, name in (("username", "username"), ("email", "email")):
        wanted = _list(ask, name)
        if wanted:
            clauses.append(f"u.{column} IN ({','.join('?' * len(wanted))})")
            values += wanted
    return clauses, values


def _list(ask: Ask, name: str) -> list[str]:
    values = [value for value in ask.query.get(name, "").split(",") if value]
    if len(values) > _MOST:
        what = {"username": "usernames", "email": "emails"}.get(name, name)
        text = f"Too many {what} in a single request - {len(values)}. A maximum of {_MOST} is allowed"
        raise field_error(name, text)
    if name == "username" and not all(map(is_username, values)):
        raise field_error(name, BAD_NAME)
    return values


def _position(created: int) -> str:
    moment = datetime.fromtimestamp(created // MICRO, UTC).replace(microsecond=created % MICRO)
    return str(moment)


def _created(position: str) -> int:
    moment = datetime.fromisoformat(position)
    return int(moment.replace(microsecond=0).timestamp()) * MICRO + moment.microsecond


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    created, mode, active, username, course = row
    return {"created": iso(created), "mode": mode, "is_active": bool(active), "user": username, "course_id": course}
