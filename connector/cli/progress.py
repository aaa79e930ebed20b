"""The progress of long commands: a bar with rate and time left on a terminal, now and then a line otherwise."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from connector.language import _

QUIET_SECONDS = 30.0


class RateColumn(ProgressColumn):
    """How many are done in a second, from the last half minute."""

    def render(self, task: Task) -> Text:
        """The rate, or nothing before there is one."""
        return Text(_("{rate:.0f}/s").format(rate=task.speed) if task.speed else "", style="progress.data.speed")


class Bar:
    """One line of progress; parts of the work follow each other on it."""

    def __init__(self, progress: Progress, title: str) -> None:
        self._progress = progress
        self._title = title
        self._task: TaskID = progress.add_task(title, total=None)

    def part(self, name: str, done: int, total: int) -> None:
        """Show how far a named part is."""
        self._progress.update(self._task, description=f"{self._title}: {name}", completed=done, total=total)

    def step(self, done: int, total: int) -> None:
        """Show how far the whole is."""
        self._progress.update(self._task, completed=done, total=total)


class Lines:
    """The same for a log: a line at most every half minute, none for what is quickly done."""

    def __init__(self, title: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._title = title
        self._clock = clock
        self._begun = self._told = clock()

    def part(self, name: str, done: int, total: int) -> None:
        """Tell how far a named part is, if it is time to."""
        self._tell(f"{self._title}: {name}", done, total)

    def step(self, done: int, total: int) -> None:
        """Tell how far the whole is, if it is time to."""
        self._tell(self._title, done, total)

    def _tell(self, what: str, done: int, total: int) -> None:
        now = self._clock()
        if now - self._told < QUIET_SECONDS:
            return
        self._told = now
        minutes = (now - self._begun) / 60
        text = _("{what}: {done} of {total} in {minutes:.0f} minutes").format(
            what=what, done=done, total=total, minutes=minutes
        )
        click.echo(text, err=True)


@contextmanager
def progress_bar(title: str) -> Iterator[Bar | Lines]:
    """A bar on standard error while the block runs; lines now and then when that is not a terminal."""
    if not sys.stderr.isatty():
        yield Lines(title)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress, title)
