"""Typing errors are flagged, words of several senses are asked, and what is plain is left alone."""

import pytest

from tts.model import DoubtKind
from tts.text.lexicon_file import national
from tts.text.normaliser import Normaliser, normalise

NORMALISER = Normaliser(national())


def doubts(text: str) -> list[tuple[str, DoubtKind]]:
    return [(doubt.token, doubt.kind) for doubt in NORMALISER.normalise(text).doubts]


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("Họp ngày 32/13/2025 tại trụ sở.", "32/13/2025"),
        ("Họp ngày 30/2/2026.", "30/2/2026"),
        ("Hạn ngày 31/4.", "31/4"),
        ("Họp lúc 25h tại nhà văn hóa.", "25h"),
        ("Họp lúc 8h75.", "8h75"),
        ("Họp lúc 17:65.", "17:65"),
        ("Mời bà con con đến họp.", "con con"),
        ("Có tổng 19 15 điểm.", "19"),
        ("Thu 5,000 đồng.", "5,000"),
        ("PHường thông báo.", "PHường"),
    ],
)
def test_what_looks_like_a_typing_error_is_flagged(text: str, token: str) -> None:
    assert doubts(text) == [(token, DoubtKind.SUSPECT)]


@pytest.mark.parametrize(
    "text",
    [
        "Ngày ngày, người người thi đua.",
        "Trong 48h tới, mưa to.",
        "Họp ngày 29/2/2028.",
        "Đạt 32/33 hộ.",
        "Từ ngày 15-20 hằng tháng.",
        "Luôn luôn từ từ.",
        "Mười mươi rõ ràng.",
    ],
)
def test_what_is_right_is_not_flagged(text: str) -> None:
    assert doubts(text) == []


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("TT hôm nay nghỉ.", ("trung tâm", "thông tư")),
        ("Về KT hôm nay.", ("ký thay", "kinh tế")),
        ("Xong 5/9.", ("năm tháng chín", "năm trên chín")),
        ("Nước sâu 2m3.", ("hai mét ba", "hai mét khối")),
        ("Nghỉ ngày 5-10.", ("mùng năm đến mười", "mùng năm tháng mười")),
    ],
)
def test_what_may_be_said_in_two_ways_comes_with_the_choices(text: str, choices: tuple[str, ...]) -> None:
    (doubt,) = NORMALISER.normalise(text).doubts
    assert doubt.kind is DoubtKind.AMBIGUOUS
    assert set(choices) <= set(doubt.choices)


@pytest.mark.parametrize(
    ("text", "north", "south"),
    [
        ("1.024 hộ", "một nghìn không trăm hai mươi tư hộ.", "một ngàn không trăm hai mươi bốn hộ."),
        ("105 hộ", "một trăm linh năm hộ.", "một trăm lẻ năm hộ."),
        ("ngày 2/9", "ngày mùng hai tháng chín.", "ngày mồng hai tháng chín."),
        ("hẻm 12/5", "hẻm mười hai trên năm.", "hẻm mười hai xuyệt năm."),
        ("thứ 4, tháng 4", "thứ tư, tháng tư.", "thứ tư, tháng tư."),
        ("21, 25, 15, 11", "hai mươi mốt, hai mươi lăm, mười lăm, mười một.",
         "hai mươi mốt, hai mươi lăm, mười lăm, mười một."),
    ],
)  # fmt: skip
def test_north_and_south_read_the_same_number_their_own_way(text: str, north: str, south: str) -> None:
    assert normalise(text, national(), "north").spoken == north
    assert normalise(text, national(), "south").spoken == south
