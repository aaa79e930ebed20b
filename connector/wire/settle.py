"""How a list is written to a platform so that every item gets its own result: chunks, and reading back.

A write whose answer was lost is never sent again blindly: what it should have made is read back, and only what is
missing is sent once more (recipes section 0.4).
"""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from connector.errors import OutcomeUnknown, RetryableError
from connector.language import _
from connector.lms import ItemResult, Outcome

log = logging.getLogger(__name__)

Thing = TypeVar("Thing")

Send = Callable[[Sequence[Thing]], list[ItemResult]]
Key = Callable[[Thing], tuple[str, ...]]
Settled = Callable[[Sequence[Thing]], dict[tuple[str, ...], ItemResult]]

# Seconds to wait before each look whether a write whose answer was lost has been done after all.
PATIENCE = (2.0, 5.0, 15.0)


def in_chunks(items: Sequence[Thing], size: Callable[[], int], send: Send[Thing]) -> list[ItemResult]:
    """The results of all items, sent in chunks of `size()`, which is asked anew before each: it learns on the way.

    An outage after the first chunk is raised as OutcomeUnknown: something of this list has been done by then.
    """
    results: list[ItemResult] = []
    start = 0
    while start < len(items):
        chunk = items[start : start + size()]
        start += len(chunk)
        try:
            results += send(chunk)
        except RetryableError as outage:
            if not results or isinstance(outage, OutcomeUnknown):
                raise
            raise OutcomeUnknown(outage.message, hint=outage.hint) from None
    return results


def surely(
    items: Sequence[Thing],
    key: Key[Thing],
    send: Send[Thing],
    *,
    read_back: Settled[Thing],
    sleep: Callable[[float], None],
) -> list[ItemResult]:
    """The results of `send`; when its answer is lost, what was read back, then one more try for the missing.

    `read_back` gives the results of those items that are now as wanted. What is still open at the end is
    `Outcome.UNKNOWN`. Raises OutcomeUnknown when even reading back fails.
    """
    try:
        return send(items)
    except OutcomeUnknown as lost:
        log.warning("answer lost, reading back: %s", lost.message)
    done = _patiently(items, key, read_back, sleep)
    missing = [item for item in items if key(item) not in done]
    try:
        again = send(missing) if missing else []
    except OutcomeUnknown:
        again = []
        done |= _patiently(missing, key, read_back, sleep)
    done |= {result.key: result for result in again}
    return [done.get(key(item)) or unknown(key(item)) for item in items]


def _patiently(
    items: Sequence[Thing], key: Key[Thing], read_back: Settled[Thing], sleep: Callable[[float], None]
) -> dict[tuple[str, ...], ItemResult]:
    """What is found done, looked for again while something is missing: the server may still be at work (facts 1.6)."""
    done: dict[tuple[str, ...], ItemResult] = {}
    for pause in PATIENCE:
        sleep(pause)
        try:
            done = read_back(items)
        except RetryableError as outage:
            raise OutcomeUnknown(outage.message, hint=outage.hint) from None
        if all(key(item) in done for item in items):
            break
    return done


def refused(key: tuple[str, ...], code: str, message: str) -> ItemResult:
    """The result of an item that the platform, or a rule of it that we know, refuses."""
    return ItemResult(key=key, outcome=Outcome.REFUSED, code=code, message=message)


def unknown(key: tuple[str, ...]) -> ItemResult:
    """The result of an item whose answer was lost and that reading back did not settle."""
    return ItemResult(
        key=key,
        outcome=Outcome.UNKNOWN,
        code="outcome_unknown",
        message=_("The answer was lost and reading back did not settle it; run the plan again."),
    )


def spread(
    items: Sequence[Thing], key: Key[Thing], known: dict[tuple[str, ...], ItemResult], send: Send[Thing]
) -> list[ItemResult]:
    """One result for each item, in order: those in `known` as they are, each of the others once through `send`.

    An item that is given twice is sent once and gets the same result twice.
    """
    open_items = {key(item): item for item in items if key(item) not in known}
    results = {result.key: result for result in send(list(open_items.values()))} if open_items else {}
    return [known.get(key(item)) or results[key(item)] for item in items]
