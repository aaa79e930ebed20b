"""Accounts on Moodle: looked up by username, made some hundreds at a time, changed by their differing fields.

Calls `core_user_get_users_by_field`, `core_user_create_users`, `core_user_update_users` (reference/moodle-ws-facts.md
section 2, recipes section 1). Nothing is ever deleted.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from connector.errors import RequestRefused
from connector.language import _
from connector.lms import AccountField, AccountUpdate, ItemResult, NewAccount, Outcome
from connector.mappers.moodle import AccountMapper
from connector.mappers.moodle_limits import refusal
from connector.model import Account, AccountSeen
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.halves import by_halves
from connector.moodle_ws.ids import Ids
from connector.wire.oddities import Oddities
from connector.wire.settle import in_chunks, refused, spread, surely
from connector.wire.words import cleaned

log = logging.getLogger(__name__)

CREATE, UPDATE = "core_user_create_users", "core_user_update_users"
CREATED_PER_CALL = 150  # 13 ms each: doubled once, 300 take 4 s of the 5 s that a request may (facts 2.1, sizes.py)
UPDATED_PER_CALL = 200
_NO_REASON = "invalidparameter"
_FIXED_VARIABLES = 10  # id, six own fields, password, one preference of two


@dataclass(slots=True)
class Accounts:
    """Reads and writes accounts of one site; `mapper` knows which fields are managed."""

    ws: MoodleWs
    ids: Ids
    odd: Oddities
    mapper: AccountMapper
    _profile_checked: bool = False

    @property
    def _variables(self) -> int:
        return _FIXED_VARIABLES + len(self.mapper.fields) + 2 * len(self.mapper.profile)

    def _room(self, function: str, start: int) -> Callable[[], int]:
        return partial(self.ws.room, function, self._variables, start)

    def seen(self, usernames: Sequence[str]) -> Iterator[AccountSeen]:
        """The accounts that exist among these usernames. Reads only; 1,000 a request.

        One that cannot be understood is left out and noted: who plans must look at the notes, or would make it anew.
        """
        for row in self.ids.rows(usernames):
            found = self.odd.understood(
                partial(self.mapper.seen, row), row, part="accounts", username=str(row["username"])
            )
            if found is not None:
                yield found

    def find(self, by: AccountField, values: Sequence[str]) -> Iterator[AccountSeen]:
        """The accounts that have one of these values in this field. Reads only; 1,000 a request.

        `core_user_get_users` could look for more, but a key that it does not know finds everybody (facts 2.3).
        """
        rows = self.ids.rows(values) if by is AccountField.USERNAME else self.ids.rows_with(by.value, values)
        return map(self.mapper.seen, rows)

    def create(self, accounts: Sequence[NewAccount]) -> list[ItemResult]:
        """Make these accounts; the first password must be changed at first log-in. One result each.

        `ALREADY`: somebody has this username. Rows that break a rule of Moodle are refused without being sent.
        """
        broken = {new.account.key: found for new in accounts if (found := _broken(new.account))}
        return spread(accounts, _new_key, broken, self._create_all)

    def _create_all(self, accounts: Sequence[NewAccount]) -> list[ItemResult]:
        results = in_chunks(accounts, self._room(CREATE, CREATED_PER_CALL), self._create_surely)
        self._check_profile_once(accounts)
        return self._suspended_after(accounts, self._explained(accounts, results))

    def _create_surely(self, chunk: Sequence[NewAccount]) -> list[ItemResult]:
        return surely(chunk, _new_key, self._create_chunk, read_back=self._made, sleep=self.ws.sleep)

    def _create_chunk(self, chunk: Sequence[NewAccount]) -> list[ItemResult]:
        try:
            return self._create(chunk)
        except RequestRefused:
            # Moodle does not say which row: those whose username exists are out, the rest is halved.
            there = self.ids.known(new.account.username for new in chunk)
        known: dict[tuple[str, ...], ItemResult] = {
            (name,): done(name, user_id, Outcome.ALREADY) for name, user_id in there.items()
        }
        return spread(chunk, _new_key, known, lambda rest: by_halves(rest, _new_key, self._create, bad=not there))

    def _create(self, chunk: Sequence[NewAccount]) -> list[ItemResult]:
        rows = [self.mapper.creation(new) for new in chunk]
        answer = self.ws.call(CREATE, {"users": rows}, writes=True, items=len(rows))
        made = {str(row["username"]): int(row["id"]) for row in answer}
        self.ids.users.update(made)
        return [self._created(new.account.username, made) for new in chunk]

    def _created(self, name: str, made: dict[str, int]) -> ItemResult:
        """A row that Moodle does not name in its answer was cut off on the way (facts 1.6); it is looked up."""
        user_id = made.get(name) or self.ids.known([name]).get(name)
        if user_id is None:
            return refused((name,), "not_made", _("Moodle answered without this account and does not have it."))
        return done(name, user_id, Outcome.DONE)

    def _made(self, chunk: Sequence[NewAccount]) -> dict[tuple[str, ...], ItemResult]:
        there = self.ids.known(new.account.username for new in chunk)
        return {(name,): done(name, user_id, Outcome.DONE) for name, user_id in there.items()}

    def _explained(self, accounts: Sequence[NewAccount], results: list[ItemResult]) -> list[ItemResult]:
        """'invalidparameter' says nothing; the one frequent cause that can be looked up is an address in use (2.1)."""
        silent = {result.key for result in results if result.code == _NO_REASON}
        emails = {new.account.key: new.account.email.lower() for new in accounts if new.account.key in silent}
        in_use = self.ids.emails_in_use(list(emails.values())) if emails else set()
        words = _("Another account already has this e-mail address.")
        return [
            refused(result.key, "email_in_use", words) if emails.get(result.key) in in_use else result
            for result in results
        ]

    def _suspended_after(self, accounts: Sequence[NewAccount], results: list[ItemResult]) -> list[ItemResult]:
        """Moodle makes active accounts only, so a suspended one takes a second call."""
        made = {result.key for result in results if result.outcome is Outcome.DONE}
        updates = [
            AccountUpdate(before=replace(new.account, suspended=False), after=new.account)
            for new in accounts
            if new.account.suspended and new.account.key in made
        ]
        second = {result.key: result for result in self.update(updates)}
        return [second.get(result.key, result) for result in results]

    def _check_profile_once(self, accounts: Sequence[NewAccount]) -> None:
        """Says in the log when the site has dropped a custom profile field: Moodle itself does so in silence (2.1)."""
        probe = next((new.account for new in accounts if new.account.username in self.ids.users), None)
        if self._profile_checked or probe is None:
            return
        self._profile_checked = True
        for seen in self.seen([probe.username]):
            held = dict(seen.account.profile)
            for name in [name for name, value in probe.profile if value and not held.get(name)]:
                log.warning("the site has dropped the profile field '%s': an administrator must make it first", name)

    def update(self, updates: Sequence[AccountUpdate]) -> list[ItemResult]:
        """Change these accounts; only fields that differ are sent. `ALREADY`: nothing differs. One result each."""
        broken = {update.after.key: found for update in updates if (found := _broken(update.after))}
        there = self.ids.known(update.before.username for update in updates)
        for update in updates:
            if update.before.username not in there:
                broken.setdefault(update.after.key, no_account(update.after.key))
            elif update.before == update.after:
                name = update.after.username
                broken.setdefault(update.after.key, done(name, there[name], Outcome.ALREADY))
        return spread(updates, _update_key, broken, self._update_all)

    def _update_all(self, updates: Sequence[AccountUpdate]) -> list[ItemResult]:
        return in_chunks(updates, self._room(UPDATE, UPDATED_PER_CALL), self._update_surely)

    def _update_surely(self, chunk: Sequence[AccountUpdate]) -> list[ItemResult]:
        # Each user is a transaction of his own and the same change may be made twice, so halving is harmless here.
        return surely(
            chunk,
            _update_key,
            lambda some: by_halves(some, _update_key, self._update),
            read_back=self._changed,
            sleep=self.ws.sleep,
        )

    def _update(self, chunk: Sequence[AccountUpdate]) -> list[ItemResult]:
        numbers = [self.ids.users[update.before.username] for update in chunk]
        rows = [self.mapper.changes(str(number), update) for number, update in zip(numbers, chunk, strict=True)]
        answer = self.ws.call(UPDATE, {"users": rows}, writes=True, items=len(rows))
        warnings = {int(warning["itemid"]): warning for warning in answer.get("warnings") or ()}
        results = []
        for number, update in zip(numbers, chunk, strict=True):
            warning = warnings.get(number)
            if warning is not None:
                results.append(warned(update.after.key, warning))
                continue
            self.ids.renamed(update.before.username, update.after.username)
            results.append(done(update.after.username, number, Outcome.DONE))
        return results

    def _changed(self, chunk: Sequence[AccountUpdate]) -> dict[tuple[str, ...], ItemResult]:
        now = {seen.account.username: seen for seen in self.seen([update.after.username for update in chunk])}
        return {
            update.after.key: done(update.after.username, int(now[update.after.username].remote_id), Outcome.DONE)
            for update in chunk
            if update.after.username in now and now[update.after.username].account == update.after
        }


def _new_key(new: NewAccount) -> tuple[str, ...]:
    return new.account.key


def _update_key(update: AccountUpdate) -> tuple[str, ...]:
    return update.after.key


def warned(key: tuple[str, ...], warning: Mapping[str, Any]) -> ItemResult:
    """The result of an account that Moodle leaves unchanged with this warning."""
    return refused(key, str(warning["warningcode"]), cleaned(str(warning["message"])))


def _broken(account: Account) -> ItemResult | None:
    found = refusal(account)
    return refused(account.key, *found) if found else None


def done(username: str, user_id: int, outcome: Outcome) -> ItemResult:
    """The result of an account that is now as wanted."""
    return ItemResult(key=(username,), outcome=outcome, remote_id=str(user_id))


def no_account(key: tuple[str, ...]) -> ItemResult:
    """The result of a change of an account that is not there."""
    return refused(key, "unknown_user", _("The platform has no account of this username."))
