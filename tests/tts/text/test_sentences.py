"""Where a sentence ends, and what never reaches an engine."""

import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.errors import LexiconError, TextError, TextTooLong
from tts.text.clean import MAX_CHARS, MAX_RAW_CHARS
from tts.text.lexicon_file import national, parse
from tts.text.normaliser import Normaliser
from tts.text.numbers import integer, roman, to_roman
from tts.text.reading import NORTHERN
from tts.text.sentences import MAX_SENTENCE_CHARS, sentences
from tts.text.syllables import LETTERS

NORMALISER = Normaliser(national())
SAYABLE = re.compile(f"[{LETTERS}{LETTERS.upper()} ,.;:?!]*")


def test_a_stop_inside_a_number_an_address_or_an_abbreviation_ends_nothing() -> None:
    text = "UBND TP. Tam Kỳ thu 1.500.000đ qua tamky.gov.vn. Bà Nguyễn Thị B. nhận. Xong!"
    assert list(sentences(text)) == [
        "UBND TP. Tam Kỳ thu 1.500.000đ qua tamky.gov.vn.",
        "Bà Nguyễn Thị B. nhận.",
        "Xong!",
    ]


def test_each_line_is_a_paragraph_and_its_last_sentence_says_so() -> None:
    result = NORMALISER.normalise("Một. Hai.\r\n\r\nBa.")
    assert [(part.written, part.ends_paragraph) for part in result.sentences] == [
        ("Một.", False),
        ("Hai.", True),
        ("Ba.", True),
    ]


def test_no_sentence_is_longer_than_an_engine_is_given() -> None:
    parts = list(sentences("từ này, " * 400))
    assert max(map(len, parts)) <= MAX_SENTENCE_CHARS
    assert "".join(parts).replace(" ", "") == ("từnày," * 400)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_form_of_unicode_changes_nothing(form: str) -> None:
    text = "Lịch họp của Đảng ủy lúc 7h30 thứ 5."
    written = unicodedata.normalize(form, text)  # type: ignore[arg-type]
    assert NORMALISER.normalise(written) == NORMALISER.normalise(text)


HARD = {
    "blanks": " " * 100_000,
    "digits": "1" * 5_000,
    "slashes": "/" * 3_000,
    "emoji": "🎉" * MAX_CHARS,
    "zero dot": "0." * 3_000,
    "one slash": "1/" * 9_000,
    "stops": ". " * 9_000,
    "capitals": "AB " * 6_000,
    "hyphens": "- " * 9_000,
    "mixed NFD": unicodedata.normalize("NFD", "ệ") * 15_000,
    "one word": "x" * 19_000,
    "marks": "a" + "\u0301\u0323" * 40_000,
    "invisible": "\u200d" * 100_000,
    "addresses": "a@b.c.vn/" * 2_000,
    "other digits": "٣²" * 9_000,
    "days in a row": "ngày " + "15, " * 4_900,
    "days to days": "từ 15/8-" * 2_400,
    "a list": "tổ 1," + "2," * 9_000,
    "kilometres": "Km1+" * 4_900,
    "codes": "A1.1-" * 3_900,
    "emergency numbers": "gọi " + "113, " * 3_900,
    "dotted": "T." * 9_000,
    "doubled": "và và " * 3_000,
    "spaced thousands": "1 000 " * 3_000,
    "brackets": "((" * 9_000,
    "5,000 digits spaced": "1 " * 5_000,
    "half a plate": "92A-1" * 3_900,
    "soạn": "soạn " * 3_900,
    "too long": "a " * MAX_RAW_CHARS,
}


@pytest.mark.parametrize("name", HARD)
def test_no_input_hangs(name: str) -> None:
    started = time.monotonic()
    if name in ("marks", "too long"):
        with pytest.raises(TextError):
            NORMALISER.normalise(HARD[name])
    else:
        assert all(SAYABLE.fullmatch(line) for line in NORMALISER.normalise(HARD[name]).spoken.split("\n"))
    # the promise is one second; the margin is for a busy machine, and a quadratic rule takes minutes
    assert time.monotonic() - started < 10


def test_a_text_that_is_too_long_is_refused_with_the_limit() -> None:
    with pytest.raises(TextTooLong, match=str(MAX_CHARS)):
        NORMALISER.normalise("chữ " * MAX_CHARS)


def test_blank_text_has_no_sentences() -> None:
    assert NORMALISER.normalise(" \n\u200b\t ").sentences == ()


OFFICE = st.sampled_from(
    (
        "UBND",
        "KP4",
        "TDP",
        "12/3",
        "85%",
        "5h30'",
        "QL1A",
        "(b/c)",
        "0905.123.456",
        "TT.",
        "P.",
        "ĐT",
        "42/2022/NĐ-CP",
        "1.129",
        "-5°C",
        "m²",
        "&",
        "🎉",
        "§",
        "½",
        "“x”",
        "–",
        "tỷ",
        "ngày",
        "XX",
        "_",
        "ĐẶC",
    )
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(OFFICE, st.text(max_size=8)), max_size=12).map(" ".join))
def test_no_digit_and_no_sign_ever_reaches_an_engine(text: str) -> None:
    for sentence in NORMALISER.normalise(text).sentences:
        assert SAYABLE.fullmatch(sentence.spoken), sentence
        assert not re.search(f"[{LETTERS.upper()}]{{2,}}", sentence.spoken), sentence


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_the_changes_replayed_on_the_written_text_give_the_spoken_letters(text: str) -> None:
    for sentence in NORMALISER.normalise(text).sentences:
        replayed, place = "", 0
        for change in sentence.changes:
            assert change.start >= place
            replayed += sentence.written[place : change.start] + change.spoken
            place = change.end
        replayed += sentence.written[place:]
        letters = [char for char in replayed if char.isalpha()]
        assert [char for char in sentence.spoken if char.isalpha()] == letters


@settings(deadline=None)
@given(st.integers(0, 10**15))
def test_a_number_is_read_in_words_and_two_numbers_never_alike(number: int) -> None:
    assert integer(number, NORTHERN) != integer(number + 1, NORTHERN)
    assert SAYABLE.fullmatch(integer(number, NORTHERN))


@settings(deadline=None)
@given(st.integers(1, 3999))
def test_roman_numerals_read_back(value: int) -> None:
    assert roman(to_roman(value)) == value
    assert roman(to_roman(value) + "IIII") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("UBND", "dòng 1"),
        ("# chú thích\nA\tB1\t", "chữ cái"),
        ("A\tbê\tzz", "zz"),
        ("A\t" + "b" * 500, "dài"),
    ],
)
def test_a_broken_lexicon_is_refused_and_the_line_named(text: str, why: str) -> None:
    with pytest.raises(LexiconError, match=why):
        list(parse(text))
