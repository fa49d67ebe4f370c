"""Từ điển của phường: how this ward says its own words, every version of every entry, over the national list. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

CASE_SENSITIVE = "cs"
PATTERN = "re"


@dataclass(frozen=True, kw_only=True)
class WardEntry:
    """Một mục: ``surface`` is read as ``reading``. ``flags`` as in the file, e.g. ``cs``: only in these capitals."""

    surface: str
    reading: str
    flags: str = ""

    @property
    def key(self) -> str:
        """What an entry replaces another by: the surface, and whether its capitals matter."""
        kinds = "+".join(sorted(self.flags.replace(",", " ").split()))
        return f"{kinds}:{self.surface if kinds else self.surface.casefold()}"

    @property
    def line(self) -> str:
        """As one line of a file."""
        return "\t".join([self.surface, self.reading, *([self.flags] if self.flags else [])])


@dataclass(frozen=True, kw_only=True)
class Version:
    """What one entry became at one moment, and by whom. ``reading`` is ``None``: taken out."""

    n: int
    """Grows with every change of the lexicon."""
    key: str
    surface: str
    reading: str | None
    flags: str
    by: str
    at: datetime

    @property
    def entry(self) -> WardEntry | None:
        """The entry, while there is one."""
        if self.reading is None:
            return None
        return WardEntry(surface=self.surface, reading=self.reading, flags=self.flags)


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A row of a file that is no entry: its line from 1, what it says, and why not (Vietnamese first)."""

    line: int
    text: str
    why: str


def in_a_file(entries: Iterable[WardEntry]) -> str:
    """Write entries as a file that can be read back."""
    lines = [entry.line for entry in sorted(entries, key=lambda entry: (entry.surface.casefold(), entry.key))]
    return "\n".join(["# từ\tcách đọc\tcờ (cs = phân biệt hoa thường)", *lines]) + "\n"


def fingerprint(entries: Iterable[WardEntry], places: Iterable[str]) -> str:
    """Name everything that decides how this ward's own words are said."""
    said = in_a_file(entries) + "\n".join(sorted(places))
    return hashlib.sha256(said.encode()).hexdigest()
