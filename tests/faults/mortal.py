"""A connector that may die at any moment: its store and its door to the platform stop for good at a drawn boundary.

A boundary is where a kill can make a difference: before and after each transaction and each request. In-process, a kill
is an exception that nothing of the connector catches; afterwards nothing of that life can write or send any more, so
its `finally` blocks are as silent as those of a killed process.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import requests

from connector.sandbox.mishaps import Mishap, Weather
from connector.store.store import Store, Transaction
from tests.fakes.sandbox_door import Door
from tests.faults.grounds import Box

ENROL = "enrol_manual_enrol_users"
REPEATING = {Mishap.TWICE, Mishap.LATE}


class Killed(BaseException):
    """The process is killed here. Not an Exception: nothing may catch it."""


class Fate:
    """How many boundaries this life still has; None for a life without a kill. `passed` counts them."""

    def __init__(self, boundaries: int | None = None) -> None:
        self._left = boundaries
        self.passed = 0
        self.died_at = ""

    def doom(self) -> None:
        """Let this life end at its next boundary."""
        self._left = 0

    def boundary(self, where: str) -> None:
        """Pass a boundary, or die at it. Raises Killed, and ever after."""
        self.passed += 1
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                self.died_at = self.died_at or where
                raise Killed(where)


class MortalStore(Store):
    """A store that dies before a transaction, before its commit or after it."""

    def __init__(self, address: str, fate: Fate) -> None:
        super().__init__(address)
        self._fate = fate

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        self._fate.boundary("before a transaction")
        with super().begin() as tx:
            yield tx
            self._fate.boundary("before a commit")
        self._fate.boundary("after a commit")


class MortalDoor(Door[Box]):
    """A door that dies before a request is sent or before its answer is read."""

    def __init__(self, sandbox: Box, weather: Weather | None) -> None:
        super().__init__(sandbox, weather)
        self.fate = Fate()
        self.repeated_enrolments = 0  # requests that a proxy or a slow site has made into two, whoever sends them

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        self.fate.boundary("before a request")
        met = len(self.met)
        try:
            response = super().send(request, stream, timeout, verify, cert, proxies)
        finally:
            self.repeated_enrolments += bool(ENROL in str(request.body) and REPEATING & set(self.met[met:]))
        self.fate.boundary("before an answer")
        return response
