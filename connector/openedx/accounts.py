"""Accounts are made by the CSV sign-up of a course, the only bulk way of a stock Open edX (facts section 10).

`register_and_enroll_students` makes active accounts with passwords that nobody is told, and enrols them in the course
at once. Public registration allows 60 accounts a week, so it is never tried. Nothing is ever deleted or corrected:
Open edX lets nobody change another person's name or address (facts section 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus

from connector.errors import AccessDenied, ConfigError, OutcomeUnknown, RetryableError
from connector.language import _
from connector.lms import ItemResult, NewAccount, Outcome
from connector.mappers.openedx import refusal, sign_up_csv
from connector.openedx import paths
from connector.openedx.client import Content, OpenEdx
from connector.openedx.people import People
from connector.wire.settle import in_chunks, refused, spread, surely
from connector.wire.words import cleaned

NO_MAIL_DOMAIN = ".invalid"  # RFC 2606: no mail ever arrives there


class SignUp(Enum):
    """Who makes accounts, and whether their owners can choose a password: the sign-up never tells the one it makes."""

    NONE = "made elsewhere"
    MAIL = "the CSV sign-up; 'forgot password' reaches the owner"
    NO_MAIL = "the CSV sign-up, with addresses that no mail reaches"

    @classmethod
    def of(cls, sign_up: str, email: str) -> "SignUp":
        """What `sites.<key>.sign_up` and the template of addresses come to."""
        if sign_up != "csv":
            return cls.NONE
        return cls.NO_MAIL if email.strip().lower().endswith(NO_MAIL_DOMAIN) else cls.MAIL


SIGNED_UP_PER_CALL = 40  # 0.24 s each, for the password's hash: 10 s, half of what a usual proxy waits for


def _key(new: NewAccount) -> tuple[str, ...]:
    return new.account.key


@dataclass(slots=True)
class Accounts:
    """Makes accounts of one site by the sign-up of `course`, in this mode."""

    site: OpenEdx
    people: People
    course: str
    mode: str
    _with_mode: bool = True

    def create(self, accounts: Sequence[NewAccount]) -> list[ItemResult]:
        """Make these accounts; their owners choose a password by 'forgot password' (see `SignUp`). One result each.

        `ALREADY`: somebody has this username. An address that another account has is refused, not taken over.
        """
        broken = {_key(new): refused(_key(new), "rule", why) for new in accounts if (why := refusal(new.account))}
        rest = [new for new in accounts if _key(new) not in broken]
        there = {str(row["username"]): str(row["id"]) for row in self.people.rows([n.account.username for n in rest])}
        owners = self.people.usernames_of([n.account.email for n in rest if n.account.username not in there])
        known = broken | {
            (name,): ItemResult(key=(name,), outcome=Outcome.ALREADY, remote_id=number)
            for name, number in there.items()
        }
        for new in rest:
            if new.account.username not in there and new.account.email.lower() in owners:
                # The sign-up would enrol the other account, and only warn (facts section 10).
                known[_key(new)] = refused(_key(new), "email_taken", _("Another account has this e-mail address."))
        return spread(accounts, _key, known, self._create_all)

    def _create_all(self, accounts: Sequence[NewAccount]) -> list[ItemResult]:
        return in_chunks(accounts, lambda: SIGNED_UP_PER_CALL, self._surely)

    def _surely(self, chunk: Sequence[NewAccount]) -> list[ItemResult]:
        return surely(chunk, _key, self._sign_up, read_back=self._made, sleep=self.site.sleep)

    def _sign_up(self, chunk: Sequence[NewAccount]) -> list[ItemResult]:
        text = sign_up_csv(chunk, self.mode if self._with_mode else None)
        content = Content.file("students_list", "students.csv", text)
        path = paths.instructor(self.course, "register_and_enroll_students")
        answer = self.site.ask("POST", path, content, writes=True, expected=(HTTPStatus.FORBIDDEN,))
        self.people.forget()
        if not answer.ok and answer.value is not None:
            raise AccessDenied(_("The platform does not let us make accounts: {why}.").format(why=answer.words))
        if not answer.ok:
            raise ConfigError(
                _("The site does not let the connector make accounts (automated sign-ups are off)."),
                hint=_("Its operator turns on ALLOW_AUTOMATED_SIGNUPS, or set sign_up: none and make them elsewhere."),
            )
        said = {row["username"]: row["response"] for row in answer.value["row_errors"]}
        general = "; ".join(row["response"] for row in answer.value["general_errors"])
        try:
            # The answer lists problems only, and some of them belong to accounts that were made.
            made = self._made(chunk)
        except RetryableError as outage:
            raise OutcomeUnknown(outage.message, hint=outage.hint) from None
        if general and not made and self._with_mode:
            self._with_mode = False  # a site without the extra columns takes four, and refuses rows of six as a whole
            return self._sign_up(chunk)
        return [made.get(_key(new)) or _not_made(new, said.get(new.account.username, general)) for new in chunk]

    def _made(self, chunk: Sequence[NewAccount]) -> dict[tuple[str, ...], ItemResult]:
        rows = self.people.rows([new.account.username for new in chunk])
        made = (ItemResult(key=(str(row["username"]),), outcome=Outcome.DONE, remote_id=str(row["id"])) for row in rows)
        return {result.key: result for result in made}


def _not_made(new: NewAccount, said: str) -> ItemResult:
    return refused(_key(new), "not_made", cleaned(said) or _("The platform made no account and gives no reason."))
