from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.errors import ConfigError
from connector.lms import CertificateGate
from connector.model import Cohort, TopicRef
from connector.programmes.definition import (
    Programme,
    SelfRegistration,
    find_programme,
    known_programmes,
    load_programme,
)
from connector.programmes.enrolment import Leaving
from connector.programmes.topics import TopicKind
from tests.programmes.samples import CONFIG, COURSE, END, START, content, programme, topic


def refusal(tmp_path: Path, **changes: Any) -> str:
    """What the reader is told about a file with these changes."""
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(content(**changes), allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_programme(path)
    return str(caught.value)


def test_the_first_course_is_the_one_of_the_documents() -> None:
    # reference/vietnam-facts.md 1.1 rows 8 and 11: 19 topics, 5 mandatory and 5 elective, 15 days
    found = find_programme(CONFIG, "bkhcn-2025-k1")
    assert (found.window.starts_at, found.window.ends_at) == (START, END)
    assert [topic.key for topic in found.topics] == [f"cd{number:02d}" for number in range(1, 20)]
    mandatory = [topic.key for topic in found.topics if topic.kind is TopicKind.MANDATORY]
    assert mandatory == ["cd01", "cd02", "cd03", "cd04", "cd05"]
    assert found.refs[18] == TopicRef(course=COURSE, activity="cd19")
    assert found.certificate.gate == CertificateGate(course=COURSE, certificate="cert", group="eligible")
    assert found.certificate.register_number(7) == "00007/2025/GCN-BKHCN"
    assert found.leaving is Leaving.SUSPEND_ENROLMENT
    assert found.enrolment.limit_to_window


def test_the_second_example_has_one_course_for_each_topic() -> None:
    found = find_programme(CONFIG, "bkhcn-2025-k1-courses")
    assert found.refs[0] == TopicRef(course="cd-01")
    assert found.enrolment.courses == (COURSE, *(f"cd-{number:02d}" for number in range(1, 20)))


def test_every_key_of_the_examples_is_commented_and_stands_there() -> None:
    for key in known_programmes(CONFIG):
        text = (CONFIG / f"{key}.yaml").read_text(encoding="utf-8")
        for name in Programme.model_fields.keys() - {"site_key", "sites"} | {"site"}:
            line = next(number for number, line in enumerate(text.splitlines()) if line.startswith(f"{name}:"))
            around = "\n".join(text.splitlines()[max(line - 5, 0) : line + 1])
            assert "#" in around, f"{key}: {name}"


def test_window_takes_the_start_and_leaves_the_end() -> None:
    window = programme().window
    assert window.contains(START)
    assert not window.contains(END)
    assert window.contains(datetime(2025, 12, 15, 16, 59, 59, tzinfo=UTC))


def test_courses_may_enrol_cohorts_themselves_and_have_groups() -> None:
    own = {"courses": [COURSE], "method": "cohort", "groups": "VN-{province_code}"}
    found = programme(enrolment=own, leaving="leave_cohort").enrolment
    assert (found.enrols, found.groups) == (False, "VN-{province_code}")
    assert (programme().enrolment.enrols, programme().enrolment.groups) == (True, None)


def test_cohorts_are_named_by_province() -> None:
    assert programme().cohorts.of("40", "Nghệ An") == Cohort(idnumber="VN-40", name="Nghệ An")


def test_programmes_that_are_equal_have_the_same_hash_and_changed_ones_differ() -> None:
    assert hash(programme()) == hash(programme())
    assert programme() == programme()
    assert programme() != programme(name="Another")


def test_part_titles_fall_back_to_names() -> None:
    titled = {"type": "at_least", "name": "total", "title": "Tổng số", "count": 1}
    assert programme(rule=titled).part_titles == {"total": "Tổng số"}
    assert programme().part_titles == {"total": "total"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"enrolment": {"courses": [COURSE], "method": "self"}}, "enrolment.method: "),
        ({"enrolment": {"courses": [COURSE], "groups": "all"}}, "or all provinces would share one group"),
        ({"enrolment": {"courses": [COURSE], "method": "cohort"}}, "leaving: an enrolment by cohort cannot be"),
        (
            {"enrolment": {"courses": [COURSE], "method": "cohort", "limit_to_window": True}, "leaving": "keep"},
            "enrolment.limit_to_window: an enrolment by cohort has no dates",
        ),
        (
            {"enrolment": {"courses": [COURSE], "groups": "VN-{province_code}"}, "cohorts": {"name": "Học viên"}},
            "cohorts.name: it must hold {province}",
        ),
        ({"sight": 1}, "sight: unknown key. Did you mean 'site'?"),
        ({"window": {"starts_at": "2025-12-01T00:00"}}, "window.ends_at: this key is needed and missing"),
        (
            {"window": {"starts_at": "2025-12-16T00:00", "ends_at": "2025-12-16T00:00"}},
            "window.ends_at: the window is empty",
        ),
        (
            {"window": {"starts_at": "2025-12-01T00:00+07:00", "ends_at": "2025-12-16T00:00"}},
            "window.starts_at: Value error, write the time without an offset",
        ),
        (
            {"window": {"zone": "Asia/Hanoi", "starts_at": "2025-12-01T00:00", "ends_at": "2025-12-16T00:00"}},
            "there is no time zone 'Asia/Hanoi'",
        ),
        ({"cohorts": {"idnumber": "VN"}}, "it must hold {province_code}"),
        ({"cohorts": {"idnumber": "VN-{provinces}"}}, "'provinces' cannot stand in braces here. Did you mean"),
        ({"cohorts": {"name": "{province"}}, "'{province' is no pattern"),
        ({"topics": [topic("m1"), topic("m1")]}, "topics.0.key: the key 'm1' is used by 2 topics"),
        ({"topics": [topic("m1"), topic("m1")]}, f"topics.1.course: '{COURSE}/m1' is the place of 2 topics"),
        ({"topics": [topic("m1"), topic("e1") | {"course": "other"}]}, "topics.1.course: nobody is enrolled in"),
        ({"enrolment": {"courses": [COURSE, COURSE]}}, f"the course '{COURSE}' stands twice"),
        ({"enrolment": {"courses": ["other"]}}, f"certificate.course: nobody is enrolled in the course '{COURSE}'"),
        ({"certificate": content()["certificate"] | {"register_no": "GCN"}}, "it must hold {seq}"),
        ({"certificate": content()["certificate"] | {"register_no": "{seq:05q}"}}, "'{seq:05q}' is no pattern"),
        ({"certificate": content()["certificate"] | {"register_no": "{number}"}}, "'number' cannot stand in braces"),
        ({"leaving": "delete"}, "leaving: Input should be 'keep'"),
        ({"rule": {"type": "at_leats", "name": "total", "count": 1}}, "rule: Input tag 'at_leats' found"),
        ({"rule": {"type": "at_least", "name": "total", "count": 6}}, "it asks for 6 topics, but only 5 fit"),
        ({"key": "other"}, "defines the programme 'other'. Name the file other.yaml."),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    assert told in refusal(tmp_path, **changes)


