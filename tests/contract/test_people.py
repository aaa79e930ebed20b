"""What `connector.lms.LmsClient` promises of people: accounts, passwords, cohorts, groups, enrolments."""

from dataclasses import replace
from datetime import UTC, datetime

from connector.lms import AccountField, AccountUpdate, Capability, NewAccount, NewPassword, Outcome
from connector.model import Cohort, Enrolment, Group, GroupMembership, Membership
from tests.contract.steps import PASSWORD, enrolled, on, ours, people
from tests.contract.worlds import PREFIX, World

DONE, ALREADY, REFUSED = Outcome.DONE, Outcome.ALREADY, Outcome.REFUSED


@on(Capability.ACCOUNTS)
def test_accounts_come_back_as_they_were_sent(world: World) -> None:
    sent = [world.account(1), world.account(2)]
    results = world.lms.create_accounts([NewAccount(account=item, password=PASSWORD) for item in sent])
    assert [(result.key, result.outcome) for result in results] == [(item.key, DONE) for item in sent]
    seen = list(world.lms.accounts([item.username for item in [*sent, world.account(3)]]))
    assert [item.account for item in seen] == sent
    assert [item.remote_id for item in seen] == [result.remote_id for result in results]
    assert all(item.remote_id and item.last_access is None for item in seen)


@on(Capability.SUSPEND_ACCOUNTS)
def test_an_account_is_made_suspended(world: World) -> None:
    sent = replace(world.account(2), suspended=True)
    assert world.lms.create_accounts([NewAccount(account=sent, password=PASSWORD)])[0].outcome is DONE
    assert [seen.account for seen in world.lms.accounts([sent.username])] == [sent]


@on(Capability.ACCOUNTS)
def test_an_account_that_is_there_is_already_made(world: World) -> None:
    first = world.lms.create_accounts([NewAccount(account=world.account(1), password=PASSWORD)])
    again = world.lms.create_accounts([NewAccount(account=world.account(n), password=PASSWORD) for n in (1, 2)])
    assert [result.outcome for result in again] == [ALREADY, DONE]
    assert again[0].remote_id == first[0].remote_id


@on(Capability.ACCOUNTS)
def test_one_refused_account_does_not_stop_the_others(world: World) -> None:
    people(world, 1)
    new = [world.account(7), replace(world.account(8), email=world.account(0).email), world.account(9)]
    results = world.lms.create_accounts([NewAccount(account=item, password=PASSWORD) for item in new])
    assert [result.outcome for result in results] == [DONE, REFUSED, DONE]
    assert results[1].code
    assert results[1].message
    assert [seen.account.username for seen in world.lms.accounts([item.username for item in new])] == [
        new[0].username,
        new[2].username,
    ]


@on(Capability.UPDATE_ACCOUNTS)
def test_updates_make_the_wanted_account(world: World) -> None:
    people(world, 2)
    before, same, missing = world.account(0), world.account(1), world.account(5)
    changed = replace(
        before, lastname="Trần", suspended=True, profile=(("commune", ""), ("position", "Phó"), ("province", "x"))
    )
    results = world.lms.update_accounts(
        [
            AccountUpdate(before=before, after=changed),
            AccountUpdate(before=same, after=same),
            AccountUpdate(before=missing, after=replace(missing, lastname="Lê")),
        ]
    )
    assert [result.outcome for result in results] == [DONE, ALREADY, REFUSED]
    assert [seen.account for seen in world.lms.accounts([changed.username, same.username])] == [changed, same]


@on(Capability.UPDATE_ACCOUNTS)
def test_a_new_username_is_the_same_account_with_all_that_belongs_to_it(world: World) -> None:
    names = enrolled(world, 2)
    world.lms.create_cohorts([world.cohort])
    world.lms.add_members([Membership(cohort=world.cohort.idnumber, username=names[0])])
    number = next(iter(world.lms.accounts([names[0]]))).remote_id
    before, other = world.account(0), world.account(7)
    new = replace(before, username=other.username, email=other.email, idnumber=other.idnumber)
    taken = replace(before, username=names[1])
    refused = world.lms.update_accounts([AccountUpdate(before=before, after=taken)])
    assert [(result.key, result.outcome) for result in refused] == [((names[1],), REFUSED)]
    results = world.lms.update_accounts([AccountUpdate(before=before, after=new)])
    assert [(result.key, result.outcome) for result in results] == [(new.key, DONE)]
    for lms in (world.lms, world.forget()):
        assert [(seen.account, seen.remote_id) for seen in lms.accounts([names[0], new.username])] == [(new, number)]
        found = list(lms.memberships([world.cohort.idnumber], [names[0], new.username]))
        assert found == [Membership(cohort=world.cohort.idnumber, username=new.username)]
        assert {seen.username for seen in ours(world, [*names, new.username])} == {names[1], new.username}


def test_accounts_are_found_by_other_fields_and_nobody_by_an_empty_one(world: World) -> None:
    people(world, 4)
    zero, one, two = (world.account(number) for number in range(3))

    def found(by: AccountField, *values: str) -> list[str]:
        return sorted(seen.account.username for seen in world.lms.find_accounts(by, values))

    by_number = [one.username] if one.idnumber else []  # Open edX knows no ID numbers
    assert found(AccountField.IDNUMBER, one.idnumber, "", "VN-nobody") == by_number
    assert found(AccountField.EMAIL, two.email.upper()) == [two.username]
    assert found(AccountField.USERNAME, zero.username, "nobody") == [zero.username]
    assert found(AccountField.IDNUMBER) == []


