"""The fencing mark: does this database belong to this site as it stands, or was one of them set back or copied? Pure.

Each run that writes leaves a new mark on the platform: installation, run number, and a random word. What stands there
is compared with what this database has left, so that a restored database, a copied one, a copied site and a site that
was set back are told apart before anything is written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_TEXT = re.compile(r"connector (?P<installation>[0-9a-f]{32}) (?P<number>[0-9]{1,9}) (?P<nonce>[0-9a-f]{16})\b.*")
_WARNING = "- không xóa, do not delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark as a run leaves it. `number` grows with each run; `nonce` tells two runs of one number apart."""

    installation: str
    number: int
    nonce: str

    @property
    def text(self) -> str:
        """What stands on the platform; it asks administrators to leave it."""
        return f"connector {self.installation} {self.number} {self.nonce} {_WARNING}"


def mark_of(text: str) -> Mark | None:
    """The mark of this text; None where it is none, or somebody has changed it."""
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        return None
    return Mark(installation=found["installation"], number=int(found["number"]), nonce=found["nonce"])


class Standing(StrEnum):
    """How a database and a site stand to each other. Only NEW and IN_ORDER let anything be written."""

    NEW = "new"
    IN_ORDER = "in_order"
    OTHER_SITE = "other_site"
    OTHER_INSTALLATION = "other_installation"
    OLDER_DATABASE = "older_database"
    SITE_SET_BACK = "site_set_back"
    MARK_GONE = "mark_gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """What a database knows of its bond to a site.

    `address` is the site's when they were bound, '' before that; `marks` are the newest that it has left or announced,
    oldest first, beginning with the last one that is known to stand there (`confirmed`), if there is one.
    """

    installation: str
    address: str = ""
    confirmed: Mark | None = None
    announced: tuple[Mark, ...] = ()
    earlier: frozenset[str] = frozenset()

    @property
    def last_number(self) -> int:
        """The highest number that this database has given to a mark; 0 where it has left none."""
        return max((mark.number for mark in (self.confirmed, *self.announced) if mark is not None), default=0)


def standing_of(bond: Bond, address: str, texts: Sequence[str]) -> Standing:
    """How they stand, by the site's address and the texts of the marks that were read there."""
    if bond.address and bond.address != address:
        return Standing.OTHER_SITE
    marks = [mark for mark in map(mark_of, texts) if mark is not None]
    if not marks:
        return Standing.MARK_GONE if bond.confirmed else Standing.NEW
    there = max(marks, key=lambda mark: mark.number)
    if there.installation != bond.installation:
        return Standing.OTHER_INSTALLATION
    # An announced one may have arrived though its answer was lost.
    if there in (bond.confirmed, *bond.announced):
        return Standing.IN_ORDER
    return Standing.SITE_SET_BACK if there.nonce in bond.earlier else Standing.OLDER_DATABASE
