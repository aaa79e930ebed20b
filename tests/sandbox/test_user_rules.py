"""What Moodle asks of an account before it touches the database."""

import pytest

from connector.sandbox.faults import MoodleFault
from connector.sandbox.user_rules import check_lengths, check_password, password_errors, stored_password, valid_email


@pytest.mark.parametrize("email", ["a@b.vn", "0912000001@hocvien.invalid", "an.le+x@cs.edu.vn", "o'neil@b-c.vn"])
def test_addresses_that_are_taken(email: str) -> None:
    assert valid_email(email)


@pytest.mark.parametrize("email", ["", "nope", "a@b", "a b@c.vn", "a@b..vn", "@b.vn", "ân@b.vn", "a@b.vn "])
def test_addresses_that_are_refused(email: str) -> None:
    assert not valid_email(email)


@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("Abc@12345", []),
        ("Ab@1", ["8 characters long"]),
        ("Abcd@efgh", ["1 digit(s)"]),
        ("ABC@12345", ["1 lower case"]),
        ("abc@12345", ["1 upper case"]),
        ("Abcd12345", ["1 special character(s)"]),
        ("1", ["8 characters long", "1 lower case", "1 upper case", "1 special character(s)"]),
    ],
)
def test_the_password_policy_names_all_that_is_missing(password: str, missing: list[str]) -> None:
    errors = password_errors(password)
    assert errors.count("<div>") == len(missing)
    assert all(word in errors for word in missing)


def test_a_weak_password_is_thrown_as_html() -> None:
    check_password("Abc@12345")
    with pytest.raises(MoodleFault) as caught:
        check_password("abc@12345")
    assert caught.value.errorcode == "<div>Passwords must have at least 1 upper case letter(s).</div>"


def test_lengths_are_counted_in_letters_not_bytes() -> None:
    check_lengths({"firstname": "Ứ" * 100, "nosuch": "x" * 999})
    with pytest.raises(MoodleFault) as caught:
        check_lengths({"firstname": "Ứ" * 101})
    assert caught.value.errorcode == "dmlwriteexception"


def test_two_equal_passwords_are_stored_differently() -> None:
    assert stored_password("Abc@12345") != stored_password("Abc@12345")
