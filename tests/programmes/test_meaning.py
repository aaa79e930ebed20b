from connector.programmes.meaning import rule_in_words
from tests.programmes.samples import content, programme


def test_every_part_is_told_as_a_tree() -> None:
    rule = {
        "type": "all",
        "parts": [
            {"type": "at_least", "name": "total", "title": "All topics", "count": 3},
            {
                "type": "any",
                "name": "one",
                "window": {"ends_at": "2025-12-10T12:00"},
                "parts": [
                    {"type": "grade", "name": "marks", "min": 50, "kind": "mandatory"},
                    {"type": "hours", "name": "hours", "hours": 2.5, "tag": "data"},
                ],
            },
            {"type": "attendance", "name": "days", "count": 2},
            {"type": "attendance", "name": "opening", "count": 1, "sessions": ["s1", "s2"]},
            {"type": "prerequisite", "name": "before", "programme": "first"},
        ],
    }
    topics = [topic | {"hours": 2, "tags": ["data"]} for topic in content()["topics"]]
    topics[4] |= {"valid_to": "2025-12-09"}
    topics[3] |= {"valid_from": "2025-12-02"}
    assert rule_in_words(programme(rule=rule, topics=topics)) == (
        "what was done from 00:00 01/12/2025 to before 00:00 16/12/2025 counts",
        "all of these:",
        "  All topics: at least 3 of 5 topics done: m1, m2, e1, e2, e3",
        "  one: one of these:; what was done from 00:00 01/12/2025 to before 12:00 10/12/2025 counts",
        "    marks: at least 2 of 2 topics done with a grade of 50 or more: m1, m2",
        "    hours: topics of at least 2.5 class hours done, of m1, m2, e1, e2, e3",
        "  days: at least 2 sessions attended",
        "  opening: at least 1 sessions attended of s1, s2",
        "  before: the programme 'first' is completed",
        "e2 counts when done from 02/12/2025 to …, both days included",
        "e3 counts when done from … to 09/12/2025, both days included",
    )
