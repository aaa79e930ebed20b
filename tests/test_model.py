"""The values: keys, names and masks that everything else leans on."""

import dataclasses
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector import model
from connector.model import (
    Account,
    Cohort,
    Enrolment,
    Group,
    GroupMembership,
    Kind,
    Learner,
    Membership,
    Origin,
    TopicRef,
    mask_phone,
    national_phone,
)

VALUES = [value for _name, value in inspect.getmembers(model, dataclasses.is_dataclass)]


def learner(full_name: str) -> Learner:
    return Learner(
        phone="+84912345678",
        full_name=full_name,
        province_code="40",
        commune_code="16681",
        workplace="UBND xã Quỳnh Lưu",
        position="Công chức",
        origin=Origin(file="40.xlsx", sheet="DS", row=12),
    )


@pytest.mark.parametrize("value", VALUES, ids=lambda value: str(value.__name__))
def test_every_value_is_frozen_slotted_and_keyword_only(value: type) -> None:
    parameters = value.__dataclass_params__  # type: ignore[attr-defined]  # typeshed hides the dataclass's own record
    assert parameters.frozen
    assert "__slots__" in vars(value)
    assert all(field.kw_only for field in dataclasses.fields(value))


def test_an_origin_names_file_sheet_and_row() -> None:
    assert str(Origin(file="40.xlsx", sheet="DS", row=12)) == "40.xlsx[DS]:12"
    assert str(Origin(file="45.csv", sheet="", row=3)) == "45.csv:3"


@pytest.mark.parametrize(
    ("full_name", "family_and_middle", "given_name"),
    [("Nguyễn Thị Minh Khai", "Nguyễn Thị Minh", "Khai"), ("Lê Lợi", "Lê", "Lợi"), ("Đạt", "Đạt", "Đạt")],
)
def test_a_name_is_split_before_its_last_syllable(full_name: str, family_and_middle: str, given_name: str) -> None:
    assert learner(full_name).family_and_middle == family_and_middle
    assert learner(full_name).given_name == given_name


words = st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxy", min_size=1, max_size=8)


@given(st.lists(words, min_size=2, max_size=6))
def test_the_two_parts_of_a_name_make_the_name(parts: list[str]) -> None:
    person = learner(" ".join(parts))
    assert f"{person.family_and_middle} {person.given_name}" == person.full_name


def test_keys_are_ours_and_kinds_stand_in_order_of_dependency() -> None:
    account = Account(username="0912345678", firstname="Lợi", lastname="Lê", email="x@hocvien.invalid", idnumber="VN-1")
    assert account.key == ("0912345678",)
    assert Cohort(idnumber="VN-40", name="Nghệ An").key == ("VN-40",)
    assert Membership(cohort="VN-40", username="0912345678").key == ("VN-40", "0912345678")
    assert Enrolment(course="bkhcn", username="0912345678").key == ("bkhcn", "0912345678")
    assert Group(course="bkhcn", idnumber="VN-40", name="Nghệ An").key == ("bkhcn", "VN-40")
    assert GroupMembership(course="bkhcn", group="VN-40", username="09").key == ("bkhcn", "VN-40", "09")
    kinds = [thing.kind for thing in (Cohort, Account, Membership, Enrolment, Group, GroupMembership)]
    assert kinds == list(Kind)


def test_a_topic_is_a_course_or_an_activity_of_it() -> None:
    assert str(TopicRef(course="cd-01")) == "cd-01"
    assert str(TopicRef(course="bkhcn-2025-01", activity="cd07")) == "bkhcn-2025-01/cd07"


def test_a_masked_phone_keeps_country_and_last_two_digits() -> None:
    assert mask_phone("+84912345678") == "+84*******78"


@given(st.from_regex(r"\+84[35789][0-9]{8}", fullmatch=True))
def test_a_masked_phone_tells_five_characters_and_the_length_no_more(phone: str) -> None:
    masked = mask_phone(phone)
    assert len(masked) == len(phone)
    assert masked[3:-2] == "*" * 7


@given(st.from_regex(r"\+84[35789][0-9]{8}", fullmatch=True))
def test_the_national_form_is_dialled_with_a_leading_zero(phone: str) -> None:
    assert national_phone(phone) == "0" + phone[3:]


def test_a_foreign_number_stays_as_it_is() -> None:
    assert national_phone("+856201234567") == "+856201234567"
