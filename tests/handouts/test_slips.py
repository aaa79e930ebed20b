"""The slips as they are printed: read back by a PDF reader of another hand."""

from io import BytesIO
from typing import cast

from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from connector.handouts.handout import Handout
from connector.handouts.slips import slips_of

EMBEDDED = ("/FontFile", "/FontFile2", "/FontFile3")


def test_eight_slips_are_a_page_and_each_holds_its_person(handout: Handout) -> None:
    pages = PdfReader(BytesIO(slips_of(handout))).pages
    texts = [page.extract_text() for page in pages]
    assert [sum(one.password in text for one in handout.people) for text in texts] == [8, 1]
    assert all(one.username in "".join(texts) for one in handout.people)
    assert "Đặng Thị Ướt Ỗng Ặn" in texts[0]
    assert "#strong[x] *đậm* $y$ - Kim Bảng" in texts[0]
    assert "=1+1" in texts[0]
    assert handout.address in texts[1]


def test_the_commune_is_told_once(handout: Handout) -> None:
    assert "UBND xã Đông Hiếu - Đông Hiếu" not in PdfReader(BytesIO(slips_of(handout))).pages[0].extract_text()


def test_every_font_is_in_the_file(handout: Handout) -> None:
    reader = PdfReader(BytesIO(slips_of(handout)))
    objects = [reader.get_object(number) for number in range(1, cast("int", reader.trailer["/Size"]))]
    described = [
        item for item in objects if isinstance(item, DictionaryObject) and item.get("/Type") == "/FontDescriptor"
    ]
    assert len(described) >= 3  # upright, bold, and the one of log-in names and passwords
    assert all(any(key in descriptor for key in EMBEDDED) for descriptor in described)
