"""How a reading is judged: canonical words against the accepted readings of a template."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parents[2] / "data"
TONES = {"\u0300": "2", "\u0301": "1", "\u0303": "4", "\u0309": "3", "\u0323": "5"}
SAME = ((" linh ", " le3 "), (" nga2n ", " nghi2n "), ("mươi tư", "mươi bôn1"), ("bây3", "bay3"), ("qui", "quy"))
_TARGET = re.compile(r"\[([^\[\]=]+)=([^\[\]]*)\]")
_WORD = re.compile(r"[^\W\d_]+")


def _word(word: str) -> str:
    letters = unicodedata.normalize("NFD", word)
    tone = "".join(TONES[char] for char in letters if char in TONES)
    return unicodedata.normalize("NFC", "".join(char for char in letters if char not in TONES)) + tone


def canonical(text: str) -> str:
    """Lower case, no punctuation, tone marks as digits behind the syllable, equal readings made one."""
    plain = re.sub(r"[^\w\s]|_", " ", unicodedata.normalize("NFC", text).lower())
    said = f" {' '.join(map(_word, plain.split()))} "
    for one, other in SAME:
        said = said.replace(one, other)
    return said.strip()


def _accepted(pattern: str) -> str:
    """Make the words of a regular expression canonical, and leave its signs alone."""
    said = _WORD.sub(lambda found: _word(found[0].lower()), pattern)
    for one, other in SAME:
        said = said.replace(one, other) if one.strip() == one else re.sub(rf"\b{one.strip()}\b", other.strip(), said)
    return said


@dataclass(frozen=True, slots=True)
class Case:
    """One sentence, and the pattern its canonical reading must match whole."""

    category: str
    written: str
    pattern: re.Pattern[str]

    def accepts(self, spoken: str) -> bool:
        return self.pattern.fullmatch(canonical(spoken)) is not None


def case(category: str, template: str) -> Case:
    """Parse ``Họp lúc [7h=bảy giờ].``."""
    pattern, written, place = "", "", 0
    for found in _TARGET.finditer(template):
        between = template[place : found.start()]
        written += between + found[1]
        pattern += "".join(f"{re.escape(word)} " for word in canonical(between).split())
        pattern += f"(?:{_accepted(found[2])}) ?" if found[2] else ""
        place = found.end()
    rest = template[place:]
    pattern += "".join(f"{re.escape(word)} " for word in canonical(rest).split())
    # a word that may be left out takes its blank along, on whichever side it stands
    return Case(category, written + rest, re.compile(re.sub(" +", "(?: |(?<= )|^|$)", pattern)))


def cases(name: str) -> list[Case]:
    """Read a file of templates under ``tests/data``."""
    found, category = [], ""
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            category = line[3:]
        elif line.strip() and not line.startswith("#"):
            found.append(case(category, line))
    return found
