"""Bảng mã cũ: TCVN3 (ABC), VNI-Windows and Windows-1258, told apart by which of them gives Vietnamese.

A text of the 1990s' fonts is bytes without a name. It is converted only when one reading gives Vietnamese syllables
and no other reading does; otherwise the person is asked to save it as Unicode.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

from tts.text.syllables import is_syllable

_SURE, _SURER_BY, _LEAST_WORDS = 0.9, 0.05, 3
_SAMPLE_CHARS = 20_000
_TCVN3_CODES = (
    "a1a2a3a4a5a6a7 a8a9aaabacadae b5b6b7b8b9 bbbcbdbec6 c7c8c9cacb cccecfd0d1 d2d3d4d5d6 d7d8dcddde dfe1e2e3e4"
    "e5e6e7e8e9 eaebecedee eff1f2f3f4 f5f6f7f8f9 fafbfcfdfe"
)
_TCVN3_DRAWS = (
    "ĂÂÊÔƠƯĐ" "ăâêôơưđ" "àảãáạ" "ằẳẵắặ" "ầẩẫấậ" "èẻẽéẹ" "ềểễếệ" "ìỉĩíị" "òỏõóọ" "ồổỗốộ" "ờởỡớợ" "ùủũúụ" "ừửữứự" "ỳỷỹýỵ"
)  # fmt: skip
_TCVN3_LETTERS = dict(zip(bytes.fromhex(_TCVN3_CODES), _TCVN3_DRAWS, strict=True))
_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT = "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"
_HAT, _BREVE = "\u0302", "\u0306"
_VNI_MARKS = {
    "ø": _GRAVE, "ù": _ACUTE, "õ": _TILDE, "û": _HOOK, "ï": _DOT,
    "â": _HAT, "à": _HAT + _GRAVE, "á": _HAT + _ACUTE, "ã": _HAT + _TILDE, "å": _HAT + _HOOK, "ä": _HAT + _DOT,
    "ê": _BREVE, "è": _BREVE + _GRAVE, "é": _BREVE + _ACUTE, "ü": _BREVE + _TILDE, "ú": _BREVE + _HOOK,
    "ë": _BREVE + _DOT,
}  # fmt: skip
_VNI_LETTERS = {"ñ": "đ", "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_WORD = re.compile(r"[^\W\d_]+")
_HIGH = 0x7F


Conversion = Callable[[str], str]
"""From letters of an old font, taken for Latin ones, to Unicode."""


def bytes_to_text(data: bytes) -> str | None:
    """Return the text of ``data`` in an old Vietnamese encoding, or ``None`` when it is not sure which."""
    plain = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in data)
    conversion = conversion_of(plain)
    return None if conversion is None else conversion(plain)


def conversion_of(text: str) -> Conversion | None:
    """Find what turns ``text`` into Vietnamese, or ``None`` when none or more than one does."""
    scored = sorted(((_vietnamese(way(text)), place) for place, way in enumerate(_WAYS)), reverse=True)
    (best, place), (second, _) = scored[0], scored[1]
    return _WAYS[place] if best >= _SURE and best - second >= _SURER_BY else None


def looks_legacy(text: str) -> bool:
    """Tell whether a text that came as Unicode is full of letters that Vietnamese does not have."""
    words = [word for word in _WORD.findall(text[:_SAMPLE_CHARS]) if not word.isascii()]
    bad = sum(not is_syllable(unicodedata.normalize("NFC", word)) for word in words)
    odd = sum(0xA0 < ord(char) < 0xC0 for char in text[:_SAMPLE_CHARS])  # noqa: PLR2004 - Latin-1's signs
    return len(words) >= _LEAST_WORDS and bad + odd > len(words) * 0.5


def _vietnamese(text: str) -> float:
    """Return the share of words with a mark that are Vietnamese syllables; 0 with signs no text holds."""
    sample = unicodedata.normalize("NFC", text[:_SAMPLE_CHARS])
    words = [word for word in _WORD.findall(sample) if not word.isascii()]
    if len(words) < _LEAST_WORDS:
        return 0.0
    odd = sum(0x80 <= ord(char) < 0xC0 and char not in " «»°²³" for char in sample)  # noqa: PLR2004 - Latin-1's signs
    return max(0.0, sum(map(is_syllable, words)) - odd) / len(words)


def _from_tcvn3(text: str) -> str:
    """TCVN3 has no capitals with tones: its capital fonts draw the small letters large."""
    return "".join(_TCVN3_LETTERS.get(_byte(char), char) for char in text)


def _byte(char: str) -> int:
    code = char.encode("cp1252", "ignore") or char.encode("latin-1", "ignore") or b"\x00"
    return code[0]


def _from_cp1258(text: str) -> str:
    data = bytes(_byte(char) if ord(char) > _HIGH else ord(char) for char in text)
    return unicodedata.normalize("NFC", data.decode("cp1258", "replace"))


def _from_vni(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(_vni(text)))


def _vni(text: str) -> Iterator[str]:
    base = False
    for char in text:
        small = char.lower()
        if base and small in _VNI_MARKS:
            yield _VNI_MARKS[small]
            base = False
        elif small in _VNI_LETTERS:
            letter = _VNI_LETTERS[small]
            yield letter if char == small else letter.upper()
            base = True
        else:
            yield char
            base = char.isalpha()


_WAYS: tuple[Conversion, ...] = (_from_tcvn3, _from_vni, _from_cp1258)
