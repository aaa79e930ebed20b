from html.parser import HTMLParser
from pathlib import Path

from connector.reports.html_writer import write_html
from tests.reports.samples import report


class Page(HTMLParser):
    """Texts of the page by element, and everything that it loads from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[list[str]] = []
        self.texts: dict[str, list[str]] = {}
        self.loads: list[str] = []
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")
        outside = [
            value or "" for name, value in attrs if name in ("src", "href") and not (value or "").startswith("#")
        ]
        self.loads.extend(outside if tag != "a" else [])
        if tag in ("script", "link", "img"):
            self.loads.append(tag)

    def handle_data(self, data: str) -> None:
        if self.inside in ("td", "th") and data.strip():
            self.cells[-1][-1] += data
        elif data.strip():
            self.texts.setdefault(self.inside, []).append(data.strip())


def written(tmp_path: Path) -> str:
    path = tmp_path / "report.html"
    write_html(report(), path)
    return path.read_text(encoding="utf-8")


def test_the_page_shows_both_tables_as_the_workbook_does(tmp_path: Path) -> None:
    page = Page(written(tmp_path))
    assert page.cells[1] == [f"({number})" for number in range(1, 11)]
    assert page.cells[2] == ["1", "01", "Hà Nội", "0", "8", "7", "3", "0", "—", "2"]
    assert page.cells[3] == ["2", "40", "Nghệ An", "8", "8", "7", "3", "3", "37,5", "2"]
    assert page.cells[4] == ["", "", "Total", "8", "16", "14", "6", "3", "37,5", "4"]
    assert page.cells[8][1:3] == ["Nguyễn Văn An", "0912345678"]
    assert page.cells[8][-2:] == ["05/12/2025", "00001/2025/GCN"]


def test_the_page_is_self_contained_and_escapes_what_people_typed(tmp_path: Path) -> None:
    text = written(tmp_path)
    assert Page(text).loads == []
    assert "url(" not in text
    assert "&lt;cấp xã&gt; &amp; khóa 1" in text
    assert "<cấp xã>" not in text


def test_the_page_can_be_printed_and_is_vietnamese(tmp_path: Path) -> None:
    text = written(tmp_path)
    assert '<html lang="vi">' in text
    assert "size: A4 landscape" in text
    assert "table-header-group" in text


def test_the_page_names_cutoff_checksum_and_signatories(tmp_path: Path) -> None:
    page = Page(written(tmp_path))
    told = " ".join(page.texts["p"])
    assert "Data as of 00:00 10/12/2025" in told
    assert report().meta.checksum in told
    assert page.texts["h1"] == ["Báo cáo tiến độ"]
    assert "Head of the unit" in page.texts["b"]
