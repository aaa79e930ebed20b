"""A new phone number: everything of the person follows, history stays under the number of its time."""

from dataclasses import replace

from sqlalchemy import insert, select

from connector.certificates.entry import CertificateFacts, RegisterEntry
from connector.lms import ItemResult, Outcome
from connector.model import (
    Account,
    CertificateState,
    Enrolment,
    Kind,
    Membership,
    Verdict,
)
from connector.store.columns import metadata
from connector.store.decision_tables import hand_decisions
from connector.store.decisions import Rename, RenameState
from connector.store.journal import StoreJournal
from connector.store.moving import HISTORY, tables_by_phone, tables_by_username
from connector.store.passwords import Sealed
from connector.store.store import Store
from connector.store.tables import ledger
from connector.sync.change import Action, Change
from connector.sync.decisions import Choice, HandDecision
from connector.sync.plan import Plan
from connector.sync.state import OwnedItem
from tests.store.people import LATER, NOW, PROGRAMME

OLD, NEW = "0912000001", "0912000002"
OLD_PHONE, NEW_PHONE = "+84912000001", "+84912000002"
SITE = "sandbox"


def account(username: str) -> Account:
    return Account(username=username, firstname="An", lastname="Nguyễn", email=f"{username}@x.invalid", idnumber="7")


def owned(item: Account | Membership | Enrolment) -> OwnedItem:
    return OwnedItem(kind=item.kind, key=item.key, remote_id="7", item=item, province_code="40")


def verdict(phone: str, *, passed: bool) -> Verdict:
    return Verdict(
        programme=PROGRAMME,
        phone=phone,
        passed=passed,
        reasons=(),
        done=(),
        completed_at=None,
        rule_version="r",
        facts_hash="f",
    )


def entry(phone: str, serial: str) -> RegisterEntry:
    return RegisterEntry(
        programme=PROGRAMME,
        phone=phone,
        province_code="40",
        state=CertificateState.ISSUED,
        facts=CertificateFacts(full_name="Nguyễn Văn An", workplace="UBND"),
        book=PROGRAMME,
        decided_at=NOW,
        serial=serial,
    )


def decided(state: RenameState = RenameState.ACCEPTED) -> Rename:
    return Rename(
        site=SITE,
        old_username=OLD,
        new_username=NEW,
        old_phone=OLD_PHONE,
        new_phone=NEW_PHONE,
        programmes=(PROGRAMME,),
        state=state,
        by="An",
        reason="asked",
        decided_at=NOW,
    )


def rename(store: Store, old: str, new: str, outcome: Outcome = Outcome.DONE) -> None:
    """The account's new name, as an apply journals and settles it."""
    change = Change(
        action=Action.UPDATE,
        kind=Kind.ACCOUNT,
        key=(new,),
        province_code="40",
        before=account(old),
        after=account(new),
        remote_id="7",
    )
    plan = Plan(
        programme=PROGRAMME,
        site=SITE,
        created_at=NOW,
        changes=(change,),
        foreign=(),
        by_hand=(),
        made_by_others={},
        people={},
        short_reads=(),
    )
    journal = StoreJournal(store, site=SITE, programme=PROGRAMME, now=lambda: LATER)
    run = journal.begin(plan)
    journal.sending(run, [change])
    journal.settled(run, [(change, ItemResult(key=(new,), outcome=outcome))])


def fill(store: Store) -> None:
    with store.begin() as tx:
        items: list[Account | Membership | Enrolment] = [
            account(OLD),
            Membership(cohort="VN-40", username=OLD),
            Enrolment(course="c", username=OLD),
        ]
        tx.ledger.own(SITE, 1, [owned(item) for item in items], NOW)
        tx.ledger.own("other", 1, [owned(account(OLD))], NOW)
        tx.passwords.save(SITE, {OLD: Sealed(b"sealed", OLD)}, NOW)
        tx.verdicts.save([verdict(OLD_PHONE, passed=True), verdict(NEW_PHONE, passed=False)], 1, NOW)
        tx.register.save([entry(OLD_PHONE, "X")])
        tx.decisions.decide_rename(decided())


def ledger_names(store: Store, site: str) -> set[str]:
    with store.begin() as tx:
        return {row.key[-1] for kind in Kind for row in tx.ledger.owned(site) if row.kind is kind}


def test_every_table_that_names_a_person_follows_him_or_is_history() -> None:
    moved = {table.name for table in (*tables_by_username(), *tables_by_phone())} | {ledger.name}
    naming = {
        table.name for table in metadata.sorted_tables if {"username", "phone", "old_phone"} & set(table.columns.keys())
    }
    assert naming - moved == HISTORY
    assert {"first_passwords", "mirror_accounts", "mirror_results", "verdicts", "register"} <= moved


