"""The fencing mark: which of database and site was set back, copied or exchanged."""

from dataclasses import replace

import pytest

from connector.sync.fence import Bond, Mark, Standing, mark_of, standing_of

OURS, OTHER = "a" * 32, "b" * 32
HERE, ELSEWHERE = "mooc.example.vn", "staging.example.vn"


def mark(number: int, nonce: str = "", installation: str = OURS) -> Mark:
    return Mark(installation=installation, number=number, nonce=nonce or f"{number:016x}")


BOND = Bond(
    installation=OURS,
    address=HERE,
    confirmed=mark(7),
    announced=(mark(8), mark(9)),
    earlier=frozenset({mark(5).nonce, mark(6).nonce}),
)


def test_a_mark_is_read_as_it_was_written_and_a_changed_one_is_none() -> None:
    assert mark_of(mark(12).text) == mark(12)
    assert len(mark(999_999_999).text) < 254
    assert mark_of(f"  {mark(12).text} ") == mark(12)
    for changed in ("", "Cohort A", mark(3).text.replace(OURS, "z" * 32), f"x {mark(3).text}", "connector 1 2"):
        assert mark_of(changed) is None


@pytest.mark.parametrize(
    ("there", "standing"),
    [
        ([mark(7)], Standing.IN_ORDER),
        # Announced, and the answer was lost: it may have arrived.
        ([mark(8)], Standing.IN_ORDER),
        ([mark(9)], Standing.IN_ORDER),
        ([mark(10)], Standing.OLDER_DATABASE),
        # The same number by a copy of this database.
        ([mark(8, "f" * 16)], Standing.OLDER_DATABASE),
        ([mark(7, "f" * 16)], Standing.OLDER_DATABASE),
        ([mark(6)], Standing.SITE_SET_BACK),
        ([mark(5)], Standing.SITE_SET_BACK),
        ([mark(2, installation=OTHER)], Standing.OTHER_INSTALLATION),
        ([], Standing.MARK_GONE),
        # Of two, left in two courses, the newer one counts.
        ([mark(5), mark(7)], Standing.IN_ORDER),
    ],
)
def test_what_stands_there_tells_who_was_set_back(there: list[Mark], standing: Standing) -> None:
    assert standing_of(BOND, HERE, [one.text for one in there]) is standing


def test_another_address_is_another_site_whatever_mark_it_bears() -> None:
    assert standing_of(BOND, ELSEWHERE, [mark(7).text]) is Standing.OTHER_SITE
    assert standing_of(replace(BOND, address=""), ELSEWHERE, [mark(7).text]) is Standing.IN_ORDER


def test_a_site_without_a_mark_is_new_until_one_was_known_to_stand_there() -> None:
    new = Bond(installation=OURS)
    assert (standing_of(new, HERE, []), new.last_number) == (Standing.NEW, 0)
    announced = replace(new, address=HERE, announced=(mark(1),))
    assert (standing_of(announced, HERE, []), announced.last_number) == (Standing.NEW, 1)
    assert standing_of(BOND, HERE, ["renamed by hand"]) is Standing.MARK_GONE
    assert BOND.last_number == 9
