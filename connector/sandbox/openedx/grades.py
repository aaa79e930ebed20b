"""Grades of a course: all learners in pages, one learner, the policy.

Source: lms/djangoapps/grades/rest_api/v1/views.py; reference/openedx-facts.md section 8; the recorded grades_*.
"""

from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.allowed import enrolment_of
from connector.sandbox.openedx.answers import developer, reply
from connector.sandbox.openedx.asking import Ask, number
from connector.sandbox.openedx.courses import course_row, no_course
from connector.sandbox.openedx.marks import GradeBook, grade_book
from connector.sandbox.openedx.paging import Listing, cursor_page

# Enrolment id, account id and username of the active learners of a course.
LEARNERS = (
    "SELECT e.id, u.id, u.username FROM enrolments e JOIN users u ON u.id = e.userid"
    " WHERE e.course = ? AND e.is_active = 1"
)


def grades(ask: Ask) -> SandboxAnswer:
    """All active learners by enrolment, or a bare list of the one asked for."""
    course = ask.arguments.get("course") or ask.query.get("course_id", "")
    if not course:
        raise developer(404, "The provided course key cannot be parsed.", "invalid_course_key")
    if course_row(ask.site, course) is None:
        raise no_course(course)
    name = ask.query.get("username")
    ask.need(ask.user.is_staff or name == ask.user.username)
    book = grade_book(ask.site, course)
    if name is not None:
        return reply([_shown(book, *_learner(ask, name, course))])
    listing = Listing(sql=LEARNERS, values=(course,), key="e.id")
    links, part = cursor_page(ask, listing, number(ask.query.get("page_size"), 50))
    return reply(links | {"results": [_shown(book, row[1], row[2]) for row in part]})


def policy(ask: Ask) -> SandboxAnswer:
    """How the course's grade is put together."""
    sql = "SELECT type, count, 0, weight FROM policies WHERE course = ? ORDER BY rowid"
    names = ("assignment_type", "count", "dropped", "weight")
    return reply([dict(zip(names, row, strict=True)) for row in ask.site.all(sql, (ask.course,))])


def section_grades(ask: Ask) -> SandboxAnswer:
    """One learner's grade with its parts, in words."""
    ask.need_staff()
    course = ask.query.get("course_id", "")
    name = ask.query.get("username", ask.user.username)
    book = grade_book(ask.site, course)
    userid, username = _learner(ask, name, course)
    grade = book.grade(userid)
    head = {"course_id": course, "username": username, "passed": grade.passed}
    head |= {"current_grade": int(grade.percent * 100)}
    rows = [row for kind, short, _count, _weight in book.policy for row in _parts(grade.marks, kind, short)]
    return reply({"next": None, "previous": None, "results": [head | {"section_breakdown": rows}]})


def _learner(ask: Ask, name: str, course: str) -> tuple[int, str]:
    row = ask.site.one("SELECT id, username FROM users WHERE username = ?", (name,))
    if row is None:
        raise developer(404, "The user matching the requested username does not exist.", "user_does_not_exist")
    found = enrolment_of(ask.site, row[0], course)
    if not (found and found[1]):
        text = "The user matching the requested username is not enrolled in this course"
        raise developer(404, text, "user_not_enrolled")
    return int(row[0]), str(row[1])


def _shown(book: GradeBook, userid: int, username: str) -> dict[str, Any]:
    grade = book.grade(userid)
    head = {"username": username, "email": "", "course_id": book.course}  # no e-mail but for masters learners
    return head | {"passed": grade.passed, "percent": grade.percent, "letter_grade": grade.letter}


def _parts(marks: tuple[Any, ...], kind: str, short: str) -> list[dict[str, Any]]:
    own = [mark for mark in marks if mark.block.format == kind]
    average = sum(mark.percent for mark in own) / len(own) if own else 0.0
    if len(own) == 1:
        text = f"{kind} = {average:.2%}"
        return [{"percent": average, "label": short, "detail": text, "category": kind, "prominent": True}]
    rows: list[dict[str, Any]] = []
    for place, mark in enumerate(own, start=1):
        points = f"{mark.percent:.2%} ({mark.earned:g}/{mark.possible:g})"
        text = f"{kind} {place} - {mark.block.title} - {points}"
        rows.append({"percent": mark.percent, "label": mark.label, "detail": text, "category": kind})
    text = f"{kind} Average = {average:.2%}"
    last = {"percent": average, "label": f"{short} Avg", "detail": text, "category": kind, "prominent": True}
    return [*rows, last]
