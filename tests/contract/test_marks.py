"""What `connector.lms.LmsClient` promises of the connector's own mark: read back as left, one, and nobody's cohort."""

from connector.lms import Outcome
from connector.model import Membership
from connector.sync.fence import Mark, mark_of
from tests.contract.steps import enrolled
from tests.contract.worlds import World


def mark(number: int) -> Mark:
    return Mark(installation="a" * 32, number=number, nonce=f"{number:016x}")


def test_the_newest_mark_stands_there_alone(world: World) -> None:
    assert world.lms.marks() == []
    for number in (1, 2, 999_999_999):
        assert world.lms.leave_mark(mark(number).text).outcome is Outcome.DONE
        assert [mark_of(text) for text in world.lms.marks()] == [mark(number)]


def test_a_mark_is_no_cohort_and_nobodys_place(world: World) -> None:
    names = enrolled(world, 1)
    world.lms.create_cohorts([world.cohort])
    cohorts = list(world.lms.cohorts())
    world.lms.leave_mark(mark(1).text)
    assert list(world.lms.cohorts()) == cohorts
    here = Membership(cohort=world.cohort.idnumber, username=names[0])
    assert world.lms.add_members([here])[0].ok
    assert list(world.lms.memberships([world.cohort.idnumber], names)) == [here]
    assert [mark_of(text) for text in world.lms.marks()] == [mark(1)]


def test_a_site_says_where_it_stands_without_scheme(world: World) -> None:
    assert world.lms.address() == world.lms.address()
    assert world.lms.address()
    assert "//" not in world.lms.address()
