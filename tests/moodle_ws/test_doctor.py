"""The doctor on sandboxes with one thing wrong: the finding names it and tells an administrator what to do."""

from dataclasses import replace

import pytest

from connector.errors import PlatformUnavailable, ProtocolError
from connector.lms import Finding, Needs, Severity
from connector.model import Cohort, Enrolment, Membership, TopicRef
from connector.moodle_ws.doctor import LOOKED_AT, Doctor
from connector.moodle_ws.functions import FUNCTIONS, Use, wanted
from connector.moodle_ws.ids import Ids
from connector.moodle_ws.lms import MoodleLms
from connector.sandbox.building import add_cohort_enrolment
from connector.sandbox.functions import descriptions
from tests.contract.worlds import COURSE, GATE, PAGE, WHOLE
from tests.fakes.sandbox_door import TOKEN, SandboxDoor
from tests.moodle_ws.conftest import new, over
from tests.moodle_ws.scripted import ScriptedDoor, Told, client, good, refusal, site_info

NEEDS = Needs(courses=(COURSE, WHOLE.course), topics=(PAGE, WHOLE), gate=GATE, profile_fields=("province",))


def bad(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is not Severity.OK]


def only(findings: list[Finding], subject: str) -> Finding:
    return next(finding for finding in findings if finding.subject == subject)


def enrolled(lms: MoodleLms) -> None:
    lms.create_accounts([new(1)])
    items = [Enrolment(course=course, username=new(1).account.username) for course in NEEDS.courses]
    assert all(result.ok for result in lms.enrol(items))


def test_a_good_site_has_one_open_question(lms: MoodleLms) -> None:
    enrolled(lms)
    findings = lms.check(NEEDS)
    assert [finding.subject for finding in bad(findings)] == ["Profile field province"]
    assert "province" in bad(findings)[0].remedy
    assert "mod_customcert 2024" in only(findings, "Certificate").detail


def test_a_profile_field_is_proved_by_somebody_who_has_a_value(door: SandboxDoor) -> None:
    lms = over(door, known_username=new(1).account.username)
    enrolled(lms)
    assert bad(lms.check(NEEDS)) == []


def test_each_missing_function_is_named_with_its_rights(door: SandboxDoor) -> None:
    missing = {"enrol_manual_enrol_users", "tool_mobile_call_external_functions", "mod_customcert_list_issues"}
    left = " ".join(set(descriptions()) - missing)
    door.site.db.execute("UPDATE tokens SET functions = ?", (left,))
    findings = over(door).check(NEEDS)
    assert only(findings, "enrol_manual_enrol_users").severity is Severity.ERROR
    assert "enrol/manual:enrol" in only(findings, "enrol_manual_enrol_users").remedy
    assert only(findings, "tool_mobile_call_external_functions").severity is Severity.WARNING
    assert only(findings, "Certificate").severity is Severity.ERROR


def test_blindness_is_an_error_where_somebody_is_known(door: SandboxDoor) -> None:
    over(door).create_accounts([new(1)])
    door.site.switches.blind = True
    known = over(door, known_username=new(1).account.username).check(Needs())
    assert only(known, "Look-up of accounts").severity is Severity.ERROR
    assert "viewalldetails" in only(known, "Look-up of accounts").remedy
    unsure = over(door).check(Needs())
    assert only(unsure, "Look-up of accounts").severity is Severity.WARNING
    asked = over(door).check(Needs(known_username=new(1).account.username))
    assert only(asked, "Look-up of accounts").severity is Severity.ERROR


def test_a_bad_token_is_the_only_finding(door: SandboxDoor) -> None:
    door.site.db.execute("DELETE FROM tokens WHERE token = ?", (TOKEN,))
    findings = over(door).check(NEEDS)
    assert [(finding.subject, finding.severity) for finding in findings] == [("Token", Severity.ERROR)]
    assert "administrator" in findings[0].remedy


def test_a_closed_site_cannot_be_looked_at(door: SandboxDoor) -> None:
    door.site.switches.maintenance = True
    with pytest.raises(PlatformUnavailable):
        over(door).check(NEEDS)


def test_another_page_is_no_site() -> None:
    ws = client(ScriptedDoor(Told(body=b"<!doctype html>", content_type="text/html")))
    with pytest.raises(ProtocolError):
        Doctor(ws, Ids(ws)).check(NEEDS)


@pytest.mark.parametrize(
    ("sql", "subject", "severity"),
    [
        ("UPDATE modules SET completion = 0 WHERE idnumber = 'cd01'", f"Topic {PAGE}", Severity.ERROR),
        ("UPDATE modules SET idnumber = 'x' WHERE idnumber = 'cd01'", f"Topic {PAGE}", Severity.ERROR),
        ("UPDATE courses SET idnumber = 'x' WHERE idnumber = 'cd-01'", f"Topic {WHOLE}", Severity.ERROR),
        ("UPDATE groups SET idnumber = 'x'", "Certificate's group", Severity.ERROR),
        ("UPDATE modules SET idnumber = 'cert' WHERE idnumber = 'gate'", "Certificate", Severity.ERROR),
        ("DELETE FROM reports", "Custom report", Severity.WARNING),
    ],
)
def test_what_an_administrator_has_forgotten(door: SandboxDoor, sql: str, subject: str, severity: Severity) -> None:
    door.site.db.execute("UPDATE modules SET idnumber = '' WHERE idnumber = 'cert' AND ? LIKE '%gate%'", (sql,))
    door.site.db.execute(sql)
    door.site.memory.clear()
    finding = only(over(door).check(NEEDS), subject)
    assert finding.severity is severity
    assert finding.remedy


