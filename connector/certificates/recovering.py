"""What the book of numbers gives back to a register that was set back: numbers, papers, revocations. Pure.

The book names a person only as a hash, so a number returns to whom the lists know; one that is nobody's is told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connector.certificates.entry import CertificateFacts, RegisterEntry
from connector.certificates.number_check import TAKEN_BACK, BookAct, BookLine, Difference
from connector.model import CertificateState

# Programme and phone of whom a line is about.
Owner = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LostNumber:
    """A number of which the register has lost the newest paper: that paper, whose it is, and whether it was revoked.

    `edition` counts its papers from 1; `replaced` are the lines of those that were taken back for a newer one.
    """

    line: BookLine
    owner: Owner
    revoked: bool = False
    edition: int = 1
    replaced: tuple[BookLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What is to be written to make the register whole.

    `numbers`: by number, those that return to somebody; `nobodys`: the newest lines of those whose owner no list in
    this database knows; `revoked` and `replaced`: entries that count and must not; `unwritten`: entries that the book
    lacks.
    """

    numbers: tuple[LostNumber, ...]
    nobodys: tuple[BookLine, ...]
    revoked: tuple[RegisterEntry, ...]
    replaced: tuple[RegisterEntry, ...]
    unwritten: tuple[RegisterEntry, ...]

    @property
    def empty(self) -> bool:
        """True when the register is whole."""
        return not (self.numbers or self.nobodys or self.revoked or self.replaced)


def recovery(
    found: Difference,
    lines: Sequence[BookLine],
    entries: Sequence[RegisterEntry],
    owner_of: Callable[[BookLine], Owner | None],
) -> Recovery:
    """What is to be recovered of one book. `owner_of` gives None for a person whom no list knows."""
    lost = {line.register_no for line in found.lost}
    by_number: dict[str, list[BookLine]] = {}
    for line in lines:
        if line.register_no in lost:
            by_number.setdefault(line.register_no, []).append(line)
    numbers: list[LostNumber] = []
    nobodys: list[BookLine] = []
    for told in by_number.values():
        newest = [line for line in told if line.act is BookAct.GIVEN][-1]
        owner = owner_of(newest)
        if owner is None:
            nobodys.append(newest)
        else:
            numbers.append(_lost(newest, owner, told))
    # One that has a newer paper comes back with that.
    back = {line.paper: line.act for line in found.revived if line.register_no not in lost}
    revived = [(one, back[one.register_no, one.serial]) for one in entries if (one.register_no, one.serial) in back]
    return Recovery(
        numbers=tuple(sorted(numbers, key=lambda one: one.line.seq)),
        nobodys=tuple(sorted(nobodys, key=lambda line: line.seq)),
        revoked=tuple(entry for entry, act in revived if act is BookAct.REVOKED),
        replaced=tuple(entry for entry, act in revived if act is BookAct.REPLACED),
        unwritten=found.unwritten,
    )


def _lost(newest: BookLine, owner: Owner, told: Sequence[BookLine]) -> LostNumber:
    return LostNumber(
        line=newest,
        owner=owner,
        revoked=any(line.act is BookAct.REVOKED and line.paper == newest.paper for line in told),
        edition=len({line.paper for line in told if line.act is BookAct.GIVEN}),
        replaced=tuple(line for line in told if line.act in TAKEN_BACK and line.paper != newest.paper),
    )


def regained(
    lost: LostNumber, before: RegisterEntry | None, facts: CertificateFacts, *, province_code: str, issued_at: datetime
) -> RegisterEntry:
    """The entry of a lost number as it has to be: issued under the number and code that the paper bears."""
    line = lost.line
    entry = before or RegisterEntry(
        programme=lost.owner[0],
        phone=lost.owner[1],
        province_code=province_code,
        state=CertificateState.DUE,
        facts=facts,
        decided_at=line.at,
        book=line.book,
        granted_at=line.at,
    )
    return replace(
        entry,
        state=CertificateState.REVOKED if lost.revoked else CertificateState.ISSUED,
        facts=facts,
        granted_at=entry.granted_at or line.at,
        issued_at=issued_at,
        withdrawn_at=None,
        serial=line.serial,
        seq=line.seq,
        register_no=line.register_no,
        edition=lost.edition,
    )
