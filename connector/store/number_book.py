"""The book of numbers: which register number was given to which paper, in a file of its own beside the database.

A database that was restored from a copy has forgotten numbers; the book has not. It is only ever added to: JSON lines,
each with the hash of the line before it, on the disk before the database says the same. One process at a time has it.
A line names a person as a salted hash only.
"""

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from connector.certificates.number_check import BookAct, BookLine
from connector.errors import BrokenData, ConfigError
from connector.language import _

_SALT = "salt"


class OpenBook:
    """The book while this process alone has it: its lines, and a way to add to them.

    `has_known` tells whether the line is in it that the database knows as the last one that it has seen.
    """

    def __init__(self, path: Path, file: IO[bytes], known: str) -> None:
        self.has_known = not known
        self._known = known
        self._path = path
        self._file = file
        self._last = ""
        self._end = 0
        self._salt = ""
        self.lines: list[BookLine] = []
        self._read()

    @property
    def head(self) -> str:
        """The hash of its last line, '' of a book that is not begun."""
        return self._last

    def subject(self, phone: str) -> str:
        """How the book names this person."""
        return hashlib.sha256(f"{self._salt}{phone}".encode()).hexdigest()

    def append(self, lines: Iterable[BookLine]) -> None:
        """Add the lines; they are on the disk when this returns."""
        new = list(lines)
        if not new:
            return
        header = [] if self._end else [{_SALT: self._salt}]
        text = "".join(self._chained(values) for values in [*header, *(_values(line) for line in new)])
        self._file.seek(self._end)
        self._file.truncate()  # half a line, of a process that died while it wrote
        self._file.write(text.encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._end = self._file.tell()
        self.lines.extend(new)

    def _chained(self, values: dict[str, Any]) -> str:
        self._last = _hash(values, self._last)
        return json.dumps(values | {"hash": self._last}) + "\n"

    def _read(self) -> None:
        for number, raw in enumerate(self._file, start=1):
            if not raw.endswith(b"\n"):
                break
            self._take(number, raw)
            self._end += len(raw)
        self._salt = self._salt or secrets.token_hex(16)

    def _take(self, number: int, raw: bytes) -> None:
        try:
            values = json.loads(raw)
            told, self._last = values.pop("hash"), _hash(values, self._last)
            if number == 1:
                self._salt = values[_SALT]
            else:
                self.lines.append(_line(values))
        except (ValueError, KeyError, TypeError, AttributeError):
            told = None
        self.has_known = self.has_known or self._last == self._known
        if told != self._last:
            raise BrokenData(
                _("Line {line} of the book of numbers {path} does not follow from the lines before it.").format(
                    line=number, path=self._path
                ),
                hint=_(
                    "It was changed or damaged. Put the newest copy of the book back; no number is given until then."
                ),
            )


@contextmanager
def open_book(path: Path, known: str = "") -> Iterator[OpenBook]:
    """The book at this path, made (0600) where there is none; others wait until the block ends.

    `known` is the hash of the last line that the database has seen, '' where it has seen none.

    Raises ConfigError where it cannot be opened, BrokenData where a line was changed.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigError(
            _("The book of numbers {path} cannot be opened: {why}.").format(path=path, why=error.strerror)
        ) from None
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield OpenBook(path, file, known)


def _values(line: BookLine) -> dict[str, Any]:
    values = {field.name: getattr(line, field.name) for field in fields(line)}
    return values | {"act": line.act.value, "at": line.at.isoformat()}


def _line(values: dict[str, Any]) -> BookLine:
    return BookLine(**(values | {"act": BookAct(values["act"]), "at": datetime.fromisoformat(values["at"])}))


def _hash(values: dict[str, Any], previous: str) -> str:
    return hashlib.sha256(json.dumps([values, previous], sort_keys=True).encode()).hexdigest()
