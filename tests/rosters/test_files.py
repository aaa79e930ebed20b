"""Files that cannot be read: refused in words, by a code, in bounded memory; never a traceback."""

import zipfile
from pathlib import Path

import pytest

from connector.errors import RosterFileError
from connector.rosters.reader import read_roster
from connector.rosters.sheets import Limits
from tests.rosters.making import HEAD, PERSON, inline, ods, package, row_xml, write_csv, xlsx, xlsx_parts

FIXTURES = Path(__file__).parent / "fixtures"
ROWS = row_xml(1, HEAD) + row_xml(2, PERSON)


def refusal(path: Path, limits: Limits | None = None) -> RosterFileError:
    with pytest.raises(RosterFileError) as caught:
        read_roster(path, limits=limits or Limits())
    return caught.value


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_good_package_is_read(tmp_path: Path) -> None:
    assert len(read_roster(xlsx(tmp_path / "a.xlsx", HEAD, PERSON)).accepted) == 1


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods", "a.csv"])
def test_an_empty_file_is_no_workbook(tmp_path: Path, name: str) -> None:
    assert refusal(written(tmp_path / name, b"")).code == "not_a_workbook"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"STT,Ho ten"),
        ("a.ods", b"x" * 100),
        ("a", b"x"),
        ("a.csv", b"PK\x03\x04rest"),
    ],
)
def test_a_name_that_is_not_what_the_bytes_are_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    assert refusal(written(tmp_path / name, content)).code == "not_a_workbook"


@pytest.mark.parametrize(
    ("source", "name"), [("kieu_cu.xls", "a.xlsx"), ("kieu_cu.ods", "a.xlsx"), ("kieu_cu.xlsx", "a.ods")]
)
def test_one_kind_under_the_name_of_another_is_refused(tmp_path: Path, source: str, name: str) -> None:
    assert refusal(written(tmp_path / name, (FIXTURES / source).read_bytes())).code == "not_a_workbook"


def test_an_encrypted_xlsx_is_said_to_be_so(tmp_path: Path) -> None:
    content = (FIXTURES / "co_mat_khau.xlsx").read_bytes()
    for name in ("a.xlsx", "a.xls"):
        assert refusal(written(tmp_path / name, content)).code == "encrypted"


def test_an_encrypted_ods_and_a_zip_with_a_password_are_said_to_be_so(tmp_path: Path) -> None:
    manifest = {"META-INF/manifest.xml": "<m:file-entry><m:encryption-data/></m:file-entry>", "content.xml": "x"}
    assert refusal(package(tmp_path / "a.ods", manifest)).code == "encrypted"
    content = bytearray(package(tmp_path / "b.xlsx", xlsx_parts(ROWS)).read_bytes())
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1
    assert refusal(written(tmp_path / "b.xlsx", bytes(content))).code == "encrypted"


@pytest.mark.parametrize("name", ["kieu_cu.xlsx", "kieu_cu.xls", "kieu_cu.ods"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_file_cut_off_is_corrupt(tmp_path: Path, name: str, share: float) -> None:
    content = (FIXTURES / name).read_bytes()
    assert refusal(written(tmp_path / name, content[: int(len(content) * share)])).code == "corrupt"


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/workbook.xml", "<workbook><sheets><sheet"),
        ("xl/workbook.xml", '<workbook><sheets><sheet name="a" r:id="nowhere"/></sheets></workbook>'),
        ("xl/worksheets/sheet1.xml", '<worksheet><row r="x"/></worksheet>'),
        ("xl/worksheets/sheet1.xml", '<worksheet><row><c r="Ä1"><v>1</v></c></row></worksheet>'),
        ("xl/worksheets/sheet1.xml", '<worksheet><row><c t="s"><v>7</v></c></row></worksheet>'),
        ("xl/_rels/workbook.xml.rels", "<Relationships/>"),
    ],
)
def test_a_package_with_broken_parts_is_corrupt(tmp_path: Path, part: str, content: str) -> None:
    assert refusal(package(tmp_path / "a.xlsx", xlsx_parts(ROWS) | {part: content})).code == "corrupt"


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "_rels/.rels"])
def test_xml_with_entities_is_refused_before_they_are_expanded(tmp_path: Path, part: str) -> None:
    parts = xlsx_parts(ROWS)
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + parts[part]
    assert refusal(package(tmp_path / "a.xlsx", parts | {part: bomb})).code == "unsafe"


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/VBAPROJECT.BIN"])
def test_macros_are_refused(tmp_path: Path, part: str) -> None:
    assert refusal(package(tmp_path / "a.xlsx", xlsx_parts(ROWS) | {part: b"x"})).code == "macros"


def test_a_file_above_the_limit_is_not_even_opened(tmp_path: Path) -> None:
    refused = refusal(written(tmp_path / "a.csv", b"x" * 3_000_000), Limits(file_bytes=1_000_000))
    assert (refused.code, "3 MB" in str(refused)) == ("too_large", True)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    parts = xlsx_parts(ROWS) | {"xl/media/image1.bmp": b"\0" * 30_000_000}
    assert (tmp_path / "a.xlsx").write_bytes(package(tmp_path / "b.xlsx", parts).read_bytes()) < 100_000
    assert refusal(tmp_path / "a.xlsx", Limits(unpacked_bytes=20_000_000)).code == "too_large"


def test_too_many_rows_texts_or_cells_are_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", HEAD, *[PERSON] * 20)
    assert refusal(path, Limits(rows=10)).code == "too_large"
    assert refusal(path, Limits(cells=50)).code == "too_large"
    texts = "".join(f"<si><t>{number}</t></si>" for number in range(20))
    shared = package(tmp_path / "b.xlsx", xlsx_parts("", texts=texts))
    assert refusal(shared, Limits(cells=19)).code == "too_large"


def test_a_million_blank_rows_are_read_over(tmp_path: Path) -> None:
    blank = "".join(f'<row r="{number}"><c r="A{number}" s="0"/></row>' for number in range(3, 200_000))
    path = package(tmp_path / "a.xlsx", xlsx_parts(ROWS + blank))
    assert len(read_roster(path).accepted) == 1


@pytest.mark.parametrize(
    "path_of",
    [
        lambda folder: xlsx(folder / "a.xlsx", ("Hướng dẫn",)),
        lambda folder: package(folder / "a.xlsx", xlsx_parts(ROWS, states=("hidden", "veryHidden"))),
        lambda folder: ods(folder / "a.ods", ""),
        lambda folder: write_csv(folder / "a.csv", ("Họ tên", "Chức vụ")),
    ],
)
def test_a_workbook_without_a_visible_table_is_refused(tmp_path: Path, path_of: object) -> None:
    assert callable(path_of)
    assert refusal(path_of(tmp_path)).code == "no_table"


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.xlsx").code == "unreadable"
    assert refusal(tmp_path).code == "unreadable"


def test_every_refusal_says_what_to_do(tmp_path: Path) -> None:
    refused = refusal(written(tmp_path / "a.xlsx", b"x"))
    assert refused.message
    assert refused.hint


def test_a_zip_whose_sizes_lie_is_corrupt(tmp_path: Path) -> None:
    path = package(tmp_path / "a.xlsx", xlsx_parts(ROWS + f"<row r='9'>{inline('A9', 'x' * 1000)}</row>"))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml")
    entry = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    content[entry + 24 : entry + 28] = (place.file_size // 2).to_bytes(4, "little")
    assert refusal(written(path, bytes(content))).code == "corrupt"
