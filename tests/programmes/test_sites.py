"""A programme on several sites: what each has of its own, and what cannot be meant."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConfigError
from connector.model import TopicRef
from connector.places import provinces
from connector.programmes.change import changed
from connector.programmes.compiled import rule_version
from connector.programmes.definition import Programme, load_programme
from connector.programmes.sites import sites_in_words
from connector.programmes.together import check_together, fought_over
from tests.programmes.samples import COURSE, content

PLACES = {"m1": {"course": "edx", "activity": "one"}, "e3": {"course": "edx"}}
CERTIFICATE = {"course": "edx", "grant": "own_completion", "certificate": "paper"}
EDX = {
    "provinces": ["01", 4, 92],
    "enrolment": {"courses": ["edx", COURSE], "limit_to_window": False},
    "topics": PLACES,
    "certificate": CERTIFICATE,
}


def on_sites(sites: dict[str, Any], **changes: Any) -> dict[str, Any]:
    whole = content(sites=sites, **changes)
    del whole["site"]
    return whole


def two(**changes: Any) -> Programme:
    return Programme.model_validate(on_sites({"moodle": {}, "edx": EDX}, **changes))


def refusal(tmp_path: Path, definition: dict[str, Any]) -> str:
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(definition, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_programme(path)
    return str(caught.value)


def test_a_site_has_its_own_sections_and_of_the_rest_the_programmes() -> None:
    moodle, edx = two().by_site
    assert (moodle.site, edx.site) == ("moodle", "edx")
    assert (moodle.topics, moodle.enrolment, moodle.certificate) == (two().topics, two().enrolment, two().certificate)
    own = TopicRef(course="edx", activity="one")
    assert edx.refs == (own, *two().refs[1:4], TopicRef(course="edx"))
    assert [topic.name for topic in edx.topics] == [topic.name for topic in two().topics]
    assert edx.enrolment.courses == ("edx", COURSE)
    gate = edx.certificate.gate
    assert gate is not None
    assert (gate.course, gate.certificate, gate.group) == ("edx", "paper", "")
    assert edx.certificate.register_no == two().certificate.register_no


def test_one_site_is_its_own_whole() -> None:
    alone = Programme.model_validate(content())
    assert alone.by_site == (alone,)
    assert alone.on("sandbox") is alone
    assert (alone.home("92"), alone.serves("92")) == ("sandbox", True)


def test_every_province_is_at_home_on_one_site() -> None:
    homes = {province.code: two().home(province.code) for province in provinces()}
    assert {code for code, site in homes.items() if site == "edx"} == {"01", "04", "92"}
    moodle, edx = two().by_site
    assert (moodle.serves("40"), edx.serves("40"), two().serves("40")) == (True, False, True)
    assert (moodle.serves("04"), edx.serves("04"), two().serves("04")) == (False, True, True)


@given(st.lists(st.integers(0, 3), min_size=34, max_size=34), st.integers(0, 3))
def test_however_the_country_is_split_each_province_has_one_home(split: list[int], rest: int) -> None:
    codes = [province.code for province in provinces()]
    sites = {
        f"s{number}": {"provinces": [c for c, n in zip(codes, split, strict=True) if n == number]}
        for number in range(4)
    }
    sites[f"s{rest}"] = {}
    made = Programme.model_validate(on_sites(sites))
    for code, number in zip(codes, split, strict=True):
        assert made.home(code) == f"s{number}"
        assert [here.site for here in made.by_site if here.serves(code)] == [f"s{number}"]


def test_who_is_at_home_where_is_told_in_words() -> None:
    assert sites_in_words(two().sites) == (
        "on moodle: all other provinces",
        "on edx: 01 Hà Nội, 04 Cao Bằng, 92 Cần Thơ",
    )
    assert sites_in_words({}) == ()


def test_what_needs_one_site_says_so_and_an_unknown_one_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'small' stands on several sites: moodle, edx[\s\S]*--site"):
        _ = two().site
    with pytest.raises(ConfigError, match=r"does not stand on the site 'west'[\s\S]*moodle, edx"):
        two().on("west")
    with pytest.raises(ConfigError, match=r"does not stand on the site 'edx'[\s\S]*sandbox"):
        Programme.model_validate(content()).on("edx")


def test_places_on_a_site_decide_and_provinces_do_not() -> None:
    one = Programme.model_validate(content())
    alike = Programme.model_validate(on_sites({"moodle": {}, "edx": {"provinces": ["01"]}}))
    assert rule_version(alike) == rule_version(one)
    assert rule_version(two()) != rule_version(one)
    moved = Programme.model_validate(on_sites({"moodle": {}, "edx": EDX | {"provinces": ["79"]}}))
    assert rule_version(moved) == rule_version(two())


def test_a_rule_can_be_asked_for_otherwise_on_several_sites() -> None:
    asked = changed(two(), ["total=3"])
    assert asked.by_site[1].refs == two().by_site[1].refs
    assert asked != two()


def test_sites_are_compared_one_by_one() -> None:
    other = Programme.model_validate(content(key="other", site="edx", cohorts={"name": "Tỉnh {province}"}))
    moodle, edx = two().by_site
    check_together([moodle, other])
    with pytest.raises(ConfigError, match="by two names"):
        check_together([edx, other])
    shorter = content(key="k3", site="moodle")
    shorter["enrolment"] = {"courses": [COURSE], "limit_to_window": False}
    assert fought_over(moodle, Programme.model_validate(shorter)) == (COURSE,)
    assert fought_over(edx, Programme.model_validate(shorter)) == ()


def test_either_one_site_or_several(tmp_path: Path) -> None:
    both = content(sites={"moodle": {}, "edx": EDX})
    assert "sites: give either 'site' or 'sites', not both" in refusal(tmp_path, both)
    neither = content()
    del neither["site"]
    assert "site: this key is needed and missing" in refusal(tmp_path, neither)
    assert "one site alone is written as 'site: edx'" in refusal(tmp_path, on_sites({"edx": {}}))


def test_a_wrong_section_elsewhere_hides_nothing_of_the_sites(tmp_path: Path) -> None:
    told = refusal(tmp_path, on_sites({"moodle": {}, "edx": {}}, window="tomorrow"))
    assert "window" in told
    assert "'moodle' serves all other provinces already" in told
    assert "needed and missing" not in told


@pytest.mark.parametrize(
    ("sites", "told"),
    [
        ({"a": {}, "b": {}}, "sites.b.provinces: 'a' serves all other provinces already"),
        ({"a": {"provinces": ["01"]}, "b": {"provinces": ["01"]}}, "the province 01 stands at two places"),
        ({"a": {}, "b": {"provinces": ["01", "01"]}}, "the province 01 stands at two places"),
        ({"a": {}, "b": {"provinces": ["99"]}}, "there is no province with the code '99'"),
        ({"a": {"provinces": ["01"]}, "b": {"provinces": ["04"]}}, "no site serves these provinces: 08, 11,"),
        ({"a": {}, "b": {"provinces": ["01"], "topics": {"m9": PLACES["m1"]}}}, "no topic 'm9'. Known: m1,"),
        ({"a": {}, "b": {"provinces": ["01"], "topcs": {}}}, "unknown key. Did you mean 'topics'?"),
        ({"a": {}, "b": {"provinces": ["01"], "topics": {"m1": {"curse": "x"}}}}, "Did you mean 'course'?"),
        (
            {"a": {}, "b": {"provinces": ["01"], "topics": PLACES}},
            "sites.b.topics.m1.course: nobody is enrolled in the course 'edx'",
        ),
        (
            {"a": {}, "b": {"provinces": ["01"], "enrolment": {"courses": ["edx"]}}},
            f"sites.b: nobody is enrolled in the course '{COURSE}'",
        ),
        (
            {"a": {}, "b": {"provinces": ["01"], "topics": {"m1": {"course": COURSE}}}},
            "sites.b: a topic is a whole course: what is not mirrored when enrolments end is lost for good",
        ),
        (
            {"a": {}, "b": {"provinces": ["01"], "topics": {"m1": {"course": COURSE, "activity": "e1"}}}},
            f"'{COURSE}/e1' is the place of 2 topics",
        ),
        (
            {"a": {}, "b": {"provinces": ["01"], "enrolment": {"courses": [COURSE], "method": "cohort"}}},
            "sites.b: an enrolment by cohort cannot be suspended",
        ),
        (
            {"a": {}, "b": {"provinces": ["01"], "certificate": {"grant": "own_paper"}}},
            "a paper of our own is the whole programme's",
        ),
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path: Path, sites: dict[str, Any], told: str) -> None:
    assert told in refusal(tmp_path, on_sites(sites))
