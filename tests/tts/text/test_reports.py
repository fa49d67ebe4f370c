"""Five real reports: read without a hitch, and what is not known of them is listed, never more than today."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tts.text.yardstick import DATA
from tts.model import DoubtKind
from tts.text.lexicon_file import national
from tts.text.normaliser import Normaliser
from tts.text.syllables import LETTERS, UPPER

NORMALISER = Normaliser(national())
MOST_UNKNOWN = {"bac-son": 3, "quang-ngai": 4, "tam-ky": 3, "tan-thanh": 5, "yen-hoa": 4}
"""Lower a number when the lexicon learns a word; raising one needs a reason."""


def paragraphs(name: str) -> list[str]:
    return [
        line for line in (DATA / "reports" / f"{name}.txt").read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def test_the_reports_are_all_there() -> None:
    assert sum(len(paragraphs(name)) for name in MOST_UNKNOWN) > 400


@pytest.mark.parametrize("name", MOST_UNKNOWN)
def test_every_paragraph_is_read_and_lists_what_nobody_taught_it(name: str) -> None:
    unknown = set()
    for paragraph in paragraphs(name):
        result = NORMALISER.normalise(paragraph)
        assert result.sentences or not any(map(str.isalpha, paragraph)), paragraph
        unknown |= set(result.unknown)
    assert len(unknown) <= MOST_UNKNOWN[name], sorted(unknown)
    assert unknown, "a report in which nothing is unknown is no test of the list"


def test_slips_of_the_pen_in_the_reports_are_found() -> None:
    slips = {
        doubt.token
        for name in MOST_UNKNOWN
        for paragraph in paragraphs(name)
        for doubt in NORMALISER.normalise(paragraph).doubts
        if doubt.kind is DoubtKind.SUSPECT
    }
    assert {"19", "phường phường", "thông thông"} <= slips


WORDS = sorted({word for name in MOST_UNKNOWN for line in paragraphs(name) for word in line.split()})
SAYABLE = re.compile(f"(?!.*[{UPPER}]{{2}})[{LETTERS}{UPPER} ,.;:?!]*")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=25), st.sampled_from((" ", "", ", ", "/", "-")))
def test_the_words_of_offices_in_any_order_reach_an_engine_as_letters_only(words: list[str], glue: str) -> None:
    for sentence in NORMALISER.normalise(glue.join(words)).sentences:
        assert SAYABLE.fullmatch(sentence.spoken), sentence
