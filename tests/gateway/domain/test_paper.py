"""Of an office's paper, what is for the ear is kept, what is for the file is taken off, and nothing is lost."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import BadInput
from gateway.domain.paper import Block, BlockKind, Paper, Reason, Removed
from gateway.domain.paper_reading import pasted, read_paper

LETTER = """\
UBND PHƯỜNG TÂN THẠNH
BAN CHỈ ĐẠO PHÒNG CHỐNG THIÊN TAI
-------
CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập – Tự do – Hạnh phúc
---oOo---
Số:     /CĐ-BCĐ
Tân Thạnh, ngày     tháng 10 năm 2026
CÔNG ĐIỆN
V/v ứng phó với bão số 6
Kính gửi:
- Trưởng các khu phố;
- Các cơ quan đóng trên địa bàn.

Bão số 6 đang vào gần bờ.
Trưởng Ban yêu cầu bà con chằng chống nhà cửa trước 17 giờ.

Nơi nhận:
- Như trên;
- Lưu: VT.
TM. BAN CHỈ ĐẠO
TRƯỞNG BAN
(Đã ký)

CHỦ TỊCH UBND PHƯỜNG
Nguyễn Văn An
"""


def test_a_letter_is_left_with_what_people_should_hear() -> None:
    paper = read_paper(pasted(LETTER))
    assert paper.title == "Công điện ứng phó với bão số 6"
    assert paper.paragraphs == (
        "Bão số 6 đang vào gần bờ.",
        "Trưởng Ban yêu cầu bà con chằng chống nhà cửa trước 17 giờ.",
    )
    assert {piece.reason for piece in paper.removed} >= {
        Reason.LETTERHEAD,
        Reason.NUMBER,
        Reason.DATE_LINE,
        Reason.TITLE,
        Reason.RECIPIENTS,
        Reason.SIGNATURE,
    }


@pytest.mark.parametrize(
    "line",
    [
        "Nơi nhận hồ sơ là bộ phận một cửa của phường.",
        "Chủ tịch phường đã ký quyết định khen thưởng ba gia đình.",
        "Phường Tân Thạnh có 10 khu phố.",
        "UBND phường mời bà con họp lúc 19 giờ.",
        "Số điện thoại trực: 0912345678.",
        "Số: hai mươi người đã đăng ký.",
        "Độc lập là quyền của mỗi dân tộc.",
        "Ngày 12 tháng 10 năm 2026, phường tổ chức tiêm chủng.",
        "Kính thưa bà con!",
        "Thông báo mất điện.",
    ],
)
def test_a_sentence_that_only_resembles_a_letterhead_is_read_out(line: str) -> None:
    paper = read_paper(pasted(f"Kính thưa bà con nhân dân.\n{line}\nXin cảm ơn bà con."))
    assert line in paper.paragraphs


def test_a_short_notice_is_not_swallowed_as_its_own_title() -> None:
    paper = read_paper(pasted("THÔNG BÁO\nMời bà con họp lúc 19 giờ."))
    assert (paper.title, paper.paragraphs) == ("Thông báo", ("Mời bà con họp lúc 19 giờ.",))


def test_the_subject_under_its_kind_is_the_title_though_it_ends_with_a_stop() -> None:
    text = (
        "BÁO CÁO\nKết quả xây dựng phường thông minh.\n\nKính gửi:\n- UBND thành phố;\n- Phòng VHTT thành phố.\n\n"
        "Thực hiện kế hoạch, phường báo cáo như sau."
    )
    paper = read_paper(pasted(text))
    assert paper.title == "Báo cáo Kết quả xây dựng phường thông minh"
    assert paper.paragraphs == ("Thực hiện kế hoạch, phường báo cáo như sau.",)


def test_a_greeting_to_everybody_is_no_address() -> None:
    assert (
        read_paper(pasted("Kính gửi toàn thể bà con!\nNgày mai cắt điện.")).paragraphs[0] == "Kính gửi toàn thể bà con!"
    )


def test_the_date_line_of_a_city_is_known() -> None:
    paper = read_paper(pasted("Số: /BC-UBND\nTP. Quảng Ngãi, ngày tháng 02 năm 2026\nKính thưa bà con."))
    assert [piece.reason for piece in paper.removed] == [Reason.NUMBER, Reason.DATE_LINE]


def test_what_follows_a_signature_is_read_again() -> None:
    paper = read_paper(
        pasted(
            LETTER + "\nPhụ lục này hướng dẫn bà con cách chằng chống mái nhà bằng dây thép và bao cát, xin nghe kỹ."
        )
    )
    assert paper.paragraphs[-1].startswith("Phụ lục này")


def test_a_secret_paper_is_warned_about() -> None:
    assert read_paper(pasted("MẬT\nKính thưa bà con nhân dân.")).warnings
    assert not read_paper(pasted(LETTER)).warnings


def test_what_was_taken_off_goes_back_where_it_stood() -> None:
    paper = read_paper(
        pasted(
            "Một là.\nNơi nhận:\n- Như trên.\nHai là câu này, dài và có dấu chấm, không phải là một cái tên.\n(Đã ký)"
        )
    )
    assert [piece.reason for piece in paper.removed] == [Reason.RECIPIENTS, Reason.SIGNATURE]
    back = paper.put_back([0])
    assert back.paragraphs[1] == "Nơi nhận:\n- Như trên."
    assert back.removed == (Removed(text="(Đã ký)", reason=Reason.SIGNATURE, before=3),)
    assert paper.put_back([0, 1]).removed == ()
    with pytest.raises(IndexError):
        paper.put_back([2])


def test_an_empty_or_endless_paper_is_refused_with_words() -> None:
    with pytest.raises(BadInput, match="nothing is left"):
        read_paper(pasted(" \n\n -- \n"))
    with pytest.raises(BadInput) as caught:
        read_paper(pasted("Kính thưa bà con. " * 2_000))
    assert "chia thành nhiều bản tin" in caught.value.vi


def test_old_forms_of_letters_and_invisible_ones_become_plain() -> None:
    text = unicodedata.normalize("NFD", "Ủy ban\u00a0nhân\u200b dân phường.")
    assert read_paper(pasted(text)).body == "Ủy ban nhân dân phường."


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["-", "Số: 1", "1", "A, ngày ", "TM. ", "Nguyễn ", "Kính gửi:", "v/v a", "\n", "- a\n", "o0"]
)
def test_no_text_keeps_it_busy(piece: str) -> None:
    long = piece * (100_000 // len(piece))
    with pytest.raises(BadInput):
        read_paper(pasted(f"Số: {long}\n{'x' * 20_001}"))


WORDS = st.sampled_from(
    [*LETTER.split("\n"), "bà con chú ý", "2", "", "trong ngày.", "Nơi nhận:", "- Lưu: VT.", "KT. CHỦ TỊCH"]
)


@given(st.lists(WORDS, max_size=30), st.sampled_from([BlockKind.LINE, BlockKind.PARAGRAPH]))
def test_every_word_is_either_read_out_or_shown_as_taken_off(lines: list[str], kind: BlockKind) -> None:
    try:
        paper = read_paper([Block(kind=kind, text=line) for line in lines])
    except BadInput:
        return
    given_words = sorted(word for line in lines for word in line.split())
    assert sorted(_words(paper)) == given_words
    whole = paper.put_back(range(len(paper.removed)))
    assert sorted(whole.body.split()) == given_words


def _words(paper: Paper) -> list[str]:
    return [*paper.body.split(), *(word for piece in paper.removed for word in piece.text.split())]
