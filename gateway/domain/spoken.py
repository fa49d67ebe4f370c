"""Như sẽ đọc: which doubts about a text somebody has answered for, by name. Pure.

A doubt is a token that the machine is not sure how to say. It goes when the text or the lexicon says how, or when a
person accepts the reading as it is. An acceptance is of one token in one sentence, as written and as spoken then: when
either changes, somebody has to look again.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.ids import UserId


def sentence_sha256(written: str, spoken: str) -> str:
    """Name a sentence together with how it is said."""
    return hashlib.sha256(f"{written}\n{spoken}".encode()).hexdigest()


def spoken_sha256(sentences: Iterable[str]) -> str:
    """Name everything that is said, sentence by sentence."""
    return hashlib.sha256("\n".join(sentences).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """Chấp nhận: who answers for a reading that the machine was not sure of, and at which revision of the bulletin."""

    token: str
    kind: str
    sentence_sha256: str
    by: UserId
    at: datetime
    revision: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """Chỗ chưa rõ: a token in sentence ``sentence`` (from 0), at ``start`` in it as written."""

    n: int
    """Its number in the text, from 0."""
    sentence: int
    start: int
    token: str
    kind: str
    note: str
    choices: tuple[str, ...]
    sentence_sha256: str

    def answered_by(self, accepted: Iterable[Acceptance]) -> Acceptance | None:
        """Return the newest acceptance that stands for it."""
        mine = (self.token, self.kind, self.sentence_sha256)
        fitting = [each for each in accepted if (each.token, each.kind, each.sentence_sha256) == mine]
        return fitting[-1] if fitting else None


def still_open(questions: Iterable[Question], accepted: Iterable[Acceptance]) -> tuple[Question, ...]:
    """Return what nobody has answered for."""
    known = tuple(accepted)
    return tuple(question for question in questions if question.answered_by(known) is None)
