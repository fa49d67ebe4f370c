"""The scored cases: sentences of ward offices, each with every reading a listener would accept."""

import json
import re

import pytest

from tests.tts.text.yardstick import DATA, canonical, case, cases
from tts.text.lexicon_file import national
from tts.text.normaliser import Normaliser

CASES = json.loads((DATA / "normalization_cases.json").read_text(encoding="utf-8"))["cases"]
MORE = cases("normalization_more.txt")
FLOOR = 60


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


def test_there_are_enough_cases_in_every_category() -> None:
    assert len(MORE) >= 400
    assert len({each.category for each in MORE}) >= 14


@pytest.mark.parametrize("category", sorted({each.category for each in MORE}))
def test_every_case_of_a_category_is_read_in_an_accepted_way(category: str, normaliser: Normaliser) -> None:
    wrong = [
        (each.written, spoken)
        for each in MORE
        if each.category == category and not each.accepts(spoken := normaliser.normalise(each.written).spoken)
    ]
    assert not wrong


def test_a_template_is_matched_whole_and_word_by_word() -> None:
    lunch = case("", "Nghỉ lúc [11h30=mười một giờ (rưỡi|ba mươi( phút)?)] trưa.")
    assert lunch.written == "Nghỉ lúc 11h30 trưa."
    assert lunch.accepts("nghỉ lúc mười một giờ rưỡi trưa")
    assert lunch.accepts("Nghỉ lúc mười một giờ ba mươi trưa.")
    for wrong in ("nghỉ lúc mười một giờ trưa", "nghỉ lúc mười một giờ rưỡi", "nghỉ lúc mườimột giờ rưỡi trưa"):
        assert not lunch.accepts(wrong)
