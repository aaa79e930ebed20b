import pytest

from connector.errors import ConfigError
from connector.programmes.change import changed
from connector.programmes.compiled import rule_version
from connector.programmes.definition import find_programme
from tests.programmes.samples import CONFIG, programme

RULE = {
    "type": "all",
    "parts": [
        {"type": "at_least", "name": "total", "count": 3},
        {"type": "at_least", "name": "v1.mandatory", "count": 2, "kind": "mandatory", "window": {"zone": "UTC"}},
        {"type": "grade", "name": "marks", "min": 50},
    ],
}
WHOLE = programme(rule=RULE)


def parts(*changes: str) -> list[tuple[str | None, float | None]]:
    rule = changed(WHOLE, changes).rule
    assert rule.type == "all"
    return [(part.name, getattr(part, "count", None) or getattr(part, "min", None)) for part in rule.parts]


def test_nothing_changed_is_the_same_programme() -> None:
    for whole in (WHOLE, find_programme(CONFIG, "bkhcn-2025-k1"), programme()):
        assert changed(whole, []) == whole


@pytest.mark.parametrize("change", ["total.count=2", "total=2", "total = 2"])
def test_a_part_is_changed_by_its_name(change: str) -> None:
    assert parts(change) == [("total", 2), ("v1.mandatory", 2), ("marks", 50)]


def test_a_type_names_the_only_part_of_it_and_names_may_hold_dots() -> None:
    assert parts("grade=80", "v1.mandatory=1", "v1.mandatory.kind=elective")[1:] == [("v1.mandatory", 1), ("marks", 80)]
    assert changed(programme(), ["at_least=3"]).rule.model_dump()["count"] == 3


def test_the_window_may_be_moved() -> None:
    later = changed(WHOLE, ["window.ends_at=2025-12-20T00:00"])
    assert (later.window.ends_at - WHOLE.window.ends_at).days == 4
    assert rule_version(later) != rule_version(WHOLE)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("at_least=9", r"2 parts are of this type. Name the part: total.count, v1.mandatory.count"),
        ("at_least.kind=elective", r"Name the part: total.kind, v1.mandatory.kind"),
        ("total", "write NAME=VALUE"),
        ("totl=9", r"no part 'totl'. Did you mean 'total'\?"),
        ("total.count=9", "it asks for 9 topics, but only 5 fit"),
        ("total.cuont=2", "unknown key. Did you mean 'count'"),
        ("window.ends_at=2025-12-20T00:00+07:00", "without an offset"),
    ],
)
def test_what_is_not_clear_or_cannot_be_meant_is_told(change: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        changed(WHOLE, [change])
