"""The register (sổ cấp giấy chứng nhận) as a report: one line for each number ever given, taken-back ones included.

The columns follow what real registers print (reference/vietnam-facts.md section 4.3): no document gives a form for this
paper, so the order is ours. Phone numbers stand in none. Pure: nothing is written.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from connector.certificates.entry import CertificateEvent, RegisterEntry
from connector.language import _
from connector.model import CertificateState
from connector.places import province_by_code
from connector.reports.progress import checksum
from connector.reports.rows import Cell, Column, ColumnKind, Report, ReportMeta, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A book of the register: its entries in the order of their numbers, and what people did to them."""

    key: str
    entries: Sequence[RegisterEntry]
    history: Sequence[CertificateEvent]


@dataclass(frozen=True, slots=True)
class _Line:
    entry: RegisterEntry
    acts: Sequence[CertificateEvent]
    zone: tzinfo

    def day(self, moment: datetime | None) -> datetime | None:
        return moment.astimezone(self.zone) if moment else None

    @property
    def last_day(self) -> datetime | None:
        """The window's end is the first moment that no longer counts; people write the last day."""
        ends_at = self.entry.facts.ends_at
        return self.day(ends_at - timedelta(seconds=1)) if ends_at else None

    @property
    def remarks(self) -> Iterator[str]:
        words = {
            CertificateState.REVOKED: _("Revoked on {day}: {reason}"),
            CertificateState.REISSUED: _("Reissued on {day}: {reason} (before: {name}, code {code})"),
        }
        for act in self.acts:
            if act.event in words:
                yield words[act.event].format(
                    day=f"{act.at.astimezone(self.zone):%d/%m/%Y}",
                    reason=act.reason,
                    name=act.full_name,
                    code=act.serial or "-",
                )
        if self.entry.state is CertificateState.REISSUED:
            yield _("the new paper is not issued yet")


_Source = tuple[Callable[[], str], ColumnKind, float, Callable[[_Line], Cell]]
_COLUMNS: dict[str, _Source] = {
    "seq": (lambda: _("No."), ColumnKind.ROW_NO, 6, lambda line: line.entry.seq),
    "register_no": (lambda: _("Register number"), ColumnKind.CODE, 22, lambda line: line.entry.register_no),
    "full_name": (lambda: _("Full name"), ColumnKind.TEXT, 24, lambda line: line.entry.facts.full_name),
    "workplace": (lambda: _("Workplace"), ColumnKind.TEXT, 28, lambda line: line.entry.facts.workplace),
    "province": (
        lambda: _("Province"),
        ColumnKind.TEXT,
        14,
        lambda line: province_by_code(line.entry.province_code).name,
    ),
    "starts_on": (lambda: _("From"), ColumnKind.DATE, 12, lambda line: line.day(line.entry.facts.starts_at)),
    "ends_on": (lambda: _("To"), ColumnKind.DATE, 12, lambda line: line.last_day),
    "hours": (lambda: _("Class hours"), ColumnKind.SCORE, 8, lambda line: line.entry.facts.hours),
    "grade": (lambda: _("Grade (%)"), ColumnKind.SCORE, 8, lambda line: line.entry.facts.grade),
    "decision": (lambda: _("Decision"), ColumnKind.TEXT, 18, lambda line: line.entry.facts.decision),
    "signer": (lambda: _("Signed by"), ColumnKind.TEXT, 20, lambda line: line.entry.facts.signer),
    "issued_on": (lambda: _("Issued on"), ColumnKind.DATE, 12, lambda line: line.day(line.entry.issued_at)),
    "serial": (lambda: _("Code of the paper"), ColumnKind.CODE, 16, lambda line: line.entry.serial),
    "remarks": (lambda: _("Remarks"), ColumnKind.TEXT, 26, lambda line: "; ".join(line.remarks)),
    "received": (lambda: _("Signature of the recipient"), ColumnKind.TEXT, 14, lambda _line: ""),
}


def register_report(book: Book, zone: tzinfo, unit: str, generated_at: datetime) -> Report:
    """The register of this book, ready for the writers; dates are those of `zone`."""
    acts: dict[tuple[str, str], list[CertificateEvent]] = {}
    for event in book.history:
        acts.setdefault((event.programme, event.phone), []).append(event)
    lines = (_Line(entry, acts.get((entry.programme, entry.phone), ()), zone) for entry in book.entries)
    table = Table(
        key="register",
        name=_("Register"),
        caption=", ".join(_programmes(book.entries)),
        unit="",
        columns=tuple(
            Column(key=key, heading=heading(), kind=kind, width=width)
            for key, (heading, kind, width, _value) in _COLUMNS.items()
        ),
        rows=tuple(tuple(value(line) for _h, _k, _w, value in _COLUMNS.values()) for line in lines),
        totals=None,
        notes=(_("{count} numbers, the last one is {last}.").format(count=len(book.entries), last=_last(book)),),
    )
    moment = generated_at.astimezone(zone)
    meta = ReportMeta(
        key="register",
        title=_("Register of certificates"),
        superior="",
        unit=unit,
        programme_key=book.key,
        programme=_("book {book}").format(book=book.key),
        cutoff=moment,
        snapshot_id=book.key,
        generated_at=moment,
        checksum=checksum([table]),
    )
    return Report(meta=meta, tables=(table,))


def _programmes(entries: Iterable[RegisterEntry]) -> list[str]:
    return list(dict.fromkeys(entry.facts.programme_name for entry in entries))


def _last(book: Book) -> int:
    return max((entry.seq or 0 for entry in book.entries), default=0)
