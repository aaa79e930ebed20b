"""A clock that is moved by hand: a fortnight of the service passes in seconds."""

from datetime import datetime, timedelta


class SteppedClock:
    """Gives the moment it was set to; waiting moves it. Its `now` and `wait` go into a Context."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """The moment at which the clock stands."""
        return self._moment

    def wait(self, seconds: float) -> None:
        """Let so much time pass."""
        self._moment += timedelta(seconds=seconds)

    def go_to(self, moment: datetime) -> None:
        """Set the clock forward; it never goes back."""
        self._moment = max(self._moment, moment)
