"""Form variables as PHP reads them: array notation becomes nested arrays, and the tail over the limit is dropped.

Source: reference/moodle-ws-facts.md sections 1.1 and 1.6; the recorded answer `too_many_input_vars` in states.jsonl.
"""

import re
from typing import Any
from urllib.parse import unquote_plus

_PART = re.compile(r"\[([^\]]*)\]")


def read_form(text: str, *, limit: int) -> dict[str, Any]:
    """The variables of one query string or body, nested; at most `limit` of them, in the order of arrival.

    What stands after the limit is dropped without a sign, as PHP's max_input_vars does.
    """
    variables: dict[str, Any] = {}
    for pair in text.split("&", limit)[:limit]:
        name, _, value = pair.partition("=")
        if name:
            _place(variables, unquote_plus(name), unquote_plus(value))
    return variables


def _place(variables: dict[str, Any], name: str, value: str) -> None:
    head, bracket, _rest = name.partition("[")
    path = [head, *_PART.findall(name[len(head) :])] if bracket else [head]
    place = variables
    for part in path[:-1]:
        inner = place.get(part) if part else None
        if not isinstance(inner, dict):
            inner = {}
            place[part or _next(place)] = inner
        place = inner
    place[path[-1] or _next(place)] = value


def _next(place: dict[str, Any]) -> str:
    numbers = [int(key) for key in place if key.isdigit()]
    return str(max(numbers, default=-1) + 1)
