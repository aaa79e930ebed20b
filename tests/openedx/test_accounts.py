"""Accounts of Open edX: made by the sign-up, looked up by name and address, never corrected."""

import pytest

from connector.errors import ConfigError, ProtocolError
from connector.lms import (
    AccountField,
    AccountUpdate,
    Capability,
    NewAccount,
    NewPassword,
)
from connector.model import (
    Account,
    Enrolment,
    Group,
    GroupMembership,
)
from tests.openedx.pretend import C1, C2, ME, Pretend
from tests.openedx.wanted import ALREADY, DONE, REFUSED, account, new, outcomes


def test_accounts_are_made_with_the_mode_and_read_back_as_they_were_sent() -> None:
    site = Pretend()
    assert outcomes(site.lms.create_accounts(new("an1", "an2"))) == [DONE, DONE]
    assert [seen.account for seen in site.lms.accounts(["an1", "an2", "ghost"])] == [account("an1"), account("an2")]
    assert site.enrolments(C1)["an1"] == ("honor", True)
    assert list(site.lms.accounts(["ghost"])) == []  # all unknown is a 404 without a word


def test_who_is_there_is_not_made_again_and_an_address_in_use_is_not_taken_over() -> None:
    site = Pretend()
    site.person("old")
    site.person("other", email="An2@hocvien.invalid")
    results = site.lms.create_accounts(new("old", "an2"))
    assert outcomes(results) == [ALREADY, REFUSED]
    assert results[1].code == "email_taken"
    assert not site.sent("register_and_enroll")


def test_a_site_without_the_extra_columns_is_sent_four() -> None:
    site = Pretend()
    site.features.csv_signup_extra = False
    site.offer(C1, "audit", "honor")
    assert outcomes(site.lms.create_accounts(new("an1"))) == [DONE]
    assert site.enrolments(C1)["an1"] == ("audit", True)  # the enrolment that follows sets the mode
    site.lms.enrol([Enrolment(course=C1, username="an1")])
    assert site.enrolments(C1)["an1"] == ("honor", True)


def test_a_lost_answer_of_a_sign_up_is_read_back() -> None:
    site = Pretend()
    site.lose.append(("POST", "register_and_enroll"))
    assert outcomes(site.lms.create_accounts(new("an1"))) == [DONE]
    assert len(site.sent("register_and_enroll")) == 1


def test_sign_up_that_is_off_stops_and_says_so() -> None:
    site = Pretend()
    site.features.csv_signup = False
    with pytest.raises(ConfigError, match="ALLOW_AUTOMATED_SIGNUPS"):
        site.lms.create_accounts(new("an1"))


@pytest.mark.parametrize(
    "bad", [account("ă"), account("x" * 31), account("an", email=""), account("an", firstname="", lastname="")]
)
def test_accounts_that_open_edx_would_not_take_are_refused_without_being_sent(bad: Account) -> None:
    site = Pretend()
    assert outcomes(site.lms.create_accounts([NewAccount(account=bad, password="")])) == [REFUSED]
    assert not site.sent("register_and_enroll")


def test_what_open_edx_cannot_do_is_refused_in_words() -> None:
    lms = Pretend(signs_up=False).lms
    assert Capability.UPDATE_ACCOUNTS not in lms.capabilities
    assert Capability.ACCOUNTS not in lms.capabilities
    assert Capability.ACCOUNTS in Pretend().lms.capabilities
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
    site = Pretend()
    site.person("an1", email="An1@x.vn")
    find = site.lms.find_accounts
    assert [seen.remote_id for seen in find(AccountField.EMAIL, ["an1@X.vn", "no@x.vn"])] == ["2"]
    assert [seen.remote_id for seen in find(AccountField.USERNAME, ["an1"])] == ["2"]
    assert list(find(AccountField.IDNUMBER, ["VN-1"])) == []


def test_many_people_are_read_a_course_at_a_time_and_once_in_a_run() -> None:
    site = Pretend()
    names = [site.person(f"u{number:03}") for number in range(720)]
    site.enrol(C1, *names[:710])

    def run() -> tuple[int, int]:
        parts = [names[:360], names[360:]]
        found = [seen.account.username for part in parts for seen in site.lms.accounts(part)]
        assert sorted(found) == names
        return len(site.sent("get_students_features")), len(site.sent("/accounts?"))

    assert run() == (1, 1)
    assert run() == (2, 2)  # whoever is asked about again is a new run's
    site.enrol(C1, *names[710:])
    site.lms.enrol([Enrolment(course=C1, username=names[0])])
    written = len(site.sent("get_students_features"))
    assert len(list(site.lms.accounts(names[360:]))) == 360
    assert len(site.sent("get_students_features")) == written + 1  # and whatever is written is read again


def test_a_reading_is_old_after_half_an_hour() -> None:
    site = Pretend()
    list(site.lms.enrolments(C1))
    site.clock.now += 1801
    list(site.lms.memberships([], ["an1"]))
    assert len(site.sent(f"{C1}/instructor/api/get_students_features")) == 2


def test_a_caller_who_sees_too_little_is_stopped() -> None:
    site = Pretend()
    site.person("an1")
    site.lower_the_service_account()
    with pytest.raises(ProtocolError, match="global staff"):
        list(site.lms.accounts(["an1"]))


def test_staff_of_the_courses_and_the_connectors_own_account_are_elevated() -> None:
    site = Pretend()
    site.appoint(C2, site.person("teacher"))
    assert site.lms.elevated([C1, C2], ["teacher", ME, "an"]) == {"teacher", ME}
