"""What all commands share: the configuration, the context opened when first needed, exit codes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from enum import IntEnum
from functools import cached_property
from pathlib import Path

import click

from connector.cli.stopping import stop_requests
from connector.context import Context, open_context
from connector.language import use_language
from connector.settings import Settings, language_of, load_settings


class Exit(IntEnum):
    """Exit codes of the commands (2 is click's own: wrong usage)."""

    DONE = 0
    FAILED = 1
    CHANGES_PLANNED = 3
    PARTLY_REFUSED = 4
    UNSAFE = 5
    CONFIG = 6


class Session:
    """One command's view of the configuration; database and platform are opened only when a command needs them.

    `site` is what --site names, and None without it.
    """

    def __init__(
        self,
        config: Path | None,
        open_with: Callable[[Settings], Context] = open_context,
        *,
        scheduled: bool = False,
    ) -> None:
        self._config = config
        self._scheduled = scheduled
        self._open_with = open_with
        self._context: Context | None = None
        self.site: str | None = None

    @cached_property
    def settings(self) -> Settings:
        """The settings, read once."""
        return load_settings(self._config)

    def choose_language(self) -> None:
        """Speak the configured language from now on; what is wrong in the configuration is told when it is needed."""
        use_language(language_of(self._config))

    @property
    def context(self) -> Context:
        """The context, opened at first use."""
        if self._context is None:
            context = self._open_with(self.settings)
            trigger = "schedule" if self._scheduled else "hand"
            self._context = replace(context, caller=replace(context.caller, trigger=trigger), site=self.site)
        return self._context

    def context_of(self, by: str) -> Context:
        """The context of a person who gives a name; the system's user where none is given."""
        if not by.strip():
            return self.context
        return replace(self.context, caller=replace(self.context.caller, who=by.strip()))

    @contextmanager
    def stoppable(self, by: str = "") -> Iterator[Context]:
        """A context for one job that stops at its next safe point when asked to (Ctrl-C, SIGTERM)."""
        ctx = self.context_of(by)
        with stop_requests() as safe_point:
            yield replace(ctx, safe_point=safe_point)

    @staticmethod
    def now() -> datetime:
        """The time of this machine, for what is done without opening the database."""
        return datetime.now(UTC)

    def close(self) -> None:
        """Close what was opened."""
        if self._context is not None:
            self._context.store.close()


pass_session = click.make_pass_decorator(Session)
