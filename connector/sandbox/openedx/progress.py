"""How far a learner is: completions written, blocks with completion, and the progress page's own figures.

Source: edx-completion 4.9, lms/djangoapps/course_api/blocks, lms/djangoapps/course_home_api; facts sections 7 and 9.
"""

import math
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.allowed import enrolment_of
from connector.sandbox.openedx.answers import Refusal, detail, developer, error, field_error, reply
from connector.sandbox.openedx.asking import NO_RIGHT, Ask
from connector.sandbox.openedx.certificates import ISSUED
from connector.sandbox.openedx.content import LEAVES, Block, complete, completions, tree
from connector.sandbox.openedx.courses import course_row
from connector.sandbox.openedx.marks import GradeBook, grade_book


def completion_batch(ask: Ask) -> SandboxAnswer:
    """Completions of a learner written; there is no way to read them here."""
    data = ask.data()
    for name in ("username", "course_key", "blocks"):
        if name not in data:
            raise detail(400, f"Key '{name}' not found.")
    if not ask.site.features.completion_tracking:
        raise detail(
            400, "BlockCompletion.objects.submit_batch_completion should not be called when the feature is disabled."
        )
    ask.need(ask.user.is_staff or data["username"] == ask.user.username)
    row = ask.site.one("SELECT id FROM users WHERE username = ?", (data["username"],))
    if row is None:
        raise detail(404, "User matching query does not exist.")
    course = str(data["course_key"])
    found = enrolment_of(ask.site, row[0], course)
    if not (found and found[1]):
        raise detail(400, "User is not enrolled in course.")
    known = {block.key: block for block in tree(ask.site, course)}
    _check_blocks(data["blocks"], set(known))
    for key, value in data["blocks"].items():
        complete(ask.site, row[0], known[key].id, float(value))
    return reply({"detail": "ok"})


def _check_blocks(sent: dict[str, Any], known: set[str]) -> None:
    for key, value in sent.items():
        if key not in known:
            raise detail(400, f"Invalid block key: {key}")
        if not 0.0 <= float(value) <= 1.0:
            raise detail(400, f"{float(value)} must be between 0.0 and 1.0")


def subsection_completion(ask: Ask) -> SandboxAnswer:
    """Only for the learner himself; even global staff is refused."""
    if ask.arguments["username"] != ask.user.username:
        raise detail(403, NO_RIGHT)
    return reply({"completion": 0.0})


def blocks(ask: Ask) -> SandboxAnswer:
    """The course's blocks as the learner sees them; ratios must be worked out from the leaves."""
    course = ask.query.get("course_id")
    if course is None:
        raise Refusal(error(ask.style, 400, "course_id is required."))
    row = course_row(ask.site, course)
    if row is None:
        raise developer(404, "Course not found")
    userid = _watched(ask)
    found = tree(ask.site, course)
    fields = set(ask.query.get("requested_fields", "").split(","))
    done = completions(ask.site, userid, course)
    root = found[-1]
    wanted = [block for block in found if _depth(found, block) <= _wanted_depth(ask)]
    kinds = set(filter(None, ask.query.get("block_types_filter", "").split(",")))
    wanted = [block for block in wanted if not kinds or block.type in kinds]
    shown = {
        block.key: _block(ask, course, block, fields=fields, done=done, graded=_is_graded(found, block))
        for block in wanted
    }
    return reply({"root": root.key, "blocks": shown})


def progress(ask: Ask) -> SandboxAnswer:
    """A learner's units done, grade and certificate in one answer, by the account's number."""
    row = course_row(ask.site, ask.course)
    if not ask.site.features.progress_tab or row is None:
        raise detail(404, "Not found.")
    own = ask.arguments.get("user", str(ask.user.id))
    person = ask.site.one("SELECT id, username FROM users WHERE id = ?", (own,))
    if person is None or not (ask.has_role("staff", "instructor") or person[0] == ask.user.id):
        raise detail(404, "Not found.")
    book = grade_book(ask.site, ask.course)
    grade = book.grade(person[0])
    found = tree(ask.site, ask.course)
    done = completions(ask.site, person[0], ask.course)
    units = [_whole(block, done) for block in found if block.type == "vertical"]
    enrolled = enrolment_of(ask.site, person[0], ask.course)
    figures = {"complete_count": sum(units), "incomplete_count": len(units) - sum(units), "locked_count": 0}
    scores = _sections(ask, found, {mark.block.id: mark for mark in grade.marks})
    course_grade = {"letter_grade": grade.letter, "percent": grade.percent, "is_passing": grade.passed}
    return reply({
        "verified_mode": None, "access_expiration": None, "certificate_data": _certificate(ask, person[0]),
        "completion_summary": figures, "course_grade": course_grade, "credit_course_requirements": None,
        "end": row["ends"], "enrollment_mode": enrolled[0] if enrolled else None, "grading_policy": _policy(book),
        "has_scheduled_content": False, "section_scores": scores,
        "studio_url": f"//studio.example.vn/settings/grading/{ask.course}", "username": person[1],
        "user_has_passing_grade": grade.passed,
        "verification_data": {"link": None, "status": "none", "status_date": None}, "disable_progress_graph": False,
    })  # fmt: skip


