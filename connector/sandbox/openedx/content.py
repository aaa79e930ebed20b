"""What stands in a course and what a learner has done there: blocks, completions, scores, marks by hand.

Source: lms/djangoapps/course_blocks, edx-completion; reference/openedx-facts.md sections 8 and 9.
"""

from dataclasses import dataclass, field

from connector.sandbox.openedx.site import EdxSite

LEAVES = ("problem", "html", "video")


@dataclass(slots=True, kw_only=True)
class Block:
    """One block of a course with those inside it."""

    id: int
    key: str
    type: str
    name: str  # the last part of its key
    title: str
    format: str | None
    points: float
    parent: int | None
    children: "list[Block]" = field(default_factory=list)

    def leaves(self) -> "list[Block]":
        """The blocks that a learner completes, in order."""
        if self.type in LEAVES:
            return [self]
        return [leaf for child in self.children for leaf in child.leaves()]


def usage_key(course: str, kind: str, name: str) -> str:
    """A block's key: block-v1:ORG+NUM+RUN+type@KIND+block@NAME."""
    return f"block-v1:{course.split(':', 1)[1]}+type@{kind}+block@{name}"


def tree(site: EdxSite, course: str) -> list[Block]:
    """All blocks of a course, each after those inside it; the course itself is last. Kept until a block is added."""
    if course not in site.trees:
        site.trees[course] = _tree(site, course)
    found: list[Block] = site.trees[course]
    return found


def _tree(site: EdxSite, course: str) -> list[Block]:
    sql = "SELECT id, type, block, name, format, points, parent FROM blocks WHERE course = ? ORDER BY id"
    found: dict[int, Block] = {}
    for number, kind, name, title, form, points, parent in site.all(sql, (course,)):
        key = usage_key(course, kind, name)
        found[number] = Block(
            id=number, key=key, type=kind, name=name, title=title, format=form, points=points, parent=parent
        )
        if parent is not None:
            found[parent].children.append(found[number])
    return [block for root in found.values() if root.parent is None for block in _inside_first(root)]


def subsections(site: EdxSite, course: str) -> list[Block]:
    """The course's subsections in order, graded or not."""
    return [block for block in tree(site, course) if block.type == "sequential"]


def completions(site: EdxSite, userid: int, course: str) -> dict[int, float]:
    """How far a learner is with each leaf he has touched, 0 to 1."""
    sql = (
        "SELECT c.block, c.value FROM completions c JOIN blocks b ON b.id = c.block WHERE c.userid = ? AND b.course = ?"
    )
    return dict(site.all(sql, (userid, course)))


def complete(site: EdxSite, userid: int, block: int, value: float = 1.0) -> None:
    """Note how far a learner is with a leaf; the same value again leaves the moment of the first time."""
    sql = (
        "INSERT INTO completions (userid, block, value, modified) VALUES (?, ?, ?, ?) ON CONFLICT (userid, block)"
        " DO UPDATE SET value = excluded.value, modified = excluded.modified WHERE value != excluded.value"
    )
    site.db.execute(sql, (userid, block, value, site.moment()))


def answer_problem(site: EdxSite, userid: int, block: int, earned: float) -> None:
    """Note a learner's points in a problem, which also completes it."""
    site.db.execute("INSERT OR REPLACE INTO scores (userid, block, earned) VALUES (?, ?, ?)", (userid, block, earned))
    complete(site, userid, block)


def add_block(
    site: EdxSite, course: str, parent: int | None, kind: str, name: str, *, title: str, **more: object
) -> int:
    """A new block at the end of its parent; its id. `more`: format, points."""
    site.trees.clear()
    values = (course, parent, kind, name, title, more.get("format"), more.get("points", 0.0))
    sql = "INSERT INTO blocks (course, parent, type, block, name, format, points) VALUES (?, ?, ?, ?, ?, ?, ?)"
    return int(site.db.execute(sql, values).lastrowid or 0)


def _inside_first(block: Block) -> list[Block]:
    return [inner for child in block.children for inner in _inside_first(child)] + [block]
