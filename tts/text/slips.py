"""Nghi gõ nhầm: what reads like a typing error. It is still read, as well as may be, and always flagged."""

import re
from calendar import monthrange

from tts.model import DoubtKind
from tts.text.numbers import integer
from tts.text.rule import Context, Read, Rule
from tts.text.syllables import LETTERS, is_syllable

_LEAP = 2024
"""Without a year, the 29th of February may be meant."""
_MONTHS, _HOURS, _MINUTES = 12, 24, 60
_AT = ("lúc", "hồi", "vào", "từ", "đến", "trước", "sau", "vào lúc", "tới", "khoảng", "bắt đầu")
_DOUBLED_WORDS = frozenset((
    "ngày", "người", "nhà", "luôn", "dần", "đời", "mãi", "song", "thường", "từ", "nơi", "ai", "ngành", "trùng", "lớp",
    "chung", "vừa", "nhanh", "hay", "ba", "xa", "đều", "lâu", "xanh", "đỏ", "vàng", "trắng", "đêm", "năm", "tháng",
    "chầm", "rưng", "hằng", "hàng", "làng", "rất", "từng", "sáng", "chiều", "thôn", "xóm", "gần", "nho", "khe", "hôm",
    "bốn", "hai", "một", "sáu", "bảy", "tám", "chín", "không", "lăm", "mươi", "vân", "châu", "chuồn", "bươm", "đu",
    "bà",
))  # fmt: skip
"""Words that are doubled on purpose ("ngày ngày", "từ từ"), and figures of a number read out."""


def _called_a_day(found: re.Match[str], context: Context) -> bool:
    part_of_day = context.cued(found.start(), ("sáng", "chiều", "tối")) and int(found[3]) <= _MONTHS
    return part_of_day or context.cued(found.start(), ("ngày",))


def _impossible_date(found: re.Match[str], context: Context) -> Read | None:
    """Flag "32/13/2025" and "31/4": no such day. Two parts alone must be called a day to be taken for one."""
    day, month = int(found[1]), int(found[3])
    year = int(found[4]) if found[4] else _LEAP
    if not found[4] and (found[2] == "-" or not _called_a_day(found, context)):
        return None
    if 1 <= month <= _MONTHS and 1 <= day <= monthrange(year, month)[1]:
        return None
    said = f"{integer(day, context.reading)} tháng {integer(month, context.reading)}"
    said += f" năm {integer(year, context.reading)}" if found[4] else ""
    return Read(said, DoubtKind.SUSPECT, f"Không có ngày {found[0]}: có thể gõ nhầm.")


def _impossible_time(found: re.Match[str], context: Context) -> Read | None:
    """Flag "25h" and "8h75"; "trong 48h" is a duration."""
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    late = hour > _HOURS and (found["minute"] is not None or context.cued(found.start(), _AT))
    if not late and minute < _MINUTES and not (hour == _HOURS and minute):
        return None
    if found["sign"] == ":" and not (late or context.cued(found.start(), _AT)):
        return None  # a ratio or a scripture, not an hour
    said = f"{integer(hour, context.reading)} giờ" + (f" {integer(minute, context.reading)} phút" if minute else "")
    return Read(said, DoubtKind.SUSPECT, f"Không có giờ “{found[0]}”: có thể gõ nhầm.")


def _doubled(found: re.Match[str], _: Context) -> Read | None:
    if found[1] in _DOUBLED_WORDS or not is_syllable(found[1]):
        return None
    return Read(found[0], DoubtKind.SUSPECT, f"Từ “{found[1]}” lặp hai lần: có thể gõ nhầm.")


def _thousands_or_decimals(found: re.Match[str], context: Context) -> Read:
    said = integer(int(found[0].replace(",", "")), context.reading)
    return Read(said, DoubtKind.SUSPECT, f"“{found[0]}”: phần nghìn viết bằng dấu chấm; đang đọc là {said}.")


BEFORE_DATES = (
    Rule(
        "impossible-date",
        re.compile(r"(?<![\w/.,-])([0-9]{1,2})([/.-])([0-9]{1,2})(?:\2((?:19|20)[0-9]{2}))?(?![\w/-]|[.,][0-9])"),
        _impossible_date,
    ),
    Rule(
        "impossible-time",
        re.compile(r"(?<![\w.,/:])(?P<hour>[0-9]{1,2})(?P<sign>[hg:])(?P<minute>[0-9]{2})?(?![\w:])['’′]?"),
        _impossible_time,
    ),
    Rule("number", re.compile(r"(?<![\w.,])[1-9][0-9]{0,2},000(?![\w,])"), _thousands_or_decimals),
)
AT_LAST = (Rule("doubled-word", re.compile(rf"(?<![^\W_])([{LETTERS}]{{2,12}}) \1(?![^\W_])"), _doubled),)
