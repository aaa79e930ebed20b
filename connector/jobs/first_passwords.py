"""First passwords: made by the configured policy, sealed, stored, and only then sent."""

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from secrets import randbits

from connector.context import Context
from connector.jobs.sealing import open_vault
from connector.model import Account
from connector.settings import Passwords

UNCLEAR = set("0O1lI")
# Moodle checks the password itself only for these; with any other (oidc, ldap, cas ...) it is the other system's.
WITH_PASSWORD = frozenset({"manual", "email"})


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What a password is made of: groups of characters with the least number of each, and all of them together."""

    length: int
    groups: tuple[tuple[frozenset[str], int], ...]
    everything: str

    def fits(self, password: str) -> bool:
        """True when the password has the length and, of each group, enough."""
        return len(password) == self.length and all(
            not group.isdisjoint(password) if least == 1 else sum(sign in group for sign in password) >= least
            for group, least in self.groups
        )


@lru_cache(maxsize=8)
def alphabet_of(policy: Passwords) -> Alphabet:
    """The alphabet of this policy; characters that look alike (0 and O, 1, l and I) are in none."""
    wanted = (
        (string.ascii_uppercase, policy.capitals),
        (string.ascii_lowercase, policy.small_letters),
        (string.digits, policy.digits),
        (policy.sign_set, policy.signs),
    )
    groups = tuple((frozenset(group) - UNCLEAR, least) for group, least in wanted if least)
    everything = "".join(sorted(frozenset().union(*(group for group, _least in groups))))
    return Alphabet(length=policy.length, groups=groups, everything=everything)


def new_password(policy: Passwords) -> str:
    """A random password of this policy."""
    alphabet = alphabet_of(policy)
    while True:
        password = _random_signs(alphabet.everything, alphabet.length)
        if alphabet.fits(password):
            return password


def _random_signs(everything: str, length: int) -> str:
    # Twice the bits that are needed, so that the remainders favour no sign that anybody could notice.
    number = randbits(14 * length)
    signs = []
    for _turn in range(length):
        number, place = divmod(number, len(everything))
        signs.append(everything[place])
    return "".join(signs)


def prepare_passwords(ctx: Context, site: str, accounts: Iterable[Account]) -> Mapping[str, str]:
    """A password by username for each account that has one, stored sealed before it is given back.

    Accounts that sign in elsewhere (oidc ...) get none. A password that was stored earlier (an apply that was cut off)
    is given again: the platform may have it already.
    """
    usernames = [account.username for account in accounts if account.auth in WITH_PASSWORD]
    if not usernames:
        return {}
    vault = open_vault(ctx)
    with ctx.store.begin() as tx:
        stored = tx.passwords.sealed(site, usernames)
        passwords = {username: vault.open(site, sealed) for username, sealed in stored.items()}
        policy = ctx.settings.passwords
        fresh = {username: new_password(policy) for username in usernames if username not in passwords}
        tx.passwords.save(site, {name: vault.seal(site, name, password) for name, password in fresh.items()}, ctx.now())
    return passwords | fresh
