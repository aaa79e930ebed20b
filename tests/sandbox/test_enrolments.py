"""Manual enrolment and its overwriting repeats."""

import pytest

from tests.sandbox.client import Api, Fault


def row(api: Api, userid: int) -> tuple[int, int, int]:
    found = api.site.one("SELECT status, timestart, timeend FROM user_enrolments WHERE userid = ?", (userid,))
    assert found is not None
    return found[0], found[1], found[2]


def test_left_out_values_overwrite_with_zero_and_active(api: Api) -> None:
    (one,) = api.users(1)
    api.enrol([one], timestart=100, timeend=200, suspend=1)
    assert row(api, one) == (1, 100, 200)
    api.enrol([one])
    assert row(api, one) == (0, 0, 0)


def test_a_repeat_makes_no_second_enrolment(api: Api) -> None:
    (one,) = api.users(1)
    for _ in range(2):
        api.enrol([one])
    assert api.site.one("SELECT count(*) FROM user_enrolments") == (1,)
    assert api.site.one("SELECT count(*) FROM roles") == (1,)


def test_every_call_sends_the_welcome_message_again_unless_it_is_off(api: Api) -> None:
    one, two = api.users(2)
    api.enrol([one, two])
    api.enrol([one])
    sent = "SELECT userid, count(*) FROM welcomes GROUP BY userid ORDER BY userid"
    assert api.site.all(sent) == [(one, 2), (two, 1)]
    api.site.switches.welcome_messages = False
    api.enrol([two])
    assert api.site.all(sent) == [(one, 2), (two, 1)]


def test_an_unknown_person_is_a_php_error_with_a_server_path_and_nothing_is_kept(api: Api) -> None:
    (one,) = api.users(1)
    with pytest.raises(Fault) as caught:
        api.enrol([one, 999999])
    assert (caught.value.exception, caught.value.code) == ("TypeError", None)
    assert "/var/www/moodle" in caught.value.message
    assert api.site.one("SELECT count(*) FROM user_enrolments") == (0,)


def test_a_deleted_person_is_a_coding_error(api: Api) -> None:
    one, two = api.users(2)
    api.call("core_user_delete_users", userids=[two])
    with pytest.raises(Fault) as caught:
        api.enrol([one, two])
    assert caught.value.code == "codingerror"
    assert api.site.one("SELECT count(*) FROM user_enrolments") == (0,)


def test_an_unknown_course_a_bad_role_or_no_manual_enrolment(api: Api) -> None:
    (one,) = api.users(1)
    codes = []
    for role, course in ((5, 9999), (99, 2), (5, 1)):
        with pytest.raises(Fault) as caught:
            api.call("enrol_manual_enrol_users", enrolments=[{"roleid": role, "userid": one, "courseid": course}])
        codes.append(caught.value.code)
    assert codes == ["invalidparameter", "wsusercannotassign", "wsnoinstance"]


def unenrol(api: Api, userid: int, course: int) -> None:
    api.call("enrol_manual_unenrol_users", enrolments=[{"userid": userid, "courseid": course}])


def test_unenrolling_one_who_is_not_enrolled_is_silently_nothing(api: Api) -> None:
    one, two = api.users(2)
    api.enrol([one])
    unenrol(api, two, 2)
    unenrol(api, one, 2)
    assert api.site.one("SELECT count(*) FROM user_enrolments") == (0,)


@pytest.mark.parametrize(("userid", "course", "code"), [(999, 2, "invalidparameter"), (3, 1, "wsnoinstance")])
def test_unenrolling_the_unknown(api: Api, userid: int, course: int, code: str) -> None:
    api.users(1)
    with pytest.raises(Fault) as caught:
        unenrol(api, userid, course)
    assert caught.value.code == code
