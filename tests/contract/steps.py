"""What tests of the contract begin with: people who are there, and enrolled."""

from datetime import datetime

import pytest

from connector.lms import Capability, NewAccount
from connector.model import CertificateIssue, Enrolment, EnrolmentSeen
from tests.contract.platforms import PLATFORMS
from tests.contract.worlds import World

PASSWORD = "Abc@12345"


def on(needed: Capability) -> pytest.MarkDecorator:
    """For a test of what only platforms with this capability can do; test_cannot.py asks the others."""
    names = [name for name, capabilities in PLATFORMS.items() if needed in capabilities]
    return pytest.mark.parametrize("world", names, indirect=True)


def people(world: World, count: int = 3, first: int = 0) -> list[str]:
    """The usernames of so many new people, made by the connector where it can."""
    accounts = [world.account(number) for number in range(first, first + count)]
    if Capability.ACCOUNTS in world.lms.capabilities:
        new = [NewAccount(account=account, password=PASSWORD) for account in accounts]
        assert all(result.ok for result in world.lms.create_accounts(new))
    else:
        world.invite(accounts)
    return [account.username for account in accounts]


def enrolled(world: World, count: int = 3) -> list[str]:
    """The usernames of so many new people in both courses."""
    names = people(world, count)
    items = [Enrolment(course=course, username=name) for name in names for course in (world.course, world.whole.course)]
    assert all(result.ok for result in world.lms.enrol(items))
    return names


def ours(world: World, names: list[str]) -> list[EnrolmentSeen]:
    """Those of these people who are or were enrolled in the course; a real one has others too."""
    told = [seen for seen in world.lms.enrolments(world.course) if seen.username in names]
    others = sorted(set(names) - {seen.username for seen in told})
    return [*told, *world.lms.past_enrolments(world.course, others)]


def issued(world: World, names: list[str], since: datetime | None) -> list[CertificateIssue]:
    """The issues to these people; a real site has others too."""
    return [issue for issue in world.lms.certificate_issues(world.gate, since, names) if issue.username in names]
