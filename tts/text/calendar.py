"""Rules for dates and times of day."""

import re

from tts.model import DoubtKind
from tts.text.numbers import integer
from tts.text.rule import Context, Read, Rule

_D = "(0?[1-9]|[12][0-9]|3[01])"
_M = "(0?[1-9]|1[0-2])"
_Y = "((?:1[0-9]|20|21)[0-9]{2})"
_END = r"(?![\w/]|[.,][0-9])"

_DAY_CUES = (
    "ngày", "sáng", "trưa", "chiều", "tối", "đêm", "hôm", "lễ", "dịp", "đường", "phố", "đến", "từ", "hết", "trước",
    "sau", "kỷ niệm",
    "mùng", "mồng", "khánh", "tết", "nghỉ", "hạn", "tới", "hai", "ba", "tư", "năm", "sáu", "bảy", "nhật", "kể từ",
)  # fmt: skip
"""Words before "8/3" that make it a date; "hai".."nhật" are the ends of weekday names."""
_WEEKDAY_ENDS = ("hai", "ba", "tư", "năm", "sáu", "bảy")
_NOT_COUNTED = (
    "", "tại", "ở", "của", "đến", "lúc", "vào", "và", "với", "là", "do", "có", "được", "này", "tới", "trên", "theo",
    "các", "từ",
    "phường", "ủy", "hằng", "hàng", "vừa", "âm", "âl", "dương", "sắp", "năm", "nhằm",
)  # fmt: skip
"""Words after "15/8" that cannot be what is counted, so it is not "so many out of so many"."""
_COUNTED = frozenset((
    "khu", "khối", "thôn", "xã", "phường", "tổ", "hộ", "người", "đồng", "đảng", "chi", "nhà", "trường", "lớp", "cơ",
    "đơn", "ủy", "ubnd", "doanh", "cán", "công", "học", "chỉ", "tiêu", "nội", "thành", "đại", "bác", "cụm", "loa",
    "camera", "điểm", "văn", "hồ", "thủ", "sản", "hội", "đoàn", "cháu", "em", "trẻ", "bản", "tin", "bài", "dự", "số",
    "phần", "viên", "quả", "gói", "lần", "dân", "diện", "tổng", "ngày", "giờ", "phiếu", "ý", "xóm", "ấp", "phòng",
    "ban", "ngành", "hợp", "mô", "gia", "giáo", "máy", "xe", "con", "cây",
))  # fmt: skip
"""First words of what is counted "so many out of so many"."""
_NATIONAL_DAYS = {
    (8, 3),
    (26, 3),
    (30, 4),
    (1, 5),
    (7, 5),
    (19, 5),
    (1, 6),
    (27, 7),
    (19, 8),
    (2, 9),
    (20, 10),
    (20, 11),
    (22, 12),
}
_FIRST_DAYS = 10


def _day(day: int, context: Context, start: int) -> str:
    """Say "mùng" for the first ten days, but only where "ngày" asks for it and the text has not said it."""
    said = integer(day, context.reading)
    return f"mùng {said}" if day <= _FIRST_DAYS and context.cued(start, ("ngày",)) else said


def month(value: int, context: Context) -> str:
    """Tháng tư, not "tháng bốn"."""
    return "tư" if value == 4 else integer(value, context.reading)  # noqa: PLR2004


def _full(found: re.Match[str], context: Context) -> str:
    day, of, year = int(found[1]), int(found[3]), int(found[4])
    return f"{_day(day, context, found.start())} tháng {month(of, context)} năm {integer(year, context.reading)}"


def _iso(found: re.Match[str], context: Context) -> str:
    year, of, day = (int(part) for part in found.groups())
    return f"{_day(day, context, found.start())} tháng {month(of, context)} năm {integer(year, context.reading)}"


