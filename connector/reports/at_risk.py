"""The list of people who will miss the window at their present pace, for departments to phone them. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from connector.language import _
from connector.model import mask_phone, national_phone
from connector.reports.collation import name_key, phrase_key
from connector.reports.progress import Snapshot, checksum
from connector.reports.rows import Cell, Column, ColumnKind, Report, ReportMeta, Table

KEY = "at-risk"
_DATE, _TEXT, _COUNT, _CODE = ColumnKind.DATE, ColumnKind.TEXT, ColumnKind.COUNT, ColumnKind.CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRiskRow:
    """One person at risk. `rank` sorts worst first, `risk` says it in words; `wanted` is None where it cannot be said.

    `phone` is E.164; `last_access` is aware, or None for never.
    """

    province_code: str
    province: str
    commune: str
    full_name: str
    phone: str
    workplace: str
    position: str
    rank: int
    risk: str
    done: int
    wanted: int | None
    last_access: datetime | None
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How many take part and how many are at risk, by kind of risk, in one province or commune."""

    province_code: str
    province: str
    commune: str
    people: int
    by_risk: tuple[int, ...]


def at_risk_report(
    places: Sequence[Place],
    people: Iterable[AtRiskRow],
    risks: Sequence[str],
    snapshot: Snapshot,
    *,
    heads: tuple[str, str],
    zone: tzinfo,
    mask: bool = False,
) -> Report:
    """Numbers by province and by commune, and the people: by province, worst first. Nothing is written.

    `risks` are the words of the kinds of risk, in the order of `Place.by_risk`; `heads` the two lines at the top left.
    """
    tables = (
        _places(_provinces(places), risks, by_commune=False),
        _places(_communes(places), risks, by_commune=True),
        _people(sorted(people, key=_order), zone, mask=mask),
    )
    meta = ReportMeta(
        key=KEY,
        title=_("Learners at risk of missing the deadline"),
        superior=heads[0],
        unit=heads[1],
        programme_key=snapshot.programme_key,
        programme=snapshot.programme,
        cutoff=snapshot.cutoff.astimezone(zone),
        snapshot_id=snapshot.snapshot_id,
        generated_at=snapshot.generated_at.astimezone(zone),
        checksum=checksum(tables),
        provinces=snapshot.provinces,
    )
    return Report(meta=meta, tables=tables)


def _order(row: AtRiskRow) -> tuple[object, ...]:
    last = row.last_access.timestamp() if row.last_access else 0.0
    wanted = 0 if row.wanted is None else row.wanted
    return row.province_code, row.rank, -wanted, last, phrase_key(row.commune), name_key(row.full_name), row.phone


def _communes(places: Iterable[Place]) -> list[Place]:
    """Those with anybody at risk: nobody phones the others."""
    worried = (one for one in places if any(one.by_risk))
    return sorted(worried, key=lambda one: (one.province_code, phrase_key(one.commune)))


def _provinces(places: Iterable[Place]) -> list[Place]:
    people: Counter[str] = Counter()
    names: dict[str, str] = {}
    risks: dict[str, list[tuple[int, ...]]] = {}
    for one in places:
        people[one.province_code] += one.people
        names[one.province_code] = one.province
        risks.setdefault(one.province_code, []).append(one.by_risk)
    return [
        Place(
            province_code=code,
            province=names[code],
            commune="",
            people=people[code],
            by_risk=tuple(map(sum, zip(*risks[code], strict=True))),
        )
        for code in sorted(names)
    ]


def _places(places: Sequence[Place], risks: Sequence[str], *, by_commune: bool) -> Table:
    commune = [_column("commune", _("Commune/ward/special zone"), _TEXT, 26)] if by_commune else []
    columns = [
        _column("province_code", _("Province code"), _CODE, 9),
        _column("province", _("Province/city"), _TEXT, 22),
        *commune,
        _column("people", _("Take part"), _COUNT, 11),
        _column("at_risk", _("At risk"), _COUNT, 11),
        *(_column(f"risk_{number}", words, _COUNT, 14) for number, words in enumerate(risks)),
    ]
    rows: list[tuple[Cell, ...]] = [
        (one.province_code, one.province, *([one.commune] if by_commune else []), *_numbers(one)) for one in places
    ]
    sums = [sum(column) for column in zip(*(_numbers(one) for one in places), strict=True)]
    return Table(
        key="communes" if by_commune else "provinces",
        name=_("Communes") if by_commune else _("Provinces"),
        caption=_("At risk by commune") if by_commune else _("At risk by province"),
        unit=_("Unit: persons"),
        columns=tuple(columns),
        rows=tuple(rows),
        totals=(None, _("Total"), *([None] if by_commune else []), *sums) if places else None,
        notes=(
            _("Pace = topics done so far for each day of the window gone by. At risk = at this pace not done in time."),
        ),
    )


def _numbers(one: Place) -> tuple[int, ...]:
    return (one.people, sum(one.by_risk), *one.by_risk)


def _people(rows: Sequence[AtRiskRow], zone: tzinfo, *, mask: bool) -> Table:
    columns = (
        _column("row_no", _("No."), ColumnKind.ROW_NO, 6),
        _column("province", _("Province/city"), _TEXT, 16),
        _column("commune", _("Commune/ward/special zone"), _TEXT, 20),
        _column("full_name", _("Full name"), _TEXT, 22),
        _column("mobile_phone", _("Mobile phone"), _CODE, 14),
        _column("workplace", _("Workplace"), _TEXT, 24),
        _column("position", _("Position"), _TEXT, 18),
        _column("risk", _("State"), _TEXT, 18),
        _column("done", _("Topics done"), _COUNT, 10),
        _column("wanted", _("Topics still needed"), _COUNT, 10),
        _column("last_access", _("Last access"), _DATE, 12),
        _column("missing", _("Topics still missing"), _TEXT, 34),
    )
    return Table(
        key="learners",
        name=_("Learners"),
        caption=_("Learners at risk, the worst first"),
        unit="",
        columns=columns,
        rows=tuple(_cells(number, row, zone, mask=mask) for number, row in enumerate(rows, start=1)),
        totals=None,
        notes=(_("{count} learners.").format(count=len(rows)),),
    )


def _cells(number: int, row: AtRiskRow, zone: tzinfo, *, mask: bool) -> tuple[Cell, ...]:
    return (
        number,
        row.province,
        row.commune,
        row.full_name,
        mask_phone(row.phone) if mask else national_phone(row.phone),
        row.workplace,
        row.position,
        row.risk,
        row.done,
        row.wanted,
        row.last_access.astimezone(zone) if row.last_access else None,
        row.missing,
    )


def _column(key: str, heading: str, kind: ColumnKind, width: float) -> Column:
    return Column(key=key, heading=heading, kind=kind, width=width)
