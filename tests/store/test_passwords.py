"""First passwords, reissues and hand-outs on both databases: what is kept, what is destroyed when, who got which."""

from datetime import timedelta

import pytest

from connector.model import Account, AccountSeen
from connector.store.handouts import GivenOut
from connector.store.mirror_merge import Stamp
from connector.store.passwords import Sealed
from connector.store.store import Store, Transaction
from tests.store.people import NOW

SITE = "sandbox"
NAMES = ["0912000001", "0912000002", "0912000003"]
DAY = timedelta(days=1)


def secret(text: str) -> Sealed:
    return Sealed(text.encode(), "name")


@pytest.fixture
def filled(store: Store) -> Store:
    with store.begin() as tx:
        tx.passwords.save(SITE, {name: secret(name) for name in NAMES}, NOW)
        tx.passwords.save("other", {NAMES[0]: secret("other")}, NOW)
    return store


def hand_over(tx: Transaction, *usernames: str, days: int = 0) -> int:
    given = GivenOut(
        programme="p",
        site=SITE,
        province_code="40",
        handed_by="x",
        at=NOW + days * DAY,
        form="slips",
        file="a.pdf",
        sha256="0" * 64,
        usernames=usernames,
    )
    return tx.handouts.add(given)


def kept(tx: Transaction) -> list[str]:
    return sorted(tx.passwords.sealed(SITE, NAMES))


def test_what_was_handed_out_long_enough_is_destroyed_on_its_site_alone(filled: Store) -> None:
    with filled.begin() as tx:
        hand_over(tx, NAMES[0], days=1)
        hand_over(tx, NAMES[1], days=5)
        assert tx.passwords.destroy_handed_out(NOW + 3 * DAY, NOW + 9 * DAY) == 1
        assert kept(tx) == NAMES[1:]
        gone = tx.passwords.stored(SITE, NAMES)[NAMES[0]]
        assert (gone.sealed, gone.destroyed_at, gone.destroyed_why) == (None, NOW + 9 * DAY, "handed_out")
        assert tx.passwords.sealed("other", NAMES) == {NAMES[0]: secret("other")}


def test_a_hand_out_of_an_earlier_password_destroys_nothing(filled: Store) -> None:
    with filled.begin() as tx:
        hand_over(tx, NAMES[0], days=1)
        tx.passwords.save(SITE, {NAMES[0]: secret("newer")}, NOW + 2 * DAY)
        assert tx.passwords.destroy_handed_out(NOW + 9 * DAY, NOW + 9 * DAY) == 0


def test_who_was_seen_after_it_was_made_loses_his(filled: Store) -> None:
    with filled.begin() as tx:
        moments = zip(NAMES, (NOW + DAY, NOW - DAY, None), strict=True)
        seen = [
            AccountSeen(
                account=Account(username=name, firstname="A", lastname="B", email="", idnumber=""),
                remote_id="1",
                last_access=moment,
            )
            for name, moment in moments
        ]
        tx.mirror.save_accounts(SITE, NAMES, seen, Stamp(NOW + DAY))
        assert tx.passwords.destroy_logged_in(NOW + DAY) == 1
        assert kept(tx) == NAMES[1:]


def test_what_is_too_old_goes_with_its_open_reissues(filled: Store) -> None:
    with filled.begin() as tx:
        tx.passwords.save(SITE, {NAMES[2]: secret("newer")}, NOW + 2 * DAY)
        tx.passwords.begin_reissue(SITE, NAMES[0], secret("sent"), "x", NOW)
        tx.passwords.begin_reissue(SITE, NAMES[2], secret("sent"), "x", NOW + 2 * DAY)
        assert tx.passwords.destroy_old(NOW + DAY, NOW + 9 * DAY) == 3
        assert kept(tx) == [NAMES[2]]
        assert list(tx.passwords.open_reissues(SITE, NAMES)) == [NAMES[2]]


def test_a_reissue_takes_the_place_of_the_old_password_only_when_it_was_taken(filled: Store) -> None:
    with filled.begin() as tx:
        first = tx.passwords.begin_reissue(SITE, NAMES[0], secret("refused"), "x", NOW + DAY)
        tx.passwords.settle_reissue(first, taken=False, code="passwordpolicy", now=NOW + DAY)
        assert tx.passwords.sealed(SITE, NAMES[:1]) == {NAMES[0]: secret(NAMES[0])}
        assert tx.passwords.reissued(SITE) == set()
        second = tx.passwords.begin_reissue(SITE, NAMES[0], secret("taken"), "x", NOW + 2 * DAY)
        assert tx.passwords.open_reissues(SITE, NAMES)[NAMES[0]].sealed == secret("taken")
        tx.passwords.settle_reissue(second, taken=True, code="", now=NOW + 2 * DAY)
        now = tx.passwords.stored(SITE, NAMES)[NAMES[0]]
        assert (now.sealed, now.made_at) == (secret("taken"), NOW + 2 * DAY)
        assert tx.passwords.open_reissues(SITE, NAMES) == {}
        assert tx.passwords.reissued(SITE) == {NAMES[0]}


def test_everything_is_sealed_anew(filled: Store) -> None:
    with filled.begin() as tx:
        tx.passwords.begin_reissue(SITE, NAMES[0], secret("sent"), "x", NOW)
        tx.passwords.destroy_old(NOW - DAY, NOW)
        assert tx.passwords.reseal(lambda site, old: Sealed(f"{site} ".encode() + old.content, old.sealed_for)) == 5
        assert tx.passwords.sealed("other", NAMES) == {NAMES[0]: Sealed(b"other other", "name")}
        assert tx.passwords.open_reissues(SITE, NAMES)[NAMES[0]].sealed == Sealed(b"sandbox sent", "name")


def test_the_last_hand_out_of_each_person_counts(filled: Store) -> None:
    with filled.begin() as tx:
        first, second = hand_over(tx, *NAMES[:2]), hand_over(tx, NAMES[1], days=3)
        assert tx.handouts.last(SITE, NAMES) == {NAMES[0]: NOW, NAMES[1]: NOW + 3 * DAY}
        assert tx.handouts.last("other", NAMES) == {}
        assert [(one.id, one.count) for one in tx.handouts.of_programme("p")] == [(first, 2), (second, 1)]
        assert [one.id for one in tx.handouts.of_programme("p", NAMES[0])] == [first]


def test_all_of_it_follows_an_account_to_its_new_name(filled: Store) -> None:
    with filled.begin() as tx:
        run_id = tx.runs.start("apply", site=SITE, programme="p", now=NOW)
        tx.passwords.begin_reissue(SITE, NAMES[0], secret("sent"), "x", NOW)
        hand_over(tx, NAMES[0])
        tx.moving.rename(SITE, NAMES[0], "0912000009", run_id, NOW)
        assert tx.passwords.sealed(SITE, ["0912000009"]) == {"0912000009": secret(NAMES[0])}
        assert list(tx.passwords.open_reissues(SITE, ["0912000009"])) == ["0912000009"]
        assert list(tx.handouts.last(SITE, [*NAMES, "0912000009"])) == ["0912000009"]
