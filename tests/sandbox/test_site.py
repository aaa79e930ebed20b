"""The site: stored state, sequences, transactions, the clock that stands still."""

from pathlib import Path

import pytest

from connector.sandbox.faults import MoodleFault, moodle_exception
from connector.sandbox.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(str(tmp_path / "deep" / "state.db"))


def work_and_fail(site: Site, error: Exception, ids: int = 1) -> None:
    """Make a group in a transaction that fails."""
    with site.transaction():
        first = site.next_id("groups", ids)
        site.db.execute("INSERT INTO groups (id, course, name) VALUES (?, 1, 'A')", (first,))
        raise error


def test_state_and_clock_outlive_the_process(site: Site) -> None:
    site.set_now(1764550800)
    site.set_config("seed", "7")
    site.close()
    again = Site(site.path)
    assert (again.now(), again.config("seed"), again.config("nosuch", "x")) == (1764550800, "7", "x")
    again.close()


def test_ids_are_not_given_back(site: Site) -> None:
    assert site.next_id("groups") == 1
    with pytest.raises(MoodleFault):
        work_and_fail(site, moodle_exception("x", "x"), ids=3)
    assert site.next_id("groups") == 5


def test_ids_go_on_after_a_restart(site: Site) -> None:
    site.db.execute("INSERT INTO groups (id, course, name) VALUES (41, 1, 'A')")
    site.db.execute("INSERT INTO cohorts (id, category, name, idnumber, heap) VALUES (1, 0, 'A', 'A', 8)")
    site.close()
    again = Site(site.path)
    assert again.next_id("groups") == 42
    assert again.next_heap("cohorts") == 9
    again.close()


@pytest.mark.parametrize(("kept", "names"), [(False, []), (True, [("A",)])])
def test_a_fault_undoes_unless_it_keeps(site: Site, kept: bool, names: list[tuple[str]]) -> None:
    with pytest.raises(MoodleFault):
        work_and_fail(site, moodle_exception("x", "x", kept=kept))
    assert site.all("SELECT name FROM groups") == names


def test_any_other_error_undoes(site: Site) -> None:
    with pytest.raises(ZeroDivisionError):
        work_and_fail(site, ZeroDivisionError())
    assert site.all("SELECT name FROM groups") == []


def test_long_lists_are_asked_for_in_slices_and_once_each(site: Site) -> None:
    site.db.executemany("INSERT INTO groups (id, course, name) VALUES (?, 1, 'A')", [(n,) for n in range(25_000)])
    wanted = [*range(24_990, 26_000), *range(12_000), 5]
    found = list(site.among("SELECT id FROM groups WHERE id IN ({})", wanted))
    assert len(found) == len(set(found)) == 12_010


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("KH&CN", "KH&amp;CN"),
        ("KH&amp;CN", "KH&amp;CN"),
        ("&#8211; <b>", "&#8211; &lt;b&gt;"),
        ("", ""),
        ("A & B", "A &amp; B"),
    ],
)
def test_texts_are_escaped_once(site: Site, text: str, shown: str) -> None:
    assert site.text(text) == shown
    site.request.raw = True
    assert site.text(text) == text
