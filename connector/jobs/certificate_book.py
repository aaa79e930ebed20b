"""Use case: the register as a file, how the certificates stand, and whether one is true. Reads the database only."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.certificates.due import EVERYBODY, Selection
from connector.certificates.entry import RegisterEntry
from connector.certificates.overdue import Overdue, overdue
from connector.certificates.standing import ProvinceStanding, standing
from connector.certificates.states import to_withdraw
from connector.certificates.verification import Verified, taken_back, verify
from connector.context import Context
from connector.errors import ConfigError, UnsafePlanError
from connector.jobs.acts import record_act
from connector.jobs.certificate_facts import book_of, decide
from connector.jobs.certify import late_after
from connector.jobs.mirror import certificate_key
from connector.jobs.numbering import read_book
from connector.jobs.people import registrations_of
from connector.jobs.register_book import Book, register_report
from connector.language import _
from connector.reports.rows import Cell, Report
from connector.reports.shown import file_stem
from connector.reports.writing import check_formats, write_report
from connector.store.acts import DataAct

JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the certificates of a programme stand: by province, who has waited too long for the platform, and whose paper
    is registered and not shown by the platform any more.
    """

    provinces: tuple[ProvinceStanding, ...]
    overdue: tuple[Overdue, ...]
    to_withdraw: int
    not_on_platform: tuple[RegisterEntry, ...]


def certificate_status(ctx: Context, programme_key: str | None = None, chosen: Selection = EVERYBODY) -> Standing:
    """How the certificates of this selection stand, those who have earned one since the last push included."""
    programme = ctx.programme(programme_key)
    entered, register = decide(ctx, programme, registrations_of(ctx, programme))
    entries = [entry for entry in [*register.values(), *entered.entries] if chosen.holds(entry)]
    with ctx.store.begin() as tx:
        gone = {
            (here.site, code)
            for here in programme.by_site
            for code in tx.mirror.vanished(here.site, certificate_key(here))
        }
    sites = {site for site, _code in gone}
    return Standing(
        provinces=tuple(standing(entries)),
        overdue=tuple(overdue(entries, ctx.now(), late_after(programme))),
        to_withdraw=sum(to_withdraw(entry) for entry in entries),
        not_on_platform=tuple(
            entry
            for entry in entries
            if entry.is_valid and any((site, entry.serial) in gone for site in ({entry.site} if entry.site else sites))
        ),
    )


def write_register(
    ctx: Context, programme_key: str | None = None, *, formats: Sequence[str], folder: Path | None = None
) -> list[Path]:
    """Write the register of the programme's book (to `folder`, or registers/ in the state folder); the files' paths.

    Formats: those of reports, and json. Readable by their owner only. Raises ConfigError for an unknown format.
    """
    others = [name for name in formats if name != JSON]
    if others or not formats:
        check_formats(others)
    programme = ctx.programme(programme_key)
    key = book_of(programme)
    with ctx.store.begin() as tx:
        entries = tx.register.of_book(key)
        history = [event for name in sorted({e.programme for e in entries}) for event in tx.register.history(name)]
    book = Book(key=key, entries=entries, history=history)
    report = register_report(book, programme.zone, ctx.settings.certificates.issuer, ctx.now())
    target = folder or ctx.settings.state_dir / "registers"
    record_act(ctx, DataAct.EXPORTED, what=file_stem(report))
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = write_report(report, target, others) if others else []
    if JSON in formats:
        files.append(target / f"register-{key}-{report.meta.cutoff:%Y%m%d-%H%M}.json")
        files[-1].touch(mode=0o600)
        files[-1].write_text(json.dumps(_plain(report), ensure_ascii=False, indent=1), encoding="utf-8")
    for file in files:
        file.chmod(0o600)
    return files


def _plain(report: Report) -> dict[str, Any]:
    (table,) = report.tables
    keys = [column.key for column in table.columns]
    rows = [dict(zip(keys, map(_value, row), strict=True)) for row in table.rows]
    return {"book": report.meta.programme_key, "checksum": report.meta.checksum, "entries": rows}


def _value(cell: Cell) -> Cell:
    return cell.isoformat() if isinstance(cell, datetime) else cell


def verify_certificate(ctx: Context, code: str) -> list[Verified]:
    """What this code or register number is worth; several where books share a number. Reads database and book only.

    The book of numbers is asked, too: a database that was set back takes nothing for valid that was taken back since.
    Raises ConfigError when no certificate has ever had it, UnsafePlanError when only the book of numbers knows it.
    """
    with ctx.store.begin() as tx, read_book(ctx, tx) as written:
        lines = [line for line in written.lines if code in line.paper]
        entries = tx.register.of_code(code)
        found = [
            taken_back(
                verify(
                    code,
                    entry,
                    tx.register.history(entry.programme, entry.phone),
                    tx.mirror.code_gone_since(entry.site, entry.serial) if entry.serial else None,
                ),
                lines,
            )
            for entry in entries
        ]
    if not found and lines:
        raise UnsafePlanError(
            _("This database does not know the code or number '{code}', but the book of numbers knows it.").format(
                code=code
            ),
            hint=_("The database is older than the certificate: 'connector recover' brings it up to date."),
        )
    if not found:
        raise ConfigError(
            _("No certificate has the code or number '{code}'.").format(code=code),
            hint=_("Look for mistyped letters: capitals and small ones differ."),
        )
    return found
