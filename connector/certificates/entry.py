"""What the register of certificates holds: the facts of a paper, entries, and the acts of people on them.

Frozen values without I/O, keyed by programme and phone as all our own values are.
"""

from dataclasses import dataclass
from datetime import datetime

from connector.model import CertificateState


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What the paper says, frozen when it is decided (so an approver approves exactly this) and anew at a reissue.

    `hours` are class hours (tiết); `grade` is the mean of the graded topics in 0..100, None when nothing was graded.
    """

    full_name: str
    workplace: str
    programme_name: str = ""
    title: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    hours: float | None = None
    grade: float | None = None
    signer: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """One line of the register of certificates (sổ cấp); one for each person and programme, for ever.

    `seq` is the place in `book`, `register_no` its number in words; both are set when the issue has been read back
    and stay through revocation and reissue. `serial` is the code of the paper that is valid now, `edition` counts
    papers from 1. `site` is where it was released; it stays there. `withdrawn_at` is when a revoked or reissued paper
    was taken back on the platform.
    """

    programme: str
    phone: str
    province_code: str
    state: CertificateState
    facts: CertificateFacts
    decided_at: datetime
    book: str
    commune_code: str | None = None
    approved_by: str = ""
    granted_at: datetime | None = None
    issued_at: datetime | None = None
    withdrawn_at: datetime | None = None
    serial: str = ""
    seq: int | None = None
    register_no: str = ""
    edition: int = 1
    site: str = ""

    @property
    def is_valid(self) -> bool:
        """True when the paper counts: it has been issued and not been taken back."""
        return self.state in (CertificateState.ISSUED, CertificateState.DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateEvent:
    """An act of a person on a certificate: `event` is the state it led to, `full_name` and `serial` those until then.

    Events are only ever added.
    """

    programme: str
    phone: str
    event: CertificateState
    at: datetime
    by: str
    reason: str = ""
    serial: str = ""
    register_no: str = ""
    edition: int = 1
    full_name: str = ""
