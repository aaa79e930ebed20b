"""Logs of the service: a JSON object a line, with fixed keys and nothing of a person."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

# What a line may say besides time, level, logger and event; anything else that a library attaches stays out.
KEYS = ("slot", "due", "attempt", "state", "outcome", "run", "error", "at", "count", "who", "key", "port", "signal")


class JsonLines(logging.Formatter):
    """A record as one line. Of other libraries only the place is told: their texts may hold anything."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        ours = record.name.startswith("connector")
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage() if ours else f"{record.module}:{record.lineno}",
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__  # its text may name a person
        line |= {key: value for key in KEYS if (value := getattr(record, key, None)) is not None}
        return json.dumps(line, ensure_ascii=False)


def log_as_json(stream: TextIO | None = None) -> None:
    """Write all logs of this process so, to this stream (standard error when None)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("connector").setLevel(logging.INFO)
