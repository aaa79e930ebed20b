"""Use case: how many would pass under another rule, or would have passed by a moment. Nothing is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.context import Context
from connector.jobs.evaluate import latest_snapshot
from connector.jobs.judging import besides_of, facts_of, members_of
from connector.programmes.change import changed
from connector.programmes.definition import Programme
from connector.programmes.engine import Person, judge_all
from connector.programmes.meaning import rule_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceAnswer:
    """The numbers of one province: who takes part, who passes now, who would pass, who would win and lose by it."""

    province_code: str
    people: int
    now: int
    then: int
    gained: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The answer by province, in code order, the words of the rule that was asked for, and the moment if one was."""

    provinces: tuple[ProvinceAnswer, ...]
    words: tuple[str, ...]
    as_of: datetime | None


def what_if(
    ctx: Context, programme_key: str | None = None, *, changes: Sequence[str] = (), as_of: datetime | None = None
) -> WhatIf:
    """Judge everybody by the rule as it is and as changed, the latter by the facts as of a moment if one is given.

    As of a moment: completions until then, with what was withdrawn later; grades are those of today. Nothing is
    written and the platform is not asked. Raises ConfigError for a change that is not clear (programmes/change.py).
    """
    programme = ctx.programme(programme_key)
    asked = changed(programme, changes)
    latest_snapshot(ctx, programme)
    found: dict[str, ProvinceAnswer] = {}
    for members in members_of(ctx, programme):
        with ctx.store.begin() as tx:
            besides = besides_of(tx, programme, [member.learner.phone for member in members])
            now = _passing(programme, facts_of(tx, programme, members, besides))
            then = _passing(asked, facts_of(tx, asked, members, besides, as_of))
        code = members[0].learner.province_code
        before = found.get(code) or ProvinceAnswer(province_code=code, people=0, now=0, then=0, gained=0, lost=0)
        found[code] = ProvinceAnswer(
            province_code=code,
            people=before.people + len(members),
            now=before.now + len(now),
            then=before.then + len(then),
            gained=before.gained + len(then - now),
            lost=before.lost + len(now - then),
        )
    return WhatIf(provinces=tuple(found[code] for code in sorted(found)), words=rule_in_words(asked), as_of=as_of)


def _passing(programme: Programme, people: Iterable[Person]) -> set[str]:
    return {verdict.phone for verdict in judge_all(programme, people) if verdict.passed}
