"""The last rules: single letters, words that are not Vietnamese, and every sign that has no sound.

After them a sentence holds only letters of ``syllables.LETTERS`` (either case), blanks and ``,.;:?!``.
"""

import re
import unicodedata

from tts.model import DoubtKind
from tts.text.numbers import digits, integer
from tts.text.rule import Context, Read, Rule
from tts.text.syllables import LETTERS, NAMES, UPPER, bare, is_syllable, spell, split_bare

_BOTH = LETTERS + UPPER
_KNOWN = frozenset(_BOTH)
_SAID = {
    "&": " và ", "%": " phần trăm ", "‰": " phần nghìn ", "@": " a còng ", "=": " bằng ", "×": " nhân ", "°": " độ ",
    "º": " độ ",
    "℃": " độ xê ", "²": " bình phương ", "³": " lập phương ", "½": " một phần hai ", "¼": " một phần tư ",
    "¾": " ba phần tư ",
    "<": " nhỏ hơn ", ">": " lớn hơn ", "≥": " không dưới ", "≤": " không quá ", "~": " khoảng ", "≈": " khoảng ",
    "±": " cộng trừ ", "$": " đô la ", "€": " ơ rô ", "₫": " đồng ", "÷": " chia ", "√": " căn ", "№": " số ",
    "Ø": " phi ", "ø": " phi ", "Φ": " phi ", "φ": " phi ", "↑": " tăng ", "↓": " giảm ", "Ω": " ôm ",
}  # fmt: skip
_PAUSE = {"(": ", ", ")": ", ", "[": ", ", "]": ", ", "{": ", ", "}": ", ", "–": ", ", "—": ", ", "/": ", ", "|": ", ",
          "…": ", ", "→": ", ", "⇒": ", ", "⁄": ", ", "\\": ", "}  # fmt: skip
_QUIET = "\"'“”‘’«»„‹›`´*_•·●○▪■□♦❖➢✓✔#^¬-−‐‑+"
_CONSONANTS = frozenset("bcdđfghjklmnpqrstvwxz")  # a vowel alone is a word ("y tế", "à") or says itself
_SHORT = 4
_SYMBOL_NOTE = "Ký hiệu không đọc được, sẽ bị bỏ qua."


def _hyphen(found: re.Match[str], _: Context) -> str:
    return ", " if " " in found[0] else " "


def _single(found: re.Match[str], _: Context) -> str | None:
    letter = found[0].lower()
    return NAMES[letter] if letter in _CONSONANTS else None


def _initial(found: re.Match[str], _: Context) -> str:
    """Read "ông T. và" without the stop that its dot would be: the sentence goes on in small letters."""
    letter = found[1].lower()
    return NAMES[letter] if letter in _CONSONANTS else letter


def _capital_inside(word: str) -> Read | None:
    if word[1:].islower() or len(word) == 1:
        return None
    return Read(word.lower(), DoubtKind.SUSPECT, "Chữ hoa giữa từ: có thể gõ nhầm.")


def _foreign(found: re.Match[str], context: Context) -> Read | None:
    """Report words that are no Vietnamese syllable; spell those that cannot be said at all."""
    word = found[0]
    if _KNOWN.issuperset(word) and is_syllable(word):
        return _capital_inside(word)
    if known := context.lexicon.get(word):  # stuck to a figure: "Android13"
        return Read(known)
    if sum(char.isupper() for char in word) > 1 and len(word) <= _SHORT and all(char in _BOTH for char in word):
        return Read(spell(word), DoubtKind.ACRONYM, "Chưa có trong từ điển: sẽ đọc từng chữ cái.")
    if not all("LATIN" in unicodedata.name(char, "") or char in _BOTH for char in word):
        return Read("", DoubtKind.SYMBOL, "Chữ viết khác, không đọc được, sẽ bị bỏ qua.")
    plain = "".join(char if char in _BOTH else bare(char) for char in word)
    plain = "".join(char for char in plain if char in _BOTH)
    if not any(vowel in bare(plain) for vowel in "aeiouy"):
        return Read(spell(plain), DoubtKind.FOREIGN, "Không phải âm tiết tiếng Việt: sẽ đọc từng chữ cái.")
    inner = plain if plain[1:].islower() or plain.islower() else plain.lower()
    return Read(inner, DoubtKind.FOREIGN, "Không phải âm tiết tiếng Việt và chưa có trong từ điển.")


def _left_over(found: re.Match[str], _: Context) -> Read:
    """Spell capitals that another rule cut off a token it took."""
    return Read(f" {spell(found[0])} ", DoubtKind.ACRONYM, "Chưa có trong từ điển: sẽ đọc từng chữ cái.")


def _sign(found: re.Match[str], context: Context) -> Read:
    """Read one sign: by name, as a pause, as nothing; what is left is reported."""
    char = found[0]
    if char in _SAID:
        return Read(_SAID[char])
    if char in _PAUSE:
        return Read(_PAUSE[char])
    if char in _QUIET:
        return Read(" ")
    number = _numeric(char, context)
    return Read(" ", DoubtKind.SYMBOL, _SYMBOL_NOTE) if number is None else Read(number)


def _tagged(part: str, context: Context) -> str:
    low = part.lower()
    known = (context.lexicon.get(part) if len(part) > 1 else None) or split_bare(low)
    return known or (low if any(vowel in low for vowel in "aeiouy") and not part.isupper() else spell(part))


def _hashtag(found: re.Match[str], context: Context) -> Read:
    """Read "#phongchongdich" word by word; which tones are meant only a person can tell."""
    parts = re.findall("[A-Z]?[a-z]+|[A-Z]+|[0-9]+", found[1])
    said = " ".join(digits(part) if part.isdigit() else _tagged(part, context) for part in parts)
    return Read(f" {said}", DoubtKind.FOREIGN, "Thẻ viết liền không dấu: hãy viết thành lời.")


def _numeric(char: str, context: Context) -> str | None:
    """Read circled, superscript and other numbers in disguise."""
    value = unicodedata.numeric(char, -1.0)
    if value < 0 or value != int(value):
        return None
    return f" {integer(int(value), context.reading)} "


RULES = (
    Rule("arrow", re.compile(r"[-–=]{1,3}>{1,3}|<[-=]{1,3}|>{2,3}|<{2,3}|[➡►▶⇨➤]"), lambda _, __: ", "),
    Rule("hashtag", re.compile(r"#([A-Za-z][A-Za-z0-9_]{1,59})(?!\w)"), _hashtag, "#"),
    Rule("hyphen", re.compile(r"(?<=[^\W_]) ?[-–—] ?(?=[^\W_])"), _hyphen),
    Rule("initial", re.compile(rf"(?<=[^\W\d_] )([{UPPER}])\.(?= [{LETTERS}])"), _initial),
    Rule("letter-name", re.compile(r"(?<![^\W\d_])[^\W\d_](?![^\W\d_])"), _single),
    Rule("foreign-word", re.compile(r"(?<![^\W\d_])[^\W\d_]{2,60}"), _foreign),
    Rule("foreign-word", re.compile(r"[^\W\d_]{61,}"), _foreign),
    Rule("capitals", re.compile(rf"[{UPPER}]{{2,60}}"), _left_over),
    Rule("sign", re.compile(rf"[^{_BOTH} ,.;:?!]"), _sign),
)
