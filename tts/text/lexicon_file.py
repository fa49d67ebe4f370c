"""Tệp từ điển: UTF-8 TSV, ``surface``, tab, ``reading``, tab, ``flags``; one entry a line, ``#`` starts a comment.

Flags: ``cs`` the surface must be written just so; ``re`` the surface is a regular expression. Such a pattern is kept
to what cannot hang (see :func:`_pattern_fault`): it is matched against every sentence of every bulletin.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from tts.errors import LexiconError
from tts.text.lexicon import MAX_ENTRIES, Entry, Lexicon
from tts.text.syllables import LETTERS

_MAX_SURFACE_CHARS = 60
_MAX_READING_CHARS = 200
_MAX_QUANTIFIERS, _MAX_TIMES = 4, 20
_FLAGS = {"cs", "re"}
_SAYABLE = re.compile(f"[{LETTERS} ,]+", re.IGNORECASE)
_QUANTIFIER = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}|[?*+]")
_INERT = re.compile(r"\\.|\[[^\]\[]*\]")
"""An escaped sign or a class: whatever stands in it repeats nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A line that was left out: where, what it says, and why, in Vietnamese."""

    line: int
    text: str
    why: str

    def __str__(self) -> str:
        return f"Từ điển, dòng {self.line}: {self.why}: {self.text!r}."


def _repeat_fault(plain: str) -> str | None:
    if "(?" in plain:
        return "mẫu không được dùng (?…) (no special groups)"
    repeats = list(_QUANTIFIER.finditer(plain))
    if any(found[0] in "*+" or (found[2] and not found[3]) for found in repeats):
        return "mẫu không được lặp vô hạn; hãy dùng {1,9} (no unbounded repeats)"
    if len(repeats) > _MAX_QUANTIFIERS or any(int(n) > _MAX_TIMES for f in repeats for n in (f[1], f[3]) if n):
        return f"mẫu lặp quá {_MAX_QUANTIFIERS} chỗ hoặc quá {_MAX_TIMES} lần (too many repeats)"
    if re.search(r"\)[?{]", plain):
        return "mẫu không được lặp một nhóm (no repeated groups)"
    return None


def _pattern_fault(surface: str, reading: str) -> str | None:
    """Tell what keeps a pattern from being taken: only few and bounded repeats, none of a group, nothing looked around.

    So the most it can try is a fixed number of ways from each place, whatever the text.
    """
    why = _repeat_fault(_INERT.sub("x", surface))
    if why is not None:
        return why
    try:
        compiled = re.compile(surface)
    except re.error:
        return "mẫu viết sai (not a regular expression)"
    if compiled.match("") or re.search(r"\\[1-9]", surface):
        return "mẫu khớp với chuỗi rỗng hoặc tham chiếu nhóm (matches nothing, or refers back)"
    if any(int(group) > compiled.groups for group in re.findall(r"\\([0-9])", reading)):
        return "cách đọc nhắc đến nhóm không có (no such group)"
    return None


def _fault(entry: Entry, flags: set[str]) -> str | None:
    if not entry.surface or not entry.reading:
        return "thiếu từ hoặc cách đọc (surface or reading missing)"
    if flags - _FLAGS:
        return f"không hiểu cờ {', '.join(sorted(flags - _FLAGS))} (unknown flag)"
    if len(entry.surface) > _MAX_SURFACE_CHARS or len(entry.reading) > _MAX_READING_CHARS:
        return f"dài quá {_MAX_SURFACE_CHARS}/{_MAX_READING_CHARS} ký tự (too long)"
    plain = re.sub(r"\\[1-9]", " a ", entry.reading) if entry.is_pattern else entry.reading
    if _SAYABLE.fullmatch(plain) is None or not any(char.isalpha() for char in plain):
        return "cách đọc chỉ gồm chữ cái (the reading may hold letters only)"
    return _pattern_fault(entry.surface, entry.reading) if entry.is_pattern else None


def _rows(text: str) -> Iterator[tuple[int, str, Entry, str | None]]:
    """Yield line number, line, entry and fault of every line that is not blank or a comment."""
    composed = unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    for number, line in enumerate(composed.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        surface, _, rest = line.partition("\t")
        reading, _, written = rest.partition("\t")
        flags = set(written.replace(",", " ").split())
        entry = Entry(
            surface=surface.strip(),
            reading=" ".join(reading.split()),
            case_sensitive="cs" in flags,
            is_pattern="re" in flags,
        )
        yield number, line, entry, _fault(entry, flags)


def check(entry: Entry) -> None:
    """Refuse an entry that a file could not hold.

    Raises:
        LexiconError: says why.
    """
    why = _fault(entry, set())
    if "\t" in entry.surface or "\n" in entry.surface or entry.surface.startswith("#"):
        why = "từ chứa dấu tab, xuống dòng hoặc bắt đầu bằng # (tab, line break or # in the surface)"
    if why is not None:
        raise LexiconError(f"Từ điển, “{entry.surface}”: {why}.")


def parse(text: str) -> Iterator[Entry]:
    """Yield the entries of a lexicon file.

    Raises:
        LexiconError: a line is not an entry; the message names the line.
    """
    for number, line, entry, why in _rows(text):
        if why is not None:
            raise LexiconError(str(Problem(line=number, text=line, why=why)))
        yield entry


def read_lexicon(text: str) -> tuple[Lexicon, tuple[Problem, ...]]:
    """Return what can be used of a file, and every line that cannot, with its reason.

    A surface that a line above reads otherwise is a problem: the line above holds.
    """
    entries: dict[tuple[bool, str], Entry] = {}
    problems = []
    for number, line, entry, why in _rows(text):
        twice = entry.key in entries and entries[entry.key] != entry
        full = len(entries) >= MAX_ENTRIES
        why = why or ("từ này đã có ở dòng trên với cách đọc khác (said twice)" if twice else None)  # noqa: PLW2901
        why = why or (f"quá {MAX_ENTRIES} mục (too many entries)" if full else None)  # noqa: PLW2901
        if why is None:
            entries[entry.key] = entry
        else:
            problems.append(Problem(line=number, text=line[:_MAX_READING_CHARS], why=why))
    return Lexicon(entries.values()), tuple(problems)


def write_lexicon(lexicon: Lexicon | Iterable[Entry]) -> str:
    """Return a file that :func:`read_lexicon` reads back to the same lexicon."""
    entries = lexicon.entries if isinstance(lexicon, Lexicon) else lexicon
    lines = ["# surface<TAB>reading<TAB>flags   (cs = case-sensitive, re = regular expression)"]
    for entry in entries:
        flags = ",".join(name for name, on in (("cs", entry.case_sensitive), ("re", entry.is_pattern)) if on)
        lines.append(f"{entry.surface}\t{entry.reading}\t{flags}")
    return "\n".join(lines) + "\n"


def national() -> Lexicon:
    """Load the list that ships with the product."""
    return Lexicon(parse(files("tts").joinpath("data", "lexicon.tsv").read_text(encoding="utf-8")))
