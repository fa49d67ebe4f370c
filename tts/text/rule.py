"""The frame of a rule: a pattern on the written sentence, and a function that reads what it found.

All rules look at the *written* text, so each sees the whole context; a stretch once read belongs to its rule and
later rules leave it alone. The order of rules is therefore their rank.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tts.model import Change, Doubt, DoubtKind
from tts.text.lexicon import Lexicon
from tts.text.reading import Reading
from tts.text.syllables import is_word

_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"([^\W\d_]{2,}) $")
_NEXT_WORD = re.compile(r" ([^\W\d_]{2,})")
_CONTEXT_CHARS = 40


@dataclass(frozen=True, slots=True)
class Read:
    """How a stretch is said, and what the operator should look at."""

    spoken: str
    kind: DoubtKind | None = None
    note: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """The sentence a rule works in, with the settings and the lexicon."""

    text: str
    reading: Reading
    lexicon: Lexicon

    def words_before(self, start: int, count: int = 1, stops: str = ".;!?") -> str:
        """Return up to ``count`` whole words just before ``start``, lower-case, single blanks; "" across a stop."""
        stretch = self.text[max(0, start - _CONTEXT_CHARS) : start].lower()
        stretch = stretch[max(stretch.rfind(sign) for sign in stops) + 1 :]
        return " ".join(_WORD.findall(stretch)[-count:])

    def word_after(self, end: int) -> str:
        """Return the word that follows after at most a blank, in lower case, or ""."""
        found = re.match(r" ?(\w+)", self.text[end : end + _CONTEXT_CHARS])
        return found[1].lower() if found else ""

    def in_capitals(self, start: int, end: int) -> bool:
        """Tell whether the word beside is written in capitals too, and built like a word: a heading."""
        near = (_LAST_WORD.search(self.text, max(0, start - _CONTEXT_CHARS), start), _NEXT_WORD.match(self.text, end))
        return any(word is not None and word[1].isupper() and is_word(word[1]) for word in near)

    def cued(self, start: int, cues: Iterable[str], stops: str = ".;!?,") -> bool:
        """Tell whether one of ``cues`` (one to three words, lower case) stands just before ``start``.

        A comma between parts them, unless ``stops`` leaves it out: "5/7 khu phố, 6/9 thôn" is on no street.
        """
        before = " " + self.words_before(start, 3, stops)
        return any(before.endswith(" " + cue) for cue in cues)


@dataclass(frozen=True, slots=True)
class Rule:
    """``read`` returns ``None`` when, looked at closely, the rule does not apply."""

    name: str
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], Context], Read | str | None]
    sign: str = ""
    """Without this character the pattern finds nothing: looked for first, for most sentences have no slash."""


def _token(written: str) -> str:
    """Name a doubtful stretch without the stop behind it."""
    return written.strip().rstrip(".") or written.strip()


class Draft:
    """A sentence while rules are applied to it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._taken = bytearray(len(context.text))
        self._changes: list[Change] = []
        self._doubts: list[Doubt] = []

    def apply(self, rule: Rule) -> None:
        """Let ``rule`` read every stretch it finds that no earlier rule has taken."""
        text, place = self._context.text, 0
        if rule.sign not in text:
            return
        while found := rule.pattern.search(text, place):
            start, end = found.span()
            place = max(end, start + 1)
            if start == end:
                continue
            if any(self._taken[start:end]):
                place = start + 1
                continue
            read = rule.read(found, self._context)
            if read is None:
                place = start + 1
            else:
                self._take(start, end, rule.name, Read(read) if isinstance(read, str) else read)

    def _take(self, start: int, end: int, rule: str, read: Read) -> None:
        written = self._context.text[start:end]
        self._taken[start:end] = b"\x01" * (end - start)
        if read.spoken != written:
            self._changes.append(Change(start=start, end=end, written=written, spoken=read.spoken, rule=rule))
        if read.kind is not None:
            self._doubts.append(
                Doubt(start=start, token=_token(written), kind=read.kind, note=read.note, choices=read.choices)
            )

    def changes(self) -> tuple[Change, ...]:
        return tuple(sorted(self._changes, key=lambda change: change.start))

    def doubts(self) -> tuple[Doubt, ...]:
        """Each token once per kind, in order of appearance."""
        first: dict[tuple[str, DoubtKind], Doubt] = {}
        for doubt in sorted(self._doubts, key=lambda doubt: doubt.start):
            first.setdefault((doubt.token, doubt.kind), doubt)
        return tuple(first.values())

    def spoken(self) -> str:
        """Put the readings in place; a reading never runs into a letter beside it."""
        text, pieces, place = self._context.text, [""], 0
        for change in self.changes():
            pieces += [text[place : change.start], change.spoken]
            place = change.end
        pieces.append(text[place:])
        joined = ""
        for piece in pieces:
            glue = " " if joined and piece and joined[-1].isalpha() and piece[0].isalpha() else ""
            joined += glue + piece
        return joined
