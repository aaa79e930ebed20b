"""What a platform cannot do it declares, and refuses in words: nothing is skipped in silence."""

import pytest

from connector.lms import AccountUpdate, Capability, LmsClient, NewAccount, NewPassword, Outcome
from connector.model import Group, GroupMembership
from tests.contract.platforms import PLATFORMS, fresh
from tests.contract.worlds import World

TRIED = {
    Capability.ACCOUNTS,
    Capability.UPDATE_ACCOUNTS,
    Capability.PASSWORDS,
    Capability.GROUPS,
    # None is a write of its own: a suspension is an update, the others are reads.
    Capability.SUSPEND_ACCOUNTS,
    Capability.COURSE_ACCESS,
    Capability.COMPLETION_TIMES,
    Capability.PAST_RESULTS,
    Capability.ISSUE_LIST,
}


def attempts(world: World, missing: Capability) -> list[tuple[Outcome, str]]:
    """What comes of trying it: outcome and words."""
    lms: LmsClient = world.lms
    account = world.account(1)
    group = Group(course=world.course, idnumber="g", name="G")
    inside = GroupMembership(course=world.course, group="g", username=account.username)
    results = []
    if missing is Capability.ACCOUNTS:
        results = lms.create_accounts([NewAccount(account=account, password="")])
    elif missing in (Capability.UPDATE_ACCOUNTS, Capability.SUSPEND_ACCOUNTS):
        results = lms.update_accounts([AccountUpdate(before=account, after=account)])
    elif missing is Capability.PASSWORDS:
        results = lms.set_passwords([NewPassword(username=account.username, password="x")])
    elif missing is Capability.GROUPS:
        assert [*lms.groups(world.course), *lms.group_memberships(world.course, ["g"], [account.username])] == []
        results = [
            *lms.create_groups([group]),
            *lms.add_to_groups([inside]),
            *lms.remove_from_groups([inside]),
        ]
    return [(result.outcome, result.message) for result in results]


@pytest.mark.parametrize("world", PLATFORMS, indirect=True)
def test_a_platform_declares_what_the_suite_expects_of_it(world: World, request: pytest.FixtureRequest) -> None:
    assert world.lms.capabilities == PLATFORMS[request.node.callspec.params["world"]]


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        (name, missing)
        for name, capabilities in PLATFORMS.items()
        for missing in Capability
        if missing not in capabilities
    ],
)
def test_what_it_cannot_do_is_refused_in_words(name: str, missing: Capability) -> None:
    assert missing in TRIED
    world = fresh(name)
    for outcome, words in attempts(world, missing):
        assert outcome is Outcome.REFUSED
        assert len(words) > 20
    world.close()
