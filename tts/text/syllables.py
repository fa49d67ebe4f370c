"""Âm tiết: what a Vietnamese syllable may look like, and the names of letters."""

import re
import unicodedata

_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))

_ONSET = "(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x)"
_CODA = "(?:ch|ng|nh|c|m|n|p|t)"
_CLOSED = "(?:iê|yê|uyê|uô|ươ|oă|oa|oe|uâ|uê|uy|oo|a|ă|â|e|ê|i|o|ô|ơ|u|ư|y)"
_OPEN = (
    "(?:oai|oay|oao|oeo|uây|uyu|uya|uôi|ươi|ươu|iêu|yêu|uêu|ia|ya|ua|ưa|oa|oe|uê|uơ|uy|ai|ao|au|ay|âu|ây|eo|êu|iu"
    "|oi|ôi|ơi|ui|ưi|ưu|a|e|ê|i|o|ô|ơ|u|ư|y)"
)
_SYLLABLE = re.compile(f"{_ONSET}?(?:{_CLOSED}{_CODA}|{_OPEN})|gi|gin|gim")

LETTERS = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfghiìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvwxyỳỷỹýỵz"
"""Every letter an engine may be given, in lower case."""

UPPER = LETTERS.upper()
"""The same in capitals; no range of code points holds just these."""

NAMES = {
    "a": "a", "ă": "á", "â": "ớ", "b": "bê", "c": "xê", "d": "dê", "đ": "đê", "e": "e", "ê": "ê", "f": "ép",
    "g": "giê", "h": "hát", "i": "i", "j": "gi", "k": "ca", "l": "e lờ", "m": "em", "n": "en", "o": "ô", "ô": "ô",
    "ơ": "ơ", "p": "pê", "q": "quy", "r": "e rờ", "s": "ét", "t": "tê", "u": "u", "ư": "ư", "v": "vê",
    "w": "vê kép", "x": "ích", "y": "i dài", "z": "dét",
}  # fmt: skip
"""How a letter is named when a token is spelled out."""


def without_tone(word: str) -> str:
    """Drop the tone mark and keep the letter: "hội" -> "hôi"."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).translate(_TONES))


_TONELESS = {ord(letter): without_tone(letter) for letter in LETTERS}
"""The same for one letter at a time, and much faster: every word of a bulletin is looked at."""


def bare(word: str) -> str:
    """Drop every mark, as in a web address: "Tam Kỳ" -> "tam ky"."""
    kept = (char for char in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(char))
    return "".join(kept).replace("đ", "d")


_BARE_ONSET = _ONSET.replace("|đ", "")
_BARE = re.compile(
    f"(?P<onset>{_BARE_ONSET}?)(?:(?:uye|ie|ye|uo|oa|oe|ua|ue|uy|oo|[aeiouy])(?:ch|ng|nh|[cmnpt])"
    "|oai|oay|oao|oeo|uay|uyu|uya|uoi|uou|ieu|yeu|ia|ya|ua|oa|oe|ue|uo|uy|ai|ao|au|ay|eo|eu|iu|oi|ui|uu|[aeiouy])"
)
_MAX_SYLLABLE = 7  # "nghieng"


def is_syllable(word: str) -> bool:
    """Tell whether ``word`` is built like one Vietnamese syllable, tone marks and all."""
    return _SYLLABLE.fullmatch(word.lower().translate(_TONELESS)) is not None


_STOPPED = re.compile("(?:ch|[cpt])$")


def is_word(word: str) -> bool:
    """Tell whether ``word`` can be a Vietnamese word: a syllable, and one that ends in a stop has a tone to end on.

    "TYT" and "HAT" are built like syllables and are none: nothing ends in c, ch, p, t without sắc or nặng.
    """
    if not is_syllable(word):
        return False
    letters = unicodedata.normalize("NFD", word.lower())
    return _STOPPED.search(letters) is None or "\u0301" in letters or "\u0323" in letters


def split_bare(word: str) -> str | None:
    """Split an unmarked run like "quangnam" into syllables ("quang nam"), or ``None`` when it is not one.

    The fewest syllables win, then those that begin with a consonant ("da nang", not "dan ang").
    """
    best: list[tuple[int, int, str] | None] = [(0, 0, "")] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _MAX_SYLLABLE), end):
            before, found = best[start], _BARE.fullmatch(word[start:end])
            if before is None or found is None:
                continue
            way = (before[0] + 1, before[1] + (found["onset"] == ""), f"{before[2]} {word[start:end]}".strip())
            here = best[end]
            if here is None or way < here:
                best[end] = way
    last = best[-1]
    return last[2] if last else None


def spell(word: str) -> str:
    """Name each letter of ``word``; a letter with a tone is named without it."""
    return " ".join(NAMES[char] for char in without_tone(word.lower()) if char in NAMES)
