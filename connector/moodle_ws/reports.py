"""The custom report `connector-completions`: course completions of everybody, 5,000 rows a request (facts section 9).

An administrator makes the report once (docs: the columns are in `connector.mappers.moodle_reports`). Its times are
texts in the account's time zone, which no web service tells: the zone is found by asking for the exact time of the
earliest and the latest row. Where that does not come out, the report is not used, and the log says so.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timezone
from functools import partial
from typing import Any

from connector.errors import AccessDenied
from connector.mappers.moodle_reports import REPORT, CompletionRow, columns, completion, zone_of
from connector.model import TopicRef, TopicResult
from connector.moodle_ws.client import MoodleWs
from connector.wire.oddities import Oddities

log = logging.getLogger(__name__)

LIST, RETRIEVE = "core_reportbuilder_list_reports", "core_reportbuilder_retrieve_report"
ROWS_PER_PAGE = 5000
_REPORTS_PER_PAGE = 1000
_ATTEMPTS = 3

Exactly = Callable[[TopicRef, str], Iterable[TopicResult]]


def report_id(ws: MoodleWs) -> int | None:
    """The number of the report, None when the site has none that we may read. Reads only."""
    if not (ws.offers(LIST) and ws.offers(RETRIEVE)):
        return None
    try:
        answer = ws.call(LIST, {"page": 0, "perpage": _REPORTS_PER_PAGE}, writes=False)
    except AccessDenied as denied:
        log.warning("custom reports cannot be listed: %s", denied)
        return None
    return next((int(row["id"]) for row in answer["reports"] if row["name"] == REPORT), None)


@dataclass(slots=True)
class CompletionReport:
    """Reads the report; `exactly` gives one person's course completion with its exact time."""

    ws: MoodleWs
    odd: Oddities
    exactly: Exactly

    def results(self, topics: Mapping[str, TopicRef], people: Mapping[str, int]) -> Iterator[TopicResult] | None:
        """The completions of these people in these courses, to the minute; None when the report cannot serve."""
        number = report_id(self.ws) if people else None
        if number is None:
            return None
        rows = self._consistent(number, topics, people)
        if rows is None:
            log.warning("the report %s changes while it is read; asking person by person", REPORT)
            return None
        zone = self._zone(rows, topics)
        if rows and zone is None:
            log.warning("the time zone of the report %s cannot be told; asking person by person", REPORT)
            return None
        return self._placed(rows, topics, zone)

    def _consistent(
        self, number: int, topics: Mapping[str, TopicRef], people: Mapping[str, int]
    ) -> list[CompletionRow] | None:
        """All rows, read again when the count of rows is not what the report says: its pages have no fixed order."""
        for _attempt in range(_ATTEMPTS):
            rows: dict[tuple[str, str], CompletionRow] = {}
            if self._read_into(rows, number, topics, people):
                return list(rows.values())
        return None

    def _read_into(
        self,
        rows: dict[tuple[str, str], CompletionRow],
        number: int,
        topics: Mapping[str, TopicRef],
        people: Mapping[str, int],
    ) -> bool:
        seen, totals = 0, set[int]()
        page = 0
        while True:
            data = self._page(number, page)
            places = columns(data["headers"])
            seen += len(data["rows"])
            totals.add(int(data["totalrowcount"]))
            for line in data["rows"]:
                row = self._row(line["columns"], places)
                if row is not None and row.course in topics and row.username in people:
                    rows[row.course, row.username] = row
            page += 1
            if len(data["rows"]) < ROWS_PER_PAGE:
                return totals == {seen}

    def _row(self, cells: Sequence[str | None], places: Mapping[str, int]) -> CompletionRow | None:
        course, username, time = (str(cells[places[name]] or "") for name in ("course", "username", "time"))
        make = partial(completion, cells, places)
        return self.odd.understood(make, {"time": time}, part="results", place=course, username=username)

    def _page(self, number: int, page: int) -> Mapping[str, Any]:
        parameters = {"reportid": number, "page": page, "perpage": ROWS_PER_PAGE}
        data: Mapping[str, Any] = self.ws.call(RETRIEVE, parameters, writes=False, lang="en")["data"]
        return data

    def _zone(self, rows: list[CompletionRow], topics: Mapping[str, TopicRef]) -> timezone | None:
        """The one zone in which both the earliest and the latest row are told; None when there is no such zone."""
        if not rows:
            return None
        ends = {min(rows, key=lambda row: row.wall_time), max(rows, key=lambda row: row.wall_time)}
        zones = {self._zone_of(row, topics[row.course]) for row in ends}
        return zones.pop() if len(zones) == 1 else None

    def _zone_of(self, row: CompletionRow, ref: TopicRef) -> timezone | None:
        times = [exact.completed_at for exact in self.exactly(ref, row.username) if exact.completed_at]
        return zone_of(row.wall_time, times[0]) if times else None

    @staticmethod
    def _placed(
        rows: list[CompletionRow], topics: Mapping[str, TopicRef], zone: timezone | None
    ) -> Iterator[TopicResult]:
        offset = zone.utcoffset(None) if zone else None
        for row in rows:
            yield TopicResult(
                ref=topics[row.course],
                username=row.username,
                done=True,
                completed_at=row.wall_time - offset if offset is not None else row.wall_time,
            )
