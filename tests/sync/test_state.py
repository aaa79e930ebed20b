from dataclasses import replace

from connector.model import Account, Cohort, Enrolment, Kind
from connector.sync.change import Action, Change
from connector.sync.state import ledger_of, with_open, with_sign_up
from tests.sync.test_desired import account, row


def sent(action: Action, before: Account | None, after: Account | None) -> Change:
    key = account().key
    return Change(action=action, kind=Kind.ACCOUNT, key=key, province_code="01", before=before, after=after)


def test_a_ledger_has_every_kind() -> None:
    cohort = row(Cohort(idnumber="VN-01", name="x"))
    assert ledger_of([cohort]) == {
        Kind.COHORT: {("VN-01",): cohort},
        Kind.ACCOUNT: {},
        Kind.MEMBERSHIP: {},
        Kind.ENROLMENT: {},
        Kind.GROUP: {},
        Kind.GROUP_MEMBERSHIP: {},
    }


def test_an_unanswered_creation_becomes_an_unconfirmed_row() -> None:
    (claim,) = with_open([], [sent(Action.CREATE, None, account())])
    assert (claim.kind, claim.key, claim.confirmed, claim.remote_id) == (Kind.ACCOUNT, account().key, False, "")
    assert (claim.item, claim.province_code) == (account(), "01")


def test_an_unanswered_update_stands_beside_the_row() -> None:
    new = replace(account(), suspended=True)
    (known,) = with_open([row(account())], [sent(Action.UPDATE, account(), new)])
    assert (known.item, known.maybe, known.confirmed, known.open) == (account(), new, True, True)


def test_what_an_open_update_found_on_the_platform_is_known_last() -> None:
    found, new = replace(account(), lastname="found"), replace(account(), lastname="new")
    (known,) = with_open([row(account())], [sent(Action.UPDATE, found, new)])
    assert (known.item, known.maybe, known.confirmed) == (found, new, True)
    (claim,) = with_open([], [sent(Action.UPDATE, found, new)])  # its creation was never answered either
    assert (claim.item, claim.maybe, claim.confirmed) == (found, new, False)


def test_an_unanswered_removal_is_still_ours_to_end() -> None:
    (claim,) = with_open([], [sent(Action.REMOVE, account(), None)])
    assert (claim.item, claim.confirmed, claim.open) == (account(), False, True)


def test_what_says_nothing_new_is_open_only() -> None:
    rows = [row(account())]
    opened = [replace(rows[0], open=True)]
    assert with_open(rows, [sent(Action.REMOVE, account(), None)]) == opened
    assert with_open(rows, [sent(Action.CREATE, account(), account())]) == opened
    assert with_open(rows, [sent(Action.UPDATE, account(), account())]) == opened
    assert with_open([], [sent(Action.REMOVE, None, None)]) == []


def test_an_enrolment_that_came_with_an_account_is_a_row_that_was_never_sent() -> None:
    ours = row(account())
    known, came = with_sign_up([ours], "course")
    assert known == ours
    assert (came.kind, came.key, came.item) == (
        Kind.ENROLMENT,
        came.item.key,
        Enrolment(course="course", username=account().username),
    )
    assert (came.confirmed, came.open, came.remote_id, came.province_code) == (False, False, "", "01")


def test_an_enrolment_that_is_known_is_not_made_up_and_elsewhere_none_is() -> None:
    rows = [row(account()), row(Enrolment(course="course", username=account().username))]
    assert with_sign_up(rows, "course") == rows
    assert with_sign_up(rows[:1], "") == rows[:1]