def test_without_the_right_to_review_suspended_people_cannot_be_told() -> None:
    course = good({"courses": [{"id": 2, "idnumber": "c"}]})
    door = ScriptedDoor(
        site_info(), good([{"id": 1, "username": "guest", "lastaccess": 0}]), good([]), course, good([{"id": 3}]),
        refusal("nopermissions"),
    )  # fmt: skip
    ws = client(door)
    finding = only(Doctor(ws, Ids(ws)).check(Needs(courses=("c",))), "Course c")
    assert finding.severity is Severity.WARNING
    assert "enrolreview" in finding.remedy


@pytest.mark.parametrize(
    ("release", "severity"),
    [
        ("4.5 (Build: 20241007)", Severity.OK),
        ("4.1.14+ (Build: 1)", Severity.OK),
        ("5.0dev+", Severity.OK),
        ("3.11.2", Severity.ERROR),
        ("", Severity.WARNING),
    ],
)
def test_releases(release: str, severity: Severity) -> None:
    guest = good([{"id": 1, "username": "guest", "lastaccess": 0}])
    ws = client(ScriptedDoor(site_info(release=release), guest, good([])))
    assert Doctor(ws, Ids(ws)).check(Needs())[0].severity is severity


def by_cohort(lms: MoodleLms, door: SandboxDoor, *, instance: bool) -> list[Finding]:
    """The findings where two cohorts have a member each and the course enrols none or the first of them."""
    lms.create_accounts([new(1), new(2)])
    cohorts = [Cohort(idnumber=f"VN-0{number}", name=str(number)) for number in (1, 2)]
    numbers = [int(result.remote_id) for result in lms.create_cohorts([*cohorts, Cohort(idnumber="VN-03", name="3")])]
    for number, cohort in enumerate(cohorts, 1):
        lms.add_members([Membership(cohort=cohort.idnumber, username=new(number).account.username)])
    if instance:
        row = door.site.one("SELECT id FROM courses WHERE idnumber = ?", (COURSE,))
        add_cohort_enrolment(door.site, row[0] if row else 0, numbers[0])
    keys = ("VN-01", "VN-02", "VN-03", "VN-99")
    return over(door).check(Needs(courses=(COURSE,), enrols=False, cohorts=keys))


@pytest.mark.parametrize(("instance", "missing"), [(False, "2 cohorts"), (True, "1 cohorts")])
def test_cohorts_that_the_course_does_not_enrol_are_named(
    lms: MoodleLms, door: SandboxDoor, instance: bool, missing: str
) -> None:
    finding = only(by_cohort(lms, door, instance=instance), f"Cohort enrolment in {COURSE}")
    assert finding.severity is Severity.ERROR
    assert missing in finding.detail
    assert "VN-02" in finding.detail
    assert ("VN-01" in finding.detail) is not instance
    assert "VN-03" not in finding.detail  # without members there is nobody to be enrolled
    assert "Cohort sync" in finding.remedy


def test_members_who_are_all_enrolled_are_a_good_sign(lms: MoodleLms, door: SandboxDoor) -> None:
    by_cohort(lms, door, instance=True)
    needs = Needs(courses=(COURSE,), enrols=False, cohorts=("VN-01",))
    assert only(over(door).check(needs), f"Cohort enrolment in {COURSE}").severity is Severity.OK


def test_empty_cohorts_and_full_courses_prove_nothing(lms: MoodleLms) -> None:
    subject = f"Cohort enrolment in {COURSE}"
    assert only(lms.check(Needs(courses=(COURSE,), enrols=False)), subject).severity is Severity.WARNING
    full = [
        site_info(),
        good([{"id": 4, "idnumber": "VN-01", "name": "x"}]),
        good([{"cohortid": 4, "userids": [7]}]),
        good({"courses": [{"id": 2, "idnumber": COURSE}], "warnings": []}),
        good([{"id": 100 + number} for number in range(LOOKED_AT)]),
    ]
    ws = client(ScriptedDoor(*full))
    assert Doctor(ws, Ids(ws))._cohort_enrolment(subject, COURSE, ["VN-01"]).severity is Severity.WARNING


def test_groups_are_looked_at_where_they_are_wanted(lms: MoodleLms) -> None:
    assert only(lms.check(Needs(courses=(COURSE,), groups=True)), f"Groups in {COURSE}").severity is Severity.OK
    assert not [one for one in lms.check(Needs(courses=(COURSE,))) if one.subject.startswith("Groups")]


def test_the_table_names_functions_that_exist_once() -> None:
    names = [function.name for function in FUNCTIONS]
    assert len(names) == len(set(names))
    assert set(names) <= set(descriptions())
    assert all(function.purpose.endswith(".") for function in FUNCTIONS)


def test_only_what_a_programme_needs_is_asked_for() -> None:
    plain = {function.use for function in wanted(Needs(enrols=False))}
    assert plain == {Use.NEEDED, Use.HELPS}
    names = {function.name for function in wanted(replace(NEEDS, groups=True))}
    assert names == {function.name for function in FUNCTIONS if function.use is not Use.GATE_COMPLETION}
    assert "core_course_get_course_module" in {function.name for function in wanted(Needs(gate=GATE))}


def test_a_topic_that_is_a_course_needs_no_activity(lms: MoodleLms) -> None:
    findings = lms.check(Needs(topics=(TopicRef(course="cd-02"),)))
    assert only(findings, "Topic cd-02").detail == "Found as a course."
