"""What must hold on a pretend Open edX after a campaign's clean run; as checks.py for Moodle, by its own tables."""

from collections import Counter
from collections.abc import Iterator, Sequence

from connector.context import Context
from connector.mappers.openedx import is_mark
from connector.model import CertificateState, Kind
from connector.sandbox.openedx.programme import COURSE, CUTOFF, POINTS
from connector.sandbox.openedx.site import EdxSite
from connector.store.journal import StoreJournal
from connector.sync.plan import Plan
from tests.faults.checks import NOTHING_CORRECTED, Corrected, differences, numbered, spoken, username_of
from tests.faults.people import PROVINCES, Roster

SITE = "sandbox_openedx"
PROGRAMME = "bkhcn-2025-k1-openedx"
_PEOPLE = "FROM users u WHERE u.username LIKE '0912%'"
_KEY = "substr(c.name, instr(c.name, '(') + 1, 5)"  # 'Hà Nội (VN-01)'
_OURS = "c.course = '" + COURSE + "' AND c.name <> 'Tay' AND c.name NOT LIKE 'connector %'"


def findings(ctx: Context, site: EdxSite, roster: Roster, log: str, secrets: Sequence[str]) -> list[str]:
    """Everything that is not as it must be."""
    names = [row[0] for row in site.all(f"SELECT u.username {_PEOPLE}")]
    assert names
    return [*provided(ctx, site, roster), *certified(ctx, site), *spoken(log, secrets)]


def provided(ctx: Context, site: EdxSite, roster: Roster) -> Iterator[str]:
    """Accounts, cohorts, enrolments, and our books about them."""
    yield from accounts(site, roster)
    yield from memberships(site, roster)
    yield from enrolments(site, roster)
    yield from books(ctx, site)


def certified(ctx: Context, site: EdxSite, corrected: Corrected = NOTHING_CORRECTED) -> Iterator[str]:
    """Mirror and certificates, of which none was corrected."""
    assert corrected == NOTHING_CORRECTED
    yield from mirrored(ctx, site)
    yield from certificates(ctx, site)


def left_over(plan: Plan, site: EdxSite, roster: Roster) -> Iterator[str]:
    """What the next plan still holds: new names alone, which nobody can give on Open edX but its operator."""
    held = Counter(one.change.key[0] for one in plan.held)
    yield from differences("plan, held", Counter(_old_names(site, roster).keys()), held)
    if not plan.empty or plan.by_hand or plan.foreign:
        yield f"plan: {len(plan.changes)} changes, {len(plan.by_hand)} by hand"


def issued(site: EdxSite) -> int:
    """How many certificates are valid."""
    return int(site.row("SELECT count(*) FROM certificates WHERE status = 'downloadable'")[0])


def welcomes_repeated(site: EdxSite, roster: Roster) -> int:
    """None: the connector never asks Open edX to write to anybody."""
    del site, roster
    return 0


def accounts(site: EdxSite, roster: Roster) -> Iterator[str]:
    """Every person has one active account with his first name and address; nobody has two; nobody else has one."""
    left = {username_of(one.phone) for one in roster.left}
    names = _old_names(site, roster)
    expected = Counter(
        (
            username_of(one.phone),
            names.get(username_of(one.phone), one.full_name),
            f"{username_of(one.phone)}@hocvien.invalid",
            "VN",
            1,
        )
        for one in roster.present
    )
    rows = site.all(f"SELECT u.username, u.name, u.email, u.country, u.is_active {_PEOPLE}")
    yield from differences("accounts", expected, Counter(row for row in rows if row[0] not in left))
    if site.row("SELECT count(*) FROM users")[0] != len(rows) + 2:  # service account, and somebody by hand
        yield "accounts: the site has others than it should"


def _old_names(site: EdxSite, roster: Roster) -> dict[str, str]:
    """Of those who have another name now, and whose accounts were made before: the name they keep."""
    before = {username_of(phone): name for phone, name in roster.names_before.items()}
    return {name: full for name, full in site.all(f"SELECT u.username, u.name {_PEOPLE}") if before.get(name) == full}


def memberships(site: EdxSite, roster: Roster) -> Iterator[str]:
    """Everybody is in the one cohort of his province, which is there once; others' members are untouched."""
    left = {username_of(one.phone) for one in roster.left}
    expected = Counter((cohort_of(one.province_code), username_of(one.phone)) for one in roster.present)
    expected["Tay", "0999000001"] = 1
    rows = site.all(
        "SELECT c.name, u.username FROM members m JOIN cohorts c ON c.id = m.cohort JOIN users u ON u.id = m.userid"
    )
    yield from differences("memberships", expected, Counter(row for row in rows if row[1] not in left))
    found = Counter(row[0] for row in site.all("SELECT name FROM cohorts") if not is_mark(row[0]))
    yield from differences("cohorts", Counter([*map(cohort_of, PROVINCES), "Tay"]), found)


