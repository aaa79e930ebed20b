"""Lists in pages: by cursor, whose `next` carries the host the site sees, and by number.

Source: openedx/core/lib/api/paginators.py, rest_framework/pagination.py; facts section 4 "Paging" and section 8.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

from connector.sandbox.openedx.answers import Refusal, developer, error
from connector.sandbox.openedx.asking import Ask, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list that is paged by one of its columns, which its statement selects first and which no two rows share.

    `sql` ends in its WHERE clause; `write` and `read` turn a value of that column into a cursor's position and back.
    """

    sql: str
    values: Sequence[Any]
    key: str
    newest_first: bool = False
    write: Callable[[int], str] = str
    read: Callable[[str], int] = int


def cursor_page(ask: Ask, listing: Listing, size: int) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """`next` and `previous`, and this page's rows: those beyond the cursor's position, whose row may be gone."""
    position, backward = _read(ask)
    falling = listing.newest_first is not backward
    beyond = f" AND {listing.key} {'<' if falling else '>'} ?" if position else ""
    order = f" ORDER BY {listing.key} {'DESC' if falling else 'ASC'} LIMIT ?"
    start = (_number(listing, position),) if position else ()
    rows = ask.site.all(f"{listing.sql}{beyond}{order}", (*listing.values, *start, size + 1))
    more, part = len(rows) > size, rows[:size]
    if backward:
        part.reverse()
    places = [listing.write(row[0]) for row in part]
    links = {
        "next": _link(ask, f"p={_quote(places[-1])}") if part and (more or backward) else None,
        "previous": _link(ask, f"r=1&p={_quote(places[0])}") if part and position and (more or not backward) else None,
    }
    return links, part


def numbered(ask: Ask, rows: Sequence[Any], default: int = 10) -> tuple[int, int, list[Any]]:
    """This page's number, how many there are, and its rows; a page that is not there is 404."""
    wanted = page_size(ask, default)
    page = number(ask.query.get("page"), 1)
    pages = max(1, -(-len(rows) // wanted))
    text = ask.query.get("page", "1")
    if page > pages or not text.isdigit():
        raise Refusal(error(ask.style, 404, "Invalid page."))
    return page, pages, list(rows[(page - 1) * wanted : page * wanted])


def page_size(ask: Ask, default: int = 10) -> int:
    """Rows on a numbered page: what was asked for, at most a hundred."""
    return min(number(ask.query.get("page_size"), default), 100)


def page_link(ask: Ask, page: int) -> str:
    """The address of another numbered page; page one has no number."""
    pairs = [(key, value) for key, value in parse_qsl(ask.raw_query, keep_blank_values=True) if key != "page"]
    pairs += [("page", str(page))] if page > 1 else []
    tail = urlencode(sorted(pairs))
    return f"{ask.site.features.host}{ask.path}" + (f"?{tail}" if tail else "")


def _link(ask: Ask, cursor: str) -> str:
    pairs = [(key, value) for key, value in parse_qsl(ask.raw_query, keep_blank_values=True) if key != "cursor"]
    pairs.append(("cursor", base64.b64encode(cursor.encode()).decode()))
    return f"{ask.site.features.host}{ask.path}?{urlencode(sorted(pairs))}"


def _quote(position: str) -> str:
    return urlencode({"p": position})[2:]


def _number(listing: Listing, position: str) -> int:
    try:
        return listing.read(position)
    except ValueError as problem:
        raise developer(404, "Invalid cursor") from problem


def _read(ask: Ask) -> tuple[str, bool]:
    sent = ask.query.get("cursor")
    if not sent:
        return "", False
    try:
        tokens = parse_qs(base64.b64decode(sent.encode(), validate=True).decode())
    except ValueError as problem:
        raise developer(404, "Invalid cursor") from problem
    return tokens.get("p", [""])[0], "r" in tokens
