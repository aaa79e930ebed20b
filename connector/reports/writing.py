"""Reports into files: which formats there are, and writing so that no half-written file is ever left behind."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from connector.errors import ConfigError
from connector.language import _
from connector.reports.csv_writer import write_csv
from connector.reports.html_writer import write_html
from connector.reports.rows import Report
from connector.reports.shown import file_stem
from connector.reports.xlsx_writer import write_xlsx

Write = Callable[[Path], None]


def _xlsx_files(report: Report) -> Iterator[tuple[str, Write]]:
    yield f"{file_stem(report)}.xlsx", partial(write_xlsx, report)


def _html_files(report: Report) -> Iterator[tuple[str, Write]]:
    yield f"{file_stem(report)}.html", partial(write_html, report)


def _csv_files(report: Report) -> Iterator[tuple[str, Write]]:
    for table in report.tables:
        yield f"{file_stem(report)}-{table.key}.csv", partial(write_csv, table)


# A new kind of file is one writer module and one line here.
FORMATS: dict[str, Callable[[Report], Iterator[tuple[str, Write]]]] = {
    "xlsx": _xlsx_files,
    "html": _html_files,
    "csv": _csv_files,
}


def check_formats(formats: Sequence[str]) -> None:
    """Nothing, if there is a writer for each of these formats; raises ConfigError naming the known ones."""
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        raise ConfigError(
            _("There is no report format '{format}'.").format(format=", ".join(unknown)),
            hint=_("Known: {known}.").format(known=", ".join(FORMATS)),
        )


def write_report(report: Report, folder: Path, formats: Sequence[str], *, private: bool = False) -> list[Path]:
    """Write the report into the folder (made if needed) in each of these formats; the paths that were written.

    `private` files may be read by their owner alone, from the first byte on.

    Files of the same report, programme and cut-off are replaced whole; a failure leaves the old file as it was.
    Raises ConfigError for an unknown format, before anything is written, and when the folder cannot be written.
    """
    check_formats(formats)
    files = [file for name in dict.fromkeys(formats) for file in FORMATS[name](report)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_replace(folder / name, write, private=private) for name, write in files]
    except OSError as error:
        raise ConfigError(
            _("The reports cannot be written to {folder}: {why}.").format(folder=folder, why=error.strerror or error)
        ) from None


def _replace(path: Path, write: Write, *, private: bool) -> Path:
    draft = path.with_name(f".{path.name}.draft")
    try:
        if private:
            draft.touch(mode=0o600)
        write(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path
