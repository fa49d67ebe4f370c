"""Vì sao đọc như vậy: each change of a sentence with the rule that made it."""

from dataclasses import dataclass

from gateway.web.words.reading_rules import RULES
from tts.model import Sentence


@dataclass(frozen=True, kw_only=True)
class Why:
    """One stretch that is read otherwise than it is written."""

    written: str
    spoken: str
    rule: str
    """A key of the words ``reading.RULE``."""


def whys(sentence: Sentence) -> tuple[Why, ...]:
    """Return what is worth telling of ``sentence``: a sign that only becomes a pause is not."""
    return tuple(
        Why(written=each.written.strip(), spoken=each.spoken.strip(), rule=each.rule if each.rule in RULES else "other")
        for each in sentence.changes
        if each.written.strip() and any(letter.isalpha() for letter in each.spoken)
    )
