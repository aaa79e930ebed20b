"""Courses: the public list, one course, the modes one may be enrolled in, and which courses a member of staff has.

Source: lms/djangoapps/course_api, common/djangoapps/course_modes; reference/openedx-facts.md sections 4 and 7.
"""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.answers import Refusal, developer, empty, page, reply
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.paging import numbered, page_link
from connector.sandbox.openedx.site import EdxSite

_ABOUT = '<section class="about">\n  <h2>About This Course</h2>\n</section>\n'
_PRICES = {"suggested_prices": "", "currency": "usd", "expiration_datetime": None, "description": None}


def course_row(site: EdxSite, course: str) -> dict[str, Any] | None:
    """The course's columns by name, or None."""
    names = "id, name, starts, ends, self_paced, is_cohorted, cutoff, certificates, settings_id"
    row = site.one(f"SELECT {names} FROM courses WHERE id = ?", (course,))
    return dict(zip(names.split(", "), row, strict=True)) if row else None


def mode_slugs(site: EdxSite, course: str) -> list[str]:
    """The modes that the course offers, in the order they were made."""
    return [slug for (slug,) in site.all("SELECT slug FROM modes WHERE course = ? ORDER BY rowid", (course,))]


def default_mode(site: EdxSite, course: str) -> str:
    """The mode of an enrolment that names none: audit where the course offers it, which earns no certificate."""
    slugs = mode_slugs(site, course)
    return "audit" if "audit" in slugs or not slugs else ("honor" if "honor" in slugs else slugs[0])


def course_details(site: EdxSite, row: dict[str, Any]) -> dict[str, Any]:
    """The course as the enrolment API describes it."""
    modes = site.all("SELECT slug, name, min_price FROM modes WHERE course = ? ORDER BY rowid", (row["id"],))
    offered = [
        {"slug": slug, "name": name, "min_price": price} | _PRICES | {"sku": None, "bulk_sku": None}
        for slug, name, price in modes
    ]
    return {
        "course_id": row["id"], "course_name": row["name"], "enrollment_start": None, "enrollment_end": None,
        "course_start": row["starts"], "course_end": row["ends"], "invite_only": False, "course_modes": offered,
        "pacing_type": "Self Paced" if row["self_paced"] else "Instructor Paced",
    }  # fmt: skip


def courses(ask: Ask) -> SandboxAnswer:
    """The public list, in numbered pages."""
    name = ask.query.get("username")
    if name and name != (ask.caller.username if ask.caller else ""):
        ask.need(ask.caller is not None and ask.caller.is_staff)
        if not ask.site.one("SELECT 1 FROM users WHERE username = ?", (name,)):
            raise developer(404, "User matching query does not exist.")
    rows = [row[0] for row in ask.site.all("SELECT id FROM courses ORDER BY id")]
    org = ask.query.get("org")
    ids = [course for course in rows if not org or course.split(":")[1].split("+")[0] == org]
    items = [course_item(ask, row) for row in (course_row(ask.site, course) for course in ids) if row]
    return reply(_numbered(ask, items))


def course(ask: Ask) -> SandboxAnswer:
    """One course, with its text."""
    row = course_row(ask.site, ask.course)
    if row is None:
        raise developer(404, "Course not found.")
    return reply(course_item(ask, row) | {"overview": _ABOUT, "certificate_available_date": None})


def course_ids(ask: Ask) -> SandboxAnswer:
    """The courses in which a member of staff has a role; without ?username= the platform breaks."""
    name = ask.query.get("username")
    if not name:
        return page(500)
    row = ask.site.one("SELECT id, is_staff OR is_superuser FROM users WHERE username = ?", (name,))
    if row is None:
        raise developer(404, "User matching query does not exist.")
    sql = "SELECT id FROM courses WHERE ? OR id IN (SELECT course FROM course_roles WHERE userid = ?) ORDER BY id"
    return reply(_numbered(ask, [course for (course,) in ask.site.all(sql, (row[1], row[0]))]))


def enrolment_course(ask: Ask) -> SandboxAnswer:
    """The course as the enrolment API describes it; public."""
    row = course_row(ask.site, ask.course)
    if row is None:
        raise Refusal(reply({"message": f"No course found for course ID '{ask.course}'"}, 400))
    return reply(course_details(ask.site, row))


