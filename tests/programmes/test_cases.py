from dataclasses import replace
from datetime import UTC, datetime

from connector.model import Case
from connector.programmes.cases import RULE_CHANGED, WITHDRAWN, incident, to_open
from connector.programmes.engine import judge
from tests.programmes.samples import PHONE, done, programme

NOW = datetime(2025, 12, 20, tzinfo=UTC)
OPEN = Case(number=1, programme="small", phone="a", kind=WITHDRAWN, opened_at=NOW, facts={})
SETTLED = replace(OPEN, settled_at=NOW, settled_by="An", reason="kept")


def test_a_case_is_opened_once_for_each_incident() -> None:
    assert to_open({"b", "a"}, {}, []) == ["a", "b"]
    assert to_open({"a"}, {"a"}, [OPEN]) == [], "it is open already"
    assert to_open({"a"}, set(), [SETTLED]) == [], "a person has decided it"
    assert to_open({"a"}, {"a"}, [SETTLED]) == ["a"], "he met the rule again and lapsed anew"
    assert to_open({"a"}, {"a"}, [SETTLED, OPEN]) == []
    assert to_open(set(), {"a"}, []) == [], "nobody without a certificate"


def test_an_incident_tells_what_was_lost() -> None:
    before = judge(programme(), PHONE, [done("m1"), done("e1")])
    after = judge(programme(), PHONE, [done("m1")])
    kind, facts = incident(after, before)
    assert (kind, facts["lost"], facts["unmet"]) == (WITHDRAWN, ["e1"], ["total"])
    assert facts["facts"] == [before.facts_hash, after.facts_hash]
    assert incident(after, None)[1]["lost"] == []


def test_the_same_facts_under_another_rule_say_so() -> None:
    facts = [done("m1"), done("e1")]
    stricter = programme(rule={"type": "at_least", "name": "total", "count": 3})
    kind, found = incident(judge(stricter, PHONE, facts), judge(programme(), PHONE, facts))
    assert (kind, found["lost"]) == (RULE_CHANGED, [])
    assert found["rule"][0] != found["rule"][1]
