"""What must hold on a pretend Moodle after a campaign's clean run. Reads the platform's own tables, not our words.

Each check gives its findings in words; none is no finding.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.certificates.entry import RegisterEntry
from connector.context import Context
from connector.jobs.first_passwords import prepare_passwords
from connector.model import Account, CertificateState, Kind
from connector.moodle_ws.cohorts import MARK
from connector.sandbox.site import Site
from connector.store.journal import StoreJournal
from connector.sync.plan import Plan
from tests.faults.people import PROVINCES, Roster

SITE = "sandbox"
PROGRAMME = "bkhcn-2025-k1"
COURSE = "bkhcn-2025-01"
START, END = 1764522000, 1765818000
_PEOPLE = "FROM users u WHERE u.deleted = 0 AND u.username LIKE '0912%'"
_PHONE = re.compile(r"(?:\+84|0)9120\d{5}")


@dataclass(frozen=True)
class Corrected:
    """What was done to issued certificates: the phones of who was revoked; of who was reissued, with the old code."""

    revoked: frozenset[str] = frozenset()
    reissued: Mapping[str, str] = field(default_factory=dict)


NOTHING_CORRECTED = Corrected()


def findings(ctx: Context, site: Site, roster: Roster, log: str, secrets: Sequence[str]) -> list[str]:
    """Everything that is not as it must be."""
    names = [row[0] for row in site.all(f"SELECT u.username {_PEOPLE}")]
    unsaid = [*secrets, *first_passwords(ctx, names).values()]
    return [*provided(ctx, site, roster), *certified(ctx, site), *spoken(log, unsaid)]


def provided(ctx: Context, site: Site, roster: Roster) -> Iterator[str]:
    """Accounts, cohorts, enrolments, passwords, and our books about them."""
    yield from accounts(site, roster)
    yield from memberships(site, roster)
    yield from enrolments(site, roster)
    yield from books(ctx, site)
    yield from passwords(ctx, site)


def certified(ctx: Context, site: Site, corrected: Corrected = NOTHING_CORRECTED) -> Iterator[str]:
    """Mirror and certificates."""
    yield from mirrored(ctx, site)
    yield from certificates(ctx, site, corrected)


def left_over(plan: Plan, site: Site, roster: Roster) -> Iterator[str]:
    """What the next plan still holds: nothing may be left."""
    del site, roster
    if not plan.empty or plan.by_hand or plan.foreign or plan.held:
        yield f"plan: {len(plan.changes)} changes, {len(plan.by_hand)} by hand"


def issued(site: Site) -> int:
    """How many certificates the platform has issued."""
    row = site.one("SELECT count(*) FROM issues")
    return row[0] if row else 0


def welcomes_repeated(site: Site, roster: Roster) -> int:
    """People who got the course's welcome message again though nothing of their enrolment was to be changed."""
    rows = site.all("SELECT u.username, count(*) FROM welcomes w JOIN users u ON u.id = w.userid GROUP BY u.username")
    left = {username_of(one.phone) for one in roster.left}
    return sum(count > 1 for name, count in rows if name not in left)


def username_of(phone: str) -> str:
    """The log-in name by the example configuration."""
    return "0" + phone.removeprefix("+84")


def differences(what: str, expected: Counter[Any], found: Counter[Any]) -> Iterator[str]:
    """What is missing and what is too much or twice, at most three of each."""
    for word, rest in (("missing", expected - found), ("too much", found - expected)):
        if rest:
            yield f"{what}: {rest.total()} {word}, such as {sorted(map(str, rest))[:3]}"


