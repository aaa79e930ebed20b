"""The state machine: no step that is not drawn, and whatever happens one person has at most one valid paper."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.certificates.entry import CertificateFacts, RegisterEntry
from connector.certificates.states import (
    NEXT,
    Act,
    approved,
    delivered,
    event_of,
    moved,
    reissued,
    revoked,
    state_names,
    to_withdraw,
    withdrawn,
)
from connector.errors import ConfigError
from connector.model import CertificateState
from tests.certificates.samples import AN, NOW, entry

S = CertificateState
ACT = Act(by="Trần Thị Duyệt", at=NOW, reason="sai tên")
NEW_FACTS = CertificateFacts(full_name="Nguyễn Văn Ân", workplace="UBND xã Kim Thành")


def test_every_state_has_a_name_and_ways_on() -> None:
    assert set(NEXT) == set(state_names()) == set(S)


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("wanted", S)
def test_only_the_drawn_steps_are_made(state: S, wanted: S) -> None:
    start = entry(AN, state)
    if wanted in NEXT[state]:
        assert moved(start, wanted).state is wanted
        return
    with pytest.raises(ConfigError, match="cannot become") as refusal:
        moved(start, wanted)
    assert AN not in str(refusal.value)


def test_an_approval_names_who_gave_it() -> None:
    assert approved(entry(AN, S.DUE), ACT).approved_by == "Trần Thị Duyệt"


def test_a_delivered_paper_counts_and_a_revoked_one_does_not() -> None:
    issued = entry(AN, S.ISSUED, serial="A", register_no="00001/2025")
    assert delivered(issued).is_valid
    taken_back = revoked(delivered(issued))
    assert not taken_back.is_valid
    assert (taken_back.register_no, taken_back.serial) == ("00001/2025", "A")
    assert to_withdraw(taken_back)
    assert not to_withdraw(withdrawn(taken_back, NOW))


def test_a_reissue_keeps_the_number_and_counts_the_edition() -> None:
    issued = entry(AN, S.ISSUED, serial="A", register_no="00001/2025")
    again = reissued(issued, NEW_FACTS)
    assert (again.register_no, again.seq, again.edition, again.serial) == ("00001/2025", 1, 2, "")
    assert (again.facts, again.issued_at, again.state) == (NEW_FACTS, None, S.REISSUED)
    assert to_withdraw(again)


def test_what_was_revoked_before_it_was_issued_is_issued_in_its_first_edition_after_all() -> None:
    assert reissued(revoked(entry(AN, S.DUE)), NEW_FACTS).edition == 1


def test_the_history_tells_what_was_until_then() -> None:
    issued = entry(AN, S.ISSUED, serial="A", register_no="00001/2025")
    event = event_of(issued, reissued(issued, NEW_FACTS), ACT)
    assert (event.event, event.serial, event.full_name, event.edition) == (S.REISSUED, "A", "Nguyễn Văn An", 1)
    assert (event.by, event.at, event.reason, event.register_no) == (ACT.by, NOW, "sai tên", "00001/2025")


STEPS: dict[str, Callable[[RegisterEntry], RegisterEntry]] = {
    "approve": lambda item: approved(item, ACT),
    "grant": lambda item: moved(item, S.GRANTED, granted_at=NOW),
    "issue": lambda item: moved(item, S.ISSUED, serial=f"code-{item.edition}", register_no="00001", issued_at=NOW),
    "deliver": delivered,
    "revoke": revoked,
    "reissue": lambda item: reissued(item, NEW_FACTS),
}


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=25))
def test_whatever_people_do_one_paper_at_most_is_valid_and_the_number_stays(names: list[str]) -> None:
    item = entry(AN, S.DUE)
    valid: set[str] = set()
    for name in names:
        before = item
        try:
            item = STEPS[name](item)
        except ConfigError:
            assert item is before
            continue
        assert before.register_no in ("", item.register_no)
        valid = {item.serial} if item.is_valid else set()
        assert item.edition >= before.edition
        assert item.is_valid == (item.state in (S.ISSUED, S.DELIVERED))
        assert len(valid) <= 1
        assert all(valid)
    assert replace(item, state=S.DUE).phone == AN
