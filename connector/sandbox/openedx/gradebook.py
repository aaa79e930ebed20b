"""The gradebook: every learner's marks by subsection, by cohort too, and marks written by hand.

Source: lms/djangoapps/grades/rest_api/v1/gradebook_views.py; reference/openedx-facts.md section 8; gradebook_*.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.answers import Refusal, developer, error, reply
from connector.sandbox.openedx.asking import Ask, number
from connector.sandbox.openedx.certificates import regrade
from connector.sandbox.openedx.content import subsections
from connector.sandbox.openedx.courses import course_row, no_course
from connector.sandbox.openedx.grades import LEARNERS
from connector.sandbox.openedx.marks import Grade, GradeBook, Mark, grade_book
from connector.sandbox.openedx.paging import Listing, cursor_page


def gradebook(ask: Ask) -> SandboxAnswer:
    """Learners with their marks in pages; with ?username= the one learner alone. Course staff is enough."""
    _need_author(ask)
    book = grade_book(ask.site, ask.course)
    name = ask.query.get("username")
    if name is not None:
        found = ask.site.one(f"{LEARNERS} AND u.username = ?", (ask.course, name))
        if found is None:
            raise developer(404, "The user matching the requested username does not exist.", "user_does_not_exist")
        return reply(_entry(book, found))
    wanted = _wanted(ask, book)
    links, part = cursor_page(ask, wanted, number(ask.query.get("page_size"), 50))
    counts = {
        "total_users_count": _count(ask, LEARNERS, (ask.course,)),
        "filtered_users_count": _count(ask, wanted.sql, wanted.values),
    }
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


def _wanted(ask: Ask, book: GradeBook) -> Listing:
    """The learners that the query's filters leave: those of text, cohort and mode, and those of grades."""
    clauses, values = [LEARNERS], [ask.course]
    for name, condition, value in (
        ("user_contains", "instr(lower(u.username || ' ' || u.email || ' ' || u.name), ?)", str.lower),
        ("username_contains", "instr(lower(u.username), ?)", str.lower),
        ("cohort_id", "u.id IN (SELECT userid FROM members WHERE course = e.course AND cohort = ?)", str),
        ("enrollment_mode", "e.mode = ?", str),
    ):
        if ask.query.get(name):
            clauses.append(condition)
            values.append(value(ask.query[name]))
    listing = Listing(sql=" AND ".join(clauses), values=values, key="e.id")
    passes = _grade_filter(ask)
    if passes is None:
        return listing
    ids = [row[0] for row in ask.site.all(listing.sql, values) if passes(book.grade(row[1]))]
    clauses.append("e.id IN (SELECT value FROM json_each(?))")
    return Listing(sql=" AND ".join(clauses), values=[*values, json.dumps(ids)], key="e.id")


def _grade_filter(ask: Ask) -> Callable[[Grade], bool] | None:
    """Whether a grade lies within the asked range, in per cent: of the course, of one assignment, or of both."""
    course, assignment = _range(ask, "course_grade"), _range(ask, "assignment_grade")
    key = ask.query.get("assignment", "")
    if course is None and (assignment is None or not key):
        return None

    def passes(grade: Grade) -> bool:
        share = next((mark.percent for mark in grade.marks if mark.block.key == key), 0.0)
        return _within(course, grade.percent) and (not key or _within(assignment, share))

    return passes


def _range(ask: Ask, name: str) -> tuple[float, float] | None:
    ends = (ask.query.get(f"{name}_min"), ask.query.get(f"{name}_max"))
    return (float(ends[0] or 0), float(ends[1] or 100)) if any(ends) else None


def _within(ends: tuple[float, float] | None, share: float) -> bool:
    return ends is None or ends[0] <= round(share * 100, 6) <= ends[1]


def _count(ask: Ask, sql: str, values: Sequence[Any]) -> int:
    return int(ask.site.row(f"SELECT count(*) FROM ({sql})", values)[0])


def _entry(book: GradeBook, row: tuple[Any, ...]) -> dict[str, Any]:
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