@on(Capability.PASSWORDS)
def test_nobody_without_an_id_number_is_found_by_an_empty_one(world: World) -> None:
    bare = replace(world.account(4), idnumber="")
    assert world.lms.create_accounts([NewAccount(account=bare, password=PASSWORD)])[0].ok
    assert list(world.lms.find_accounts(AccountField.IDNUMBER, [""])) == []


def test_staff_is_told_apart_from_learners(world: World) -> None:
    names = enrolled(world, 2)
    world.appoint(names[1])
    assert world.lms.elevated([world.course], [*names, world.official]) == {names[1], world.official}
    assert world.lms.elevated([world.course], names[:1]) == set()


@on(Capability.PASSWORDS)
def test_passwords_are_set_for_accounts_that_are_there(world: World) -> None:
    names = people(world, 2)
    wanted = [
        NewPassword(username=name, password=f"New@1234{number}")
        for number, name in enumerate([names[1], f"{PREFIX}50", names[0]])
    ]
    for _twice in range(2):
        results = world.lms.set_passwords(wanted)
        assert [result.key for result in results] == [new.key for new in wanted]
        assert [result.outcome for result in results] == [DONE, REFUSED, DONE]
    assert [seen.account for seen in world.lms.accounts(names)] == [world.account(0), world.account(1)]


def test_a_cohort_gets_another_name(world: World) -> None:
    world.lms.create_cohorts([world.cohort])
    renamed = replace(world.cohort, name="Hải Phòng (đã sáp nhập & đổi tên)")
    missing = Cohort(idnumber=f"{PREFIX}99", name="x")
    results = world.lms.update_cohorts([renamed, missing])
    assert [result.outcome for result in results] == [DONE, REFUSED]
    assert [cohort for cohort in world.lms.cohorts() if cohort.idnumber == world.cohort.idnumber] == [renamed]


def test_cohorts_and_members(world: World) -> None:
    names = people(world)
    assert [result.outcome for result in world.lms.create_cohorts([world.cohort])] == [DONE]
    assert [result.outcome for result in world.lms.create_cohorts([world.cohort])] == [ALREADY]
    assert world.cohort in list(world.lms.cohorts())
    key = world.cohort.idnumber
    inside = [Membership(cohort=key, username=name) for name in names[:2]]
    strange = Membership(cohort=key, username="0999999999")
    results = world.lms.add_members([inside[0], strange, inside[1]])
    assert [result.outcome for result in results] == [DONE, REFUSED, DONE]
    assert [result.outcome for result in world.lms.add_members(inside)] == [ALREADY] * 2
    assert set(world.lms.memberships([key], names)) == set(inside)
    assert set(world.lms.memberships([key], names[:1])) == {inside[0]}
    assert [result.outcome for result in world.lms.remove_members([inside[0], strange])] == [DONE, ALREADY]
    assert set(world.lms.memberships([key], names)) == {inside[1]}


def test_a_new_client_reads_the_same_members(world: World) -> None:
    names = people(world)
    world.lms.create_cohorts([world.cohort])
    world.lms.add_members([Membership(cohort=world.cohort.idnumber, username=names[0])])
    other = world.forget()
    list(other.accounts(names))
    assert [item.username for item in other.memberships([world.cohort.idnumber], names)] == [names[0]]


@on(Capability.GROUPS)
def test_groups_of_a_course_and_who_is_in_them(world: World) -> None:
    names = enrolled(world)
    (stranger,) = people(world, 1, first=50)
    group = Group(course=world.course, idnumber=f"{PREFIX}31", name=f"{PREFIX}Hải Phòng & đảo")
    assert [result.outcome for result in world.lms.create_groups([group])] == [DONE]
    assert [result.outcome for result in world.lms.create_groups([group])] == [ALREADY]
    assert group in list(world.lms.groups(world.course))
    inside = [GroupMembership(course=world.course, group=group.idnumber, username=name) for name in names[:2]]
    strange = GroupMembership(course=world.course, group=group.idnumber, username=stranger)
    results = world.lms.add_to_groups([inside[0], strange, inside[1]])
    assert [result.outcome for result in results] == [DONE, REFUSED, DONE]
    assert [result.outcome for result in world.lms.add_to_groups(inside)] == [ALREADY] * 2
    assert set(world.lms.group_memberships(world.course, [group.idnumber], names)) == set(inside)
    assert [result.outcome for result in world.lms.remove_from_groups(inside[:1])] == [DONE]
    assert set(world.lms.group_memberships(world.course, [group.idnumber, "nowhere"], names)) == {inside[1]}


def test_enrolments_are_made_suspended_and_made_active_again(world: World) -> None:
    names = people(world)
    begins = datetime(2025, 12, 1, tzinfo=UTC)
    items = [Enrolment(course=world.course, username=name, starts_at=begins) for name in names]
    assert [result.outcome for result in world.lms.enrol(items)] == [DONE] * 3
    assert all(seen.active and seen.last_course_access is None for seen in ours(world, names))
    second = Enrolment(course=world.course, username=names[1])
    assert world.lms.enrol([replace(second, active=False)])[0].outcome is DONE
    assert {seen.username: seen.active for seen in ours(world, names)} == {
        names[0]: True,
        names[1]: False,
        names[2]: True,
    }
    assert world.lms.enrol([second])[0].outcome is DONE
    assert all(seen.active for seen in ours(world, names))


def test_an_enrolment_without_person_or_course_is_refused(world: World) -> None:
    names = people(world, 1)
    results = world.lms.enrol(
        [
            Enrolment(course=world.course, username="0999999999"),
            Enrolment(course=world.course, username=names[0]),
            Enrolment(course="nowhere", username=names[0]),
        ]
    )
    assert [result.outcome for result in results] == [REFUSED, DONE, REFUSED]
    assert all(result.code and result.message for result in results if not result.ok)
