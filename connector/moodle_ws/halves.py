"""Lists that Moodle refuses as a whole are halved down to the bad items.

Its writing functions are mostly all-or-nothing and name no culprit: about log2(n) more calls for one bad item.
"""

from collections.abc import Sequence

from connector.errors import RequestRefused
from connector.lms import ItemResult, Outcome
from connector.moodle_ws.failures import DATABASE
from connector.wire.settle import Key, Send, Thing, refused

# Refusals that are about the call, not about an item: halving would only repeat them.
ABOUT_THE_CALL = frozenset({"wsnoinstance", "invalidcourseid"})


def by_halves(items: Sequence[Thing], key: Key[Thing], send: Send[Thing], *, bad: bool = False) -> list[ItemResult]:
    """One result for each item: a list that Moodle refuses is halved until the refused items stand alone.

    `bad` says that one of these items is known to be refused, so a longer list need not be sent whole.
    """
    if not items:
        return []
    if bad:
        return _halves(items, key, send)
    try:
        return _once_more(items, send)
    except RequestRefused as refusal:
        if len(items) == 1 or refusal.code in ABOUT_THE_CALL:
            return [refused(key(item), refusal.code, refusal.message) for item in items]
    return _halves(items, key, send)


def _once_more(items: Sequence[Thing], send: Send[Thing]) -> list[ItemResult]:
    """The results of `send`, tried twice where the database stumbled: such a list has been rolled back (facts 1.8)."""
    try:
        return send(items)
    except RequestRefused as refusal:
        if refusal.code not in DATABASE:
            raise
    return send(items)


def _halves(items: Sequence[Thing], key: Key[Thing], send: Send[Thing]) -> list[ItemResult]:
    if len(items) == 1:
        return by_halves(items, key, send)
    middle = len(items) // 2
    first = by_halves(items[:middle], key, send)
    clean = all(result.outcome is not Outcome.REFUSED for result in first)
    return first + by_halves(items[middle:], key, send, bad=clean)