def cohort_of(province: str) -> str:
    """The name of a province's cohort."""
    return f"{PROVINCES[province]} (VN-{province})"


def enrolments(site: EdxSite, roster: Roster) -> Iterator[str]:
    """Everybody is enrolled in the mode that earns certificates; of those who left, nobody is active."""
    left = {username_of(one.phone) for one in roster.left}
    expected = Counter((username_of(one.phone), COURSE, "honor", 1) for one in roster.present)
    expected["0999000001", COURSE, "honor", 1] = 1
    rows = site.all(
        "SELECT u.username, e.course, e.mode, e.is_active FROM enrolments e JOIN users u ON u.id = e.userid"
    )
    yield from differences("enrolments", expected, Counter(row for row in rows if row[0] not in left))
    active = [row[0] for row in rows if row[0] in left and row[3]]
    if active:
        yield f"enrolments: {len(active)} people who left are still active, such as {active[0]}"


def books(ctx: Context, site: EdxSite) -> Iterator[str]:
    """Ledger and journal say exactly what is on the platform, and nothing is open."""
    with ctx.store.begin() as tx:
        owned = tx.ledger.owned(SITE)
    numbers = {row.key[0]: row.remote_id for row in owned if row.kind is Kind.ACCOUNT}
    there = {name: str(number) for name, number in site.all(f"SELECT u.username, u.id {_PEOPLE}")}
    yield from differences("ledger, accounts with numbers", Counter(there.items()), Counter(numbers.items()))
    queries = {
        Kind.COHORT: f"SELECT {_KEY} FROM cohorts c WHERE {_OURS}",
        Kind.MEMBERSHIP: f"SELECT {_KEY}, u.username FROM members m JOIN cohorts c ON c.id = m.cohort"
        f" JOIN users u ON u.id = m.userid WHERE {_OURS}",
        Kind.ENROLMENT: "SELECT e.course, u.username FROM enrolments e JOIN users u ON u.id = e.userid"
        " WHERE u.username LIKE '0912%'",
    }
    for kind, query in queries.items():
        ours = Counter(row.key for row in owned if row.kind is kind)
        yield from differences(f"ledger, {kind}", Counter(site.all(query)), ours)
    journal = StoreJournal(ctx.store, site=SITE, programme=PROGRAMME, now=ctx.now)
    if open_changes := journal.unsettled():
        yield f"journal: {len(open_changes)} changes are open, such as {open_changes[0].key}"


def mirrored(ctx: Context, site: EdxSite) -> Iterator[str]:
    """The mirror holds every completed topic of everybody who is enrolled: Open edX lists nobody else. And no other."""
    done = site.all(
        "SELECT u.username, substr(b.block, 1, 4) FROM completions d JOIN users u ON u.id = d.userid"
        " JOIN blocks b ON b.id = d.block LEFT JOIN scores s ON s.userid = d.userid AND s.block = d.block"
        " WHERE b.course = ? AND u.username LIKE '0912%' AND coalesce(s.earned, ?) >= ?",
        (COURSE, POINTS, POINTS * CUTOFF),
    )
    here = {
        name
        for (name,) in site.all(
            "SELECT username FROM users WHERE id IN (SELECT userid FROM enrolments WHERE is_active)"
        )
    }
    with ctx.store.begin() as tx:
        copies = {name: list(results) for name, results in tx.mirror.results(SITE, [COURSE])}
    found = Counter((name, one.ref.activity) for name, results in copies.items() for one in results if one.done)
    missing, odd = Counter(row for row in done if row[0] in here) - found, found - Counter(done)
    yield from differences("mirror, topics", missing, odd)


def certificates(ctx: Context, site: EdxSite) -> Iterator[str]:
    """Whoever has passed is on the allowlist and has one certificate, which is in the register under one number."""
    with ctx.store.begin() as tx:
        verdicts = list(tx.verdicts.of_programme(PROGRAMME))
        register = tx.register.of_programme(PROGRAMME)
    passed = Counter(username_of(verdict.phone) for verdict in verdicts if verdict.passed)
    allowed = "SELECT u.username FROM allowlist a JOIN users u ON u.id = a.userid"
    yield from differences("allowlist", passed, Counter(row[0] for row in site.all(allowed)))
    issues = site.all(
        "SELECT u.username, c.uuid FROM certificates c JOIN users u ON u.id = c.userid WHERE c.status = 'downloadable'"
    )
    yield from differences("certificates", passed, Counter(name for name, _code in issues))
    entered = Counter((username_of(entry.phone), entry.serial) for entry in register.values())
    yield from differences("register", Counter(issues), entered)
    if any(entry.state is not CertificateState.ISSUED for entry in register.values()):
        yield "register: not every entry is issued"
    yield from numbered(register.values())
