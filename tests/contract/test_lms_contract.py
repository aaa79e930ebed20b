"""What `connector.lms.LmsClient` promises, asked of the fake, and of Moodle over both transports in both formats."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.errors import ConfigError
from connector.lms import (
    AccountField,
    AccountUpdate,
    Capability,
    CertificateGate,
    Needs,
    NewAccount,
    NewPassword,
    Outcome,
    Severity,
)
from connector.model import (
    Account,
    CertificateIssue,
    Cohort,
    Enrolment,
    EnrolmentSeen,
    Group,
    GroupMembership,
    Membership,
    TopicRef,
)
from tests.contract.site_world import SiteWorld
from tests.contract.worlds import COURSE, GATE, PAGE, PREFIX, QUIZ, WHOLE, WORLDS, World, world_of

PASSWORD = "Abc@12345"
HAI_PHONG = Cohort(idnumber=f"{PREFIX}31", name="Hải Phòng & đảo")


@pytest.fixture(params=[*WORLDS, "site"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    made = SiteWorld() if request.param == "site" else world_of(str(request.param))
    yield made
    made.close()


def account(number: int) -> Account:
    name = f"{PREFIX}{number}"
    return Account(
        username=name,
        firstname="An",
        lastname="Nguyễn Văn",
        email=f"{name}@hocvien.invalid",
        idnumber=f"VN-{name}",
        fields=(
            ("city", "Hải Phòng"),
            ("country", "VN"),
            ("institution", "UBND xã Kim Thành"),
            ("phone2", name),
            ("timezone", "Asia/Ho_Chi_Minh"),
        ),
        profile=(("commune", "Kim Thành"), ("position", ""), ("province", "Hải Phòng")),
    )


def people(world: World, count: int = 3) -> list[str]:
    """The usernames of so many new accounts."""
    new = [NewAccount(account=account(number), password=PASSWORD) for number in range(count)]
    assert all(result.outcome is Outcome.DONE for result in world.lms.create_accounts(new))
    return [item.account.username for item in new]


def enrolled(world: World, count: int = 3) -> list[str]:
    names = people(world, count)
    items = [Enrolment(course=course, username=name) for name in names for course in (COURSE, WHOLE.course)]
    assert all(result.outcome is Outcome.DONE for result in world.lms.enrol(items))
    return names


def ours(world: World, names: list[str]) -> list[EnrolmentSeen]:
    """Those of these people who are enrolled in COURSE; a real one has others too."""
    return [seen for seen in world.lms.enrolments(COURSE) if seen.username in names]


def issued(world: World, names: list[str], since: datetime | None) -> list[CertificateIssue]:
    """The issues to these people; a real site has others too."""
    return [issue for issue in world.lms.certificate_issues(GATE, since) if issue.username in names]


def test_accounts_come_back_as_they_were_sent(world: World) -> None:
    complete = [account(1), replace(account(2), suspended=True)]
    results = world.lms.create_accounts([NewAccount(account=item, password=PASSWORD) for item in complete])
    assert [(result.key, result.outcome) for result in results] == [(item.key, Outcome.DONE) for item in complete]
    seen = list(world.lms.accounts([item.username for item in [*complete, account(3)]]))
    assert [item.account for item in seen] == complete
    assert [item.remote_id for item in seen] == [result.remote_id for result in results]
    assert all(item.remote_id and item.last_access is None for item in seen)


def test_an_account_that_is_there_is_already_made(world: World) -> None:
    first = world.lms.create_accounts([NewAccount(account=account(1), password=PASSWORD)])
    again = world.lms.create_accounts([NewAccount(account=account(n), password=PASSWORD) for n in (1, 2)])
    assert [result.outcome for result in again] == [Outcome.ALREADY, Outcome.DONE]
    assert again[0].remote_id == first[0].remote_id


def test_one_refused_account_does_not_stop_the_others(world: World) -> None:
    people(world, 1)
    new = [account(7), replace(account(8), email=account(0).email), account(9)]
    results = world.lms.create_accounts([NewAccount(account=item, password=PASSWORD) for item in new])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED, Outcome.DONE]
    assert results[1].code
    assert results[1].message
    assert [seen.account.username for seen in world.lms.accounts([item.username for item in new])] == [
        new[0].username,
        new[2].username,
    ]


def test_updates_make_the_wanted_account(world: World) -> None:
    people(world, 2)
    changed = replace(
        account(0), lastname="Trần", suspended=True, profile=(("commune", ""), ("position", "Phó"), ("province", "x"))
    )
    same = account(1)
    results = world.lms.update_accounts(
        [
            AccountUpdate(before=account(0), after=changed),
            AccountUpdate(before=same, after=same),
            AccountUpdate(before=account(5), after=replace(account(5), lastname="Lê")),
        ]
    )
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.ALREADY, Outcome.REFUSED]
    assert [seen.account for seen in world.lms.accounts([changed.username, same.username])] == [changed, same]


def test_a_new_username_is_the_same_account_with_all_that_belongs_to_it(world: World) -> None:
    names = enrolled(world, 2)
    world.lms.create_cohorts([HAI_PHONG])
    world.lms.add_members([Membership(cohort=HAI_PHONG.idnumber, username=names[0])])
    number = next(iter(world.lms.accounts([names[0]]))).remote_id
    new = replace(account(0), username=account(7).username, email=account(7).email, idnumber=account(7).idnumber)
    taken = replace(account(0), username=names[1])
    refused = world.lms.update_accounts([AccountUpdate(before=account(0), after=taken)])
    assert [(result.key, result.outcome) for result in refused] == [((names[1],), Outcome.REFUSED)]
    results = world.lms.update_accounts([AccountUpdate(before=account(0), after=new)])
    assert [(result.key, result.outcome) for result in results] == [(new.key, Outcome.DONE)]
    for lms in (world.lms, world.forget()):
        assert [(seen.account, seen.remote_id) for seen in lms.accounts([names[0], new.username])] == [(new, number)]
        found = list(lms.memberships([HAI_PHONG.idnumber], [names[0], new.username]))
        assert found == [Membership(cohort=HAI_PHONG.idnumber, username=new.username)]
        assert {seen.username for seen in ours(world, [*names, new.username])} == {names[1], new.username}


def test_accounts_are_found_by_other_fields_and_nobody_by_an_empty_one(world: World) -> None:
    people(world, 3)
    bare = replace(account(4), idnumber="")
    world.lms.create_accounts([NewAccount(account=bare, password=PASSWORD)])

    def found(by: AccountField, *values: str) -> list[str]:
        return sorted(seen.account.username for seen in world.lms.find_accounts(by, values))

    assert found(AccountField.IDNUMBER, account(1).idnumber, "", "VN-nobody") == [account(1).username]
    assert found(AccountField.EMAIL, account(2).email.upper()) == [account(2).username]
    assert found(AccountField.USERNAME, account(0).username, "nobody") == [account(0).username]
    assert found(AccountField.IDNUMBER) == []


def test_staff_is_told_apart_from_learners(world: World) -> None:
    names = enrolled(world, 2)
    world.appoint(names[1])
    assert world.lms.elevated([COURSE], [*names, "guest"]) == {names[1], "guest"}
    assert world.lms.elevated([COURSE], names[:1]) == set()


def test_a_cohort_gets_another_name(world: World) -> None:
    world.lms.create_cohorts([HAI_PHONG])
    renamed = replace(HAI_PHONG, name="Hải Phòng (đã sáp nhập & đổi tên)")
    missing = Cohort(idnumber=f"{PREFIX}99", name="x")
    results = world.lms.update_cohorts([renamed, missing])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED]
    assert {cohort for cohort in world.lms.cohorts() if cohort.idnumber.startswith(PREFIX)} == {renamed}


def test_passwords_are_set_for_accounts_that_are_there(world: World) -> None:
    names = people(world, 2)
    wanted = [
        NewPassword(username=name, password=f"New@1234{number}")
        for number, name in enumerate([names[1], f"{PREFIX}50", names[0]])
    ]
    for _twice in range(2):
        results = world.lms.set_passwords(wanted)
        assert [result.key for result in results] == [new.key for new in wanted]
        assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED, Outcome.DONE]
    assert [seen.account for seen in world.lms.accounts(names)] == [account(0), account(1)]


def test_cohorts_and_members(world: World) -> None:
    names = people(world)
    assert [result.outcome for result in world.lms.create_cohorts([HAI_PHONG])] == [Outcome.DONE]
    assert [result.outcome for result in world.lms.create_cohorts([HAI_PHONG])] == [Outcome.ALREADY]
    assert HAI_PHONG in list(world.lms.cohorts())
    inside = [Membership(cohort=HAI_PHONG.idnumber, username=name) for name in names[:2]]
    strange = Membership(cohort=HAI_PHONG.idnumber, username="0999999999")
    results = world.lms.add_members([inside[0], strange, inside[1]])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED, Outcome.DONE]
    assert [result.outcome for result in world.lms.add_members(inside)] == [Outcome.ALREADY] * 2
    assert set(world.lms.memberships([HAI_PHONG.idnumber], names)) == set(inside)
    assert set(world.lms.memberships([HAI_PHONG.idnumber], names[:1])) == {inside[0]}
    assert [result.outcome for result in world.lms.remove_members([inside[0], strange])] == [
        Outcome.DONE,
        Outcome.ALREADY,
    ]
    assert set(world.lms.memberships([HAI_PHONG.idnumber], names)) == {inside[1]}


def test_a_new_client_reads_the_same_members(world: World) -> None:
    names = people(world)
    world.lms.create_cohorts([HAI_PHONG])
    world.lms.add_members([Membership(cohort=HAI_PHONG.idnumber, username=names[0])])
    other = world.forget()
    list(other.accounts(names))
    assert [item.username for item in other.memberships([HAI_PHONG.idnumber], names)] == [names[0]]


def test_groups_of_a_course_and_who_is_in_them(world: World) -> None:
    names, stranger = enrolled(world), account(50)
    world.lms.create_accounts([NewAccount(account=stranger, password=PASSWORD)])
    group = Group(course=COURSE, idnumber=f"{PREFIX}31", name=f"{PREFIX}Hải Phòng & đảo")
    assert [result.outcome for result in world.lms.create_groups([group])] == [Outcome.DONE]
    assert [result.outcome for result in world.lms.create_groups([group])] == [Outcome.ALREADY]
    assert group in list(world.lms.groups(COURSE))
    inside = [GroupMembership(course=COURSE, group=group.idnumber, username=name) for name in names[:2]]
    strange = GroupMembership(course=COURSE, group=group.idnumber, username=stranger.username)
    results = world.lms.add_to_groups([inside[0], strange, inside[1]])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED, Outcome.DONE]
    assert [result.outcome for result in world.lms.add_to_groups(inside)] == [Outcome.ALREADY] * 2
    assert set(world.lms.group_memberships(COURSE, [group.idnumber], names)) == set(inside)
    assert [result.outcome for result in world.lms.remove_from_groups(inside[:1])] == [Outcome.DONE]
    assert set(world.lms.group_memberships(COURSE, [group.idnumber, "nowhere"], names)) == {inside[1]}


def test_enrolments_are_made_suspended_and_made_active_again(world: World) -> None:
    names = people(world)
    items = [
        Enrolment(course=COURSE, username=name, starts_at=datetime(2025, 12, 1, tzinfo=UTC), active=name != names[1])
        for name in names
    ]
    assert all(result.outcome is Outcome.DONE for result in world.lms.enrol(items))
    assert {seen.username: seen.active for seen in ours(world, names)} == {
        names[0]: True,
        names[1]: False,
        names[2]: True,
    }
    assert all(seen.last_course_access is None for seen in ours(world, names))
    world.lms.enrol([Enrolment(course=COURSE, username=names[1])])
    assert all(seen.active for seen in ours(world, names))


def test_an_enrolment_without_person_or_course_is_refused(world: World) -> None:
    names = people(world, 1)
    results = world.lms.enrol(
        [
            Enrolment(course=COURSE, username="0999999999"),
            Enrolment(course=COURSE, username=names[0]),
            Enrolment(course="nowhere", username=names[0]),
        ]
    )
    assert [result.outcome for result in results] == [Outcome.REFUSED, Outcome.DONE, Outcome.REFUSED]


def test_topics_not_begun_are_left_out(world: World) -> None:
    names = enrolled(world)
    assert list(world.lms.topic_results([PAGE, QUIZ, WHOLE], names)) == []
    assert list(world.lms.topic_results([PAGE], [])) == []


def test_completed_topics_have_their_time(world: World) -> None:
    names = enrolled(world)
    at = world.complete(names[0], PAGE)
    results = list(world.lms.topic_results([PAGE, QUIZ], names))
    assert [(item.username, item.ref, item.done, item.completed_at) for item in results] == [(names[0], PAGE, True, at)]
    assert results[0].overridden


def test_a_failed_topic_has_a_grade_and_is_not_done(world: World) -> None:
    names = enrolled(world)
    world.grade(names[0], QUIZ, 3)
    world.grade(names[1], QUIZ, 8)
    results = {item.username: item for item in world.lms.topic_results([QUIZ], names)}
    assert {name: (item.done, item.grade) for name, item in results.items()} == {
        names[0]: (False, 30.0),
        names[1]: (True, 80.0),
    }
    assert results[names[0]].completed_at is None
    assert results[names[1]].completed_at is not None


def test_a_whole_course_is_a_topic_too(world: World) -> None:
    names = enrolled(world)
    at = world.complete(names[2], WHOLE)
    results = list(world.lms.topic_results([WHOLE], names))
    assert [(item.username, item.done) for item in results] == [(names[2], True)]
    minute = at.replace(second=0)  # a report tells no seconds
    assert results[0].completed_at in (at, minute)


@pytest.mark.parametrize("ref", [TopicRef(course="nowhere"), TopicRef(course=COURSE, activity="cd99")])
def test_a_topic_that_is_not_there_is_an_error(world: World, ref: TopicRef) -> None:
    names = enrolled(world, 1)
    with pytest.raises(ConfigError):
        list(world.lms.topic_results([ref], names))


def test_certificates_are_released_once_and_read_back(world: World) -> None:
    names = enrolled(world)
    stranger = account(50)
    world.lms.create_accounts([NewAccount(account=stranger, password=PASSWORD)])
    results = world.lms.grant_certificates(GATE, [names[0], stranger.username, names[1], "0999999999"])
    assert [result.key for result in results] == [(names[0],), (stranger.username,), (names[1],), ("0999999999",)]
    assert [result.outcome for result in results] == [
        Outcome.DONE,
        Outcome.REFUSED,
        Outcome.DONE,
        Outcome.REFUSED,
    ]
    assert world.lms.grant_certificates(GATE, [names[0]])[0].outcome is Outcome.ALREADY
    assert set(world.lms.granted(GATE, [*names, stranger.username])) == set(names[:2])
    assert issued(world, names, None) == []


def test_issues_are_read_since_a_time(world: World) -> None:
    names = enrolled(world)
    at = world.issue(names[0])
    issues = issued(world, names, at)
    assert [(issue.username, issue.certificate, issue.issued_at) for issue in issues] == [(names[0], "cert", at)]
    assert issues[0].code
    assert issued(world, names, at + timedelta(seconds=1)) == []


def test_a_gate_that_is_not_there_is_an_error(world: World) -> None:
    names = enrolled(world, 1)
    with pytest.raises(ConfigError):
        list(world.lms.granted(CertificateGate(course=COURSE, certificate="cert", group="nobody"), names))
    with pytest.raises(ConfigError):
        list(world.lms.certificate_issues(CertificateGate(course=COURSE, certificate="no", group="eligible"), None))


def test_an_empty_list_asks_and_writes_nothing(world: World) -> None:
    assert world.lms.create_accounts([]) == []
    assert world.lms.create_cohorts([]) == []
    assert world.lms.update_accounts([]) == []
    assert world.lms.update_cohorts([]) == []
    assert world.lms.set_passwords([]) == []
    assert world.lms.add_members([]) == []
    assert world.lms.remove_members([]) == []
    assert world.lms.enrol([]) == []
    assert list(world.lms.accounts([])) == []
    assert list(world.lms.memberships([], [])) == []


def test_the_doctor_names_what_is_missing(world: World) -> None:
    findings = world.lms.check(Needs(courses=(COURSE, "nowhere")))
    assert any(finding.severity is Severity.OK and COURSE in finding.subject for finding in findings)
    assert next(item.subject for item in findings if item.severity is Severity.ERROR).endswith("nowhere")


def test_calls_are_counted(world: World) -> None:
    before = world.lms.calls.requests
    people(world, 1)
    assert world.lms.calls.requests > before
    assert world.lms.calls.by_function
    assert Capability.ACCOUNTS in world.lms.capabilities
    assert world.lms.name