def _wanted_depth(ask: Ask) -> float:
    depth = ask.query.get("depth", "0")
    if depth == "all":
        return math.inf
    if not depth.isdecimal():
        raise field_error("depth", f"'{depth}' is not a valid depth value.")
    return int(depth)


def _depth(found: list[Block], block: Block) -> int:
    above = {other.id: other.parent for other in found}
    steps, parent = 0, block.parent
    while parent is not None:
        steps, parent = steps + 1, above[parent]
    return steps


def _watched(ask: Ask) -> int:
    name = ask.query.get("username")
    if name is None and "all_blocks" not in ask.query:
        raise field_error("username", "This field is required unless all_blocks is requested.")
    if not name or name == ask.user.username:
        return ask.user.id
    if not ask.user.is_staff:
        text = f"'{ask.user.username}' does not have permission to access view for '{name}'."
        raise Refusal(error(ask.style, 403, text))
    row = ask.site.one("SELECT id FROM users WHERE username = ?", (name,))
    if row is None:
        raise developer(404, f"Requested user '{name}' does not exist.")
    return int(row[0])


def _block(
    ask: Ask, course: str, block: Block, *, fields: set[str], done: dict[int, float], graded: bool
) -> dict[str, Any]:
    host = ask.site.features.host
    jump = f"{host}/courses/{course}/jump_to/{block.key}"
    entry: dict[str, Any] = {"id": block.key, "block_id": block.name, "lms_web_url": jump}
    entry |= {"legacy_web_url": f"{jump}?experience=legacy", "student_view_url": f"{host}/xblock/{block.key}"}
    entry |= {"type": block.type, "display_name": block.title}
    if "graded" in fields:
        entry["graded"] = graded
    if "format" in fields and block.format:
        entry["format"] = block.format
    if "children" in fields and block.children:
        entry["children"] = [child.key for child in block.children]
    whole = _whole(block, done)
    if "complete" in fields and whole:
        entry["complete"] = True
    if "completion" in fields and block.type in LEAVES:
        entry["completion"] = done.get(block.id, 0.0)
    elif "completion" in fields and "complete" in fields:  # containers have it only when both are asked for
        entry["completion"] = int(whole)
    return entry


def _is_graded(found: list[Block], block: Block) -> bool:
    above: Block | None = block
    names = {other.id: other for other in found}
    while above is not None:
        if above.format:
            return True
        above = names.get(above.parent) if above.parent else None
    return False


def _whole(block: Block, done: dict[int, float]) -> bool:
    leaves = block.leaves()
    return bool(leaves) and all(done.get(leaf.id) == 1.0 for leaf in leaves)


def _certificate(ask: Ask, userid: int) -> dict[str, Any] | None:
    row = ask.site.one("SELECT status, uuid FROM certificates WHERE userid = ? AND course = ?", (userid, ask.course))
    if row is None:
        return None
    view = f"/certificates/{row[1]}" if row[0] == ISSUED else None
    head = {"cert_status": row[0], "cert_web_view_url": view}
    return head | {"download_url": None, "certificate_available_date": None}


def _policy(book: GradeBook) -> dict[str, Any]:
    kinds = [
        {"num_droppable": 0, "num_total": float(count), "short_label": short, "type": kind, "weight": weight}
        for kind, short, count, weight in book.policy
    ]
    return {"assignment_policies": kinds, "grade_range": {"Pass": book.cutoff}}


def _sections(ask: Ask, found: list[Block], marks: dict[int, Any]) -> list[dict[str, Any]]:
    chapters = [block for block in found if block.type == "chapter"]
    return [
        {
            "display_name": chapter.title,
            "subsections": [_scores(ask, part, marks.get(part.id)) for part in chapter.children],
        }
        for chapter in chapters
    ]


def _scores(ask: Ask, part: Block, mark: Any) -> dict[str, Any]:
    return {
        "assignment_type": part.format, "block_key": part.key, "display_name": part.title,
        "has_graded_assignment": mark is not None, "override": None, "learner_has_access": True,
        "num_points_earned": mark.earned if mark else 0.0, "num_points_possible": mark.possible if mark else 0.0,
        "percent_graded": mark.percent if mark else 0.0,
        "problem_scores": [{"earned": earned, "possible": most} for earned, most in (mark.problems if mark else ())],
        "show_correctness": "always", "show_grades": True,
        "url": f"{ask.site.features.host}/courses/{ask.course}/jump_to/{part.key}",
    }  # fmt: skip
