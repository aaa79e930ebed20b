"""What the book of numbers says against the register: numbers and revocations that a database has lost. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connector.certificates.entry import CertificateEvent, RegisterEntry


class BookAct(StrEnum):
    """What a line of the book says of a paper: that it was given its number, was revoked, was taken back for a newer
    one, or that a person has said that its number is nobody's and stays taken.
    """

    GIVEN = "given"
    REVOKED = "revoked"
    REPLACED = "replaced"
    SET_ASIDE = "set_aside"


TAKEN_BACK = frozenset({BookAct.REVOKED, BookAct.REPLACED})


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLine:
    """One line of the book. `subject` is the salted hash of the phone; `batch` is shared by numbers given at once;
    `programme` is '' in lines of older connectors.
    """

    act: BookAct
    book: str
    seq: int
    register_no: str
    serial: str
    subject: str
    batch: str
    at: datetime
    programme: str = ""

    @property
    def paper(self) -> tuple[str, str]:
        """The paper that is meant: a number keeps its place when it is reissued, under another code."""
        return self.register_no, self.serial


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How book and register differ.

    `lost`: papers of the book that the register does not know, in the book's order; `revived`: papers that were taken
    back and count in the register; `unwritten`: entries that the book does not have yet; `unfinished`: the lost ones
    are all of the book's last batch, as a process leaves it that died between writing the book and the register.
    """

    lost: tuple[BookLine, ...]
    revived: tuple[BookLine, ...]
    unwritten: tuple[RegisterEntry, ...]
    unfinished: bool


def compare(
    lines: Sequence[BookLine], entries: Sequence[RegisterEntry], history: Iterable[CertificateEvent]
) -> Difference:
    """The difference between the lines and the entries of one book; `history` is of these entries' programmes."""
    valid = {(entry.register_no, entry.serial) for entry in entries if entry.is_valid}
    known = {(entry.register_no, entry.serial) for entry in entries}
    known |= {(event.register_no, event.serial) for event in history}
    latest = {line.paper: line for line in lines}
    aside = {line.paper for line in latest.values() if line.act is BookAct.SET_ASIDE}
    lost = tuple(line for line in lines if line.act is BookAct.GIVEN and line.paper not in known | aside)
    last_batch = lines[-1].batch if lines else ""
    return Difference(
        lost=lost,
        revived=tuple(one for one in latest.values() if one.act in TAKEN_BACK and one.paper in valid),
        unwritten=tuple(one for one in entries if one.serial and (one.register_no, one.serial) not in latest),
        unfinished=bool(lost) and all(line.batch == last_batch for line in lost),
    )
