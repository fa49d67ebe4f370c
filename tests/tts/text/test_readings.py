"""What is said for what is written: the ward's own corpus, and each rule where it must and must not apply."""

import pytest

from tts.model import DoubtKind
from tts.text.lexicon import Entry, Lexicon
from tts.text.lexicon_file import national, parse
from tts.text.normaliser import Normaliser
from tts.text.reading import SOUTHERN, DocumentStyle, Reading

NORMALISER = Normaliser(national())


def said(text: str) -> str:
    return NORMALISER.normalise(text).spoken.rstrip(".").lower()


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Phát lúc 5h30'", "phát lúc năm giờ ba mươi phút"),
        ("Phát lúc 17h30", "phát lúc mười bảy giờ ba mươi phút"),
        ("107,2 MHz", "một trăm linh bảy phẩy hai mê ga héc"),
        ("8/10 Khu phố", "tám trên mười khu phố"),
        ("03 đến 04 buổi/tuần", "ba đến bốn buổi một tuần"),
        ("01 bài/1 tuần", "một bài một tuần"),
        ("1.652 số điện thoại", "một nghìn sáu trăm năm mươi hai số điện thoại"),
        ("ngày 02/01/2026", "ngày mùng hai tháng một năm hai nghìn không trăm hai mươi sáu"),
        ("UBND, HĐND, UBMTTQ", "ủy ban nhân dân, hội đồng nhân dân, ủy ban mặt trận tổ quốc"),
        (
            "QL4H, ĐT.601, KP3, TDP 12",
            "quốc lộ bốn hát, đường tỉnh sáu trăm linh một, khu phố ba, tổ dân phố mười hai",
        ),
        ("QĐ-TTg", "quyết định thủ tướng"),
        ("CT 16", "chỉ thị mười sáu"),
        ("Quý III, thế kỷ XXI", "quý ba, thế kỷ hai mươi mốt"),
        ("0905 123 456", "không chín không năm, một hai ba, bốn năm sáu"),
        ("15.300.000đ", "mười lăm triệu ba trăm nghìn đồng"),
        ("85%, 20W, >85%", "tám mươi lăm phần trăm, hai mươi oát, trên tám mươi lăm phần trăm"),
    ],
)
def test_the_wards_corpus_is_read_as_people_say_it(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("từ 6h-8h", "từ sáu giờ đến tám giờ"),
        ("lúc 17:05", "lúc mười bảy giờ năm phút"),
        ("trực 24/7", "trực hai mươi tư trên bảy"),
        (
            "số 148 ngày 21/3/2022",
            "số một trăm bốn mươi tám ngày hai mươi mốt tháng ba năm hai nghìn không trăm hai mươi hai",
        ),
        ("gọi 1900 1234 hoặc 113", "gọi một chín không không, một hai ba bốn hoặc một một ba"),
        ("có 114 hộ nghèo", "có một trăm mười bốn hộ nghèo"),
        ("từ ngày 15-20/8/2026", "từ ngày mười lăm đến hai mươi tháng tám năm hai nghìn không trăm hai mươi sáu"),
        ("sáng T2-T6", "sáng thứ hai đến thứ sáu"),
        ("tháng 4/2026", "tháng tư năm hai nghìn không trăm hai mươi sáu"),
        ("nước cao 1,85m, đất 3x4 m", "nước cao một phẩy tám mươi lăm mét, đất ba nhân bốn mét"),
        ("cao 1m65", "cao một mét sáu mươi lăm"),
        ("rét -5°C", "rét âm năm độ xê"),
        ("5 mg/l", "năm mi li gam trên lít"),
        ("62.000 tỷ", "sáu mươi hai nghìn tỷ"),
        ("2.1.3 nội dung", "hai chấm một chấm ba nội dung"),
        ("Thông tư 12/2022 có hiệu lực", "thông tư mười hai năm hai nghìn không trăm hai mươi hai có hiệu lực"),
        ("THÔNG BÁO CẮT ĐIỆN", "thông báo cắt điện"),
        ("Km15 đường", "ki lô mét mười lăm đường"),
        ("mã 0012", "mã không không một hai"),
        ("đón 1.000.005 lượt", "đón một triệu không trăm linh năm lượt"),
        ("thứ 4, tháng 4, mục 4", "thứ tư, tháng tư, mục bốn"),
        ("trang danang.gov.vn", "trang da nang chấm gờ ô vê chấm vê nờ"),
        ("(khẩn cấp)", "khẩn cấp"),
        ("ngày 30/4 và 1/5 treo cờ", "ngày ba mươi tháng tư và một tháng năm treo cờ"),
        ("1/4 diện tích, 3/3 đồng chí", "một phần tư diện tích, ba trên ba đồng chí"),
        ("STK 1234567890", "số tài khoản một hai ba bốn năm sáu bảy tám chín không"),
        ("2.103 đ/kWh", "hai nghìn một trăm linh ba đồng một ki lô oát giờ"),
        ("nhà, đất, v.v...", "nhà, đất, vân vân"),
    ],
)
def test_a_rule_reads_by_its_context(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken", "asked"),
    [
        ("TT y tế phường", "trung tâm y tế phường", False),
        ("TT. Núi Thành", "thị trấn núi thành", False),
        ("TT hôm nay", "tê tê hôm nay", True),
        ("CT UBND phường", "chủ tịch ủy ban nhân dân phường", False),
        ("CT TNHH Hoa Sen", "công ty trách nhiệm hữu hạn hoa sen", False),
        ("P. Tư pháp", "phòng tư pháp", False),
        ("P. Tân Thạnh", "phường tân thạnh", False),
        ("họp tại P.101", "họp tại phòng một không một", False),
        ("ĐT: 0905123456", "điện thoại: không chín không năm, một hai ba, bốn năm sáu", False),
        ("về ĐT hôm nay", "về đê tê hôm nay", True),
    ],
)
def test_an_abbreviation_with_several_meanings_is_decided_by_context_or_asked(
    written: str, spoken: str, asked: bool
) -> None:
    result = NORMALISER.normalise(written)
    assert result.spoken.rstrip(".").lower() == spoken
    assert bool(result.ambiguous) is asked


