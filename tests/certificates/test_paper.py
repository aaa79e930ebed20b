"""What is printed, and that it can be read: letters of Vietnamese, dates, the code for the QR reader."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.certificates.entry import CertificateFacts
from connector.certificates.paper import Press, printed, qr_svg
from connector.errors import ConfigError
from connector.model import CertificateState
from tests.certificates.samples import AN, entry

TEMPLATE = Path("config/certificates/certificate.typ").read_bytes()
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FACTS = CertificateFacts(
    full_name="Đỗ Thị Ặnh Ướt",
    workplace="UBND xã Pơng Drang",
    programme_name="Tập huấn",
    title="Giấy chứng nhận",
    starts_at=datetime(2025, 11, 30, 17, tzinfo=UTC),
    ends_at=datetime(2025, 12, 15, 17, tzinfo=UTC),
    hours=38.0,
    grade=81.5,
    signer="Giám đốc",
)
ISSUED = replace(
    entry(AN, CertificateState.ISSUED, serial="7KQ2", register_no="00001/2025"),
    facts=FACTS,
    issued_at=datetime(2026, 2, 4, 18, tzinfo=UTC),
)


def test_dates_are_those_of_the_zone_and_the_last_day_is_inside_the_window() -> None:
    texts = printed(ISSUED, issuer="Học viện", verify_url="", zone=ZONE)
    assert (texts["starts_on"], texts["ends_on"]) == ("01/12/2025", "15/12/2025")
    assert (texts["day"], texts["month"], texts["year"]) == ("05", "02", "2026")
    later = replace(ISSUED, issued_at=datetime(2026, 3, 20, tzinfo=UTC))
    assert printed(later, issuer="", verify_url="", zone=ZONE)["month"] == "3"


def test_numbers_are_written_as_people_write_them() -> None:
    texts = printed(ISSUED, issuer="", verify_url="", zone=ZONE)
    assert (texts["hours"], texts["grade"], texts["qr"], texts["verify_url"]) == ("38", "81,5", "", "")
    bare = replace(ISSUED, facts=CertificateFacts(full_name="A", workplace=""), issued_at=None)
    texts = printed(bare, issuer="", verify_url="", zone=ZONE)
    assert (texts["hours"], texts["grade"], texts["starts_on"], texts["ends_on"]) == ("", "", "", "")


def test_the_code_stands_in_the_address_and_in_the_picture() -> None:
    texts = printed(ISSUED, issuer="", verify_url="https://example.vn/v/{code}", zone=ZONE)
    assert texts["verify_url"] == "https://example.vn/v/7KQ2"
    assert texts["qr"] == qr_svg("https://example.vn/v/7KQ2") != qr_svg("https://example.vn/v/7KQ3")
    assert texts["qr"].startswith("<svg")


def test_a_paper_is_a_pdf_with_its_fonts_in_it_and_tells_no_phone_number() -> None:
    press = Press(TEMPLATE)
    with_code = printed(ISSUED, issuer="Học viện", verify_url="https://example.vn/v/{code}", zone=ZONE)
    pdf = press.pdf(with_code)
    assert pdf.startswith(b"%PDF")
    assert b"/FontFile" in pdf
    assert b"LibertinusSerif" in pdf
    assert AN[3:] not in "".join(with_code.values())
    again = replace(ISSUED, edition=2, facts=replace(FACTS, decision="12/QĐ", workplace="", hours=None, grade=None))
    assert press.pdf(printed(again, issuer="", verify_url="", zone=ZONE)).startswith(b"%PDF")


def test_a_template_that_is_no_good_is_told_in_words() -> None:
    with pytest.raises(ConfigError, match="unknown variable"):
        Press(b"#nothing").pdf({})
