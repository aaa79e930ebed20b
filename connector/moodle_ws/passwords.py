"""Passwords on Moodle: set for accounts that are there, some 200 at a time.

Calls `core_user_update_users` with a password and the preference auth_forcepasswordchange (reference/moodle-ws-facts.md
2.4 and 2.1). Only people named one by one get here: each costs the site a hash, and his open sessions.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from connector.errors import OutcomeUnknown, RetryableError
from connector.language import _
from connector.lms import ItemResult, NewPassword, Outcome
from connector.mappers.moodle import AccountMapper
from connector.moodle_ws.accounts import UPDATE, UPDATED_PER_CALL, done, no_account, warned
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.halves import by_halves
from connector.moodle_ws.ids import Ids
from connector.wire.settle import in_chunks, spread, unknown

log = logging.getLogger(__name__)

_VARIABLES = 4  # id, password, one preference of two


@dataclass(slots=True)
class Passwords:
    """Sets passwords on one site."""

    ws: MoodleWs
    ids: Ids
    mapper: AccountMapper

    def set(self, passwords: Sequence[NewPassword]) -> list[ItemResult]:
        """Set these passwords, to be changed at the next log-in. One result each."""
        there = self.ids.known(new.username for new in passwords)
        absent = {new.key: no_account(new.key) for new in passwords if new.username not in there}
        return spread(passwords, _key, absent, self._set_all)

    def _set_all(self, passwords: Sequence[NewPassword]) -> list[ItemResult]:
        return in_chunks(passwords, partial(self.ws.room, UPDATE, _VARIABLES, UPDATED_PER_CALL), self._set_surely)

    def _set_surely(self, chunk: Sequence[NewPassword]) -> list[ItemResult]:
        """A password cannot be read back, but setting the same one twice is setting it once: so it is sent again."""
        try:
            return by_halves(chunk, _key, self._set)
        except OutcomeUnknown as lost:
            log.warning("answer lost, each password is set once more: %s", lost.message)
        return [self._set_again(new) for new in chunk]

    def _set_again(self, new: NewPassword) -> ItemResult:
        try:
            return by_halves([new], _key, self._set)[0]
        except RetryableError as lost:
            # A weak password has no answer either: the code of its warning is HTML, which Moodle's own check of the
            # answer does not let through ('invalidresponse', lib/external/classes/external_warnings.php).
            words = _(
                "{why} Nobody can read a password back: run the same command again, which sends the same password. If "
                "that does not help, the site may ask for a better one: mend 'passwords' in the configuration."
            )
            return replace(unknown(new.key), message=words.format(why=lost.message))

    def _set(self, chunk: Sequence[NewPassword]) -> list[ItemResult]:
        rows = [self.mapper.password(str(self.ids.users[new.username]), new) for new in chunk]
        answer = self.ws.call(UPDATE, {"users": rows}, writes=True, items=len(rows))
        warnings = {int(warning["itemid"]): warning for warning in answer.get("warnings") or ()}
        numbers = [self.ids.users[new.username] for new in chunk]
        return [
            warned(new.key, warnings[number]) if number in warnings else done(new.username, number, Outcome.DONE)
            for number, new in zip(numbers, chunk, strict=True)
        ]


def _key(new: NewPassword) -> tuple[str, ...]:
    return new.key
