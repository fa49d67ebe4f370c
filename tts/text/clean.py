"""Văn bản vào: limits first, then one form of Unicode and single blanks, before any pattern looks at the text."""

import unicodedata

from tts.errors import TextError, TextTooLong

MAX_RAW_CHARS = 200_000
"""Refused before anything is done to it."""
MAX_CHARS = 20_000
"""After blanks are collapsed: about half an hour of speech."""
# Vietnamese needs two marks on a letter; putting long runs of marks in order is quadratic inside Unicode itself
_MAX_MARKS = 8
_SUBSCRIPTS = frozenset("₀₁₂₃₄₅₆₇₈₉")


def _refuse_mark_runs(text: str) -> None:
    if text.isascii():
        return
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run > _MAX_MARKS:
            raise TextError("Văn bản có chuỗi dấu bất thường (too many combining marks on one letter).")


def _kept(char: str) -> str:
    """Map one character: other scripts' digits to ours, blanks to a blank, invisible ones away."""
    if char.isascii() and char.isprintable():
        return char
    if char in _SUBSCRIPTS:
        return str(unicodedata.digit(char))  # "SO₂" is said as "SO2" is
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Zs" or char == "\t":
        return " "
    if category in ("Zl", "Zp") or char in "\n\x0b\x0c\x85":
        return "\n"
    return "" if category in ("Cc", "Cf", "Cs", "Co", "Cn") else char


def clean(text: str) -> list[str]:
    """Return the paragraphs of ``text``: NFC, no invisible characters, single blanks, none empty.

    Raises:
        TextTooLong: more than ``MAX_RAW_CHARS`` as given or ``MAX_CHARS`` when cleaned.
        TextError: no human text (runs of combining marks).
    """
    if len(text) > MAX_RAW_CHARS:
        raise TextTooLong(f"Văn bản dài {len(text)} ký tự, tối đa {MAX_RAW_CHARS} (text too long).")
    _refuse_mark_runs(text)
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    plain = "".join(map(_kept, composed))
    paragraphs = [" ".join(line.split()) for line in plain.split("\n")]
    paragraphs = [line for line in paragraphs if line]
    total = sum(map(len, paragraphs))
    if total > MAX_CHARS:
        raise TextTooLong(f"Văn bản dài {total} ký tự, tối đa {MAX_CHARS} (too long). Hãy chia thành nhiều bản tin.")
    return paragraphs
