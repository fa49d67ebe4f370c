"""Dữ liệu cá nhân: an approver is pointed at what the whole ward need not know, and not at hotlines."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.personal_data import PersonalKind, find_personal_data

PRIVATE = [
    ("Liên hệ anh Nguyễn Văn An, 0912 345 678.", PersonalKind.PHONE, "0912 345 678"),
    ("Gọi số 0912.345.678 để biết thêm.", PersonalKind.PHONE, "0912.345.678"),
    ("Gọi +84 912 345 678 nhé.", PersonalKind.PHONE, "+84 912 345 678"),
    ("Đã mất căn cước công dân số 049088001234.", PersonalKind.IDENTITY_NUMBER, "049088001234"),
    ("CMND: 205 123 456 cấp tại Quảng Nam.", PersonalKind.IDENTITY_NUMBER, "205 123 456"),
    ("Người này mang số 049 088 001 234 trong sổ.", PersonalKind.IDENTITY_NUMBER, "049 088 001 234"),
    ("Ủng hộ qua số tài khoản 0123456789012 tại ngân hàng.", PersonalKind.ACCOUNT_NUMBER, "0123456789012"),
    ("Thư về nguyenvanan@gmail.com trước thứ sáu.", PersonalKind.EMAIL, "nguyenvanan@gmail.com"),
    (
        "Một cháu tên là Trần Thị Bình, sinh ngày 05/3/2018, đi lạc.",
        PersonalKind.NAME_AND_BIRTH,
        "Trần Thị Bình, sinh ngày 05/3/2018",
    ),
    ("Tuyên dương bà Lê Thị Hoa (1950).", PersonalKind.NAME_AND_BIRTH, "Lê Thị Hoa (1950)"),
    ("Ông An, trú tại 12/5 Trần Cao Vân, vừa mất.", PersonalKind.HOME_ADDRESS, "12/5 Trần Cao Vân, vừa mất"),
    (
        "Hộ ông Nguyễn Văn An ở số nhà 12 đường Hùng Vương.",
        PersonalKind.HOME_ADDRESS,
        "số nhà 12 đường Hùng Vương",
    ),
]


@pytest.mark.parametrize(("text", "kind", "found"), PRIVATE, ids=[each[2] for each in PRIVATE])
def test_personal_data_is_pointed_at(text: str, kind: PersonalKind, found: str) -> None:
    places = find_personal_data(text)
    assert (kind, found) in [(place.kind, place.text) for place in places]
    assert all(text[place.start : place.end] == place.text for place in places)


@pytest.mark.parametrize(
    "text",
    [
        "Gọi 113, 114, 115 hoặc 1022 khi cần.",
        "Tổng đài 1900 1234 phục vụ cả ngày.",
        "Đường dây nóng của phường: 0235 3812 345.",
        "Công an phường trực ban 0905 111 222.",
        "Góp ý về ubnd.tanthanh@quangnam.gov.vn.",
        "Kinh phí 15.300.000.000 đồng, tăng 12,5% so với năm 2025.",
        "Quyết định số 2120/2024/QĐ-UBND ngày 12/10/2026.",
        "Chương trình kỷ niệm ngày sinh Chủ tịch Hồ Chí Minh.",
        "Bà con ở khu phố 3 họp lúc 19 giờ 30.",
        "Nhà văn hóa khu phố 5 sinh hoạt thứ năm.",
    ],
)
def test_what_is_public_is_left_alone(text: str) -> None:
    assert find_personal_data(text) == ()


def test_no_place_is_named_twice() -> None:
    text = "Anh Nguyễn Văn An, sinh năm 1990, CCCD 049090001234, điện thoại 0912345678, trú tại 12 Hùng Vương."
    kinds = [place.kind for place in find_personal_data(text)]
    assert kinds == [
        PersonalKind.NAME_AND_BIRTH,
        PersonalKind.IDENTITY_NUMBER,
        PersonalKind.PHONE,
        PersonalKind.HOME_ADDRESS,
    ]


@given(st.text(alphabet="Nguyễn Văn An 0912345678.,/-()sinhCCCDtrú@", max_size=400))
def test_places_are_in_order_and_apart_whatever_the_text(text: str) -> None:
    places = find_personal_data(text)
    assert all(one.end <= other.start for one, other in itertools.pairwise(places))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["Nguyễn ", "0", "0 ", "a@", "a.", "số tài khoản ", "trú tại 1 ", "CCCD", "ông An "])
def test_no_text_keeps_it_busy(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    assert all(text[place.start : place.end] == place.text for place in find_personal_data(text))
