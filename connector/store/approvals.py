"""Who has approved which plan, and when."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from connector.store.plan_tables import approvals
from connector.store.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's approval of a plan with this checksum, which `author` made."""

    checksum: str
    approver: str
    author: str
    site: str
    programme: str
    approved_at: datetime


class Approvals:
    """Approvals, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def approve(self, approval: Approval) -> None:
        """Write the approval over an earlier one of the same person for the same plan."""
        upsert(self._connection, approvals, [asdict(approval)])

    def of_plan(self, checksum: str) -> list[Approval]:
        """All approvals of plans with this checksum, the latest first. Reads only."""
        query = select(approvals).where(approvals.c.checksum == checksum).order_by(approvals.c.approved_at.desc())
        return [Approval(**row) for row in self._connection.execute(query).mappings()]