def test_all_that_is_wrong_is_told_at_once_with_lines(tmp_path: Path) -> None:
    told = refusal(tmp_path, sight=1, leaving="delete", topics=[topic("m1") | {"kinds": "x"}]).splitlines()
    path = tmp_path / "small.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(told) == 3
    for wrong in ("kinds", "sight", "leaving"):
        number = next(number for number, line in enumerate(lines, start=1) if line.strip().startswith(f"{wrong}:"))
        assert any(line.startswith(f"{path}, line {number}: ") and wrong in line for line in told)


def test_what_does_not_fit_together_is_told_beside_wrong_shapes(tmp_path: Path) -> None:
    wrong = {"type": "at_least", "name": "total", "count": 9, "topics": ["m1", "zz"]}
    told = refusal(tmp_path, leaving="delete", enrolment={"courses": ["other"]}, rule=wrong).splitlines()
    assert {line.partition(": ")[2].partition(":")[0] for line in told} == {
        *(f"topics.{number}.course" for number in range(5)),
        "rule.count",
        "rule.topics.1",
        "certificate.course",
        "leaving",
    }
    assert [line for line in told if "there is no topic 'zz'" in line]


def test_a_rule_is_checked_beside_a_window_that_cannot_be_read(tmp_path: Path) -> None:
    told = refusal(tmp_path, window={"starts_at": "soon"}, rule={"type": "at_least", "name": "total", "count": 9})
    assert "it asks for 9 topics" in told
    assert "window.ends_at" in told


def test_whole_courses_and_enrolments_that_end_do_not_go_together(tmp_path: Path) -> None:
    whole = {name: value for name, value in topic("m1").items() if name != "activity"}
    topics = [whole, topic("m2")]
    told = refusal(tmp_path, topics=topics, enrolment={"courses": [COURSE], "limit_to_window": True})
    assert "enrolment.limit_to_window: a topic is a whole course" in told
    (tmp_path / "small.yaml").write_text(
        yaml.safe_dump(content(topics=topics, enrolment={"courses": [COURSE], "limit_to_window": False}))
    )
    assert load_programme(tmp_path / "small.yaml").enrolment.limit_to_window is False


def test_a_prerequisite_must_be_a_programme_beside_the_file(tmp_path: Path) -> None:
    before = {"type": "prerequisite", "name": "before", "programme": "frist"}
    (tmp_path / "first.yaml").write_text("", encoding="utf-8")
    told = refusal(tmp_path, rule=before)
    assert "rule.programme: there is no programme 'frist' beside this file. Did you mean 'first'?" in told
    assert "a programme cannot be its own" in refusal(tmp_path, rule=before | {"programme": "small"})
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(content(rule=before | {"programme": "first"})))
    assert load_programme(tmp_path / "small.yaml").rule.type == "prerequisite"


@pytest.mark.parametrize(
    ("text", "told"),
    [("a: [", r"line \d: the file is not YAML"), ("- 1", "must be a list of keys"), ("", "must be a list of keys")],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        load_programme(path)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_programme(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(ConfigError, match="is not YAML"):
        load_programme(tmp_path / "bad.yaml")


def test_an_unknown_programme_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"Did you mean 'bkhcn-2025-k1'\?"):
        find_programme(CONFIG, "bkhcn-2025-k2")
    with pytest.raises(ConfigError, match="Known: bkhcn-2025-k1, bkhcn-2025-k1-courses"):
        find_programme(CONFIG, "zzz")


def test_an_empty_or_missing_folder_knows_no_programmes(tmp_path: Path) -> None:
    assert known_programmes(tmp_path / "none") == ()
    with pytest.raises(ConfigError, match="Known: -"):
        find_programme(tmp_path, "../secret")


def test_a_self_registration_is_late_from_the_very_moment_on() -> None:
    late_from = datetime(2025, 11, 24, 17, tzinfo=UTC)  # 2025-11-25T00:00 in Viet Nam
    first = load_programme(CONFIG / "bkhcn-2025-k1.yaml")
    assert first.registration.self_registration is SelfRegistration.CONFIRM
    assert (first.is_late(late_from), first.is_late(late_from - timedelta(microseconds=1))) == (True, False)
    assert not programme().is_late(late_from), "without a day nobody is late"


def test_the_day_of_lateness_has_no_offset(tmp_path: Path) -> None:
    assert "window's" in refusal(tmp_path, registration={"late_from": "2025-11-25T00:00+07:00"})
