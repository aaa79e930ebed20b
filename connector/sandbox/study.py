"""How a pretend learner studies: a character and a timetable drawn from the seed and the username alone.

Pure: the same seed, username and start give the same timetable, so the end state is the same however the clock is
moved. Shares are plausible, not measured: about 6 of 100 never log in, 10 do little, 22 stay under the rule (4 of them
with ten topics or more but not all mandatory ones), 2 finish too late, 60 reach five mandatory and five elective
topics.
"""

import random
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from connector.sandbox.content import END, TOPICS, VIETNAM

MANDATORY = 5
_SPAN = timedelta(days=15)
_OPENS, _CLOSES = 7 * 3600, 22 * 3600  # people study between 07:00 and 22:00, Viet Nam time
_DAY = 24 * 3600
_LONGEST_BREAK = 100 * 60  # a repeated quiz still falls on the same day


class Character(StrEnum):
    """What kind of learner somebody is."""

    NEVER = "never"
    LITTLE = "little"
    UNDER = "under"
    LACKING = "lacking"
    LATE = "late"
    REACHES = "reaches"


_SHARES = (
    (0.06, Character.NEVER),
    (0.16, Character.LITTLE),
    (0.34, Character.UNDER),
    (0.38, Character.LACKING),
    (0.40, Character.LATE),
    (1.00, Character.REACHES),
)


class Event(NamedTuple):
    """At `time` (epoch) a learner logs in (topic 0) or works on a topic with a result of 0 to 10 points."""

    time: int
    topic: int
    points: float


def character_of(seed: int, username: str) -> Character:
    """The learner's character."""
    return _character(_dice(seed, username))


def _dice(seed: int, username: str) -> random.Random:
    return random.Random(f"{seed}:{username}")  # noqa: S311 - a simulation must be repeatable, not secret


def _character(dice: random.Random) -> Character:
    draw = dice.random()
    return next(character for limit, character in _SHARES if draw < limit)


def timetable(seed: int, username: str, begin: int) -> list[Event]:
    """All that the learner will do, in order of time, if his place in the course begins at this moment.

    The learner uses what is left of the programme's window; fifteen days where nothing is left.
    """
    dice = _dice(seed, username)
    character = _character(dice)
    if character is Character.NEVER:
        return []
    topics = _topics(dice, character)
    span = END - begin if begin < END else int(_SPAN.total_seconds())
    first = begin + int(dice.random() * min(_DAY, span) * 0.9) + 1
    events = [Event(first, 0, 0)]
    for order, (topic, moment) in enumerate(zip(topics, _moments(dice, character, len(topics)), strict=True)):
        time = max(_waking(begin + int(moment * span)), first + 60 * (order + 1))
        events += _attempts(dice, character, time, topic)
    return sorted(events)


def _topics(dice: random.Random, character: Character) -> list[int]:
    mandatory = list(range(1, MANDATORY + 1))
    elective = list(range(MANDATORY + 1, len(TOPICS) + 1))
    dice.shuffle(elective)
    if character in (Character.LITTLE, Character.UNDER):
        wanted = dice.randint(0, 2) if character is Character.LITTLE else dice.randint(3, 9)
        chosen = [*mandatory, *elective][:wanted]
        return chosen if dice.random() < 0.5 else chosen[::-1]  # noqa: PLR2004 - half begin at the end
    if character is Character.LACKING:
        mandatory.remove(dice.choice(mandatory))
        chosen = [*mandatory, *elective[: dice.randint(6, 9)]]
    else:  # a late one does no more than the rule asks for, so that his last topic decides
        more = min(int(dice.expovariate(0.6)), 9) if character is Character.REACHES else 0
        chosen = [*mandatory, *elective[: 5 + more]]
    dice.shuffle(chosen)
    return chosen


def _moments(dice: random.Random, character: Character, count: int) -> list[float]:
    """Moments as parts of the learner's span; late ones pass its end with their last topics."""
    last = dice.uniform(1.05, 1.35) if character is Character.LATE else dice.uniform(0.2, 0.96)
    moments = sorted(dice.random() * last for _ in range(count))
    if character is Character.LATE and moments:
        moments[-1] = last
    return moments


def _waking(time: int) -> int:
    """The moment moved into the waking hours of its day, order kept."""
    moment = datetime.fromtimestamp(time, tz=VIETNAM)
    midnight = time - (moment.hour * 3600 + moment.minute * 60 + moment.second)
    return midnight + _OPENS + (time - midnight) * (_CLOSES - _OPENS) // _DAY


def _attempts(dice: random.Random, character: Character, time: int, topic: int) -> list[Event]:
    if dice.random() < 0.82:  # noqa: PLR2004 - share of first attempts that pass
        return [Event(time, topic, _passing(dice))]
    failed = Event(time, topic, round(dice.uniform(1, 4.8), 1))
    gives_up = character in (Character.LITTLE, Character.UNDER) and dice.random() < 0.5  # noqa: PLR2004 - half
    if gives_up:
        return [failed]
    return [failed, Event(time + dice.randint(15 * 60, _LONGEST_BREAK), topic, _passing(dice))]


def _passing(dice: random.Random) -> float:
    return round(dice.uniform(5, 10), 1)
