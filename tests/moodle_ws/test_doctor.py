"""The doctor on sandboxes with one thing wrong: the finding names it and tells an administrator what to do."""

from dataclasses import replace

import pytest

from connector.errors import PlatformUnavailable, ProtocolError
from connector.lms import Finding, GrantWay, Needs, Severity
from connector.model import Cohort, Enrolment, Membership, TopicRef
from connector.moodle_ws.course_doctor import course_settings
from connector.moodle_ws.doctor import LOOKED_AT, Doctor
from connector.moodle_ws.functions import FUNCTIONS, Use, wanted
from connector.moodle_ws.ids import Ids
from connector.moodle_ws.lms import MoodleLms
from connector.moodle_ws.releases import plugin_version, release_finding
from connector.sandbox.building import add_cohort_enrolment
from connector.sandbox.functions import descriptions
from tests.contract.worlds import COURSE, GATE, PAGE, WHOLE
from tests.fakes.sandbox_door import TOKEN, SandboxDoor
from tests.moodle_ws.conftest import new, over
from tests.moodle_ws.scripted import ScriptedDoor, Told, client, good, reading_site, refusal, site_info

NEEDS = Needs(courses=(COURSE, WHOLE.course), topics=(PAGE, WHOLE), gate=GATE, profile_fields=("province",))


def bad(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is not Severity.OK]


def only(findings: list[Finding], subject: str) -> Finding:
    return next(finding for finding in findings if finding.subject == subject)


def enrolled(lms: MoodleLms) -> None:
    lms.create_accounts([new(1)])
    items = [Enrolment(course=course, username=new(1).account.username) for course in NEEDS.courses]
    assert all(result.ok for result in lms.enrol(items))
    assert all(result.ok for result in lms.create_cohorts([Cohort(idnumber="VN-01", name="1")]))


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
        reading_site(), good([{"id": 1, "username": "guest", "lastaccess": 0}]), good([]), course, good([{"id": 3}]),
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
    ws = client(ScriptedDoor(reading_site(release), guest, good([])))
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


WRITING = replace(NEEDS, gate=replace(GATE, way=GrantWay.GATE_ACTIVITY, gate_activity="gate"))
RIGHTS = {
    "moodle/user:create": "Right moodle/user:create",
    "moodle/user:update": "Right moodle/user:update",
    "moodle/cohort:manage": "Right moodle/cohort:manage",
    "enrol/manual:enrol": f"Right enrol/manual:enrol, {COURSE}",
    "moodle/role:assign": "Role of learners",
    "moodle/course:overridecompletion": "Right moodle/course:overridecompletion",
}


@pytest.mark.parametrize("right", RIGHTS)
def test_each_missing_right_to_write_is_named_and_nothing_is_written(
    door: SandboxDoor, lms: MoodleLms, right: str
) -> None:
    enrolled(lms)
    assert not [one for one in over(door).check(WRITING) if one.subject in RIGHTS.values() and one.remedy]
    door.site.switches.lacks = frozenset({right})
    before = list(door.site.db.iterdump())
    found = [one for one in over(door).check(WRITING) if one.subject in RIGHTS.values()]
    assert only(found, RIGHTS[right]).severity is Severity.ERROR
    assert right in only(found, RIGHTS[right]).remedy
    assert list(door.site.db.iterdump()) == before


def test_what_cannot_be_told_of_rights_is_said(door: SandboxDoor) -> None:
    lms = over(door)
    assert only(lms.check(WRITING), "Right moodle/cohort:manage").severity is Severity.WARNING  # no cohort yet
    door.site.switches.lacks = frozenset({"enrol/manual:enrol"})  # or held in a category only
    assert only(lms.check(WRITING), "Role of learners").severity is Severity.WARNING


