"""What takes long on Open edX, told before it is begun (facts sections 0, 4 and 10)."""

from collections.abc import Iterator
from math import ceil

from connector.language import _
from connector.lms import Work
from connector.openedx.accounts import SignUp
from connector.openedx.enrolments import Enrolments
from connector.openedx.throttle import Scope

SIGNED_UP_A_MINUTE = 240  # 0.24 s each, for the password's hash
ONE_BY_ONE_A_MINUTE = Scope.ENROLLMENT.value
LONG = 10  # minutes that are worth a word


def outlook(work: Work, enrolments: Enrolments, sign_up: SignUp) -> list[str]:
    """What of this work takes ten minutes and more, and which accounts nobody will be able to use.

    Asks which modes the courses offer, if many are to be enrolled.
    """
    return [*_locked_out(work.accounts, sign_up), *_accounts(work.accounts), *_one_by_one(work, enrolments)]


def _locked_out(count: int, sign_up: SignUp) -> Iterator[str]:
    if count and sign_up is SignUp.NO_MAIL:
        yield _(
            "The owners of these {count} accounts cannot log in with a password: the sign-up tells it to nobody, and "
            "no mail reaches their addresses. They need single sign-on, or real addresses (sites.<key>.accounts.email)."
        ).format(count=count)


def _accounts(count: int) -> Iterator[str]:
    minutes = ceil(count / SIGNED_UP_A_MINUTE)
    if minutes >= LONG:
        yield _("{count} accounts are made by the CSV sign-up, four a second: about {minutes} minutes.").format(
            count=count, minutes=minutes
        )


def _one_by_one(work: Work, enrolments: Enrolments) -> Iterator[str]:
    if sum(work.enrolments.values()) < LONG * ONE_BY_ONE_A_MINUTE:
        return
    first = next(iter(work.enrolments))
    bulk = enrolments.has_bulk(first)
    count = sum(n for course, n in work.enrolments.items() if not (bulk and enrolments.serves_bulk(course)))
    minutes = ceil(count / ONE_BY_ONE_A_MINUTE)
    if minutes >= LONG:
        yield _(
            "{count} enrolments are made one by one, 120 a minute: {minutes} minutes at least. 'connector doctor' says "
            "what the operator can do."
        ).format(count=count, minutes=minutes)