def _span(found: re.Match[str], context: Context) -> str:
    """Read "15-20/8/2026"."""
    first, last, of = int(found[1]), int(found[2]), int(found[3])
    year = f" năm {integer(int(found[4]), context.reading)}" if found[4] else ""
    until = integer(last, context.reading)
    return f"{_day(first, context, found.start())} đến {until} tháng {month(of, context)}{year}"


def _month_year(found: re.Match[str], context: Context) -> str | None:
    named = context.cued(found.start(), ("tháng", "quý"))
    if found[2] != "/" and not named:
        return None
    prefix = "" if named else "tháng "
    return f"{prefix}{month(int(found[1]), context)} năm {integer(int(found[3]), context.reading)}"


def _is_day_cue(found: re.Match[str], context: Context) -> bool:
    before = context.words_before(found.start())
    if before in _WEEKDAY_ENDS:
        return context.words_before(found.start(), 2).startswith("thứ ")
    return context.cued(found.start(), _DAY_CUES)


def _short(found: re.Match[str], context: Context) -> Read | None:
    day, of = int(found[1]), int(found[2])
    if (found[1], found[2]) == ("24", "7") and not context.cued(found.start(), ("ngày", "lễ", "dịp")):
        return None  # round the clock, not the 24th of July
    said = f"{_day(day, context, found.start())} tháng {month(of, context)}"
    after = context.word_after(found.end())
    if _is_day_cue(found, context) and not (
        context.cued(found.start(), ("đến", "từ", "hết", "năm")) and _counted(after)
    ):
        return Read(said)
    if (day, of) in _NATIONAL_DAYS and after not in _COUNTED:
        return Read(said)
    if _counted(after):
        ratio = " trên ".join(integer(side, context.reading) for side in (day, of))
        return (
            None if after in _COUNTED else Read(ratio, DoubtKind.AMBIGUOUS, "Tỷ số hay ngày tháng? Đang đọc là tỷ số.")
        )
    if context.cued(found.start(), ("đạt", "được", "có", "tỷ lệ", "tỉ lệ", "tỷ số", "số")):
        return None
    return Read(said, DoubtKind.AMBIGUOUS, "Ngày tháng hay tỷ số? Đang đọc là ngày.")


def _counted(after: str) -> bool:
    return after not in _NOT_COUNTED and not after[:1].isdigit()


def _clock(found: re.Match[str], context: Context) -> str | None:
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["minute"] is not None and hour > 24:  # noqa: PLR2004
        return None
    said = f"{integer(hour, context.reading)} giờ"
    return f"{said} {integer(minute, context.reading)} phút" if minute else said


RULES = (
    Rule("date", re.compile(rf"(?<![\w/.]){_D}([/.-]){_M}\2{_Y}{_END}"), _full),
    Rule(
        "date",
        re.compile(rf"(?<![\w/.-]){_Y}-{_M}-{_D}(?![\w/-])"),
        _iso,
    ),
    Rule("date", re.compile(rf"(?<![\w/.,]){_D} ?[-–] ?{_D}/{_M}(?:/{_Y})?{_END}"), _span),
    Rule("date", re.compile(rf"(?<![\w/.,]){_M} ?([/-]) ?{_Y}{_END}"), _month_year),
    Rule("date", re.compile(r"(?<=[IVX]) ?/ ?(?=20[0-9]{2}(?![0-9]))"), lambda _, __: " năm "),
    Rule(
        "time",
        re.compile(
            r"(?<![\w.,/])(?P<hour>[0-9]{1,3}) ?[hHg]"
            r"(?: ?(?P<minute>[0-5]?[0-9])(?: ?(?:phút|ph|p)(?!\w)|['’′])?)?(?!\w)"
        ),
        lambda found, context: _clock(found, context) if "g" not in found[0] or found["minute"] else None,
    ),
    Rule("time", re.compile(r"(?<![\w.,:])(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])(?![\w:])"), _clock),
    Rule("date", re.compile(rf"(?<![\w/.,]){_D}/{_M}{_END}"), _short),
)
