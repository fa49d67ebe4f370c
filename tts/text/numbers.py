"""Đọc số: integers, decimals, digits and Roman numerals in Vietnamese words."""

from tts.text.reading import Reading

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
TY = 10**9
NUM = r"(?:[0-9]{1,3}(?:\.[0-9]{3}){1,5}(?:,[0-9]{1,9})?|[0-9]{1,18}(?:[.,][0-9]{1,9})?)"
"""A number as it is written: dots group thousands."""
LEFT = r"(?:(?<![\w.,/])|(?<=[0-9][xX×])|(?<=[A-Za-zđĐ²³°%]/))"
"""A number does not begin inside a word, a decimal or a slash form."""
MAX_DIGITS = 18
"""A longer run of digits is not a quantity: it is read digit by digit."""

_STEPS = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
          (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def _units_after_tens(tens: int, ones: int, reading: Reading) -> str:
    if ones == 5:  # noqa: PLR2004 - 15, 25: "lăm"
        return "lăm"
    if tens > 1 and ones in (1, 4):
        return "mốt" if ones == 1 else reading.four
    return DIGITS[ones]


def _below_thousand(number: int, reading: Reading, *, whole: bool) -> list[str]:
    """Read 1..999. ``whole``: it follows a higher group, so its hundreds are said even when zero."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = [DIGITS[hundreds], "trăm"] if hundreds or whole else []
    if tens == 0:
        if ones:
            words += [reading.odd, DIGITS[ones]] if words else [DIGITS[ones]]
        return words
    words += ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    if ones:
        words.append(_units_after_tens(tens, ones, reading))
    return words


def integer(number: int, reading: Reading) -> str:
    """Read a whole number, negative ones with "âm" first."""
    if number < 0:
        return "âm " + integer(-number, reading)
    if number == 0:
        return DIGITS[0]
    head, tail = divmod(number, TY)
    words = [integer(head, reading), "tỷ"] if head else []
    for scale, name in ((10**6, "triệu"), (1000, reading.thousand), (1, "")):
        group = tail // scale % 1000
        if group:
            words += _below_thousand(group, reading, whole=bool(words))
            words += [name] if name else []
    return " ".join(words)


def digits(text: str) -> str:
    """Read each digit of ``text`` by itself; anything else in it is skipped."""
    return " ".join(DIGITS[int(char)] for char in text if char.isascii() and char.isdigit())


def _fraction(decimals: str, reading: Reading) -> str:
    # "107,25" is said "phẩy hai mươi lăm", "0,05" "phẩy không năm", "3,1416" digit by digit
    if len(decimals) <= 2 and not decimals.startswith("0"):  # noqa: PLR2004
        return integer(int(decimals), reading)
    return digits(decimals)


def number(text: str, reading: Reading) -> str:
    """Read ``text`` as Vietnamese writes numbers: dots group thousands, the comma is the decimal sign.

    A single dot that groups nothing ("2.5") is read "chấm"; 0-led runs longer than two digits digit by digit.
    """
    whole, _, decimals = text.partition(",")
    parts = whole.split(".")
    if len(parts) > 1 and not all(len(part) == 3 for part in parts[1:]):  # noqa: PLR2004 - not thousands
        return " chấm ".join(number(part, reading) for part in parts if part)
    whole = "".join(parts)
    if len(whole) > MAX_DIGITS or (len(whole) > 2 and whole.startswith("0")):  # noqa: PLR2004
        said = digits(whole)
    else:
        said = integer(int(whole), reading)
    return f"{said} phẩy {_fraction(decimals, reading)}" if decimals else said


def roman(text: str) -> int | None:
    """Return the value of a well-formed Roman numeral, or ``None``."""
    if not text or any(char not in _ROMAN for char in text):
        return None
    total = 0
    for here, after in zip(text, [*text[1:], None], strict=True):
        value = _ROMAN[here]
        total += -value if after is not None and _ROMAN[after] > value else value
    return total if to_roman(total) == text else None


def to_roman(value: int) -> str:
    """Write 1..3999 as a Roman numeral; used to refuse badly formed ones."""
    written = ""
    for step, letters in _STEPS:
        count, value = divmod(value, step)
        written += letters * count
    return written
