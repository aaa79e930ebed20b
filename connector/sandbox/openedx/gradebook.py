"""The gradebook: every learner's marks by subsection, by cohort too, and marks written by hand.

Source: lms/djangoapps/grades/rest_api/v1/gradebook_views.py; reference/openedx-facts.md section 8; gradebook_*.
"""

from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.answers import Refusal, developer, error, reply
from connector.sandbox.openedx.asking import Ask, number
from connector.sandbox.openedx.certificates import regrade
from connector.sandbox.openedx.content import subsections
from connector.sandbox.openedx.courses import course_row, no_course
from connector.sandbox.openedx.grades import learners
from connector.sandbox.openedx.marks import GradeBook, Mark, grade_book
from connector.sandbox.openedx.paging import cursor_page


def gradebook(ask: Ask) -> SandboxAnswer:
    """Learners with their marks in pages; with ?username= the one learner alone. Course staff is enough."""
    _need_author(ask)
    book = grade_book(ask.site, ask.course)
    everybody = learners(ask, ask.course)
    name = ask.query.get("username")
    if name is not None:
        found = [row for row in everybody if row[2] == name]
        if not found:
            raise developer(404, "The user matching the requested username does not exist.", "user_does_not_exist")
        return reply(_entry(book, found[0]))
    wanted = [row for row in everybody if _matches(ask, row)]
    links, part = cursor_page(ask, [(str(row[0]), row) for row in wanted], number(ask.query.get("page_size"), 50))
    counts = {"total_users_count": len(everybody), "filtered_users_count": len(wanted)}
    return reply(links | {"results": [_entry(book, row) for row in part]} | counts)


def grading_info(ask: Ask) -> SandboxAnswer:
    """Cutoffs, kinds of assignments, graded subsections."""
    _need_author(ask)
    book = grade_book(ask.site, ask.course)
    kinds = {
        kind: {"type": kind, "short_label": short, "min_count": count, "drop_count": 0, "weight": weight}
        for kind, short, count, weight in book.policy
    }
    parts = [
        {
            "assignment_type": mark.block.format,
            "graded": True,
            "short_label": mark.label,
            "module_id": mark.block.key,
            "display_name": mark.block.title,
        }
        for mark in book.grade(0).marks
    ]
    rest = {"grades_frozen": False, "can_see_bulk_management": False}
    return reply({"grade_cutoffs": {"Pass": book.cutoff}, "assignment_types": kinds, "subsections": parts} | rest)


def bulk_update(ask: Ask) -> SandboxAnswer:
    """Marks written by hand: 202, or 422 if a row failed; good rows are kept all the same."""
    _need_author(ask)
    blocks = {block.key: block.id for block in subsections(ask.site, ask.course)}
    rows = [_write(ask, blocks, entry) for entry in ask.data()]
    return reply(rows, 202 if all(row["success"] for row in rows) else 422)


def subsection(ask: Ask) -> SandboxAnswer:
    """One learner's points in a subsection, as answered and as written by hand."""
    key, userid = ask.arguments["usage"], ask.query.get("user_id", "")
    course = "course-v1:" + key.removeprefix("block-v1:").partition("+type@")[0]
    mark = next((mark for mark in grade_book(ask.site, course).grade(int(userid)).marks if mark.block.key == key), None)
    if mark is None:
        raise developer(404, "Invalid subsection key", "invalid_block_key")
    earned, possible = sum(part[0] for part in mark.problems), sum(part[1] for part in mark.problems)
    original = {"earned_all": earned, "possible_all": possible, "earned_graded": earned, "possible_graded": possible}
    sql = "SELECT earned, possible FROM overrides WHERE userid = ? AND block = ?"
    row = ask.site.one(sql, (userid, mark.block.id))
    by_hand = None
    if row:
        kinds = ("all", "graded")
        by_hand = {f"earned_{kind}_override": row[0] for kind in kinds}
        by_hand |= {f"possible_{kind}_override": row[1] for kind in kinds}
    head = {"success": True, "subsection_id": key, "user_id": int(userid), "course_id": course}
    return reply(head | {"original_grade": original, "override": by_hand, "history": []})


def _need_author(ask: Ask) -> None:
    if course_row(ask.site, ask.course) is None:
        raise no_course(ask.course)
    if not ask.has_role("staff", "instructor"):
        text = "The requesting user does not have course author permissions."
        raise Refusal(error(ask.style, 403, text, "user_permissions"))


def _matches(ask: Ask, row: tuple[int, int, str]) -> bool:
    site, query = ask.site, ask.query
    _enrolment, userid, username = row
    person = site.one("SELECT email, name FROM users WHERE id = ?", (userid,)) or ("", "")
    texts = [text.lower() for text in (username, *person)]
    if not any(query.get("user_contains", "").lower() in text for text in texts):
        return False
    if query.get("username_contains", "").lower() not in username.lower():
        return False
    key = (ask.course, userid)
    if "cohort_id" in query:
        found = site.one("SELECT cohort FROM members WHERE course = ? AND userid = ?", key)
        if found is None or str(found[0]) != query["cohort_id"]:
            return False
    mode = query.get("enrollment_mode")
    return not mode or bool(
        site.one("SELECT 1 FROM enrolments WHERE course = ? AND userid = ? AND mode = ?", (*key, mode))
    )


def _entry(book: GradeBook, row: tuple[int, int, str]) -> dict[str, Any]:
    grade = book.grade(row[1])
    parts = [_part(mark) for mark in grade.marks]
    return {"user_id": row[1], "username": row[2], "email": "", "percent": grade.percent, "section_breakdown": parts}


def _part(mark: Mark) -> dict[str, Any]:
    return {
        "attempted": mark.attempted, "category": mark.block.format, "label": mark.label, "module_id": mark.block.key,
        "percent": mark.percent, "score_earned": mark.earned,
        "score_possible": mark.possible if mark.attempted else 0.0,  # nothing can be had where nothing was tried
        "subsection_name": mark.block.title,
    }  # fmt: skip


def _write(ask: Ask, blocks: dict[str, int], entry: dict[str, Any]) -> dict[str, Any]:
    userid, key, grade = entry.get("user_id"), entry.get("usage_id"), entry.get("grade") or {}
    told: dict[str, Any] = {"user_id": userid, "usage_id": key}
    if not ask.site.one("SELECT 1 FROM users WHERE id = ?", (userid,)):
        return told | {"success": False, "reason": "User matching query does not exist."}
    if key not in blocks:
        return told | {"success": False, "reason": f"usage_key {key} does not exist in this course."}
    earned = grade.get("earned_graded_override", grade.get("earned_all_override"))
    possible = grade.get("possible_graded_override", grade.get("possible_all_override"))
    sql = "INSERT OR REPLACE INTO overrides (userid, block, earned, possible) VALUES (?, ?, ?, ?)"
    ask.site.db.execute(sql, (userid, blocks[key], earned, possible))
    regrade(ask.site, int(str(userid)), ask.course)
    return told | {"success": True, "reason": None}
