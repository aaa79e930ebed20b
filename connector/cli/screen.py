"""Where commands print their tables: as wide as the terminal, and wide enough when there is none."""

import sys

from rich.console import Console

WIDTH_OF_A_FILE = 160


def screen() -> Console:
    """Standard output for tables and long lines; a log or a pipe is not folded at 80 columns."""
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