def test_an_unknown_acronym_is_spelled_out_and_listed_never_guessed() -> None:
    result = NORMALISER.normalise("Dự án TABMIS do BKAV làm.")
    assert result.unknown == ("TABMIS", "BKAV")
    assert "tê a bê em i ét" in result.spoken
    assert all(doubt.kind is DoubtKind.ACRONYM for doubt in result.doubts)


def test_two_numbers_side_by_side_are_flagged_as_a_likely_typing_error() -> None:
    doubts = NORMALISER.normalise("tổng 19 15 điểm camera").doubts
    assert [(doubt.kind, doubt.token) for doubt in doubts] == [(DoubtKind.SUSPECT, "19")]
    assert "19 15" in doubts[0].note


def test_a_day_and_month_nobody_can_tell_from_a_ratio_is_asked() -> None:
    assert NORMALISER.normalise("Xong 5/9.").ambiguous == ("5/9",)
    assert NORMALISER.normalise("Xong 5/9 nghe.").ambiguous == ("5/9",)
    assert NORMALISER.normalise("Xong ngày 5/9.").ambiguous == ()
    assert NORMALISER.normalise("Xong 5/9 hộ.").ambiguous == ()


def test_foreign_words_and_signs_without_a_reading_are_listed() -> None:
    result = NORMALISER.normalise("Mở router 🎉 漢字")
    assert set(result.unknown) == {"router", "🎉", "漢字"}
    assert result.spoken == "Mở router."


def test_every_change_names_its_rule_and_where_it_stands() -> None:
    sentence = NORMALISER.normalise("UBND thu 85% lúc 7h.").sentences[0]
    assert [(change.written, change.rule) for change in sentence.changes] == [
        ("UBND", "lexicon"),
        ("85%", "unit"),
        ("7h", "time"),
    ]
    for change in sentence.changes:
        assert sentence.written[change.start : change.end] == change.written


def test_the_south_says_ngan_and_le() -> None:
    southern = Normaliser(national(), SOUTHERN)
    assert southern.normalise("1.105 hộ").spoken == "một ngàn một trăm lẻ năm hộ."


def test_a_document_number_can_be_said_without_repeating_its_kind() -> None:
    short = Normaliser(national(), Reading(documents=DocumentStyle.SHORT))
    spoken = short.normalise("Nghị định số 49/2024/NĐ-CP").spoken
    assert spoken == "Nghị định số bốn mươi chín năm hai nghìn không trăm hai mươi tư của chính phủ."
    of_already = short.normalise("Nghị định số 49/2024/NĐ-CP của Chính phủ").spoken
    assert "của chính phủ của" not in of_already.lower()


def test_the_wards_own_word_wins_over_the_national_list() -> None:
    entries = [
        *parse("UBND\tủy ban nhân dân\tcs\n"),
        Entry(surface="UBND", reading="ủy ban phường ta", case_sensitive=True),
    ]
    assert Normaliser(Lexicon(entries)).normalise("UBND họp").spoken == "ủy ban phường ta họp."


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Người >= 18 tuổi được bầu.", "Người không dưới mười tám tuổi được bầu."),
        ("Trẻ <= 5 tuổi.", "Trẻ không quá năm tuổi."),
        ("Vào https://a.gov.vn?x=1.", "Vào a chấm gờ ô vê chấm vê nờ dấu hỏi ích bằng một."),
        ("Nồng độ SO₂ tăng.", "Nồng độ ét ô hai tăng."),
    ],
)
def test_signs_of_comparison_subscripts_and_queries_are_said(written: str, spoken: str) -> None:
    said = Normaliser(national()).normalise(written)
    assert said.spoken == spoken
    assert not said.doubts


def test_what_may_be_tonnes_or_years_and_an_arrow_or_a_comparison_is_asked() -> None:
    for written in ("Xe và người từ đủ 18t.", "Người => 18 tuổi."):
        assert [doubt.kind for doubt in Normaliser(national()).normalise(written).doubts] == [DoubtKind.AMBIGUOUS]


def test_a_storm_named_in_capitals_is_said_as_a_word_and_flagged() -> None:
    said = Normaliser(national()).normalise("Bão số 13 (KALMAEGI) vào bờ.")
    assert said.spoken == "Bão số mười ba, kalmaegi, vào bờ."
    assert [doubt.kind for doubt in said.doubts] == [DoubtKind.FOREIGN]


def test_a_tag_written_without_marks_is_said_word_by_word_and_flagged() -> None:
    said = Normaliser(national()).normalise("Thẻ #phongchongdich lan tỏa.")
    assert said.spoken == "Thẻ phong chong dich lan tỏa."
    assert [doubt.kind for doubt in said.doubts] == [DoubtKind.FOREIGN]
