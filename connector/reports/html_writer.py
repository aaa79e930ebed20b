"""A report as one self-contained page that can be read in a browser and printed on A4 landscape."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connector.language import _
from connector.reports.rows import ColumnKind, Report
from connector.reports.shown import (
    column_numbers,
    heading_lines,
    national_lines,
    origin_line,
    place_and_date,
    shown,
    signatories,
    table_title,
)

TEMPLATES = Path(__file__).parent / "templates"
_CHUNK = 500


def write_html(report: Report, path: Path) -> None:
    """Write the report as a page to `path`, over whatever is there; rows are written as they are made."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    stream = environment.get_template("report.html.j2").stream(
        meta=report.meta,
        tables=report.tables,
        national=national_lines(),
        headings=heading_lines(report.meta),
        origin=origin_line(report.meta),
        place_and_date=place_and_date(report.meta),
        signatories=signatories(),
        contents=_("Contents"),
        shown=shown,
        column_numbers=column_numbers,
        table_title=table_title,
        percent=ColumnKind.PERCENT,
    )
    stream.enable_buffering(_CHUNK)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(stream)
