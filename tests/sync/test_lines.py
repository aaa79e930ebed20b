"""One change in one line, for people."""

from dataclasses import replace

from connector.sync.lines import deed, detail
from tests.sync.test_change import COHORT, ENROLMENT, INACTIVE, SUSPENDED, change
from tests.sync.test_desired import account


def test_what_is_done_and_what_it_alters() -> None:
    assert deed(change(ENROLMENT, INACTIVE)).endswith("suspend")
    assert deed(change(None, COHORT, adopted=True)).endswith("only record")
    assert "suspended" in detail(change(account(), SUSPENDED))
    assert "city" in detail(change(account(), replace(account(), fields=(("city", "Huế"),))))
    assert detail(change(None, COHORT)) == ""
