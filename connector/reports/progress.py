"""The progress report: from rows of provinces and learners to tables in official order. Pure: nothing is written."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from connector.language import _
from connector.model import mask_phone
from connector.reports.collation import NameKey, PhraseKey, name_key, phrase_key
from connector.reports.columns import LEARNER_COLUMNS, PROVINCE_COLUMNS, Source, row_no_heading
from connector.reports.definition import ROW_NO, ReportDefinition, TableChoice
from connector.reports.rows import (
    Cell,
    Column,
    ColumnKind,
    LearnerRow,
    ProvinceRow,
    Report,
    ReportMeta,
    Table,
)

Row = TypeVar("Row")
# Shown where a share of nobody would stand.
NOTHING_TO_COUNT = "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Which data a report shows: the programme, the cut-off (aware), the mirror run, and when it was made (aware).

    `provinces` are the codes of those that it is limited to, none for all.
    `notices` are told below the numbers: what a reader must know of them.
    """

    programme_key: str
    programme: str
    cutoff: datetime
    snapshot_id: str
    generated_at: datetime
    freshness: str = ""
    notices: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()


def build_progress(
    definition: ReportDefinition,
    provinces: Iterable[ProvinceRow],
    learners: Iterable[LearnerRow],
    snapshot: Snapshot,
    *,
    mask: bool = False,
) -> Report:
    """The progress report with totals; nothing is written.

    Provinces stand in code order; learners by province code, commune and Vietnamese name order. `mask=True` hides the
    middle of phone numbers. The totals are computed here from the rows, the rate from the totals.
    """
    ordered = sorted(provinces, key=lambda row: row.province_code)
    people = sorted(learners, key=_learner_order)
    if mask:
        people = [replace(row, phone=mask_phone(row.phone)) for row in people]
    zone = ZoneInfo(definition.zone)
    tables = (
        _province_table(definition.provinces, ordered, snapshot.notices),
        _learner_table(definition.learners, people, zone),
    )
    meta = ReportMeta(
        key=definition.key,
        title=definition.title,
        superior=definition.superior,
        unit=definition.unit,
        programme_key=snapshot.programme_key,
        programme=snapshot.programme,
        cutoff=snapshot.cutoff.astimezone(zone),
        snapshot_id=snapshot.snapshot_id,
        generated_at=snapshot.generated_at.astimezone(zone),
        checksum=checksum(tables),
        freshness=snapshot.freshness,
        provinces=snapshot.provinces,
    )
    return Report(meta=meta, tables=tables)


def _learner_order(row: LearnerRow) -> tuple[str, PhraseKey, NameKey, str]:
    return row.province_code, phrase_key(row.commune), name_key(row.full_name), row.phone


def _province_table(choice: TableChoice, rows: Sequence[ProvinceRow], notices: Sequence[str]) -> Table:
    return Table(
        key="provinces",
        name=_("Summary"),
        caption=choice.caption,
        unit=_("Unit: persons"),
        columns=_columns(choice, PROVINCE_COLUMNS),
        rows=tuple(_cells(choice, PROVINCE_COLUMNS, rows)),
        totals=_totals(choice, rows),
        notes=(
            _("Completion rate = completed / registered; '{nothing}' where nobody is registered.").format(
                nothing=NOTHING_TO_COUNT
            ),
            _("Studying = at least one topic done, the programme not completed."),
            *notices,
        ),
    )


def _learner_table(choice: TableChoice, rows: Sequence[LearnerRow], zone: ZoneInfo) -> Table:
    local = (replace(row, completed_at=row.completed_at and row.completed_at.astimezone(zone)) for row in rows)
    return Table(
        key="learners",
        name=_("Learners"),
        caption=choice.caption,
        unit="",
        columns=_columns(choice, LEARNER_COLUMNS),
        rows=tuple(_cells(choice, LEARNER_COLUMNS, local)),
        totals=None,
        notes=(_("{count} learners.").format(count=len(rows)),),
    )


def _columns(choice: TableChoice, known: Mapping[str, Source[Row]]) -> tuple[Column, ...]:
    made = []
    for column in choice.columns:
        source = known.get(column.key)
        heading = column.heading or (source.heading() if source else row_no_heading())
        kind = source.kind if source else ColumnKind.ROW_NO
        made.append(Column(key=column.key, heading=heading, kind=kind, width=column.width))
    return tuple(made)


def _cells(choice: TableChoice, known: Mapping[str, Source[Row]], rows: Iterable[Row]) -> Iterator[tuple[Cell, ...]]:
    values: list[Callable[[Row], Cell] | None] = [
        None if column.key == ROW_NO else known[column.key].value for column in choice.columns
    ]
    for number, row in enumerate(rows, start=1):
        yield tuple(number if value is None else value(row) for value in values)


def _totals(choice: TableChoice, rows: Sequence[ProvinceRow]) -> tuple[Cell, ...]:
    total = ProvinceRow(
        province_code="",
        province=_("Total"),
        registered=sum(row.registered for row in rows),
        provisioned=sum(row.provisioned for row in rows),
        logged_in=sum(row.logged_in for row in rows),
        studying=sum(row.studying for row in rows),
        completed=sum(row.completed for row in rows),
        certified=sum(row.certified for row in rows),
    )
    return tuple(
        None if column.key == ROW_NO else PROVINCE_COLUMNS[column.key].value(total) for column in choice.columns
    )


def checksum(tables: Iterable[Table]) -> str:
    """SHA-256, in hex, of the tables' keys, column keys, rows and totals; titles and times of making stay outside."""
    digest = hashlib.sha256()
    for table in tables:
        digest.update(_line([table.key, *(column.key for column in table.columns)]))
        for row in table.rows:
            digest.update(_line(row))
        digest.update(_line(table.totals or ()))
    return digest.hexdigest()


def _line(cells: Iterable[Cell]) -> bytes:
    plain = [cell.isoformat() if isinstance(cell, datetime) else cell for cell in cells]
    return json.dumps(plain, ensure_ascii=False).encode() + b"\n"