def test_a_confirmed_rename_moves_all_of_the_person(store: Store) -> None:
    fill(store)
    rename(store, OLD, NEW)
    assert ledger_names(store, SITE) == {NEW}
    assert ledger_names(store, "other") == {OLD}
    with store.begin() as tx:
        rows = tx.ledger.of_username(SITE, NEW)
        assert {row.item for row in rows} == {
            account(NEW),
            Membership(cohort="VN-40", username=NEW),
            Enrolment(course="c", username=NEW),
        }
        assert {row.remote_id for row in rows} == {"7"}
        assert tx.passwords.sealed(SITE, [OLD, NEW]) == {NEW: Sealed(b"sealed", OLD)}
        assert list(tx.verdicts.of_programme(PROGRAMME)) == [verdict(NEW_PHONE, passed=True)]
        assert set(tx.register.of_programme(PROGRAMME)) == {NEW_PHONE}
        (after,) = tx.decisions.renames_of(NEW_PHONE)
        assert (after.state, after.done_at) == (RenameState.DONE, LATER)


def test_the_way_back_opens_the_pair_again(store: Store) -> None:
    fill(store)
    rename(store, OLD, NEW)
    rename(store, NEW, OLD)
    assert ledger_names(store, SITE) == {OLD}
    with store.begin() as tx:
        assert [item.passed for item in tx.verdicts.of_programme(PROGRAMME)] == [True]
        assert set(tx.register.of_programme(PROGRAMME)) == {OLD_PHONE}
        assert [one.state for one in tx.decisions.renames_of(OLD_PHONE)] == [RenameState.UNDONE]


def test_a_refused_rename_moves_nothing(store: Store) -> None:
    fill(store)
    rename(store, OLD, NEW, Outcome.REFUSED)
    assert ledger_names(store, SITE) == {OLD}
    with store.begin() as tx:
        assert set(tx.register.of_programme(PROGRAMME)) == {OLD_PHONE}
        assert [one.state for one in tx.decisions.renames_of(OLD_PHONE)] == [RenameState.ACCEPTED]


def test_a_register_entry_is_never_overwritten(store: Store) -> None:
    fill(store)
    with store.begin() as tx:
        tx.register.save([entry(NEW_PHONE, "Y")])
    rename(store, OLD, NEW)
    with store.begin() as tx:
        found = tx.register.of_programme(PROGRAMME)
        assert {phone: one.serial for phone, one in found.items()} == {OLD_PHONE: "X", NEW_PHONE: "Y"}


def test_the_mirror_follows_and_what_the_name_meant_before_goes(store: Store) -> None:
    table = metadata.tables["mirror_memberships"]
    rows = [
        {"site": SITE, "cohort": cohort, "username": name, "first_seen": NOW, "last_changed": NOW}
        for cohort, name in [("VN-40", OLD), ("VN-40", NEW), ("VN-99", NEW)]
    ]
    with store.engine.begin() as connection:
        connection.execute(insert(table), rows)
    rename(store, OLD, NEW)
    with store.engine.begin() as connection:
        assert connection.execute(select(table.c.cohort, table.c.username)).all() == [("VN-40", NEW)]


HAND = HandDecision(
    kind=Kind.ACCOUNT,
    key=(OLD,),
    field="email",
    choice=Choice.KEEP,
    value="own@example.org",
    by="An",
    reason="asked",
    decided_at=NOW,
)


def test_a_later_decision_ends_the_earlier_one_and_nothing_is_deleted(store: Store) -> None:
    later = replace(HAND, choice=Choice.RESTORE, by="Bình", decided_at=LATER)
    cohort = replace(HAND, kind=Kind.COHORT, key=("VN-40",), field="name", value="Nghệ An")
    active = replace(HAND, kind=Kind.ENROLMENT, key=("c", OLD), field="active", value=False)
    with store.begin() as tx:
        tx.decisions.decide(SITE, [HAND, cohort, active])
        tx.decisions.decide(SITE, [later])
        assert tx.decisions.by_hand(SITE) == [cohort, active, later]
        assert tx.decisions.by_hand(SITE, OLD) == [active, later]
        assert tx.decisions.by_hand("other") == []
        assert tx.decisions.revoke(SITE, HAND, "Chi", LATER) == 1
        assert tx.decisions.revoke(SITE, HAND, "Chi", LATER) == 0
        assert tx.decisions.by_hand(SITE) == [cohort, active]
    with store.engine.begin() as connection:
        ended = connection.execute(select(hand_decisions.c.ended_by).order_by(hand_decisions.c.id)).scalars().all()
    assert ended == ["Bình", "", "", "Chi"]


def test_a_decision_about_a_pair_gives_way_until_it_is_carried_out(store: Store) -> None:
    with store.begin() as tx:
        tx.decisions.decide_rename(decided())
        tx.decisions.decide_rename(decided(RenameState.REFUSED))
        assert [one.state for one in tx.decisions.renames_of(OLD_PHONE)] == [RenameState.REFUSED]
        assert tx.decisions.renames(SITE, [RenameState.ACCEPTED]) == []
        assert tx.decisions.renames("other", RenameState) == []
