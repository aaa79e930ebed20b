"""Use case: taking over accounts that the platform had before us, sure ones at once, doubtful ones by review."""

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.apply import journal_of, send_changes
from connector.jobs.fence import check_fence
from connector.jobs.lease import only_writer
from connector.jobs.people import people_of
from connector.jobs.plan import provision_of
from connector.language import _
from connector.lms import AccountField, LmsReader
from connector.model import Account, AccountSeen, Kind, Learner
from connector.programmes.definition import Programme
from connector.store.decisions import Rename, RenameState
from connector.store.leases import Lease
from connector.sync.actual import read_actual
from connector.sync.adopting import Candidate, account_changes, belongings, candidates, spellings
from connector.sync.change import Change, in_order
from connector.sync.decisions import Choice, HandDecision
from connector.sync.desired import desired_state
from connector.sync.mapping import AccountMapper
from connector.sync.outcome import ApplyOutcome
from connector.sync.plan import Plan
from connector.sync.state import ledger_of

ADOPT, LEAVE = "adopt", "leave"
COLUMNS = (
    "id",
    "row",
    "our_name",
    "our_phone",
    "our_workplace",
    "account_username",
    "account_name",
    "account_email",
    "account_idnumber",
    "why_doubtful",
    "decision",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoptable:
    """Accounts that may be learners', sure ones first, and how many are staff's or protected and never taken over."""

    candidates: tuple[Candidate, ...]
    staff: int

    @property
    def sure(self) -> list[Candidate]:
        """Those that no person need look at."""
        return [one for one in self.candidates if one.sure]

    @property
    def doubtful(self) -> list[Candidate]:
        """Those for the review file."""
        return [one for one in self.candidates if not one.sure]


def find_adoptable(ctx: Context, programme_key: str | None = None) -> Adoptable:
    """The accounts of people who take part and have none of ours. Reads the platform; nothing is written.

    They are looked up by username and ID number in all spellings of the number, and by the address that we would give.
    Moodle looks up no phone field (reference/moodle-ws-facts.md sections 2.2, 2.3).
    """
    programme = ctx.programme(programme_key)
    people = _without_account(ctx, programme)
    lms = ctx.lms(programme.site)
    found = _found(lms, people)
    names = {seen.account.username for accounts in found.values() for seen in accounts}
    owned = _owned(ctx, programme.site, names)
    free = {
        phone: [seen for seen in accounts if seen.account.username not in owned] for phone, accounts in found.items()
    }
    staff = lms.elevated(programme.enrolment.courses, names) if names else set()
    protected = ctx.settings.protected.names()
    staff |= {name for name in names if name.lower() in protected}
    return Adoptable(candidates=tuple(candidates(people, free, staff)), staff=len(staff - owned))


def adopt(ctx: Context, programme_key: str | None, chosen: Sequence[Candidate], *, reason: str = "") -> ApplyOutcome:
    """Record these accounts as ours, with the memberships and enrolments that are wanted and there already.

    Nothing is sent: what differs from the lists is in the next plan. A person's own address and way to log in stay as
    they are, and an account of another username is to be renamed. Journaled as a run, with who ran it.
    """
    programme = ctx.programme(programme_key)
    with only_writer(ctx, programme.site) as lease:
        check_fence(ctx, programme.site)
        fitting = {one.wanted.username for one in chosen if one.seen.account.username == one.wanted.username}
        changes = [*account_changes(chosen), *belongings_of(ctx, programme, fitting)]
        _decide(ctx, programme.site, chosen, reason)
        return record_as_ours(ctx, programme, changes, lease)


def record_as_ours(ctx: Context, programme: Programme, changes: Iterable[Change], lease: Lease) -> ApplyOutcome:
    """Record what is on the platform as ours, as a run; by who holds the site's lease. Nothing is sent."""
    plan = Plan(
        programme=programme.key,
        site=programme.site,
        created_at=ctx.now(),
        changes=tuple(in_order(list(changes))),
        foreign=(),
        by_hand=(),
        made_by_others={},
        people={},
        short_reads=(),
        recipe=("adopt",),
    )
    return send_changes(ctx, plan, journal_of(ctx, plan.site, plan.programme, lease), lambda *_: None)


def write_review(doubtful: Iterable[Candidate], path: Path) -> None:
    """Write the review file (CSV, UTF-8 with a mark so that Excel shows it); readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        path.chmod(0o600)
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([_cell(value) for value in _review_row(one)] for one in doubtful)


def read_decisions(path: Path, doubtful: Iterable[Candidate]) -> list[Candidate]:
    """The candidates that the file says to adopt. Reads only.

    Raises ConfigError: not a review file, a decision that is none of adopt, leave or empty, an account that is no
    longer as it was listed, or two accounts for one person.
    """
    known = {one.id: one for one in doubtful}
    chosen: list[Candidate] = []
    for number, row in _rows(path):
        decision = (row["decision"] or "").strip().lower()
        if decision not in (ADOPT, LEAVE, ""):
            raise _wrong(path, number, _("the decision is '{word}', not adopt or leave").format(word=decision))
        if decision == ADOPT and row["id"] not in known:
            raise _wrong(path, number, _("the account or the list is no longer as it was; make a new review file"))
        if decision == ADOPT:
            chosen.append(known[row["id"]])
    phones = [one.learner.phone for one in chosen]
    if len(set(phones)) < len(phones) or len({one.seen.remote_id for one in chosen}) < len(phones):
        raise ConfigError(
            _("The file {path} gives one person two accounts, or one account to two people.").format(path=path.name)
        )
    return chosen


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(_("The file {path} cannot be read: {why}.").format(path=path, why=error)) from None
    if rows and not {"id", "decision"} <= rows[0].keys():
        raise ConfigError(
            _("The file {path} is no review file of 'connector adopt'.").format(path=path.name),
            hint=_("Keep the columns as they are and save it as CSV."),
        )
    return list(enumerate(rows, start=2))


def _wrong(path: Path, number: int, why: str) -> ConfigError:
    return ConfigError(_("{path}, row {number}: {why}.").format(path=path.name, number=number, why=why))


def _review_row(one: Candidate) -> tuple[str, ...]:
    learner, there = one.learner, one.seen.account
    ours = (one.id, str(learner.origin), learner.full_name, learner.phone, learner.workplace)
    name = f"{there.lastname} {there.firstname}"
    return (*ours, there.username, name, there.email, there.idnumber, "; ".join(one.doubts), "")


def _cell(value: str) -> str:
    """A value that no spreadsheet takes for a formula: texts from the platform are other people's."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _without_account(ctx: Context, programme: Programme) -> dict[str, tuple[Learner, Account]]:
    mapper = AccountMapper(ctx.settings.site(programme.site).accounts)
    people = [item.learner for item in people_of(ctx, programme).registrations if item.takes_part]
    wanted = {learner.phone: (learner, mapper.account(learner)) for learner in people}
    owned = _owned(ctx, programme.site, [account.username for _learner, account in wanted.values()])
    return {phone: pair for phone, pair in wanted.items() if pair[1].username not in owned}


def _owned(ctx: Context, site: str, usernames: Collection[str]) -> set[str]:
    with ctx.store.begin() as tx:
        rows = tx.ledger.owned(site, provinces=(), usernames=usernames)
    return {row.key[-1] for row in rows if row.kind is Kind.ACCOUNT}


def _found(lms: LmsReader, people: Mapping[str, tuple[Learner, Account]]) -> dict[str, list[AccountSeen]]:
    """By phone all accounts that any look-up gives, each once."""
    asked = {field: _asked(people, field) for field in AccountField}
    found: dict[str, dict[str, AccountSeen]] = {}
    for field, owners in asked.items():
        for seen in lms.find_accounts(field, sorted(owners)) if owners else ():
            value = str(getattr(seen.account, field.value))
            for phone in owners.get(value if field is AccountField.IDNUMBER else value.lower(), ()):
                found.setdefault(phone, {})[seen.remote_id] = seen
    return {phone: list(accounts.values()) for phone, accounts in found.items()}


def _asked(people: Mapping[str, tuple[Learner, Account]], field: AccountField) -> dict[str, list[str]]:
    """The values to look up in this field, each with the phones that it may be of."""
    asked: dict[str, list[str]] = {}
    for phone, (_learner, wanted) in people.items():
        own = str(getattr(wanted, field.value))
        more = () if field is AccountField.EMAIL else spellings(phone)
        for value in dict.fromkeys((own, *more)):
            asked.setdefault(value.lower() if field is not AccountField.IDNUMBER else value, []).append(phone)
    return asked


def belongings_of(ctx: Context, programme: Programme, usernames: Collection[str]) -> list[Change]:
    """What is there already, wanted and not ours yet, of the registered people of these usernames. Reads the platform.

    Of an account that is to be renamed it is found later, under its new name.
    """
    people = people_of(ctx, programme)
    registrations = [one for one in people.registrations if people.username_of[one.learner.phone] in usernames]
    if not registrations:
        return []
    with ctx.store.begin() as tx:
        rows = tx.ledger.owned(programme.site, provinces=(), usernames=usernames)
    desired = desired_state(provision_of(ctx, programme), registrations, rows)
    owned = ledger_of(rows)
    actual = read_actual(ctx.lms(programme.site), desired, owned)
    return list(belongings(desired, actual, owned, usernames))


def _decide(ctx: Context, site: str, chosen: Sequence[Candidate], reason: str) -> None:
    """Write what goes with an adoption: values that stay, and new names that are to come."""
    why = reason or _("adopted as it was found")
    with ctx.store.begin() as tx:
        for one in chosen:
            tx.decisions.decide(site, [_kept(ctx, one, name, value, why) for name, value in one.kept.items()])
            if one.seen.account.username != one.wanted.username:
                tx.decisions.decide_rename(_rename(ctx, site, one, why))


def _kept(ctx: Context, one: Candidate, name: str, value: str, why: str) -> HandDecision:
    return HandDecision(
        kind=Kind.ACCOUNT,
        key=one.seen.account.key,
        field=name,
        choice=Choice.KEEP,
        value=value,
        by=ctx.caller.who,
        reason=why,
        decided_at=ctx.now(),
    )


def _rename(ctx: Context, site: str, one: Candidate, why: str) -> Rename:
    return Rename(
        site=site,
        old_username=one.seen.account.username,
        new_username=one.wanted.username,
        old_phone="",
        new_phone=one.learner.phone,
        programmes=(),
        state=RenameState.ACCEPTED,
        by=ctx.caller.who,
        reason=why,
        decided_at=ctx.now(),
    )


def acting_as(ctx: Context, by: str) -> Context:
    """The context with this person as the one who runs it, if a name is given."""
    return replace(ctx, caller=replace(ctx.caller, who=by)) if by else ctx
