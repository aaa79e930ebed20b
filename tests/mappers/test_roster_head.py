"""Words of a table's head, in the senses in which they occur."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.mappers.roster_head import Field, field_of, field_under, head_words


@pytest.mark.parametrize(
    ("field", "heads"),
    [
        (
            Field.FULL_NAME,
            (
                "Học viên|Tên đầy đủ|Họ và tên|HỌ VÀ TÊN|Họ tên"
                "|Họ, tên|Họ và tên cán bộ|Full name|Họ và tên (chữ in hoa)|Tên học viên"
            ),
        ),
        (Field.FAMILY, "Họ đệm|Họ và tên đệm|Họ và đệm|Họ|Họ lót|Họ và chữ đệm|Last name"),
        (Field.GIVEN, "Tên|TÊN|First name"),
        (
            Field.MOBILE,
            "Số ĐTDĐ|Số điện thoại (di động)|Số di động|ĐT di động|Di động|Mobile phone|Điện thoại\ndi động|ĐT-DĐ",
        ),
        (Field.PHONE, "SĐT|Số ĐT|Điện thoại|Số điện thoại|Điện thoại liên hệ|Phone|số điện thọai"),
        (
            Field.WORKPLACE,
            (
                "Đơn vị|Work place|Employer|Đơn vị công tác"
                "|Cơ quan|Cơ quan, đơn vị|Nơi công tác|Organization|Đơn vị\ncông tác"
            ),
        ),
        (Field.POSITION, "Chức vụ|Chức danh|Chức vụ, chức danh|Vị trí|Position|CHỨC VỤ,\nCHỨC DANH"),
        (
            Field.PROVINCE,
            (
                "Tỉnh|Thuộc tỉnh|Tỉnh/TP nơi công tác|Tỉnh/TP"
                "|Tỉnh/Thành phố|Tỉnh, thành phố|Tỉnh/ thành phố|Province|Tỉnh (thành phố)"
            ),
        ),
        (Field.COMMUNE, "Xã|Xã/Phường|Xã, phường, đặc khu|Tên xã"),
        (Field.MOMENT, "Dấu thời gian|Timestamp|Thời gian|Thời gian đăng ký|Ngày đăng ký|Submitted at|Thời điểm gửi"),
        (
            Field.IGNORED,
            "STT|TT|Số TT|No.|Ghi chú|Ngày sinh|Đầu mối liên hệ của Sở|Điện thoại cơ quan|Điện thoại bàn|SĐT đầu mối",
        ),
    ],
)
def test_heads_are_understood_in_every_sense_of_the_readme(field: Field, heads: str) -> None:
    assert {head: field_of(head) for head in heads.split("|")} == dict.fromkeys(heads.split("|"), field)


@pytest.mark.parametrize(
    "text",
    ["", "...", "(1)", "Danh sách", "Nguyễn Văn An", "UBND xã Nhân Hòa", "0912345678", "tỉnh " * 20, "Số lượng"],
)
def test_other_texts_are_no_head(text: str) -> None:
    assert field_of(text) is None


@pytest.mark.parametrize(
    ("parent", "leaf", "field"),
    [
        ("Họ và tên", "Họ và tên đệm", Field.FAMILY),
        ("Họ và tên", "Tên", Field.GIVEN),
        ("Điện thoại", "Cơ quan", Field.IGNORED),
        ("Điện thoại", "Di động", Field.MOBILE),
        ("Điện thoại", "Cá nhân", Field.PHONE),
        ("Đầu mối liên hệ của Sở", "Số ĐT", Field.IGNORED),
        ("Đầu mối liên hệ của Sở", "Họ và tên", Field.IGNORED),
        ("Thông tin liên hệ", "Số ĐT", Field.PHONE),
        ("Chức vụ", "Chính quyền", Field.POSITION),
        ("Ngày sinh", "Nam", Field.IGNORED),
        ("", "Tên", Field.GIVEN),
        ("Thông tin", "khác", None),
    ],
)
def test_a_head_under_a_wider_one_is_read_with_it(parent: str, leaf: str, field: Field | None) -> None:
    assert field_under(parent, leaf) is field


@given(st.sampled_from(["Họ và tên", "Số ĐTDĐ", "Đơn vị công tác", "Chức vụ", "Tỉnh/Thành phố", "Điện thoại bàn"]))
def test_case_punctuation_and_line_breaks_do_not_matter(head: str) -> None:
    written = [head.upper(), head.lower(), f" {head}: ", head.replace(" ", "\n"), f"{head} (*)", f"- {head} -"]
    assert {field_of(text) for text in written} == {field_of(head)}


def test_words_of_a_head_have_no_punctuation() -> None:
    assert head_words("Số\nĐT-DĐ (*):") == "số đt dđ"
