"""What became of an apply: counts, refusals in words, and whether it came to its end."""

from dataclasses import dataclass

from connector.errors import ConnectorError
from connector.lms import ItemResult
from connector.model import Kind, mask_phone
from connector.sync.change import Action, Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One change that was refused or whose outcome is not known. `subject` is masked; `code` the platform's word."""

    kind: Kind
    action: Action
    subject: str
    province_code: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOutcome:
    """Counts of changes: `done`, `already` so, `refused`, `unknown` (read back by the next plan), and `left` untried.

    `refusals` lists the refused and the unknown ones. `stopped_by` is the outage that ended the run early, or the
    wish to stop; what is left and what is unknown is made by a resume or is in the next plan.
    """

    run_id: int
    done: int
    already: int
    refused: int
    unknown: int
    left: int
    refusals: tuple[Refusal, ...]
    stopped_by: ConnectorError | None

    @property
    def complete(self) -> bool:
        """True when every change is now as planned."""
        return self.refused == self.unknown == self.left == 0

    @property
    def state(self) -> str:
        """One word: 'done', 'partly' (some refused or unknown) or 'stopped' (an outage ended the run early)."""
        if self.stopped_by is not None:
            return "stopped"
        return "done" if self.complete else "partly"

    @property
    def counts(self) -> dict[str, int]:
        """The five counts by name."""
        return {
            "done": self.done,
            "already": self.already,
            "refused": self.refused,
            "unknown": self.unknown,
            "left": self.left,
        }


def subject_of(change: Change) -> str:
    """Whom or what a change is about, fit to be shown: a person's username masked, a cohort's idnumber in full."""
    return mask_phone(change.username) if change.username else change.key[0]


def refusal_of(change: Change, result: ItemResult) -> Refusal:
    """The refusal fit to be shown: a person's username masked, a cohort's idnumber in full."""
    return Refusal(
        kind=change.kind,
        action=change.action,
        subject=subject_of(change),
        province_code=change.province_code,
        code=result.code,
        message=result.message,
    )
