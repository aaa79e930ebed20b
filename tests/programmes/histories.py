"""Random programmes with rules of every kind, and random histories of one person; the seed decides everything."""

from datetime import timedelta
from random import Random
from typing import Any

from pydantic import ValidationError

from connector.model import Exemption, Origin, OutsideKind, OutsideResult, TopicRef, TopicResult
from connector.programmes.definition import Programme
from connector.programmes.facts import Besides
from tests.programmes.samples import COURSE, PHONE, START, content, topic

TOPICS = ("m1", "m2", "e1", "e2", "e3")
SESSIONS = ("s1", "s2", "s3")
ORIGIN = Origin(file="list.xlsx", sheet="", row=2)


def random_programme(random: Random) -> tuple[dict[str, Any], Programme]:
    """A definition in words and the programme that it makes; what cannot be meant is thrown away."""
    while True:
        definition = content(topics=[_topic(random, key) for key in TOPICS], rule=_rule(random, 0, iter(range(99))))
        try:
            return definition, Programme.model_validate(definition)
        except ValidationError:
            continue


def random_results(random: Random) -> list[TopicResult]:
    """What the platform says of one person, with doubles, withdrawn completions and missing times."""
    return [
        TopicResult(
            ref=TopicRef(course=COURSE, activity=random.choice((*TOPICS, *TOPICS, "other"))),
            username="0912345678",
            done=random.random() < 0.85,
            completed_at=None if random.random() < 0.05 else _moment(random),
            grade=random.choice((None, 0.0, 49.9, 50.0, 80.0, 100.0)),
            overridden=random.random() < 0.2,
        )
        for _ in range(random.randrange(10))
    ]


def random_besides(random: Random) -> Besides:
    """Imported facts, exemptions and other programmes; most people have none."""
    if random.random() < 0.4:
        return Besides()
    return Besides(
        outside=tuple(_outside(random) for _ in range(random.randrange(5))),
        exemptions=tuple(_exemption(random) for _ in range(random.choice((0, 0, 1, 2)))),
        completed=tuple(("first", _moment(random)) for _ in range(random.choice((0, 0, 1)))),
    )


def _moment(random: Random) -> Any:
    return START + timedelta(days=random.randrange(-3, 19), hours=random.choice((0, 0, 7, 16, 17, 23)))


def _topic(random: Random, key: str) -> dict[str, Any]:
    made = topic(key) | {"hours": random.choice((0.1, 0.2, 1, 1.5, 3))}
    if random.random() < 0.5:
        made["tags"] = random.sample(["a", "b"], random.choice((1, 2)))
    if random.random() < 0.15:
        made["valid_from"] = random.choice(("2025-12-03", "2025-12-10"))
    if random.random() < 0.15:
        made["valid_to"] = random.choice(("2025-12-10", "2025-12-12"))
    return made


def _rule(random: Random, depth: int, numbers: Any) -> dict[str, Any]:
    kinds = ["at_least", "at_least", "grade", "hours", "attendance", "prerequisite"]
    kind = random.choice(kinds + ["all", "any"] * (4 if depth < 2 else 0))
    rule: dict[str, Any] = {"type": kind, "name": f"part-{next(numbers)}"}
    if kind in ("all", "any"):
        rule["parts"] = [_rule(random, depth + 1, numbers) for _ in range(random.choice((1, 2, 2, 3)))]
    elif kind == "prerequisite":
        return rule | {"programme": random.choice(("first", "first", "second"))}
    else:
        rule |= _asked(random, kind)
    if random.random() < 0.2:
        rule["window"] = _window(random)
    return rule


def _asked(random: Random, kind: str) -> dict[str, Any]:
    if kind == "attendance":
        named = {} if random.random() < 0.5 else {"sessions": random.sample(SESSIONS, 2)}
        return {"count": random.choice((1, 2))} | named
    chosen: dict[str, Any] = random.choice(
        (
            {},
            {"kind": "mandatory"},
            {"kind": "elective"},
            {"tag": "a"},
            {"topics": random.sample(TOPICS, 3)},
            {"kind": "elective", "tag": "b"},
        )
    )
    if kind == "hours":
        return chosen | {"hours": random.choice((0.1, 0.3, 1, 2.5, 4))}
    if kind == "grade":
        return chosen | {"min": random.choice((0, 50, 80))} | random.choice(({}, {"count": 1}, {"count": 2}))
    return chosen | {"count": random.choice((1, 2, 2, 3))}


def _window(random: Random) -> dict[str, Any]:
    window: dict[str, Any] = random.choice(({}, {"zone": "UTC"}, {"zone": "Asia/Tokyo"})).copy()
    if random.random() < 0.7:
        window["starts_at"] = random.choice(("2025-11-29T00:00", "2025-12-04T00:00", "2025-12-05T07:00"))
    if random.random() < 0.7:
        window["ends_at"] = random.choice(("2025-12-09T00:00", "2025-12-15T17:00", "2025-12-18T00:00"))
    return window


def _outside(random: Random) -> OutsideResult:
    attends = random.random() < 0.6
    return OutsideResult(
        phone=PHONE,
        kind=OutsideKind.ATTENDANCE if attends else OutsideKind.RESULT,
        key=random.choice(SESSIONS if attends else TOPICS),
        value=random.choice((None, 0.0, 1.0, 2.0) if attends else (None, 40.0, 90.0)),
        at=_moment(random),
        origin=ORIGIN,
    )


def _exemption(random: Random) -> Exemption:
    to = {"topic": random.choice(TOPICS)} if random.random() < 0.7 else {"part": f"part-{random.randrange(4)}"}
    day = (START + timedelta(days=random.randrange(-5, 18))).date()
    return Exemption(
        programme="small", phone=PHONE, decision=f"{random.randrange(9)}/QĐ", decided_on=day, by="An", **to
    )
