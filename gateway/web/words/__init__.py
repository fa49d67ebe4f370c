"""Mọi chữ trên màn hình: every word of the pages, Vietnamese and English side by side, found by key.

One module per area; a page of a new area adds its module to ``AREAS``. Keys are ``area.what``; a key that is used and
does not exist, or exists twice, is a mistake that shows at once.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from gateway.domain.reasons import reason_in_words
from gateway.web.words import (
    alarms,
    approvals,
    audit,
    audit_search,
    blanks,
    board,
    bulletins,
    common,
    devices,
    emergency,
    entrance,
    home,
    lexicon,
    me,
    people,
    policy,
    reading_rules,
    recordings,
    refusals,
    reports,
    roles,
    schedule,
    schedule_form,
    silence,
    states,
    tickets,
    voices,
)
from gateway.web.words.singular import ONE

Pair = tuple[str, str]
"""Vietnamese, English."""

AREAS: tuple[Mapping[str, Pair], ...] = (
    common.WORDS,
    refusals.WORDS,
    roles.WORDS,
    states.WORDS,
    entrance.WORDS,
    home.WORDS,
    silence.WORDS,
    alarms.WORDS,
    approvals.WORDS,
    recordings.WORDS,
    board.WORDS,
    devices.WORDS,
    tickets.WORDS,
    emergency.WORDS,
    me.WORDS,
    people.WORDS,
    policy.WORDS,
    audit.WORDS,
    bulletins.WORDS,
    blanks.WORDS,
    schedule.WORDS,
    schedule_form.WORDS,
    audit_search.WORDS,
    reports.WORDS,
    voices.WORDS,
    lexicon.WORDS,
    reading_rules.WORDS,
)


class Language(StrEnum):
    """Which of the two a person reads."""

    VI = "vi"
    EN = "en"


def gather(areas: tuple[Mapping[str, Pair], ...] = AREAS) -> Mapping[str, Pair]:
    """Put the areas together.

    Raises:
        ValueError: a key stands in two of them.
    """
    together: dict[str, Pair] = {}
    for area in areas:
        if twice := together.keys() & area.keys():
            raise ValueError(f"said twice: {sorted(twice)}")
        together.update(area)
    return MappingProxyType(together)


class Words:
    """Says things in one language."""

    def __init__(self, catalogue: Mapping[str, Pair], language: Language) -> None:
        self._catalogue = catalogue
        self._at = 0 if language is Language.VI else 1

    def __call__(self, key: str, **values: Any) -> str:
        """Say ``key``, with ``values`` in its ``{places}``.

        Raises:
            KeyError: nobody wrote it down, or a value is missing.
        """
        text = self._catalogue[key][self._at]
        if self._at and str(values.get("n", "")) == "1":
            text = ONE.get(key, text)
        return text.format_map(values) if values else text

    def pair(self, vi: str, en: str) -> str:
        """Choose between two texts that come from elsewhere, such as an alarm's."""
        return en if self._at and en else vi

    def reason(self, code: str) -> str:
        """Say why something was not heard, in small letters. ``code``: see `gateway.domain.reasons`."""
        return reason_in_words(code)[self._at]

    def knows(self, key: str) -> bool:
        """Tell whether somebody wrote ``key`` down."""
        return key in self._catalogue
