"""Grades worked out as the platform does: points of a subsection, weights of the policy, the cutoff.

Source: lms/djangoapps/grades, xmodule/graders.py; reference/openedx-facts.md section 8.
"""

import math
from dataclasses import dataclass
from typing import Any

from connector.sandbox.openedx.content import Block, subsections
from connector.sandbox.openedx.site import EdxSite


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A learner's points in a graded subsection; `label` is HW 01 and so on."""

    block: Block
    label: str
    short: str
    earned: float
    possible: float
    attempted: bool
    problems: tuple[tuple[float, float], ...]

    @property
    def percent(self) -> float:
        """Points as a share, 0 where none can be had."""
        return self.earned / self.possible if self.possible else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A learner's grade in a course."""

    percent: float
    passed: bool
    marks: tuple[Mark, ...]

    @property
    def letter(self) -> str | None:
        """Pass, or nothing."""
        return "Pass" if self.passed else None


@dataclass(frozen=True, slots=True)
class GradeBook:
    """The course's graded subsections and policy, read once for many learners."""

    site: EdxSite
    course: str
    blocks: tuple[Block, ...]
    policy: tuple[tuple[str, str, int, float], ...]  # type, short label, count, weight
    cutoff: float

    def grade(self, userid: int) -> Grade:
        """The learner's grade now."""
        scores = dict(self.site.all("SELECT block, earned FROM scores WHERE userid = ?", (userid,)))
        sql = "SELECT block, earned, possible FROM overrides WHERE userid = ?"
        by_hand = {row[0]: row for row in self.site.all(sql, (userid,))}
        marks = tuple(self._marks(scores, by_hand))
        total = sum(weight * self._average(marks, kind, count) for kind, _short, count, weight in self.policy)
        percent = math.floor(total * 100 + 0.05 + 0.5) / 100  # round_away_from_zero of graders.py
        return Grade(percent=percent, passed=0 < self.cutoff <= percent, marks=marks)

    def _marks(self, scores: dict[int, float], by_hand: dict[int, tuple[Any, ...]]) -> list[Mark]:
        marks: list[Mark] = []
        for kind, short, count, _weight in self.policy:
            blocks = [block for block in self.blocks if block.format == kind]
            for number, block in enumerate(blocks, start=1):
                label = f"{short} {number:02}" if count > 0 else short
                marks.append(_mark(block, label, short, scores, by_hand.get(block.id)))
        return marks

    def _average(self, marks: tuple[Mark, ...], kind: str, count: int) -> float:
        shares = [mark.percent for mark in marks if mark.block.format == kind]
        return sum(shares) / max(count, len(shares), 1)


def grade_book(site: EdxSite, course: str) -> GradeBook:
    """The course's book of grades."""
    sql = "SELECT type, short, count, weight FROM policies WHERE course = ? ORDER BY rowid"
    policy = tuple(site.all(sql, (course,)))
    row = site.one("SELECT cutoff FROM courses WHERE id = ?", (course,))
    blocks = tuple(block for block in subsections(site, course) if block.format)
    return GradeBook(site, course, blocks, policy, float(row[0]) if row else 0.0)


def _mark(block: Block, label: str, short: str, scores: dict[int, float], by_hand: tuple[Any, ...] | None) -> Mark:
    problems = [leaf for leaf in block.leaves() if leaf.points]
    each = tuple((scores.get(leaf.id, 0.0), leaf.points) for leaf in problems)
    attempted = any(leaf.id in scores for leaf in problems)
    earned, possible = sum(part[0] for part in each), sum(part[1] for part in each)
    if by_hand is not None:
        earned = earned if by_hand[1] is None else float(by_hand[1])
        possible = possible if by_hand[2] is None else float(by_hand[2])
        attempted = True
    return Mark(
        block=block, label=label, short=short, earned=earned, possible=possible, attempted=attempted, problems=each
    )