@pytest.mark.parametrize(
    ("sql", "severity", "words"),
    [
        ("DELETE FROM enrol WHERE method = 'manual'", Severity.ERROR, "Manual enrolments"),
        ("UPDATE courses SET enablecompletion = 0", Severity.ERROR, "Enable completion tracking"),
        ("UPDATE courses SET visible = 0", Severity.WARNING, "Course visibility"),
    ],
)
def test_the_settings_of_a_course_are_read(door: SandboxDoor, sql: str, severity: Severity, words: str) -> None:
    subject = f"Settings of {COURSE}"
    assert only(over(door).check(NEEDS), subject).severity is Severity.OK
    door.site.db.execute(sql)
    finding = only(over(door).check(NEEDS), subject)
    assert finding.severity is severity
    assert words in finding.remedy


def test_a_course_that_no_topic_is_in_needs_no_completion_and_cohort_enrolment_no_method(door: SandboxDoor) -> None:
    door.site.db.execute("UPDATE courses SET enablecompletion = 0")
    door.site.db.execute("DELETE FROM enrol WHERE method = 'manual'")
    finding = only(over(door).check(Needs(courses=(COURSE,), enrols=False)), f"Settings of {COURSE}")
    assert finding.severity is Severity.OK


def test_settings_that_the_site_keeps_back_are_not_taken_for_good() -> None:
    ids = Ids(client(ScriptedDoor(site_info(), good({"courses": [{"id": 2, "idnumber": "c", "visible": 1}]}))))
    finding = course_settings(ids, "s", "c", Needs(courses=("c",)))
    assert finding.severity is Severity.WARNING
    assert "enablecompletion, enrollmentmethods" in finding.detail


@pytest.mark.parametrize(("wanted", "severity"), [(("VN-01",), Severity.ERROR), (("VN-02",), Severity.WARNING)])
def test_two_cohorts_of_one_idnumber_are_told(
    lms: MoodleLms, door: SandboxDoor, wanted: tuple[str, ...], severity: Severity
) -> None:
    lms.create_cohorts([Cohort(idnumber="VN-01", name="1"), Cohort(idnumber="VN-02", name="2")])
    lms.create_cohorts([Cohort(idnumber="x", name="3")])
    assert only(over(door).check(Needs(cohorts=wanted)), "Cohorts").severity is Severity.OK
    door.site.db.execute("UPDATE cohorts SET idnumber = 'VN-01' WHERE idnumber = 'x'")
    finding = only(over(door).check(Needs(cohorts=wanted)), "Cohorts")
    assert finding.severity is severity
    assert "VN-01" in finding.detail


@pytest.mark.parametrize(
    ("release", "way", "severity"),
    [
        ("4.4 (Build: 20240422)", GrantWay.GROUP, Severity.ERROR),
        ("4.4 (Build: 20240422)", GrantWay.GATE_ACTIVITY, Severity.OK),
        ("4.4", GrantWay.GROUP, Severity.ERROR),
        ("4.4+ (Build: 20240607)", GrantWay.GROUP, Severity.OK),
        ("4.4.1 (Build: 20240610)", GrantWay.GROUP, Severity.OK),
        ("4.3 (Build: 20231009)", GrantWay.GROUP, Severity.OK),
    ],
)
def test_a_release_that_never_issues_to_a_group_is_named(release: str, way: GrantWay, severity: Severity) -> None:
    finding = release_finding(release, replace(GATE, way=way))
    assert finding.severity is severity
    assert ("MDL-81850" in finding.detail) is (severity is Severity.ERROR)
    assert release_finding(release, None).severity is Severity.OK


@pytest.mark.parametrize(
    ("version", "able"),
    [(2022112818, False), (2023100911, False), (2024042212, False), (2024042215, True), (2025041400, False),
     (2025041403, True), (2026010100, True)],
)  # fmt: skip
def test_a_plugin_that_is_too_old_is_told_from_a_service_that_is_not_whole(
    door: SandboxDoor, version: int, able: bool
) -> None:
    door.site.switches.lists_issues = False
    door.site.switches.customcert_version = str(version)
    findings = over(door).check(NEEDS)
    finding = only(findings, "mod_customcert_list_issues")
    assert finding.severity is Severity.ERROR
    assert ("4.4.7" in finding.detail) is not able
    assert ("adds it to the service" in finding.remedy) is able
    assert "own_paper" in only(findings, "Certificate").remedy
    assert plugin_version({"core_x": "1"}) == 0
