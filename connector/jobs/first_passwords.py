"""First passwords: made by the platform's policy, sealed, stored, and only then sent."""

import os
import string
from collections.abc import Iterable, Mapping
from secrets import randbits, token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connector.context import Context
from connector.errors import BrokenData
from connector.language import _
from connector.model import Account

KEY_BYTES = 32
NONCE_BYTES = 12
GROUPS = (string.ascii_uppercase, string.ascii_lowercase, string.digits, "@#%+=?")
UNCLEAR = set("0O1lI")
ALPHABETS = tuple(frozenset(group) - UNCLEAR for group in GROUPS)
EVERYTHING = "".join(sorted(frozenset().union(*ALPHABETS)))


def new_password(length: int = 12) -> str:
    """A random password with capital, small letter, digit and sign: Moodle's default policy; no look-alikes."""
    while True:
        password = _random_signs(length)
        if not any(group.isdisjoint(password) for group in ALPHABETS):
            return password


def _random_signs(length: int) -> str:
    # Twice the bits that are needed, so that the remainders favour no sign that anybody could notice.
    number = randbits(14 * length)
    signs = []
    for _turn in range(length):
        number, place = divmod(number, len(EVERYTHING))
        signs.append(EVERYTHING[place])
    return "".join(signs)


def prepare_passwords(ctx: Context, site: str, accounts: Iterable[Account]) -> Mapping[str, str]:
    """A password for each account by username, stored sealed before it is given back.

    A password that was stored earlier (an apply that was cut off) is given again: the platform may have it already.
    """
    usernames = [account.username for account in accounts]
    cipher = AESGCM(_key(ctx))
    with ctx.store.begin() as tx:
        passwords = {
            username: _open(cipher, site, username, sealed)
            for username, sealed in tx.passwords.sealed(site, usernames).items()
        }
        fresh = {username: new_password() for username in usernames if username not in passwords}
        sealed = {username: _seal(cipher, site, username, password) for username, password in fresh.items()}
        tx.passwords.save(site, sealed, ctx.now())
    return passwords | fresh


def _key(ctx: Context) -> bytes:
    path = ctx.settings.password_key
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(AESGCM.generate_key(KEY_BYTES * 8))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise BrokenData(
            _("The password key {path} is damaged: {size} bytes instead of 32.").format(path=path, size=len(key)),
            hint=_("Restore it from a backup; without it the stored first passwords cannot be read."),
        )
    return key


def _seal(cipher: AESGCM, site: str, username: str, password: str) -> bytes:
    nonce = token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, password.encode(), f"{site}\n{username}".encode())


def _open(cipher: AESGCM, site: str, username: str, sealed: bytes) -> str:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], f"{site}\n{username}".encode()).decode()
    except InvalidTag:
        raise BrokenData(
            _("A stored first password cannot be opened with this key."),
            hint=_("Restore the key file that belongs to this database (password_key_file)."),
        ) from None
