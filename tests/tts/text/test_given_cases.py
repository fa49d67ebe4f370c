"""The scored cases: sixty sentences of ward offices, each with every reading a listener would accept."""

import json
import re
import unicodedata
from pathlib import Path

import pytest

from tts.text.lexicon import national
from tts.text.normaliser import Normaliser

CASES = json.loads((Path(__file__).parents[2] / "data" / "normalization_cases.json").read_text(encoding="utf-8"))[
    "cases"
]
FLOOR = 60
TONES = {"\u0300": "2", "\u0301": "1", "\u0303": "4", "\u0309": "3", "\u0323": "5"}
SAME = ((" linh ", " le3 "), (" nga2n ", " nghi2n "), ("mươi tư", "mươi bôn1"), ("bây3", "bay3"), ("qui", "quy"))


def canonical(text: str) -> str:
    """Lower case, no punctuation, tone marks as digits behind the syllable, equal readings made one."""
    words = []
    for word in re.sub(r"[^\w\s]|_", " ", unicodedata.normalize("NFC", text).lower()).split():
        letters = unicodedata.normalize("NFD", word)
        tone = "".join(TONES[char] for char in letters if char in TONES)
        words.append(unicodedata.normalize("NFC", "".join(char for char in letters if char not in TONES)) + tone)
    said = f" {' '.join(words)} "
    for one, other in SAME:
        said = said.replace(one, other)
    return said.strip()


@pytest.fixture(scope="module")
def normaliser() -> Normaliser:
    return Normaliser(national())


def test_every_given_case_that_was_ever_read_right_is_still_read_right(normaliser: Normaliser) -> None:
    wrong = [
        case["id"]
        for case in CASES
        if not re.match(case["full_regex_canonical"], canonical(normaliser.normalise(case["input"]).spoken))
    ]
    assert len(CASES) - len(wrong) >= FLOOR, wrong


def test_the_yardstick_itself_refuses_a_wrong_reading() -> None:
    case = CASES[0]
    assert not re.match(case["full_regex_canonical"], canonical("u bê nờ dê phường Tân Thạnh"))
    assert not re.match(case["full_regex_canonical"], canonical(case["input"]))
