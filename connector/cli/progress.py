"""The progress bar of long commands: on a terminal only, with rate and time left."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


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


@contextmanager
def progress_bar(title: str) -> Iterator[Bar]:
    """A bar on standard error while the block runs; nothing is shown when that is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        yield Bar(progress, title)
