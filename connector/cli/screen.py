"""Where commands print their tables: as wide as the terminal, and wide enough when there is none."""

import sys
from typing import Any

from rich.console import Console
from rich.table import Column, Table

WIDTH_OF_A_FILE = 160


def screen() -> Console:
    """Standard output for tables and long lines; a log or a pipe is not folded at 80 columns."""
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)


def plain_table(*headings: str | Column, **more: Any) -> Table:
    """A table as all commands print them: without lines, so that it can be copied into a letter."""
    return Table(*headings, box=None, **more)
