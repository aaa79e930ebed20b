"""A secret out of a file that holds it alone, however an editor saved it; a file that others can read is refused."""

import codecs
import os
import stat
from pathlib import Path

from connector.errors import ConfigError
from connector.language import _

QUOTES = "\"'"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_secret(key: str, path: Path) -> str:
    """The secret in this file. Reads only.

    A byte-order mark, UTF-16 with one, blank lines and a pair of quotes around the secret are an editor's doing and are
    left out. The file's group may read it (root:connector 0640 is how services are given secrets), others may not.
    Raises ConfigError: unreadable, readable by others, no text, empty, or more than one line.
    """
    try:
        mode, content = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise ConfigError(
            _("The {key} file {path} cannot be read: {why}.").format(key=key, path=path, why=error.strerror),
        ) from None
    if os.name == "posix" and mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise ConfigError(
            _("The {key} file {path} can be read or changed by others.").format(key=key, path=path),
            hint=_("Take that away: chmod 600 {path}. Then have a new secret made, this one may be known.").format(
                path=path
            ),
        )
    lines = [line.strip() for line in _text(key, path, content).splitlines() if line.strip()]
    if not lines:
        raise ConfigError(_("The {key} file {path} is empty.").format(key=key, path=path))
    secret = lines[0]
    if len(lines) > 1 or not secret.isprintable():
        raise ConfigError(
            _("The {key} file {path} holds more than the secret.").format(key=key, path=path),
            hint=_("It must hold one line, the secret alone."),
        )
    if len(secret) > 1 and secret[0] == secret[-1] and secret[0] in QUOTES:
        secret = secret[1:-1].strip()
    if not secret:
        raise ConfigError(_("The {key} file {path} is empty.").format(key=key, path=path))
    return secret


def _text(key: str, path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-16" if content.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(
            _("The {key} file {path} is no text.").format(key=key, path=path),
            hint=_("It must hold one line, the secret alone."),
        ) from None
