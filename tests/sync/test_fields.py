from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connector.model import Account
from connector.sync.fields import compare_accounts

VALUES = st.sampled_from(["", "a", "b"])


def one(email: str = "a", city: str = "a", post: str = "a", *, suspended: bool = False) -> Account:
    return Account(
        username="u",
        firstname="f",
        lastname="l",
        email=email,
        idnumber="i",
        fields=(("city", city),),
        profile=(("post", post),),
        suspended=suspended,
    )


accounts = st.builds(one, VALUES, VALUES, VALUES, suspended=st.booleans())


def differing(before: Account, after: Account) -> set[str]:
    pairs = {"email": (before.email, after.email), "suspended": (before.suspended, after.suspended)}
    pairs |= {"fields.city": (before.fields, after.fields), "profile.post": (before.profile, after.profile)}
    return {name for name, (old, new) in pairs.items() if old != new}


@given(accounts)
def test_nothing_differs_from_itself(account: Account) -> None:
    compared = compare_accounts(account, None, account, account)
    assert (compared.before, compared.after, compared.by_hand) == (account, account, ())


@given(accounts, accounts)
def test_an_untouched_account_is_brought_to_what_is_wanted(last: Account, wanted: Account) -> None:
    compared = compare_accounts(last, None, last, wanted)
    assert (compared.before, compared.after, compared.by_hand) == (last, wanted, ())


@given(accounts, accounts, accounts)
def test_each_field_is_sent_or_kept_or_right(last: Account, now: Account, wanted: Account) -> None:
    compared = compare_accounts(last, None, now, wanted)
    sent = differing(compared.before, compared.after)
    assert sent.isdisjoint(compared.by_hand)
    assert sent | set(compared.by_hand) == differing(now, wanted)
    assert sent <= differing(last, wanted)
    # What somebody set stays in the ledger as we sent it, so it is still known as theirs next time.
    again = compare_accounts(compared.after, None, now, wanted)
    assert set(again.by_hand) >= set(compared.by_hand)


def test_an_address_set_by_the_learner_is_kept() -> None:
    compared = compare_accounts(one("a"), None, one("own"), one("b", city="new"))
    assert compared.by_hand == ("email",)
    assert differing(compared.before, compared.after) == {"fields.city"}
    assert compared.after.email == "a"


def test_what_an_unanswered_update_has_set_is_ours() -> None:
    compared = compare_accounts(one("a"), one("b"), one("b"), one("a"))
    assert compared.by_hand == ()
    assert (compared.before.email, compared.after.email) == ("b", "a")


def test_a_field_that_the_site_does_not_have_is_told() -> None:
    compared = compare_accounts(one(), None, replace(one(), profile=()), one())
    assert compared.by_hand == ("profile.post",)
    assert compared.before == compared.after == one()


def test_a_field_that_is_new_in_the_mapping_is_sent_whatever_stands_there() -> None:
    last = replace(one(), profile=())
    compared = compare_accounts(last, None, replace(one(), profile=(("post", "x"),)), one())
    assert compared.by_hand == ()
    assert (compared.before.profile, compared.after.profile) == ((("post", "x"),), (("post", "a"),))
