"""“1 clusters” stands on no English page: every sentence that counts can count one."""

import re

import pytest

from gateway.web.words import Language, Words, gather
from gateway.web.words.singular import ONE

PLURAL = re.compile(
    r"(?<![\d/])\b1 (?:[a-z]+ ){0,2}?(?!this\b|is\b|was\b|has\b|waits\b|needs\b|loses\b|says\b|ms\b)[a-z]+s\b"
)
NO_COUNT = frozenset({"policy.change.waits"})
"""Sentences whose ``n`` is a number of something, not how many."""
CATALOGUE = gather()
COUNTING = sorted(key for key, (_, en) in CATALOGUE.items() if "{n}" in en)


def told(key: str, n: int, language: Language = Language.EN) -> str:
    places = re.findall(r"{(\w+)}", CATALOGUE[key][1])
    return Words(CATALOGUE, language)(key, **{place: n if place == "n" else "7" for place in places})


@pytest.mark.parametrize("key", [key for key in COUNTING if key not in NO_COUNT and not key.startswith("alarms.kind.")])
def test_one_of_a_thing_is_not_said_as_many(key: str) -> None:
    assert not PLURAL.search(told(key, 1)), told(key, 1)


def test_a_group_of_alarms_is_never_one() -> None:
    assert any(PLURAL.search(told(key, 1)) for key in COUNTING if key.startswith("alarms.kind."))


@pytest.mark.parametrize("key", sorted(ONE))
def test_what_is_said_of_one_belongs_to_a_sentence_that_counts_and_fills_no_place_it_has_not(key: str) -> None:
    assert key in COUNTING
    assert set(re.findall(r"{\w+}", ONE[key])) <= set(re.findall(r"{\w+}", CATALOGUE[key][1]))
    assert told(key, 1) != told(key, 2).replace("2", "1")
    assert told(key, 1, Language.VI) == told(key, 2, Language.VI).replace("2", "1")


def test_a_count_that_travelled_as_text_is_one_too() -> None:
    words = Words(CATALOGUE, Language.EN)
    assert words("board.paused", n="1") == words("board.paused", n=1) == "1 cluster was told to pause."
    assert words("board.paused", n=11) == "11 clusters were told to pause."
