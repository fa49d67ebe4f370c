"""Only letters, blanks and stops reach an engine, whatever was typed; what is said already stays as it is."""

import re
import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.tts.text.yardstick import cases
from tts.errors import TextError
from tts.model import NormalizedText
from tts.text.lexicon_file import national
from tts.text.normaliser import Normaliser
from tts.text.numbers import roman
from tts.text.syllables import LETTERS, UPPER

LEXICON = national()
NORMALISER = Normaliser(LEXICON)
CASES = cases("normalization_more.txt")
WORDS = sorted({word for each in CASES for word in each.written.split()})
SAYABLE = re.compile(f"(?!.*[{UPPER}]{{2}})[{LETTERS}{UPPER} ,.;:?!]*")
NASTY = (
    *"0123456789٣९②Ⅷ⅔½²₂/-–—.,:;+=<>≥≤±×x*#@&%‰°º'’\"“”()[]{}…_|\\~^`§№€$₫→🎉漢ßøłƠưđĐAIVXLCDMTPQKHWFJhgm \n",
    *("\u0301", "\u0323", "\u200b", "\u00a0", "\ufeff", "\u202e", "e\u0323\u0302", "25W/30W", "x2", "Km", "QL", "KP"),
    *(
        "P.",
        "TT",
        "ngày",
        "từ",
        "lúc",
        "UBND",
        "2026",
        "/CP",
        "1.000",
        "0905",
        "www.",
        "@a.vn",
        "II",
        "h30",
        "m2",
        "tr",
    ),
)
TYPED = st.one_of(
    st.lists(st.sampled_from(NASTY), max_size=30).map("".join),
    st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(NASTY)), max_size=14).map("".join),
    st.tuples(
        st.lists(st.sampled_from(WORDS), max_size=8), st.sampled_from((" ", "", "-", "/", ", ", ". ", " - "))
    ).map(lambda made: made[1].join(made[0])),
    st.text(st.characters(categories=("N", "S", "P", "M", "Lu")), max_size=30),
)


def heard(result: NormalizedText) -> list[str]:
    """Return the words alone: where a sentence is cut is no matter of what is said."""
    return re.findall(r"\w+", " ".join(sentence.spoken for sentence in result.sentences).lower())


@settings(max_examples=400, deadline=None)
@given(TYPED)
@example("25W/30W")  # a letter no house has
@example("T2026K=h30½ĐTT10TKmx₂HA₫#> 4’}Ḿ")  # an "x" between figures, taken out of a word in capitals
def test_no_digit_no_sign_and_no_capitals_reach_an_engine_whatever_was_typed(text: str) -> None:
    try:
        result = NORMALISER.normalise(text)
    except TextError:
        return  # marks heaped on one letter are refused as a whole
    for sentence in result.sentences:
        assert SAYABLE.fullmatch(sentence.spoken), sentence
        assert not any(unicodedata.category(char)[0] in "NSM" for char in sentence.spoken), sentence


CONSONANTS = st.text("BCDGKLMPQRSTVX", min_size=3, max_size=7)


@settings(max_examples=200, deadline=None)
@given(CONSONANTS, st.sampled_from(("Bà con đến {} họp.", "Theo {}, mưa to.", "({})", "Nộp cho “{}”.", "{}.")))
def test_capitals_in_no_list_are_spelled_and_named_to_the_operator(token: str, frame: str) -> None:
    if LEXICON.get(token) or roman(token) is not None:
        return
    result = NORMALISER.normalise(frame.format(token))
    assert token.lower() not in heard(result)
    assert token in (*result.unknown, *result.ambiguous)


def test_what_is_said_already_is_said_the_same_in_every_case() -> None:
    again = {each.written: NORMALISER.normalise(each.written) for each in CASES}
    changed = {
        written: once.spoken
        for written, once in again.items()
        if heard(NORMALISER.normalise(" ".join(sentence.spoken for sentence in once.sentences))) != heard(once)
    }
    assert not changed


# alone, a numeral of one letter and "ha" are left as they stand, and a stop put behind another word tells what they are
PLAIN = [word for word in WORDS if not re.search(r"(?<!\w)(?:[IVX]|ha)(?!\w)", word)]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PLAIN), max_size=8), st.sampled_from((" ", ", ")))
def test_what_is_said_already_is_said_the_same_in_any_order_of_words(words: list[str], glue: str) -> None:
    once = NORMALISER.normalise(glue.join(words))
    assert heard(NORMALISER.normalise(" ".join(sentence.spoken for sentence in once.sentences))) == heard(once)
