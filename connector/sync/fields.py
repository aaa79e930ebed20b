"""Three-way comparison of an account: last sent, now on the platform, wanted.

What somebody has changed by hand on the platform is kept and reported, not overwritten: a learner's own e-mail address
must not fall back to the invented one. Custom fields that a site does not have show up here too, since Moodle drops
them without a word (reference/moodle-ws-facts.md section 2.1).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from connector.model import Account

Values = Mapping[str, str | bool]
PLAIN = ("username", "firstname", "lastname", "email", "idnumber", "auth", "suspended")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`before` and `after` differ in exactly the fields that must be sent; `after` is what the ledger shall hold.

    `by_hand` names the fields that somebody else has set; in `after` they stay as we last sent them.
    """

    before: Account
    after: Account
    by_hand: tuple[str, ...]


def compare_accounts(
    last: Account, maybe: Account | None, now: Account, wanted: Account, restore: Collection[str] = ()
) -> Comparison:
    """What to send to bring the account from `now` to `wanted`. Nothing is written.

    `maybe` is an update of open outcome: a field that has its value was set by us. The fields of `restore` are sent
    whoever has set them.
    """
    if last == now == wanted:
        return Comparison(before=last, after=last, by_hand=())
    sent_values, now_values = [account_values(last), account_values(maybe or last)], account_values(now)
    after = account_values(wanted)
    before = dict(after)
    by_hand = []
    for name, value in after.items():
        seen = now_values.get(name, "")
        if seen == value:
            continue
        if name not in restore and all(name in sent and sent[name] != seen for sent in sent_values):
            by_hand.append(name)
            before[name] = sent_values[0][name]
        else:
            before[name] = seen
    after |= {name: before[name] for name in by_hand}
    return Comparison(before=_rebuilt(wanted, before), after=_rebuilt(wanted, after), by_hand=tuple(by_hand))


def with_values(account: Account, values: Values) -> Account:
    """The account with these values in the fields that it has; others are left out."""
    flat = account_values(account)
    return _rebuilt(account, flat | {name: value for name, value in values.items() if name in flat})


def account_values(account: Account) -> dict[str, str | bool]:
    """The account's values by field; standard profile fields are named 'fields.city', custom ones 'profile.x'."""
    values: dict[str, str | bool] = {name: getattr(account, name) for name in PLAIN}
    values.update((f"fields.{name}", value) for name, value in account.fields)
    values.update((f"profile.{name}", value) for name, value in account.profile)
    return values


def _rebuilt(shape: Account, values: Values) -> Account:
    return Account(
        username=str(values["username"]),
        firstname=str(values["firstname"]),
        lastname=str(values["lastname"]),
        email=str(values["email"]),
        idnumber=str(values["idnumber"]),
        fields=tuple((name, str(values[f"fields.{name}"])) for name, _old in shape.fields),
        profile=tuple((name, str(values[f"profile.{name}"])) for name, _old in shape.profile),
        auth=str(values["auth"]),
        suspended=bool(values["suspended"]),
    )
