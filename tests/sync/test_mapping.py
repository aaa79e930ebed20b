from dataclasses import replace

import pytest

from connector.errors import ConfigError
from connector.places import communes_of
from connector.settings import AccountMapping
from connector.sync.mapping import PERSON, PLACE, AccountMapper, compiled, person_values, place_values
from tests.sync.world import HUE, learner


def test_a_learner_becomes_the_account_of_the_default_mapping() -> None:
    account = AccountMapper(AccountMapping()).account(learner(7, HUE, position="Chuyên viên"))
    assert account.username == "0900000007"
    assert (account.firstname, account.lastname) == ("Mẫu", "Nguyễn Thị")
    assert account.idnumber == "VN-0900000007"
    assert account.email == "0900000007@hocvien.invalid"
    assert account.fields == (
        ("city", "Huế"),
        ("country", "VN"),
        ("institution", "UBND xã Mẫu"),
        ("phone2", "0900000007"),
        ("timezone", "Asia/Ho_Chi_Minh"),
    )
    assert account.profile == (("commune", ""), ("position", "Chuyên viên"), ("province", "Huế"))
    assert (account.auth, account.suspended) == ("manual", False)


def test_every_documented_name_can_be_used() -> None:
    commune = communes_of(HUE)[0]
    values = person_values(replace(learner(7, HUE), commune_code=commune.code))
    assert values["commune"] == commune.name
    assert set(values) == set(PERSON)
    pattern = "|".join(f"{{{name}}}" for name in PERSON)
    assert compiled("x", pattern, PERSON)(values) == "|".join(values[name] for name in PERSON)


def test_the_username_may_stand_in_other_patterns_but_not_in_its_own() -> None:
    assert AccountMapper(AccountMapping(email="{username}@x.invalid")).account(learner(1)).email == (
        "0900000001@x.invalid"
    )
    with pytest.raises(ConfigError, match=r"accounts\.username"):
        AccountMapper(AccountMapping(username="{username}"))


@pytest.mark.parametrize("pattern", ["{phon}", "{}", "{0}", "{phone.real}", "{phone!r}", "{phone:>20}", "{phone:{x}}"])
def test_a_pattern_with_an_unknown_name_is_a_configuration_error(pattern: str) -> None:
    with pytest.raises(ConfigError, match=r"accounts\.idnumber") as caught:
        AccountMapper(AccountMapping(idnumber=pattern))
    assert "phone_national" in caught.value.hint


def test_a_broken_pattern_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match=r"accounts\.fields\.city"):
        AccountMapper(AccountMapping(fields={"city": "{province"}))


def test_braces_can_be_written_twice_and_constants_stay() -> None:
    assert compiled("x", "{{VN}}", PLACE)({}) == "{VN}"
    assert compiled("x", "{{{province_code}}}", PLACE)({"province_code": "01"}) == "{01}"


def test_a_username_may_not_be_empty() -> None:
    mapper = AccountMapper(AccountMapping(username="{position}"))
    with pytest.raises(ConfigError, match="empty"):
        mapper.username(learner(1))
    assert mapper.username(learner(1, position="cv")) == "cv"


def test_a_cohort_knows_its_place_only() -> None:
    assert set(place_values(HUE)) == set(PLACE)
    with pytest.raises(ConfigError):
        compiled("cohorts.name", "{phone}", PLACE)
