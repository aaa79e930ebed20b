"""Open edX behind the seam, against a small Open edX in memory: what is promised, and each of its quirks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from connector.errors import ConfigError, ProtocolError
from connector.lms import (
    AccountField,
    AccountUpdate,
    Capability,
    CertificateGate,
    GrantWay,
    ItemResult,
    Needs,
    NewAccount,
    NewPassword,
    Outcome,
    Severity,
)
from connector.mappers.openedx import AccountMapper, cohort_name, cohort_parts, full_name
from connector.model import (
    Account,
    Cohort,
    Enrolment,
    Group,
    GroupMembership,
    Learner,
    Membership,
    Origin,
    TopicRef,
    TopicResult,
)
from connector.openedx.lms import open_openedx
from connector.settings import Site
from tests.openedx.box import C1, C2, ME, Box
from tests.openedx.scripted import CLIENT, SECRET

AN = Cohort(idnumber="VN-40", name="Nghệ An")
TINH = Cohort(idnumber="VN-42", name="Hà Tĩnh")
GATE = CertificateGate(course=C1, certificate=C1, way=GrantWay.ALLOWLIST)
DONE, ALREADY, REFUSED = Outcome.DONE, Outcome.ALREADY, Outcome.REFUSED


def account(username: str, **changes: str) -> Account:
    made = Account(
        username=username,
        firstname="An",
        lastname="Nguyễn Văn",
        email=f"{username}@hocvien.invalid",
        idnumber="",
        fields=(("country", "VN"),),
        auth="openedx",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # all of them texts


def new(*names: str) -> list[NewAccount]:
    return [NewAccount(account=account(name), password="") for name in names]


def outcomes(results: list[ItemResult]) -> list[Outcome]:
    return [result.outcome for result in results]


# ---- accounts


def test_accounts_are_made_with_the_mode_and_read_back_as_they_were_sent() -> None:
    box = Box()
    assert outcomes(box.lms.create_accounts(new("an1", "an2"))) == [DONE, DONE]
    assert [seen.account for seen in box.lms.accounts(["an1", "an2", "ghost"])] == [account("an1"), account("an2")]
    assert box.courses[C1].enrolments["an1"] == ["honor", True]
    assert list(box.lms.accounts(["ghost"])) == []  # all unknown is a 404 without a word


def test_who_is_there_is_not_made_again_and_an_address_in_use_is_not_taken_over() -> None:
    box = Box()
    box.person("old")
    box.person("other", email="An2@hocvien.invalid")
    results = box.lms.create_accounts(new("old", "an2"))
    assert outcomes(results) == [ALREADY, REFUSED]
    assert results[1].code == "email_taken"
    assert not box.sent("register_and_enroll")


def test_a_site_without_the_extra_columns_is_sent_four() -> None:
    box = Box()
    box.off.add("columns")
    box.courses[C1].modes = ["audit", "honor"]
    assert outcomes(box.lms.create_accounts(new("an1"))) == [DONE]
    assert box.courses[C1].enrolments["an1"] == ["audit", True]  # the enrolment that follows sets the mode
    box.lms.enrol([Enrolment(course=C1, username="an1")])
    assert box.courses[C1].enrolments["an1"] == ["honor", True]


def test_a_lost_answer_of_a_sign_up_is_read_back() -> None:
    box = Box()
    box.lose.append(("POST", "register_and_enroll"))
    assert outcomes(box.lms.create_accounts(new("an1"))) == [DONE]
    assert len(box.sent("register_and_enroll")) == 1


def test_sign_up_that_is_off_stops_and_says_so() -> None:
    box = Box()
    box.off.add("sign_up")
    with pytest.raises(ConfigError, match="ALLOW_AUTOMATED_SIGNUPS"):
        box.lms.create_accounts(new("an1"))


@pytest.mark.parametrize(
    "bad", [account("ă"), account("x" * 31), account("an", email=""), account("an", firstname="", lastname="")]
)
def test_accounts_that_open_edx_would_not_take_are_refused_without_being_sent(bad: Account) -> None:
    box = Box()
    assert outcomes(box.lms.create_accounts([NewAccount(account=bad, password="")])) == [REFUSED]
    assert not box.sent("register_and_enroll")


def test_what_open_edx_cannot_do_is_refused_in_words() -> None:
    lms = Box(signs_up=False).lms
    assert Capability.UPDATE_ACCOUNTS not in lms.capabilities
    assert Capability.ACCOUNTS not in lms.capabilities
    assert Capability.ACCOUNTS in Box().lms.capabilities
    group, member = Group(course=C1, idnumber="g", name="G"), GroupMembership(course=C1, group="g", username="an")
    every = [
        *lms.create_accounts(new("an")),
        *lms.update_accounts([AccountUpdate(before=account("an"), after=account("an", firstname="Ân"))]),
        *lms.set_passwords([NewPassword(username="an", password="x")]),
        *lms.create_groups([group]),
        *lms.add_to_groups([member]),
        *lms.remove_from_groups([member]),
    ]
    assert {(result.outcome, result.code, bool(result.message)) for result in every} == {(REFUSED, "cannot", True)}
    assert [*lms.groups(C1), *lms.group_memberships(C1, ["g"], ["an"])] == []


def test_people_are_found_by_name_and_address_but_by_no_id_number() -> None:
    box = Box()
    box.person("an1", email="An1@x.vn")
    find = box.lms.find_accounts
    assert [seen.remote_id for seen in find(AccountField.EMAIL, ["an1@X.vn", "no@x.vn"])] == ["1"]
    assert [seen.remote_id for seen in find(AccountField.USERNAME, ["an1"])] == ["1"]
    assert list(find(AccountField.IDNUMBER, ["VN-1"])) == []


def test_many_people_are_read_a_course_at_a_time_and_the_reading_serves_for_a_minute() -> None:
    box = Box()
    names = [box.person(f"u{number}") for number in range(250)]
    for name in names[:240]:
        box.courses[C1].enrolments[name] = ["honor", True]
    assert len(list(box.lms.accounts(names))) == 250
    assert (len(box.sent("get_students_features")), len(box.sent("/accounts?"))) == (2, 1)
    list(box.lms.accounts(names))
    assert len(box.sent("get_students_features")) == 2
    box.clock.now += 61
    list(box.lms.accounts(names))
    assert len(box.sent("get_students_features")) == 4


def test_a_caller_who_sees_too_little_is_stopped() -> None:
    box = Box()
    box.person("an1")
    del box.people["an1"]["email"]
    with pytest.raises(ProtocolError, match="global staff"):
        list(box.lms.accounts(["an1"]))


def test_staff_of_the_courses_and_the_connectors_own_account_are_elevated() -> None:
    box = Box()
    box.courses[C2].staff.add("teacher")
    assert box.lms.elevated([C1, C2], ["teacher", ME, "an"]) == {"teacher", ME}


# ---- cohorts


def cohorts_made(box: Box, *names: str) -> None:
    assert outcomes(box.lms.create_cohorts([AN, TINH])) == [DONE, DONE]
    for name in names:
        box.person(name)
        for course in box.courses.values():
            course.enrolments[name] = ["honor", True]


def test_a_cohort_stands_in_every_course_under_a_name_with_our_key() -> None:
    box = Box()
    box.courses[C1].cohorts = {"Nhóm của cô": (7, "manual", set()), "Nghệ An (VN-40)": (8, "manual", set())}
    assert list(box.lms.cohorts()) == []  # not in every course yet
    assert outcomes(box.lms.create_cohorts([AN])) == [DONE]
    assert list(box.courses[C2].cohorts) == ["Nghệ An (VN-40)"]
    assert list(box.lms.cohorts()) == [AN]
    assert outcomes(box.lms.create_cohorts([AN])) == [ALREADY]


def test_a_lost_answer_of_a_new_cohort_is_looked_up_since_a_repeat_would_be_a_fault() -> None:
    box = Box()
    box.lose.append(("POST", "/cohorts/"))
    assert outcomes(box.lms.create_cohorts([AN])) == [DONE]
    assert [list(course.cohorts) for course in box.courses.values()] == [["Nghệ An (VN-40)"]] * 2
    assert len([asked for asked in box.sent("/cohorts/") if asked.method == "POST"]) == 2


def test_cohorts_that_are_switched_off_are_not_switched_on() -> None:
    box = Box()
    box.courses[C2].cohorted = False
    assert [result.code for result in box.lms.create_cohorts([AN])] == ["cohorts_off"]
    refused = box.lms.add_members([Membership(cohort="VN-40", username="a")])
    assert [result.code for result in refused] == ["cohorts_off"]
    assert not [asked for asked in box.asked if asked.method in ("PUT", "POST") and "cohorts" in asked.path]


def test_a_cohort_is_renamed_in_every_course_and_an_odd_name_is_seen() -> None:
    box = Box()
    cohorts_made(box)
    box.courses[C2].cohorts["Nghe An (VN-40)"] = box.courses[C2].cohorts.pop("Nghệ An (VN-40)")
    assert Cohort(idnumber="VN-40", name="Nghe An") in list(box.lms.cohorts())
    assert outcomes(box.lms.update_cohorts([AN, Cohort(idnumber="VN-99", name="x")])) == [DONE, REFUSED]
    assert AN in list(box.lms.cohorts())
    assert outcomes(box.lms.update_cohorts([AN])) == [ALREADY]


def test_members_are_added_in_every_course_moved_between_ours_and_removed() -> None:
    box = Box()
    cohorts_made(box, "an1")
    here, there = (Membership(cohort=cohort, username="an1") for cohort in ("VN-40", "VN-42"))

    def read() -> list[Membership]:
        return list(box.lms.memberships(["VN-40", "VN-42"], ["an1", "ghost"]))

    assert outcomes(box.lms.add_members([here, Membership(cohort="VN-40", username="ghost")])) == [DONE, REFUSED]
    assert read() == [here]
    assert outcomes(box.lms.add_members([here])) == [ALREADY]
    assert outcomes(box.lms.add_members([there])) == [DONE]
    assert read() == [there]
    assert outcomes(box.lms.remove_members([there, here])) == [DONE, ALREADY]
    assert read() == []


def test_a_member_who_is_not_enrolled_is_found_in_the_cohorts_own_lists() -> None:
    box = Box()
    cohorts_made(box)
    box.person("late")
    item = Membership(cohort="VN-40", username="late")
    assert outcomes(box.lms.add_members([item])) == [DONE]
    assert list(box.lms.memberships(["VN-40"], ["late"])) == [item]


@pytest.mark.parametrize("enrolled", [True, False])
def test_who_sits_in_a_foreign_cohort_is_refused_and_not_moved(enrolled: bool) -> None:
    box = Box()
    cohorts_made(box, "an1")
    box.courses[C1].enrolments["an1"][1] = enrolled
    box.courses[C1].cohorts["Lớp cô Hoa"] = (50, "manual", {"an1"})
    result = box.lms.add_members([Membership(cohort="VN-40", username="an1")])[0]
    assert (result.code, "Lớp cô Hoa" in result.message) == ("foreign_cohort", True)
    assert box.courses[C1].cohort_of("an1") == "Lớp cô Hoa"


def test_who_was_put_into_a_cohort_by_open_edx_itself_is_moved() -> None:
    box = Box()
    cohorts_made(box, "an1")
    box.courses[C1].cohorts["Default Group"] = (50, "random", {"an1"})
    assert outcomes(box.lms.add_members([Membership(cohort="VN-40", username="an1")])) == [DONE]


def test_a_lost_answer_of_new_members_is_read_back() -> None:
    box = Box()
    cohorts_made(box, "an1")
    box.lose.append(("POST", "/users/"))
    assert outcomes(box.lms.add_members([Membership(cohort="VN-40", username="an1")])) == [DONE]
    assert len([asked for asked in box.sent("/users/") if asked.method == "POST"]) == 2  # one a course


# ---- enrolments


def test_people_are_enrolled_in_bulk_where_the_default_mode_is_the_wanted_one() -> None:
    box = Box()
    items = [Enrolment(course=C1, username=box.person(f"u{number}")) for number in range(3)]
    ghost = Enrolment(course=C1, username="ghost")
    assert outcomes(box.lms.enrol([*items, ghost])) == [DONE, DONE, DONE, REFUSED]
    assert (len(box.sent("bulk_enroll")), len(box.sent("/enrollment/v1/enrollment"))) == (1, 2)
    assert outcomes(box.lms.enrol(items)) == [ALREADY] * 3
    seen = list(box.lms.enrolments(C1))
    assert [(one.username, one.active, one.last_course_access) for one in seen] == [
        (item.username, True, None) for item in items
    ]


@pytest.mark.parametrize("why", ["off", "audit"])
def test_they_are_enrolled_one_by_one_with_the_mode_elsewhere(why: str) -> None:
    box = Box()
    if why == "off":
        box.off.add("bulk")
    else:
        box.courses[C1].modes = ["audit", "honor"]
    items = [Enrolment(course=C1, username=box.person(f"u{number}")) for number in range(3)]
    assert outcomes(box.lms.enrol(items)) == [DONE] * 3
    assert set(map(tuple, box.courses[C1].enrolments.values())) == {("honor", True)}
    assert len(box.sent("bulk_enroll")) == (1 if why == "off" else 0)


def test_who_leaves_is_unenrolled_with_the_mode_that_was_read() -> None:
    """The wrong mode would not unenrol; a repeat without one would rewrite it (facts section 4)."""
    box = Box()
    box.courses[C1].modes = ["audit", "honor"]
    box.courses[C1].enrolments[box.person("an1")] = ["audit", True]
    leave = Enrolment(course=C1, username="an1", active=False)
    assert outcomes(box.lms.enrol([leave])) == [DONE]
    assert outcomes(box.lms.enrol([leave])) == [ALREADY]
    assert box.courses[C1].enrolments["an1"] == ["audit", False]
    assert [seen.active for seen in box.lms.enrolments(C1)] == [False]


def test_a_mode_that_the_course_lacks_is_refused_before_anything_is_sent() -> None:
    box = Box()
    box.courses[C1].modes = ["audit"]
    assert [result.code for result in box.lms.enrol([Enrolment(course=C1, username="an1")])] == ["no_mode"]


@pytest.mark.parametrize("path", ["bulk_enroll", "/enrollment/v1/enrollment"])
def test_a_lost_answer_of_an_enrolment_is_read_back(path: str) -> None:
    box = Box()
    if "bulk" not in path:
        box.courses[C1].modes = ["audit", "honor"]
    box.lose.append(("POST", path))
    assert outcomes(box.lms.enrol([Enrolment(course=C1, username=box.person("an1"))])) == [DONE]
    assert len([asked for asked in box.sent("enroll") if asked.method == "POST"]) == 1


# ---- results


def test_a_course_is_done_when_its_grade_passes_and_no_time_is_told() -> None:
    box = Box()
    cohorts_made(box, "an1", "an2", "an3", "other")
    box.courses[C1].grades = {"an1": 0.7, "an2": 0.2, "other": 1.0}
    ref = TopicRef(course=C1)
    assert list(box.lms.topic_results([ref], ["an1", "an2", "an3"])) == [
        TopicResult(ref=ref, username="an1", done=True, completed_at=None, grade=70.0),
        TopicResult(ref=ref, username="an2", done=False, completed_at=None, grade=20.0),
    ]


def test_graded_subsections_are_read_from_the_gradebook_and_others_from_each_learners_completion() -> None:
    box = Box()
    cohorts_made(box, "an1", "an2")
    box.people["an1"]["last_login"] = "2026-11-22T02:58:31.111Z"
    box.courses[C1].sections = {"an1": {"hw1": 0.6}, "an2": {"hw1": 0.5}}
    box.courses[C1].complete = {("an1", "doc"), ("an2", "doc")}
    hw1, doc = TopicRef(course=C1, activity="hw1"), TopicRef(course=C1, activity="doc")
    results = box.lms.topic_results([hw1, doc], ["an1", "an2"])
    found = {(one.username, one.ref.activity): (one.done, one.grade) for one in results}
    assert found == {("an1", "hw1"): (True, 60.0), ("an2", "hw1"): (False, 50.0), ("an1", "doc"): (True, None)}
    assert len([asked for asked in box.sent("blocks") if "username" in asked.path]) == 1  # an2 never logged in


def test_topics_are_named_and_missing_ones_refused() -> None:
    box = Box()
    whole, part = box.lms.topics([TopicRef(course=C1), TopicRef(course=C1, activity="doc")])
    assert (whole.remote_id, whole.name, part.name) == (C1, "Kỹ năng số", "doc")
    no_section = (TopicRef(course=C1, activity="no"), TopicRef(course="x", activity="no"))
    for ref in (TopicRef(course="course-v1:no"), *no_section):
        with pytest.raises(ConfigError):
            list(box.lms.topics([ref]))


# ---- certificates


def test_certificates_are_released_by_the_allowlist_and_read_back() -> None:
    box = Box()
    cohorts_made(box, "an1", "an2", "audits")
    box.courses[C1].enrolments["audits"][0] = "audit"
    assert list(box.lms.certificate_issues(GATE, None)) == []
    assert not box.sent("/certificates/v0/")  # a course without any costs one request
    results = box.lms.grant_certificates(GATE, ["an1", "audits", "ghost"])
    assert [(one.key, one.outcome) for one in results] == [(("an1",), DONE), (("audits",), DONE), (("ghost",), REFUSED)]
    assert "ghost" not in results[2].message
    assert outcomes(box.lms.grant_certificates(GATE, ["an1"])) == [ALREADY]
    issue = next(iter(box.lms.certificate_issues(GATE, None)))
    assert (issue.username, issue.code, issue.issue_id) == ("an1", "68f2an1", "an1:68f2an1")
    assert list(box.lms.certificate_issues(GATE, issue.issued_at)) == [issue]
    assert list(box.lms.granted(GATE, ["an1", "audits"])) == ["an1"]
    assert outcomes(box.lms.delete_issues(GATE, [issue.issue_id])) == [DONE]
    assert outcomes(box.lms.delete_issues(GATE, [issue.issue_id])) == [ALREADY]
    assert list(box.lms.certificate_issues(GATE, None)) == []


def test_the_gate_is_closed_once() -> None:
    box = Box()
    cohorts_made(box, "an1")
    box.lms.grant_certificates(GATE, ["an1"])
    assert outcomes(box.lms.withdraw_certificates(GATE, ["an1"])) == [DONE]
    assert outcomes(box.lms.withdraw_certificates(GATE, ["an1"])) == [ALREADY]


def test_lost_answers_about_certificates_are_settled() -> None:
    box = Box()
    cohorts_made(box, "an1")
    box.lose.append(("POST", "generate_bulk"))
    assert outcomes(box.lms.grant_certificates(GATE, ["an1"])) == [ALREADY]
    box.lose.append(("DELETE", "certificate_exception_view"))
    assert outcomes(box.lms.withdraw_certificates(GATE, ["an1"])) == [ALREADY]


def test_other_gates_are_refused() -> None:
    with pytest.raises(ConfigError, match="allowlist"):
        Box().lms.grant_certificates(CertificateGate(course=C1, certificate="c"), ["an1"])


# ---- the doctor


def findings(box: Box) -> dict[str, Severity]:
    wanted = Needs(courses=(C1,), topics=(TopicRef(course=C1),), gate=GATE)
    return {one.subject: one.severity for one in box.lms.check(wanted)}


def test_the_doctor_finds_a_good_site_good() -> None:
    box = Box()
    cohorts_made(box, "an1")
    found = findings(box)
    assert found.pop("Certificate") is Severity.WARNING
    assert set(found.values()) == {Severity.OK}
    assert len(found) == 7


@pytest.mark.parametrize(
    ("subject", "spoil", "severity"),
    [
        ("Service account", lambda box: box.off.add("staff"), Severity.ERROR),
        ("New accounts", lambda box: box.off.add("sign_up"), Severity.ERROR),
        ("Enrolment in bulk", lambda box: box.off.add("bulk"), Severity.WARNING),
        ("Enrolment in bulk", lambda box: box.courses[C1].modes.append("audit"), Severity.WARNING),
        (f"Cohorts of {C1}", lambda box: setattr(box.courses[C1], "cohorted", False), Severity.ERROR),
        (f"Modes of {C1}", lambda box: setattr(box.courses[C1], "modes", ["audit"]), Severity.ERROR),
        (f"Modes of {C1}", lambda box: box.courses[C1].enrolments.update(an1=["audit", True]), Severity.WARNING),
    ],
)
def test_the_doctor_names_what_is_wrong(subject: str, spoil: Callable[[Box], Any], severity: Severity) -> None:
    box = Box()
    cohorts_made(box, "an1")
    spoil(box)
    assert findings(box)[subject] is severity


# ---- opened from the configuration


def test_a_site_of_the_configuration_speaks_as_its_application() -> None:
    box = Box()
    box.person("an1")
    site = Site.model_validate({"platform": "openedx", "url": "https://lms.example.vn", "client_id": CLIENT})
    with pytest.raises(ConfigError, match=r"no client_secret.*CLIENT_SECRET"):
        open_openedx("edx", site, [C1], adapter=box)
    with pytest.raises(ConfigError, match="no client_id"):
        open_openedx("edx", site.model_copy(update={"client_id": ""}), [C1], adapter=box)
    lms = open_openedx("edx", site.model_copy(update={"client_secret": SecretStr(SECRET)}), [C1], adapter=box)
    assert [seen.account for seen in lms.accounts(["an1"])] == [account("an1")]
    assert (lms.name, lms.calls.requests, lms.take_oddities()) == ("edx", 2, [])


def test_an_account_that_cannot_be_understood_is_noted() -> None:
    box = Box()
    box.person("an1")
    box.people["an1"]["last_login"] = "yesterday"
    assert list(box.lms.accounts(["an1"])) == []
    assert [(odd.part, odd.username) for odd in box.lms.take_oddities()] == [("accounts", "an1")]


# ---- the mapper

WORDS = st.lists(st.text("aăâbcđeêAĂÂ", min_size=1, max_size=5), min_size=1, max_size=5).map(" ".join)


@given(WORDS)
def test_a_name_comes_back_as_it_was_split(name: str) -> None:
    learner = Learner(
        phone="+84912345678",
        full_name=name,
        province_code="40",
        commune_code=None,
        workplace="",
        position="",
        origin=Origin(file="f", sheet="", row=1),
    )
    sent = account("an1", firstname=learner.given_name, lastname=learner.family_and_middle)
    row = {"id": 1, "username": "an1", "email": sent.email, "name": full_name(sent), "country": "VN"}
    assert AccountMapper(idnumber="", fields=["country"], profile=[]).seen(row).account == sent


@given(WORDS, st.from_regex(r"[A-Z]{2}-[0-9]{2}", fullmatch=True))
def test_a_cohorts_name_carries_its_key(name: str, key: str) -> None:
    assert cohort_parts(cohort_name(name, key)) == (name, key)
    assert cohort_parts(name) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"idnumber": "VN-1", "fields": [], "profile": []},
        {"idnumber": "", "fields": ["city"], "profile": []},
        {"idnumber": "", "fields": [], "profile": [], "auth": "manual"},
        {"idnumber": "", "fields": [], "profile": ["province"]},
    ],
)
def test_what_open_edx_does_not_keep_cannot_be_managed(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="does not keep"):
        AccountMapper(**wrong)
