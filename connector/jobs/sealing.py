"""The vault of first passwords: AES-GCM with a key file outside of the database, bound to site and name."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connector.context import Context
from connector.errors import BrokenData
from connector.language import _
from connector.store.passwords import Sealed

KEY_BYTES = 32
NONCE_BYTES = 12


class Vault:
    """Seals and opens the passwords of usernames on sites."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, site: str, username: str, password: str) -> Sealed:
        """The password as it may be stored: it opens for this site and username only."""
        nonce = token_bytes(NONCE_BYTES)
        return Sealed(nonce + self._cipher.encrypt(nonce, password.encode(), _bound_to(site, username)), username)

    def open(self, site: str, sealed: Sealed) -> str:
        """The password itself. Raises BrokenData when another key sealed it, or for another site or name."""
        nonce, content = sealed.content[:NONCE_BYTES], sealed.content[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, content, _bound_to(site, sealed.sealed_for)).decode()
        except InvalidTag:
            raise BrokenData(
                _("A stored first password cannot be opened with this key."),
                hint=_(
                    "Restore the key file that belongs to this database (password_key_file); "
                    "if 'connector passwords rekey' was cut off, run it again."
                ),
            ) from None


def _bound_to(site: str, username: str) -> bytes:
    return f"{site}\n{username}".encode()


def open_vault(ctx: Context) -> Vault:
    """The vault of this installation; its key file is made (for its owner only) when it is not there yet."""
    return Vault(read_key(ctx.settings.password_key))


def _make_key(path: Path) -> None:
    """Write a new key, whole or not at all: a process that is killed in between must not leave an empty file.

    Whoever comes second keeps the key of whoever was first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # for its owner only
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(AESGCM.generate_key(KEY_BYTES * 8))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def read_key(path: Path) -> bytes:
    """The key in this file, made first when there is none. Raises BrokenData for a damaged one."""
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise BrokenData(
            _("The password key {path} is damaged: {size} bytes instead of 32.").format(path=path, size=len(key)),
            hint=_("Restore it from a backup; without it the stored first passwords cannot be read."),
        )
    return key
