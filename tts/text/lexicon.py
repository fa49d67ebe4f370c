"""Từ điển phát âm: surface, tab, reading, tab, flags; one entry a line, ``#`` starts a comment.

The national list ships inside the package. ``cs`` in the flags makes an entry case-sensitive. A reading is what is
said, so it may hold letters and blanks only.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from tts.errors import LexiconError
from tts.text.syllables import LETTERS

_MAX_ENTRIES = 20_000
_MAX_FIELD_CHARS = 200
_SAYABLE = re.compile(f"[{LETTERS} ,]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: ``surface`` is read as ``reading``."""

    surface: str
    reading: str
    case_sensitive: bool = False


def _entry(number: int, line: str) -> Entry:
    surface, _, rest = line.partition("\t")
    reading, _, flags = rest.partition("\t")
    surface, reading = surface.strip(), " ".join(reading.split())
    wrong = set(flags.replace(",", " ").split()) - {"cs"}
    if not surface or not reading:
        raise LexiconError(f"Từ điển, dòng {number}: thiếu từ hoặc cách đọc (surface or reading missing).")
    if wrong:
        raise LexiconError(f"Từ điển, dòng {number}: không hiểu cờ {', '.join(sorted(wrong))} (unknown flag).")
    if len(surface) > _MAX_FIELD_CHARS or len(reading) > _MAX_FIELD_CHARS:
        raise LexiconError(f"Từ điển, dòng {number}: dài quá {_MAX_FIELD_CHARS} ký tự (too long).")
    if _SAYABLE.fullmatch(reading) is None:
        raise LexiconError(f"Từ điển, dòng {number}: cách đọc chỉ gồm chữ cái (letters only): {reading!r}.")
    return Entry(surface=surface, reading=reading, case_sensitive="cs" in flags.split())


def parse(text: str) -> Iterator[Entry]:
    """Yield the entries of a lexicon file.

    Raises:
        LexiconError: a line is not an entry; the message names the line.
    """
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            yield _entry(number, line)


class Lexicon:
    """Entries made ready to be looked up. The last entry for a surface wins: the ward's own after the national list."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._exact: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        for entry in entries:
            if entry.case_sensitive:
                self._exact[entry.surface] = entry.reading
            else:
                self._folded[entry.surface.lower()] = entry.reading
        if len(self._exact) + len(self._folded) > _MAX_ENTRIES:
            raise LexiconError(f"Từ điển quá {_MAX_ENTRIES} mục (too many entries).")
        self.pattern = self._compile()

    def _compile(self) -> re.Pattern[str]:
        """Build one pattern, longest surface first, that matches whole tokens only."""

        def branch(surface: str, *, folded: bool) -> str:
            inner = f"(?i:{re.escape(surface)})" if folded else re.escape(surface)
            return inner + (r"(?!\w)" if surface[-1].isalnum() else "")

        surfaces = [(surface, False) for surface in self._exact] + [(surface, True) for surface in self._folded]
        surfaces.sort(key=lambda pair: (-len(pair[0]), pair))
        branches = "|".join(branch(surface, folded=folded) for surface, folded in surfaces)
        return re.compile(rf"(?<!\w)(?:{branches})" if branches else r"(?!)")

    def get(self, surface: str) -> str | None:
        """Return the reading of exactly this token, or ``None``."""
        return self._exact.get(surface, self._folded.get(surface.lower()))


def national() -> Lexicon:
    """Load the list that ships with the product."""
    return Lexicon(parse(files("tts").joinpath("data", "lexicon.tsv").read_text(encoding="utf-8")))
