"""Looking accounts up, with the traps that make a person look absent or present."""

import pytest

from tests.sandbox.client import Api, Fault, person


def lookup(api: Api, field: str, *values: object) -> list[str]:
    found = api.call("core_user_get_users_by_field", field=field, values=list(values))
    return [user["username"] for user in found]


def test_unknown_values_are_simply_missing(api: Api) -> None:
    ids = api.users(2)
    assert lookup(api, "username", "0912000002", "0999999999", "0912000001") == ["0912000001", "0912000002"]
    assert lookup(api, "id", *ids) == ["0912000001", "0912000002"]
    assert lookup(api, "idnumber", "nosuch") == []


def test_an_address_is_found_in_any_letters(api: Api) -> None:
    api.call("core_user_create_users", users=[person(1, email="An@B.vn")])
    assert lookup(api, "email", "an@b.VN") == ["0912000001"]


def test_a_plus_before_the_number_is_silently_left_out_on_lookup(api: Api) -> None:
    api.call("core_user_create_users", users=[person(1, username="84912000001")])
    assert lookup(api, "username", "+84912000001") == ["84912000001"]


@pytest.mark.parametrize(("field", "value"), [("username", "a b!"), ("id", "1x"), ("email", " a@b.vn")])
def test_other_values_that_cleaning_changes_fail_the_call(api: Api, field: str, value: str) -> None:
    with pytest.raises(Fault) as caught:
        lookup(api, field, value)
    assert caught.value.code == "invalidparameter"


def test_an_unknown_field_is_a_coding_error(api: Api) -> None:
    with pytest.raises(Fault) as caught:
        lookup(api, "phone", "1")
    assert caught.value.code == "codingerror"


def test_a_deleted_account_found_by_id_looks_alive(api: Api) -> None:
    (one,) = api.users(1)
    api.call("core_user_delete_users", userids=[one])
    found = api.call("core_user_get_users_by_field", field="id", values=[one])[0]
    assert found["username"] == f"0912000001@hocvien.invalid.{api.site.now()}"
    assert "deleted" not in found
    assert len(found["email"]) == 32


def test_without_the_right_to_see_details_everybody_looks_absent(api: Api) -> None:
    api.users(1)
    api.site.switches.blind = True
    assert lookup(api, "username", "0912000001", "admin") == ["admin"]
    (found,) = api.call("core_user_get_users_by_field", field="id", values=[3])
    assert found["fullname"] == "An Nguyễn Văn"
    assert {"username", "email", "suspended", "auth"}.isdisjoint(found)


def test_empty_fields_are_left_out_but_the_department(api: Api) -> None:
    api.call("core_user_create_users", users=[person(1, phone2="0912000001", description="Xin chào")])
    user = api.find("0912000001")[0]
    assert user["department"] == ""
    assert {"city", "institution", "idnumber", "customfields", "preferences"}.isdisjoint(user)
    assert (user["phone2"], user["fullname"]) == ("0912000001", "An Nguyễn Văn")
    assert (user["description"], user["descriptionformat"]) == ("Xin chào", 1)


def test_custom_fields_are_shown_raw_and_escaped(api: Api) -> None:
    fields = [{"type": "position", "value": "A&B"}, {"type": "province", "value": "Huế"}]
    api.call("core_user_create_users", users=[person(1, customfields=fields)])
    shown = api.find("0912000001")[0]["customfields"]
    assert [field["shortname"] for field in shown] == ["province", "position"]
    assert (shown[1]["value"], shown[1]["displayvalue"]) == ("A&B", "A&amp;B")


def test_preferences_are_shown_of_oneself_only(api: Api) -> None:
    names = [preference["name"] for preference in api.find("admin")[0]["preferences"]]
    assert names == ["last_time_enrolments_synced", "_lastloaded"]


def search(api: Api, *criteria: tuple[str, str]) -> tuple[list[str], list[str]]:
    pairs = [{"key": key, "value": value} for key, value in criteria]
    answer = api.call("core_user_get_users", criteria=pairs)
    return [user["username"] for user in answer["users"]], [note["warningcode"] for note in answer["warnings"]]


def test_criteria_are_joined_and_names_take_wildcards(api: Api) -> None:
    api.users(3)
    assert search(api, ("email", "0912%"), ("username", "0912000002")) == (["0912000002"], [])
    assert search(api, ("lastname", "Nguyễn%"))[0] == ["0912000001", "0912000002", "0912000003"]
    assert search(api, ("username", "0912%"))[0] == []


def test_an_unknown_key_alone_means_everybody_the_guest_too(api: Api) -> None:
    api.users(1)
    names, warnings = search(api, ("nosuch", "x"))
    assert names == ["guest", "admin", "0912000001"]
    assert warnings == ["invalidfieldparameter"]


def test_a_key_given_twice_is_an_error(api: Api) -> None:
    with pytest.raises(Fault) as caught:
        search(api, ("id", "1"), ("id", "2"))
    assert caught.value.code == "keyalreadyset"


def test_what_is_empty_to_php_and_unknown_countries_are_left_out(api: Api) -> None:
    api.call("core_user_create_users", users=[person(1, idnumber="0", city="0", country="XX", department="0")])
    (user,) = api.call("core_user_get_users_by_field", field="username", values=["0912000001"])
    assert not {"idnumber", "city", "country"} & set(user)
    assert user["department"] == "0"
    api.enrol([user["id"]])
    (seen,) = api.call("core_enrol_get_enrolled_users", courseid=2)
    assert not {"idnumber", "city", "country"} & set(seen)