def accounts(site: Site, roster: Roster) -> Iterator[str]:
    """Every person has one account with his own values; nobody has two; nobody else has one."""
    left = {username_of(one.phone) for one in roster.left}
    expected = Counter(
        (
            username_of(one.phone),
            f"VN-{username_of(one.phone)}",
            one.full_name.rpartition(" ")[2],
            one.full_name.rpartition(" ")[0] or one.full_name,
            PROVINCES[one.province_code],
            one.workplace,
            one.position,
            PROVINCES[one.province_code],
        )
        for one in roster.present
    )
    profile = (
        "coalesce((SELECT data FROM profile_data d JOIN profile_fields f ON f.id = d.fieldid"
        " WHERE d.userid = u.id AND f.shortname = '{}'), '')"
    )
    rows = site.all(
        "SELECT u.username, u.idnumber, u.firstname, u.lastname, u.city, u.institution,"
        f" {profile.format('position')}, {profile.format('province')} {_PEOPLE}"
    )
    yield from differences("accounts", expected, Counter(row for row in rows if row[0] not in left))
    numbers = Counter(row[1] for row in rows)
    yield from (f"accounts: the ID number {number} is there {n} times" for number, n in numbers.items() if n > 1)
    if site.one("SELECT count(*) FROM users") != (len(rows) + 3,):  # guest, administrator, and somebody by hand
        yield "accounts: the site has others than it should"


def memberships(site: Site, roster: Roster) -> Iterator[str]:
    """Everybody is in the one cohort of his province, which is there once; others' members are untouched."""
    left = {username_of(one.phone) for one in roster.left}
    expected = Counter((f"VN-{one.province_code}", username_of(one.phone)) for one in roster.present)
    expected["by-hand", "0999000001"] = 1
    rows = site.all(
        "SELECT c.idnumber, u.username FROM cohort_members m JOIN cohorts c ON c.id = m.cohort"
        " JOIN users u ON u.id = m.userid"
    )
    yield from differences("memberships", expected, Counter(row for row in rows if row[1] not in left))
    found = Counter(row[0] for row in site.all(f"SELECT idnumber FROM cohorts WHERE idnumber <> '{MARK}'"))
    yield from differences("cohorts", Counter({f"VN-{code}": 1 for code in PROVINCES} | {"by-hand": 1}), found)


def enrolments(site: Site, roster: Roster) -> Iterator[str]:
    """Everybody is enrolled once with the programme's window; of those who left, nobody is active."""
    left = {username_of(one.phone) for one in roster.left}
    expected = Counter((username_of(one.phone), COURSE, 0, START, END) for one in roster.present)
    rows = site.all(
        "SELECT u.username, c.idnumber, e.status, e.timestart, e.timeend FROM user_enrolments e"
        " JOIN users u ON u.id = e.userid JOIN courses c ON c.id = e.course"
    )
    yield from differences("enrolments", expected, Counter(row for row in rows if row[0] not in left))
    active = [row[0] for row in rows if row[0] in left and row[2] == 0]
    if active:
        yield f"enrolments: {len(active)} people who left are still active, such as {active[0]}"


def books(ctx: Context, site: Site) -> Iterator[str]:
    """Ledger and journal say exactly what is on the platform, and nothing is open."""
    with ctx.store.begin() as tx:
        owned = tx.ledger.owned(SITE)
    numbers = {row.key[0]: row.remote_id for row in owned if row.kind is Kind.ACCOUNT}
    there = {name: str(number) for name, number in site.all(f"SELECT u.username, u.id {_PEOPLE}")}
    yield from differences("ledger, accounts with numbers", Counter(there.items()), Counter(numbers.items()))
    queries = {
        Kind.COHORT: f"SELECT idnumber FROM cohorts WHERE idnumber NOT IN ('by-hand', '{MARK}')",
        Kind.MEMBERSHIP: "SELECT c.idnumber, u.username FROM cohort_members m JOIN cohorts c ON c.id = m.cohort"
        " JOIN users u ON u.id = m.userid WHERE c.idnumber <> 'by-hand'",
        Kind.ENROLMENT: "SELECT c.idnumber, u.username FROM user_enrolments e JOIN users u ON u.id = e.userid"
        " JOIN courses c ON c.id = e.course",
    }
    for kind, query in queries.items():
        ours = Counter(row.key for row in owned if row.kind is kind)
        yield from differences(f"ledger, {kind}", Counter(site.all(query)), ours)
    journal = StoreJournal(ctx.store, site=SITE, programme=PROGRAMME, now=ctx.now)
    if open_changes := journal.unsettled():
        yield f"journal: {len(open_changes)} changes are open, such as {open_changes[0].key}"


