"""Từ điển phát âm: how what is written is said, as a value. Reading and writing its file is ``lexicon_file``'s.

A lexicon never changes: an edit makes a new one with another :attr:`Lexicon.version`, and whoever holds the old one
goes on with it. Three lists are laid over each other: the national one that ships, the names of the ward's places,
and the ward's own words, which win.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from tts.errors import LexiconError
from tts.text.syllables import LETTERS
from tts.text.trie import whole_words

MAX_ENTRIES = 20_000
_NAME = re.compile(f"[{LETTERS}]+(?:[ '’-][{LETTERS}]+)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: ``surface`` is read as ``reading``."""

    surface: str
    reading: str
    case_sensitive: bool = False
    is_pattern: bool = False
    """``surface`` is a regular expression (flag ``re``); ``\\1`` in the reading is what its first group found."""

    @property
    def key(self) -> tuple[bool, str]:
        """Two entries with the same key cannot both hold."""
        return self.is_pattern, self.surface if self.case_sensitive else self.surface.lower()


class Lexicon:
    """Entries made ready to be looked up. The last entry for a surface wins: the ward's own after the national list.

    Raises:
        LexiconError: more than ``MAX_ENTRIES``.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        kept: dict[tuple[bool, str], Entry] = {}
        capitals: dict[str, set[str]] = {}
        for entry in entries:
            if entry.case_sensitive:
                capitals.setdefault(entry.surface.lower(), set()).add(entry.surface)
            else:  # said of every way to write it, so it takes the place of "UBND" too
                for surface in capitals.pop(entry.surface.lower(), set()):
                    kept.pop((entry.is_pattern, surface), None)
            kept.pop(entry.key, None)
            kept[entry.key] = entry
        if len(kept) > MAX_ENTRIES:
            raise LexiconError(f"Từ điển quá {MAX_ENTRIES} mục (too many entries).")
        self._entries = tuple(kept.values())
        words = [entry for entry in self._entries if not entry.is_pattern]
        self._exact = {entry.surface: entry.reading for entry in words if entry.case_sensitive}
        self._folded = {entry.surface.lower(): entry.reading for entry in words if not entry.case_sensitive}

    @classmethod
    def layered(cls, base: Self, ward: Self | None = None, places: Self | None = None) -> Self:
        """Lay the ward's words over the names of its places over ``base``."""
        layers = (base, places, ward)
        return cls(entry for layer in layers if layer is not None for entry in layer.entries)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return what holds, in the order it was given; what a later entry replaced is gone."""
        return self._entries

    @cached_property
    def version(self) -> str:
        """Return the hash of what this lexicon says; the same entries in another order have the same."""
        lines = sorted(f"{e.surface}\t{e.reading}\t{e.case_sensitive}\t{e.is_pattern}" for e in self._entries)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return one pattern that finds every listed word, whole tokens only."""
        return whole_words(self._exact, self._folded)

    @cached_property
    def figures(self) -> re.Pattern[str]:
        """Return one pattern that finds the listed words with a figure in them ("24/3", "PM2.5")."""
        exact, folded = (
            [word for word in words if any(map(str.isdigit, word))] for words in (self._exact, self._folded)
        )
        return whole_words(exact, folded)

    @cached_property
    def patterns(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """Return the entries with the flag ``re``, the newest first, and how each is read."""
        found = [entry for entry in reversed(self._entries) if entry.is_pattern]
        return tuple(
            (re.compile(rf"(?<!\w)(?:{e.surface})(?!\w)", 0 if e.case_sensitive else re.IGNORECASE), e.reading)
            for e in found
        )

    def get(self, surface: str) -> str | None:
        """Return the reading of exactly this token, or ``None``."""
        return self._exact.get(surface, self._folded.get(surface.lower()))

    def __len__(self) -> int:
        return len(self._entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lexicon) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)


def of_places(names: Iterable[str]) -> Lexicon:
    """Địa danh: make the names of the ward's places known, so that none is reported as a foreign word.

    A name is said as it is written; one with a figure, or all in capitals ("KP3"), is left to the rules.
    """
    entries = []
    for written in names:
        name = " ".join(written.split())
        if len(name) > 1 and not name.isupper() and _NAME.fullmatch(name):
            reading = re.sub("['’-]", " ", name)
            entries.append(Entry(surface=name, reading=reading, case_sensitive=True))
    return Lexicon(entries)
