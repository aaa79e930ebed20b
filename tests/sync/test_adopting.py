"""Whose an account may be: what makes it doubtful."""

from connector.model import AccountSeen
from connector.sync.adopting import candidates
from tests.sync.test_desired import account
from tests.sync.world import learner


def test_an_account_that_two_people_may_own_is_doubtful() -> None:
    one, two = learner(1), learner(2)
    seen = AccountSeen(account=account(), remote_id="7", last_access=None)
    people = {one.phone: (one, account()), two.phone: (two, account())}
    found = candidates(people, {one.phone: [seen], two.phone: [seen]}, ())
    assert [any("people may own" in doubt for doubt in item.doubts) for item in found] == [True, True]