def mirrored(ctx: Context, site: Site) -> Iterator[str]:
    """The mirror holds every completed topic of everybody, and no other."""
    done = site.all(
        "SELECT u.username, m.idnumber FROM module_completion d JOIN users u ON u.id = d.userid"
        " JOIN modules m ON m.id = d.cmid JOIN courses c ON c.id = m.course"
        f" WHERE d.state IN (1, 2) AND c.idnumber = '{COURSE}' AND m.idnumber LIKE 'cd%'"
    )
    with ctx.store.begin() as tx:
        copies = {name: list(results) for name, results in tx.mirror.results(SITE, [COURSE])}
    found = Counter((name, one.ref.activity) for name, results in copies.items() for one in results if one.done)
    yield from differences("mirror, topics", Counter(done), found)


def certificates(ctx: Context, site: Site, corrected: Corrected = NOTHING_CORRECTED) -> Iterator[str]:
    """Whoever has passed is in the group once and has one certificate, which is in the register under one number.

    Who was revoked has neither, and keeps his number; who was reissued has another code than before.
    """
    with ctx.store.begin() as tx:
        verdicts = list(tx.verdicts.of_programme(PROGRAMME))
        register = tx.register.of_programme(PROGRAMME)
    passed = {verdict.phone for verdict in verdicts if verdict.passed}
    valid = Counter(username_of(phone) for phone in passed - corrected.revoked)
    group = "SELECT u.username FROM group_members m JOIN users u ON u.id = m.userid"
    yield from differences("group", valid, Counter(row[0] for row in site.all(group)))
    issues = site.all("SELECT u.username, i.code FROM issues i JOIN users u ON u.id = i.userid")
    yield from differences("certificates", valid, Counter(name for name, _code in issues))
    issued = [entry for entry in register.values() if entry.state is CertificateState.ISSUED]
    entered = Counter((username_of(entry.phone), entry.serial) for entry in issued)
    yield from differences("register", Counter(issues), entered)
    revoked = {entry.phone for entry in register.values() if entry.state is CertificateState.REVOKED}
    if revoked != corrected.revoked or len(issued) + len(revoked) != len(register):
        yield "register: not every entry is issued, or revoked where it was revoked"
    if any(register[phone].serial == serial for phone, serial in corrected.reissued.items()):
        yield "register: a reissued certificate has its old code"
    yield from numbered(register.values())


def numbered(entries: Iterable[RegisterEntry]) -> Iterator[str]:
    """The register's numbers count from 1, each once."""
    found = sorted(int(entry.register_no[:5]) if entry.register_no else 0 for entry in entries)
    if found != list(range(1, len(found) + 1)):
        yield "register: the numbers have gaps or repeat"


def passwords(ctx: Context, site: Site) -> Iterator[str]:
    """Everybody can log in with the first password that is stored for him."""
    names = [row[0] for row in site.all(f"SELECT u.username {_PEOPLE}")]
    stored = first_passwords(ctx, names)
    for name, mixed in site.all(f"SELECT u.username, u.password {_PEOPLE}"):
        salt, _sign, digest = mixed.partition("$")
        if hashlib.sha256((salt + stored[name]).encode()).hexdigest() != digest:
            yield f"passwords: the stored one of {name} does not open the account"


def first_passwords(ctx: Context, names: Sequence[str]) -> dict[str, str]:
    """The first passwords as they are stored."""
    people = [Account(username=name, firstname="", lastname="", email="", idnumber="") for name in names]
    return dict(prepare_passwords(ctx, SITE, people))


def spoken(log: str, secrets: Sequence[str]) -> Iterator[str]:
    """No token, no password and no full phone number is in what was logged and said."""
    for secret in secrets:
        if secret in log:
            yield "log: a token or password is in it"
    if found := _PHONE.search(log):
        yield f"log: a phone number is in it: ...{log[max(0, found.start() - 60) : found.end()]}"
