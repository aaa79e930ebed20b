"""Recorded calls sent again to the sandbox, and both answers made comparable."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from connector.sandbox.moodle import ENDPOINT, MoodleSandbox
from tests.sandbox.schema_text import RECORDED

TOKEN = "a" * 32
FEW = "b" * 32
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

# Texts that are the recorded site's own and say nothing about Moodle: lorem ipsum, keys, revisions, moments.
_MASKS = (
    (re.compile(r"https?:(?:\\*/){2}mooc\.example\.vn"), "SITE"),
    (re.compile(r"Test course (?:category )?\d.*?(?=\"|</VALUE>)", re.DOTALL), "LOREM"),
    (re.compile(r'(?<=userprivateaccesskey"[:>])(?:"|<VALUE>)[0-9a-f]{32}'), "KEY"),
    (re.compile(r"\b17953\d{5}\b"), "TIME"),
    (re.compile(r"\w+, \d+ November 2026, \d+:\d\d [AP]M"), "DATE"),
    (re.compile(r"Test quiz \d"), "INTRO"),
)


def recorded(name: str) -> Iterator[dict[str, Any]]:
    """The recorded calls of one file, in order."""
    with (RECORDED / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def flat(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested parameters as PHP form variables."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        name = f"{prefix}[{key}]" if prefix else str(key)
        if isinstance(item, dict | list):
            yield from flat(item, name)
        else:
            yield name, str(int(item) if isinstance(item, bool) else item)


def ask(sandbox: MoodleSandbox, call: dict[str, Any], token: str = TOKEN) -> tuple[int, str, str]:
    """Status, content type and body of the sandbox's answer to a recorded call."""
    form = [("wstoken", token)] if token else []
    if call["function"]:
        form.append(("wsfunction", call["function"]))
    form += list(flat(call.get("params") or {}))
    form.append(("moodlewsrestformat", call["format"]))
    answer = sandbox.handle("POST", ENDPOINT, "", FORM, urlencode(form).encode())
    return answer.status, answer.headers["Content-Type"], answer.body.decode()


def masked(body: str) -> str:
    """The body without what is only the site's own."""
    for pattern, text in _MASKS:
        body = pattern.sub(text, body)
    return body