def modes(ask: Ask) -> SandboxAnswer:
    """The modes of a course, or a new one made."""
    ask.need_staff()
    if ask.method == "POST":
        data = ask.data()
        values = (ask.course, data["mode_slug"], data["mode_display_name"], data["min_price"], data["currency"])
        sql = "INSERT INTO modes (course, slug, name, min_price, currency) VALUES (?, ?, ?, ?, ?)"
        if ask.site.one("SELECT 1 FROM modes WHERE course = ? AND slug = ?", values[:2]):
            text = "The fields course_id, mode_slug, currency must make a unique set."
            raise Refusal(reply({"non_field_errors": [text]}, 400))
        ask.site.db.execute(sql, values)
    sql = "SELECT course, slug, name, min_price, currency FROM modes WHERE course = ? ORDER BY rowid"
    found = [_mode(row) for row in ask.site.all(sql, (ask.course,))]
    return reply(found[-1], 201) if ask.method == "POST" else reply(found)


def change_mode(ask: Ask) -> SandboxAnswer:
    """A mode renamed or repriced (merge patch), or taken away: 204."""
    ask.need_staff()
    key = (ask.course, ask.arguments["slug"])
    if not ask.site.one("SELECT 1 FROM modes WHERE course = ? AND slug = ?", key):
        raise developer(404, "Not found.")
    if ask.method == "DELETE":
        ask.site.db.execute("DELETE FROM modes WHERE course = ? AND slug = ?", key)
        return empty(204)
    changes = ask.data()
    for column, name in (("name", "mode_display_name"), ("min_price", "min_price")):
        if name in changes:
            sql = f"UPDATE modes SET {column} = ? WHERE course = ? AND slug = ?"
            ask.site.db.execute(sql, (changes[name], *key))
    return empty(204)


def roles(ask: Ask) -> SandboxAnswer:
    """The caller's own roles."""
    found = [{"org": "", "course_id": course, "role": role} for course, role in sorted(ask.user.roles)]
    return reply({"roles": found, "is_staff": ask.user.is_staff})


def course_item(ask: Ask, row: dict[str, Any]) -> dict[str, Any]:
    """The course as the list shows it."""
    key, host = str(row["id"]), ask.site.features.host
    org, num, _run = key.split(":")[1].split("+")
    image = f"/asset-v1:{key.split(':')[1]}+type@asset+block@images_course_image.jpg"
    sizes = dict.fromkeys(("raw", "small", "large"), f"{host}{image}")
    start = datetime.fromisoformat(row["starts"])
    return {
        "blocks_url": f"{host}/api/courses/v2/blocks/?course_id={quote(key, safe='')}", "effort": None,
        "end": row["ends"], "enrollment_start": None, "enrollment_end": None, "id": key,
        "media": {
            "banner_image": {"uri": image, "uri_absolute": f"{host}{image}"}, "course_image": {"uri": image},
            "course_video": {"uri": None}, "image": sizes,
        },
        "name": row["name"], "number": num, "org": org, "short_description": None, "start": row["starts"],
        "start_display": f"{start:%b}. {start.day}, {start.year}", "start_type": "timestamp",
        "pacing": "self" if row["self_paced"] else "instructor", "mobile_available": True, "hidden": False,
        "invitation_only": False, "course_id": key,
    }  # fmt: skip


def _numbered(ask: Ask, items: list[Any]) -> dict[str, Any]:
    here, pages, part = numbered(ask, items)
    links = {
        "next": page_link(ask, here + 1) if here < pages else None,
        "previous": page_link(ask, here - 1) if here > 1 else None,
    }
    return {"results": part, "pagination": links | {"count": len(items), "num_pages": pages}}


def _mode(row: tuple[Any, ...]) -> dict[str, Any]:
    named = dict(zip(("course_id", "mode_slug", "mode_display_name", "min_price", "currency"), row, strict=True))
    rest = {"expiration_datetime": None, "expiration_datetime_is_explicit": False, "description": None}
    return named | rest | {"sku": None, "bulk_sku": None}


def no_course(course: str) -> Refusal:
    """Grades and the gradebook for a course that is not there."""
    return developer(404, f"Requested grade for unknown course {course}", "course_does_not_exist")
