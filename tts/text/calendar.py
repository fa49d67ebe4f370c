"""Rules for dates and times of day."""

import re

from tts.model import DoubtKind
from tts.text.numbers import integer
from tts.text.quantities import MAX_PART, SHARE_CUES, SHARE_WORDS, is_part_of
from tts.text.rule import Context, Read, Rule

_D = "(0?[1-9]|[12][0-9]|3[01])"
_M = "(0?[1-9]|1[0-2])"
_Y = "((?:1[0-9]|20|21)[0-9]{2})"
_END = r"(?![\w/]|[.,][0-9])"

_DAY_CUES = (
    "ngày", "sáng", "trưa", "chiều", "tối", "đêm", "hôm", "lễ", "dịp", "đường", "phố", "đến", "từ", "hết", "trước",
    "sau", "kỷ niệm",
    "mùng", "mồng", "khánh", "chót", "rằm", "từ ngày", "đêm", "mừng", "tết", "nghỉ", "hạn", "tới", "hai", "ba",
    "tư", "năm", "sáu", "bảy", "nhật", "kể từ", "rạng", "rạng sáng",
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
    "ban", "ngành", "hợp", "mô", "gia", "giáo", "máy", "xe", "con", "cây", "kp", "tdp", "kdc", "clb", "hs", "hv", "cb",
    "khóm", "làng", "trạm", "vị", "ca", "suất", "lượt", "thửa", "cụ", "ông", "bà", "chị", "anh", "thí", "tuyến",
    "đối", "mẫu", "liều", "đội", "sào", "ha", "cử", "hạng", "xuất",
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
_RATIO_CUES = (
    "vòng",
    "cấp độ",
    "thang điểm",
    "điểm",
    "mức",
    "đạt",
    "được",
    "có",
    "tỷ lệ",
    "tỉ lệ",
    "tỷ số",
    "số",
    "trang",
    "tốt nghiệp",
    "trình độ",
    "văn hóa",
    "bài",
    "chọi",
    "chọi là",
    "tỷ lệ là",
    "lớp",
    "bước",
)
_FIRST_DAYS = 10
_MONTHS = 12
_UNTIL = ("đến", "tới", "trước", "hết", "từ", "hạn", "sáng", "chiều", "tối")
_THEN = ("nay", "mai", "mốt", "kia", "qua", "sáng", "chiều", "tối", "đêm", "trưa")
"""Parts of a day, and which day: "tối 20-11", "sáng mai 24/11"."""
_SCHOOLS = ("mn", "mầm non", "mẫu giáo", "công viên", "quảng trường", "sân vận động", "bệnh viện", "xí nghiệp", "cầu",
            "chợ", "nhà máy", "hợp tác xã", "trường")  # fmt: skip
"""What is named after a day: "Trường MN 24/3"."""
_HOUR_CUES = ("lúc", "hồi", "từ", "đến", "vào", "khoảng", "trước", "sau", "tới")
_LUNAR = re.compile(r" ?\(?(?:âm lịch|dương lịch|ÂL|âl|AL|DL|Tết)(?!\w)")
_AFTER_DAYS = re.compile(
    r"(?:ngày|từ|mùng|sáng|chiều|tối|lễ|dịp|đợt|hồi)"
    r"(?: [0-9]{1,2}(?:[/.][0-9]{1,2})?(?: ?[,;&–-]| và| đến(?: ngày)?)){1,5} ?$"
)
"""What stands before the last of several days: "ngày 15, ", "từ 15/8-"."""
_WEEKDAY_SAID = re.compile(
    r"(?:[Tt]hứ (?:[2-7]|[Hh]ai|[Bb]a|[Tt]ư|[Nn]ăm|[Ss]áu|[Bb]ảy)|[Cc]hủ [Nn]hật|T[2-7]|CN)[,:]? ?\(?(?:ngày )?$"
)
_FROM_A_DATE = re.compile(rf"(?<![\w/.,]){_D}/{_M} ?[-–—] ?$")
_TO_A_DATE = re.compile(rf" ?[-–—] ?(?:ngày )?{_D}/{_M}(?![\w%]|[.,][0-9])")


def _day(day: int, context: Context, start: int) -> str:
    """Say "mùng" for the first ten days, but only where "ngày" asks for it and the text has not said it."""
    said = integer(day, context.reading)
    return f"{context.reading.first_days} {said}" if day <= _FIRST_DAYS and context.cued(start, ("ngày",)) else said


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


def _listed(found: re.Match[str], context: Context) -> str | None:
    """Read "12, 13 và 14/9": several days of one month."""
    *days, of = (int(part) for part in re.findall("[0-9]+", found["days"]))
    if len(days) < 1 or not _is_day_cue(found, context):
        return None
    joints = re.findall(" ?(?:[,;&]|và) ?", found["days"])
    said = _day(days[0], context, found.start())
    for joint, day in zip(joints, days[1:], strict=True):
        said += f"{', ' if ',' in joint or ';' in joint else ' và '}{integer(day, context.reading)}"
    year = f" năm {integer(int(found['year']), context.reading)}" if found["year"] else ""
    return f"{said} tháng {month(of, context)}{year}"


def _dashed(found: re.Match[str], context: Context) -> Read | None:
    """Read "ngày 10-3" as a date when it cannot be days from-to, and ask when it can."""
    day, of = int(found[1]), int(found[2])
    lunar = _LUNAR.match(context.text, found.end()) is not None and context.word_after(found.end()) != "tháng"
    feast = (day, of) in _NATIONAL_DAYS and context.cued(found.start(), ("lễ", "dịp", "ngày", "mừng", "niệm", "khánh"))
    called = context.cued(found.start(), ("ngày", "mùng", "mồng", "rằm"))
    if context.word_after(found.end()) == "tháng" and day < of:
        return None  # "từ ngày 1-5 tháng 12"
    today = day > of and context.cued(found.start(), _THEN)
    if lunar or feast or today or (called and day > of):
        return Read(f"{_day(day, context, found.start())} tháng {month(of, context)}")
    after = context.word_after(found.end())
    if not called or after in ("hằng", "hàng", "mỗi", "tháng", "của"):
        return None
    if context.words_before(found.start(), 2).split()[0] in ("từ", "các", "những", "hai"):
        return None
    span = f"{_day(day, context, found.start())} đến {integer(of, context.reading)}"
    date = f"{_day(day, context, found.start())} tháng {month(of, context)}"
    return Read(span, DoubtKind.AMBIGUOUS, f"“{found[0]}” là từ ngày đến ngày, hay ngày tháng?", (span, date))


def _dotted(found: re.Match[str], context: Context) -> str | None:
    """Read "ngày 10.12", and "trước 31.12": more than twelve before the dot and a month behind, and nothing counted."""
    until = int(found[1]) > _MONTHS and len(found[2]) > 1 and not _counted(context.word_after(found.end()))
    if not context.cued(found.start(), ("ngày", *_UNTIL) if until else ("ngày",)):
        return None
    return f"{_day(int(found[1]), context, found.start())} tháng {month(int(found[2]), context)}"


def _round_the_clock(found: re.Match[str], context: Context) -> str | None:
    if context.cued(found.start(), ("ngày", "lễ", "dịp")):
        return None
    sides = " trên ".join(integer(int(side), context.reading) for side in found.groups()[:2])
    return sides + (" giờ" if found[3] else "")


def _month_year(found: re.Match[str], context: Context) -> str | None:
    if context.cued(found.start(), ("đợt", "kỳ", "học kỳ", "lần", "khóa", "vòng", "tuần", "thứ")):  # "đợt 2/2025"
        return f"{integer(int(found[1]), context.reading)} năm {integer(int(found[3]), context.reading)}"
    named = context.cued(found.start(), ("tháng", "quý"))
    if found[2] != "/" and not named:
        return None
    prefix = "" if named else "tháng "
    return f"{prefix}{month(int(found[1]), context)} năm {integer(int(found[3]), context.reading)}"


def _is_day_cue(found: re.Match[str], context: Context) -> bool:
    before = context.words_before(found.start())
    if before in _WEEKDAY_ENDS:
        return context.words_before(found.start(), 2).startswith("thứ ")
    if _LUNAR.match(context.text, found.end()) or _WEEKDAY_SAID.search(context.text, 0, found.start()):
        return True
    if _FROM_A_DATE.search(context.text, 0, found.start()):
        return True
    return context.cued(found.start(), _DAY_CUES) or _AFTER_DAYS.search(context.text, 0, found.start()) is not None


def _begins_span(found: re.Match[str], context: Context) -> bool:
    """Tell whether another date follows a dash: "15/8 - 20/9/2026"."""
    return _TO_A_DATE.match(context.text, found.end()) is not None


def _surely_a_date(found: re.Match[str], context: Context, after: str) -> bool:
    if _begins_span(found, context) or context.cued(found.start(), _THEN[:5]):
        return True
    if int(found[1]) > int(found[2]) and context.cued(found.start(), _SCHOOLS):
        return True
    counting = context.cued(found.start(), ("đến", "từ", "hết", "năm")) and _counted(after)
    return (_is_day_cue(found, context) and not counting) or (
        (int(found[1]), int(found[2])) in _NATIONAL_DAYS and after not in _COUNTED
    )


def _short(found: re.Match[str], context: Context) -> Read | None:
    """Read "15/8": a date, or so many out of so many and then left to the rule for ratios, or asked."""
    day, of = int(found[1]), int(found[2])
    said = f"{_day(day, context, found.start())} tháng {month(of, context)}"
    after = context.word_after(found.end())
    share = day < of <= MAX_PART
    if _CLASSES.search(context.text, 0, found.start()) or (share and context.cued(found.start(), SHARE_CUES)):
        return None
    if _surely_a_date(found, context, after):
        return Read(said)
    part = share and (is_part_of(of, after) or context.cued(found.start(), SHARE_WORDS))  # "1/3 mức phí"
    if (
        part
        or after in _COUNTED
        or context.cued(found.start(), ("vòng", "cấp độ", "thang điểm"))
        or (not _counted(after) and context.cued(found.start(), _RATIO_CUES))
    ):
        return None
    ratio = " trên ".join(integer(side, context.reading) for side in (day, of))
    if day > of:  # fifteen out of eight there cannot be
        return Read(said)
    if _counted(after):
        return Read(ratio, DoubtKind.AMBIGUOUS, "Tỷ số hay ngày tháng? Đang đọc là tỷ số.", (ratio, said))
    return Read(said, DoubtKind.AMBIGUOUS, "Ngày tháng hay tỷ số? Đang đọc là ngày.", (said, ratio))


_CLASSES = re.compile("[Ll]ớp (?:[0-9]{1,2}/[0-9]{1,2}(?:, | và )){1,6}$")
"""Before another class: "lớp 6/1, 7/2"."""


def _counted(after: str) -> bool:
    return after not in _NOT_COUNTED and not after[:1].isdigit()


def _hour_of_day(found: re.Match[str], context: Context) -> str:
    """Read the rest of "7h/28/10"."""
    return f", ngày {integer(int(found[1]), context.reading)} tháng {month(int(found[2]), context)}"


def _bare_hour(found: re.Match[str], context: Context) -> str | None:
    """Read "8h", "8g30"; "5g" alone is a weight unless an hour is asked for."""
    asked = (
        context.cued(found.start(), _HOUR_CUES)
        or _FROM_HOUR.search(context.text, 0, found.start())
        or (_HOURS_IN_G.search(context.text) and not _WEIGHED.search(context.text))
    )
    if "g" in found[0] and not found["minute"] and not asked:
        return None
    return _clock(found, context)


_HOURS_IN_G = re.compile(
    r"(?:từ|lúc|hồi|sáng|chiều|tối|trước) [0-9]{1,2}g(?!\w)|[0-9]g[0-5][0-9]|[/-][0-9]{1,2}, [0-9]{1,2}g:"
)
_WEIGHED = re.compile(r"nặng|đường|muối|thuốc|gói|pha|bột|gạo|cân|vàng|[km]g(?!\w)", re.IGNORECASE)
_FROM_HOUR = re.compile(r"(?:[hg][0-5][0-9]['’′]?|(?:từ|lúc|hồi|vào|khoảng) [0-9]{1,2}[hg]) ?[-–—] ?$", re.IGNORECASE)


def _months_of_year(found: re.Match[str], context: Context) -> str:
    """Read "9T/2025": so many months of a year."""
    return f"{integer(int(found[1]), context.reading)} tháng năm {integer(int(found[2]), context.reading)}"


def _clock(found: re.Match[str], context: Context) -> str | None:
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["minute"] is not None and hour > 24:  # noqa: PLR2004
        return None
    said = f"{integer(hour, context.reading)} giờ"
    return f"{said} {integer(minute, context.reading)} phút" if minute else said


def _to_the_second(found: re.Match[str], context: Context) -> str:
    hour, minute, second = (integer(int(part), context.reading) for part in found.groups())
    return f"{hour} giờ {minute} phút {second} giây"


def _stopwatch(found: re.Match[str], context: Context) -> str:
    """Read 12'30" as minutes and seconds."""
    minutes, seconds = (integer(int(part), context.reading) for part in found.groups())
    return f"{minutes} phút {seconds} giây"


def _school_year(found: re.Match[str], context: Context) -> str | None:
    """Read "năm học 2024/2025"."""
    first, last = int(found[1]), int(found[2])
    return f"{integer(first, context.reading)} đến {integer(last, context.reading)}" if last == first + 1 else None


def _minutes(found: re.Match[str], context: Context) -> str:
    """Read the rest of "22 giờ 00", which is nothing, and of "4 giờ 30 ngày 6/6", where a day must not be counted."""
    return "" if found[1] else f"{integer(int(found[2]), context.reading)} phút"


_HALVES = {"S": "sáng", "C": "chiều"}
"""Of a day, in a table of office hours: "S: 7h-11h30"."""

RULES = (
    Rule("date", re.compile(rf"(?<![\w/.]){_D}([/.-]){_M}\2{_Y}{_END}"), _full),
    Rule(
        "date",
        re.compile(rf"(?<![\w/.-]){_Y}-{_M}-{_D}(?![\w/-])"),
        _iso,
    ),
    Rule("date", re.compile(rf"(?<![\w/.,]){_D} ?[-–] ?{_D}/{_M}(?:/{_Y})?{_END}"), _span, "/"),
    Rule(
        "date",
        re.compile(rf"(?<![\w/.,])(?P<days>{_D}(?: ?[,;&] ?{_D}| và {_D}){{1,6}}/{_M})(?:/(?P<year>{_Y}))?{_END}"),
        _listed,
        "/",
    ),
    Rule("time", re.compile(r"(?<![\w/.,])(24) ?/ ?(24|7)( ?[hg]| giờ)?(?!\w|[/-])"), _round_the_clock, "/"),
    Rule("date", re.compile(rf"(?<![\w/.,-]){_D}\.{_M}{_END}"), _dotted),
    Rule("date", re.compile(rf"(?<![\w/.,-]){_D} ?- ?{_M}(?![\w/%-]|[.,][0-9])"), _dashed),
    Rule("date", re.compile(rf"(?<![\w/.,]){_M} ?([/-]) ?{_Y}{_END}"), _month_year),
    Rule("date", re.compile(r"(?<=[IVX]) ?/ ?(?=20[0-9]{2}(?![0-9]))"), lambda _, __: " năm "),
    Rule(
        "time",
        re.compile(
            r"(?<![\w.,/])(?P<hour>[0-9]{1,3}) ?[hHg]"
            r"(?: ?(?P<minute>[0-5]?[0-9])(?: ?(?:phút|ph|p)(?!\w)|['’′])?)?(?!\w)"
        ),
        _bare_hour,
    ),
    Rule("date", re.compile(rf"(?<=[0-9hg'’′])/{_D}/{_M}{_END}"), _hour_of_day, "/"),
    Rule("date", re.compile(r"(?<![\w/.,])([0-9]{1,2})T/(20[0-9]{2})(?![\w/])"), _months_of_year, "/"),
    Rule("time", re.compile(r"(?<![\w.,/])([0-9]{1,3})['’′] ?([0-5]?[0-9])(?:[\"”″]|'')(?!\w)"), _stopwatch),
    Rule("date", re.compile(rf"(?<![\w/.,-]){_Y} ?/ ?{_Y}(?![\w/])"), _school_year, "/"),
    Rule(
        "time",
        re.compile(r"(?<![\w.,:])(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])(?![\w:]|[.,][0-9])"),
        _clock,
        ":",
    ),
    Rule(
        "time",
        re.compile(r"(?<![\w.,:])([01]?[0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?![\w:])"),
        _to_the_second,
        ":",
    ),
    Rule(
        "time",
        re.compile(r"(?<=[0-9] giờ )(?:(00)(?: ?(?:phút|ph|p)(?!\w))?|([0-5][0-9])(?= ngày))(?![\w/%]|[.,:-]?[0-9])"),
        _minutes,
    ),
    Rule("time", re.compile(r"(?<![\w.])([SC])(?=: ?[0-9]{1,2} ?(?:[hg]|giờ))"), lambda found, _: _HALVES[found[1]]),
    Rule("date", re.compile(r"(?<=tháng)/(?=20[0-9]{2}(?!\w))"), lambda _, __: " năm "),
    Rule("date", re.compile(rf"(?<![\w/.,]){_D}/{_M}{_END}"), _short, "/"),
)
