"""A programme, a platform and a journal that belong together, with invented people, for the tests of sync."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connector.model import Account, Learner, Origin, Registration, RegistrationState
from connector.settings import AccountMapping, Limits
from connector.sync.apply import apply_plan
from connector.sync.change import Change
from connector.sync.decisions import NOTHING_DECIDED
from connector.sync.desired import Leaving, Provision
from connector.sync.guards import guarded
from connector.sync.outcome import ApplyOutcome
from connector.sync.plan import Plan
from connector.sync.planning import compare
from connector.sync.resuming import check_rest
from connector.sync.state import OwnedItem
from connector.sync.undoing import AccountPolicy, Footprint, draw_undo
from tests.fakes.journal import InMemoryJournal
from tests.sync.platform import Platform

NOW = datetime(2025, 12, 5, 2, 0, tzinfo=UTC)
HOME = ZoneInfo("Asia/Ho_Chi_Minh")
LOOSE = Limits(removal_share=1.0, national_share=1.0)
STRICT = Limits(removal_share=0.05, removal_floor=5)
HANOI, HUE, NGHE_AN = "01", "46", "40"


def terms(
    leaving: Leaving = Leaving.KEEP,
    *,
    courses: tuple[str, ...] = ("course",),
    starts_at: datetime | None = datetime(2025, 12, 1, tzinfo=HOME),
    accounts: AccountMapping | None = None,
    cohort: str = "VN-{province_code}",
    enrols: bool = True,
    groups: str = "",
) -> Provision:
    return Provision(
        programme="k1",
        cohort_idnumber=cohort,
        cohort_name="{province}",
        courses=courses,
        starts_at=starts_at,
        ends_at=datetime(2025, 12, 16, tzinfo=HOME),
        leaving=leaving,
        accounts=accounts or AccountMapping(),
        enrols=enrols,
        group_idnumber=groups,
    )


def username(number: int) -> str:
    return f"09{number:08}"


def learner(number: int, province: str = HANOI, *, full_name: str = "Nguyễn Thị Mẫu", position: str = "") -> Learner:
    return Learner(
        phone=f"+849{number:08}",
        full_name=full_name,
        province_code=province,
        commune_code=None,
        workplace="UBND xã Mẫu",
        position=position,
        origin=Origin(file="mau.xlsx", sheet="1", row=number + 1),
    )


def registered(
    numbers: Iterable[int], province: str = HANOI, state: RegistrationState = RegistrationState.CONFIRMED
) -> list[Registration]:
    return [Registration(programme="k1", learner=learner(number, province), state=state) for number in numbers]


class World:
    """Plans and applies against one platform and one journal."""

    def __init__(self, provision: Provision | None = None, limits: Limits = LOOSE) -> None:
        self.provision = provision or terms()
        self.platform = Platform(self.provision.courses)
        self.journal = InMemoryJournal()
        self.limits = limits
        self.now = NOW
        self.asked: list[str] = []
        self.progress: list[tuple[int, int]] = []
        self.decisions = NOTHING_DECIDED

    def plan(
        self,
        registrations: Sequence[Registration],
        elsewhere: Collection[str] = (),
        owned: Iterable[OwnedItem] | None = None,
    ) -> Plan:
        plan = compare(
            self.provision,
            registrations,
            self.journal.owned if owned is None else owned,
            self.journal.unsettled(),
            self.platform,
            now=self.now,
            elsewhere=elsewhere,
            decisions=self.decisions,
        )
        return guarded(plan, self.limits)

    def apply(
        self, plan: Plan, batch: int | None = None, safe_point: Callable[[], None] = lambda: None
    ) -> ApplyOutcome:
        return apply_plan(
            plan,
            self.platform,
            self.journal,
            self.secrets,
            lambda settled, total: self.progress.append((settled, total)),
            batch=batch,
            safe_point=safe_point,
        )

    def resume(self, run_id: int, registrations: Sequence[Registration], batch: int | None = None) -> ApplyOutcome:
        """Go on with a broken-off run, as the job does it."""
        fresh, lines = self.plan(registrations), self.journal.in_state
        check_rest(lines(run_id, "planned"), lines(run_id, "sent"), lines(run_id, "refused"), fresh)
        return apply_plan(fresh, self.platform, self.journal, self.secrets, batch=batch, run_id=run_id)

    def undo(self, run_id: int, policy: AccountPolicy = AccountPolicy.SUSPEND) -> Plan:
        """The plan that takes a run back, as the job makes it."""
        footprint = Footprint(
            programme="k1",
            made=self.journal.in_state(run_id, "done", "already"),
            opened=self.journal.in_state(run_id, "sent"),
            owned=self.journal.owned,
            unsettled=self.journal.unsettled(),
        )
        return draw_undo(footprint, policy, self.platform, self.now)

    def sync(self, registrations: Sequence[Registration]) -> ApplyOutcome:
        return self.apply(self.plan(registrations))

    def secrets(self, accounts: Sequence[Account]) -> Mapping[str, str]:
        self.asked += [account.username for account in accounts]
        return {account.username: f"secret of {account.username}" for account in accounts}


def summary(changes: Iterable[Change]) -> list[tuple[str, str, tuple[str, ...], bool]]:
    """What the changes are, in their order, without their values."""
    return [(change.action.value, change.kind.value, change.key, change.adopted) for change in changes]
