"""Rules for amounts: units, percentages, "so much per so much", ratios, ranges and bare numbers."""

import re

from tts.model import DoubtKind
from tts.text import money, ranges
from tts.text.numbers import LEFT, MAX_DIGITS, NUM, digits, integer, number
from tts.text.rule import Context, Read, Rule
from tts.text.units import ALONE, CLOSE_ONLY, PER, PER_SHORT, SIGNS, UNITS, alternatives

_WHOLE = r"(?:[0-9]{1,3}(?:\.[0-9]{3}){1,4}|[0-9]{1,6})"
_DECIMAL = "[0-9]{1,4},[0-9]{1,2}"

_PART_OF = (
    "mức",
    "kinh",
    "tiền",
    "nhu",
    "lượng",
    "phí",
    "vốn",
    "chiều",
    "viên",
    "số",
    "tổng",
    "dân",
    "diện",
    "lần",
    "quả",
    "gói",
    "thìa",
    "muỗng",
    "kg",
    "lít",
    "học",
    "giờ",
    "cốc",
    "chén",
    "bát",
    "ly",
    "sào",
    "hộp",
    "chặng",
    "đường",
    "thời",
    "giá",
)
_PART_OF_FEW = ("cử", "ý", "quãng", "đại", "sản", "thu")
"""The same, of four parts at most: "4/7 tài khoản" are counted, "2/3 cử tri" are a share."""
SHARE_CUES = ("chiếm", "giảm", "tăng", "thêm", "bằng", "mất", "quá", "chỉ bằng", "giảm còn")
"""After these "1/3" is a share, whatever day it may be."""
SHARE_WORDS = ("khoảng", "hơn", "gần", "chừng", "chưa đến", "chưa tới", "chưa đầy", "ít nhất", "tối thiểu", "được")
"""After these too, unless it may be a day to be kept ("gần 2/9")."""
MAX_PART, _FEW = 10, 4
_GROUP = 3
_LOOK_BACK = 24
_ACCOUNT_DIGITS = 9  # nobody writes an amount this long without dots: an account or an identity number
_ORDER = {1: "nhất", 4: "tư"}


_HOUSE_CUES = (
    "số",
    "nhà",
    "lớp",
    "phòng",
    "khối",
    "tổ",
    "ngõ",
    "ngách",
    "hẻm",
    "kiệt",
    "lô",
    "khu",
    "tuyến",
    "xe",
    "mạng",
)
"""After these "12A" and "5V" are names, not amounts."""
_LENGTH_CUES = ("cao", "sâu", "rộng", "dài", "dày", "ngập")
_LOAD_CUES = ("xe", "ô tô", "trên", "tải", "dưới", "trọng", "đến", "quá", "xe tải", "nặng")
_CURRENT_CUES = (
    "sạc",
    "ổ cắm",
    "phích cắm",
    "cầu dao",
    "attomat",
    "mcb",
    "điện",
    "dòng",
    "tải",
    "dao",
    "aptomat",
    "chì",
    "áp tô mát",
)


_STORED = re.compile(r"ổ cứng|bộ nhớ|dung lượng|lưu|ổ đĩa|SSD|HDD|camera|đầu ghi|data", re.IGNORECASE)


def _unit(found: re.Match[str], context: Context) -> str | None:
    unit = found["unit"]
    if unit in CLOSE_ONLY and found["gap"] and not (unit == "TB" and _STORED.search(context.text, 0, found.start())):
        return None
    compared = context.text[: found.start()].rstrip()[-1:] in tuple("<>≤≥")  # ">5T": an amount
    if unit == "T":
        if not compared and "," not in found["number"] and not context.cued(found.start(), _LOAD_CUES):
            return None
    elif unit in ("k", "K") and len(re.sub("[^0-9]", "", found["number"])) > _GROUP:
        return None  # "6500K": nobody counts thousands of thousands
    elif unit.isupper() and not compared and context.cued(found.start(), _HOUSE_CUES):
        return None
    if unit == "A" and not context.cued(found.start(), _CURRENT_CUES):
        return None
    below = UNITS.get(found["below"] or "", found["below"])
    name = UNITS[unit] + (f" trên {below}" if below else "")
    return f"{number(found['number'], context.reading)} {name}"


def _metres(found: re.Match[str], context: Context) -> Read | None:
    """Read "1m75"; "10m3" is a volume, and "sâu 2m3" may be either."""
    metres = integer(int(found[1]), context.reading)
    below = digits(found[2]) if found[2].startswith("0") else integer(int(found[2]), context.reading)  # "1m05"
    length = f"{metres} mét {below}"
    if found[2] not in ("2", "3"):
        return Read(length)
    if not context.cued(found.start(), _LENGTH_CUES):
        return None
    other = f"{metres} {UNITS['m' + found[2]]}"
    return Read(length, DoubtKind.AMBIGUOUS, f"“{found[0]}” là {length} hay {other}?", (length, other))


_SCREEN = re.compile('(?:màn hình|ti ?vi|TV|laptop|điện thoại|ống|loa|vành)[^"“”″]*$', re.IGNORECASE)


def _inches(found: re.Match[str], context: Context) -> str | None:
    return " in" if _SCREEN.search(context.text[: found.start()].replace('",', ",")) else None


def _plus(found: re.Match[str], context: Context) -> str:
    """Read "1+1", and "tháng 9+10", where nothing is added up."""
    figures = re.search("[0-9]+$", context.text[: found.start()])
    start = figures.start() if figures else found.start()
    return " và " if context.cued(start, ("tháng", "quý", "tổ", "tuần", "ngày", "khối", "lớp", "kp")) else " cộng "


def _rhesus(found: re.Match[str], context: Context) -> str | None:
    if "máu" not in context.text[: found.start()]:
        return None
    return " dương" if "+" in found[0] else " âm"


def _kilos(found: re.Match[str], context: Context) -> str:
    """Read "3kg2": two tenths more."""
    return f"{integer(int(found[1]), context.reading)} ki lô {integer(int(found[2]), context.reading)}"


def _bare_hectare(found: re.Match[str], context: Context) -> str | None:
    return "héc ta" if context.cued(found.start(), ("nghìn", "ngàn", "triệu", "trăm", "chục", "vạn", "mỗi")) else None


def _odds(found: re.Match[str], context: Context) -> str:
    return " trên ".join(number(side, context.reading) for side in found.groups())


def _pressure(found: re.Match[str], context: Context) -> str:
    sides = " trên ".join(integer(int(side), context.reading) for side in found.groups())
    return f"{sides} {UNITS['mmHg']}"


_AGED = re.compile(
    r"(?<!\w)(?:đủ|tuổi|nam|nữ|trẻ|công dân|sinh năm|cụ|cháu|bé|em|người|tóc|thanh niên)(?!\w)", re.IGNORECASE
)
_LOADED = re.compile(r"xe|tải|hàng|container|tấn|cầu", re.IGNORECASE)


def _tonnes_or_years(found: re.Match[str], context: Context) -> Read:
    """Read "xe 5t" and "đủ 18t", and ask when nothing tells them apart."""
    said = number(found[1], context.reading)
    aged = _AGED.search(context.text) is not None and "," not in found[1]
    loaded = _LOADED.search(context.text, 0, found.start()) is not None or "," in found[1]
    choices = (f"{said} tấn", f"{said} tuổi")
    if aged != loaded:
        return Read(choices[aged])
    return Read(choices[0], DoubtKind.AMBIGUOUS, f"“{found[0]}” là tấn hay tuổi?", choices)


def _transformed(found: re.Match[str], context: Context) -> str:
    """Read "22/0,4kV" and "28,15/32,00m": one unit behind two amounts."""
    sides = " trên ".join(number(side.replace(".", ","), context.reading) for side in found.groups()[:2])
    return f"{sides} {UNITS[found[3]]}"


def _within(found: re.Match[str], context: Context) -> str:
    """Read "100mm/24h": so much within so many hours."""
    return f" trong {integer(int(found[1]), context.reading)} giờ"


def _english_number(found: re.Match[str], context: Context) -> str:
    return integer(int(found[0].replace(",", "")), context.reading)


_COUNTED = re.compile(r"[0-9][0-9.,]* ?(?:\w{1,10} ){0,2}\w{1,10}$")


def _per_counted(found: re.Match[str], context: Context) -> str | None:
    """Read "35 học sinh/lớp": after what was counted, a slash is "mỗi"."""
    counted = _COUNTED.search(context.text, max(0, found.start() - 2 * _LOOK_BACK), found.start())
    return " một " if counted else None


_AMOUNT_ENDS = re.compile(r"(?<![\w.,/])[0-9][0-9.,]* ?[^\W\d_]{0,7}[a-zà-ỹđ]$")


def _per_so_many(found: re.Match[str], context: Context) -> str | None:
    """Read "10mg/5ml", "1 gói/200ml" and "5k/1 ổ"."""
    if not found[1] and not context.text[found.end()].isdigit():
        return None
    before = context.text[max(0, found.start() - _LOOK_BACK) : found.start()]
    if not _AMOUNT_ENDS.search(before) or before.endswith((" hộ", " khẩu", " người", " cháu", " thôn")):
        return None  # "120 hộ/450 khẩu": two things are counted
    return " một " if found[1] else " trên "


_AMOUNT_BEFORE = re.compile(
    r"(?:[0-9%][^,;:?!()]{0,30}|(?:đồng|lần|buổi|lượt|suất|tiền|bài|giờ|triệu|nghìn|m3|kg|lít|héc ta|tạ|tấn))$"
)


def _per(found: re.Match[str], context: Context) -> str | None:
    """Read "50.000 đồng/người/tháng"; in "phụ nữ/tổ dân phố" nothing is counted."""
    stretch = context.text[max(0, found.start() - 2 * _LOOK_BACK) : found.start()]
    return " một " if _AMOUNT_BEFORE.search(stretch) else None


def _per_short(found: re.Match[str], context: Context) -> str | None:
    """Read "120.000đ/HS" and "26.350 đ/USD": what it is reckoned by, shortened."""
    return f"{said}{PER_SHORT[found[1]]}" if (said := _per(found, context)) else None


def is_part_of(whole: int, after: str) -> bool:
    """Tell whether ``after`` names what has parts: "1/3 mức phí"."""
    return after in _PART_OF or (whole <= _FEW and after in _PART_OF_FEW)


def _ratio(found: re.Match[str], context: Context) -> str:
    part, whole = (int(side.replace(".", "")) for side in found.groups())
    said = [integer(side, context.reading) for side in (part, whole)]
    small = part < whole <= MAX_PART and (
        is_part_of(whole, context.word_after(found.end()))
        or context.cued(found.start(), ("vòng", *SHARE_CUES, *SHARE_WORDS))
    )
    if small and whole == 4:  # noqa: PLR2004 - "một phần tư"
        said[1] = "tư"
    return (" phần " if small else " trên ").join(said)


_DEGREES = re.compile("[0-9]+(?:,[0-9]+)? ?(?:[°º℃]|độ|oC)")
"""Behind a sign that begins a sentence and is no bullet: "-10°C"."""


def _sign(found: re.Match[str], context: Context) -> Read | str | None:
    sign = found[0].strip()
    if sign == ">" and context.text[: found.start()].endswith("-"):
        return None  # an arrow
    bullet = sign in "+-−" and context.text[: found.start()].strip() == ""
    if bullet and not (found[0] == sign and _DEGREES.match(context.text, found.end())):
        return None  # a bullet, not a sign
    if sign in "-−" and found[0] != sign:
        return None  # "7h sáng - 9h tối": a dash with a blank on either side
    if sign in ("=>", "=<"):
        return Read(
            SIGNS[sign], DoubtKind.AMBIGUOUS, f"“{sign}” là dấu so sánh hay mũi tên?", (SIGNS[sign].strip(), "đến")
        )
    return SIGNS[sign]


def _section(found: re.Match[str], context: Context) -> str | None:
    """Read "2.1.3" part by part; thousands look alike and are left to the number rule."""
    parts = found[0].split(".")
    if all(len(part) == _GROUP for part in parts[1:]):
        return None
    return " chấm ".join(integer(int(part), context.reading) for part in parts)


_LISTED_CUES = ("tổ", "thôn", "khu phố", "khối phố", "kp", "tdp", "khối", "xóm", "lớp", "điều", "khoản", "thứ", "ngày",
                "tháng", "dân phố", "cụm", "bài", "mục", "câu", "lô", "đợt", "bàn", "các số", "ấp", "đội", "nhóm",
                "quý",
                "các tổ", "phường", "quận", "khóa", "mức độ", "cấp", "bảng", "tuần", "t", "khu")  # fmt: skip


def _list(found: re.Match[str], context: Context) -> str | None:
    """Read "tổ 3,4" as two numbers: after what is counted off, a comma is no decimal sign."""
    parts = found[0].split(",")
    if not context.cued(found.start(), _LISTED_CUES) and (len(parts) < 3 or max(map(len, parts)) > 2):  # noqa: PLR2004
        return None
    weekday = context.cued(found.start(), ("thứ",))
    return ", ".join(_ORDER.get(int(part), integer(int(part), context.reading)) if weekday else
                     integer(int(part), context.reading) for part in parts)  # fmt: skip


def _ordinal(found: re.Match[str], context: Context) -> str | None:
    value = int(found[0])
    if context.cued(found.start(), ("thứ",)):
        return _ORDER.get(value, integer(value, context.reading))
    return "tư" if value == 4 and context.cued(found.start(), ("tháng",)) else None  # noqa: PLR2004


_CODE_CUES = ("vé số", "seri", "xê ri", "số hiệu", "mã", "mã số", "số thẻ", "mã hồ sơ", "mã đơn vị", "mã khách hàng",
              "mã vạch", "biên lai số", "hóa đơn số", "số báo danh", "mật khẩu")  # fmt: skip
"""A number after these is a name: said figure by figure."""


def _number(found: re.Match[str], context: Context) -> Read:
    if found[0].isdigit() and (
        len(found[0]) >= _ACCOUNT_DIGITS or (len(found[0]) > _GROUP and context.cued(found.start(), _CODE_CUES))
    ):
        return Read(digits(found[0]))
    said = number(found[0], context.reading)
    twin = re.compile(r" [0-9]+(?![\w/%]|[.,][0-9])").match(context.text, found.end())
    if twin and found[0].isdigit():
        return Read(said, DoubtKind.SUSPECT, f"Hai số liền nhau “{found[0]}{twin[0]}”: có thể gõ nhầm.")
    return Read(said)


def _long_digits(found: re.Match[str], _: Context) -> Read:
    return Read(digits(found[0]), DoubtKind.SUSPECT, f"Dãy trên {MAX_DIGITS} chữ số, đọc từng số.")


RULES = (
    Rule("long-digits", re.compile(rf"[0-9]{{{MAX_DIGITS + 1},}}"), _long_digits),
    *money.RULES,
    Rule("per", re.compile(r"(?<=[^\W_0-9]) ?/ ?([0-9]{1,3}) ?(?:h|giờ)(?!\w)"), _within, "/"),
    Rule("until", re.compile(r"(?<=[^\W_]) ?(?:-{1,2}>|→|➔|➜|⟶) ?(?=[^\W_])"), lambda _, __: " đến "),
    Rule("sign", re.compile(r"(?<=[A-Za-z])\+ ?(?=[0-9])"), lambda _, __: " cộng ", "+"),
    Rule("sign", re.compile(r"(?<=[0-9]) ?\+ ?(?=[0-9])"), _plus, "+"),
    Rule("sign", re.compile(r"(?<=[0-9])\^(?=[0-9])"), lambda _, __: " mũ ", "^"),
    Rule("unit", re.compile(r"(?<=[0-9])[\"”″](?![^ ,.;)!?])"), _inches),
    Rule("blood-group", re.compile(r"(?:(?<=Rh)|(?<=[ABO])) ?[+-](?![\w+-])"), _rhesus),
    *ranges.RULES,
    Rule("sign", re.compile(r"(?<=[0-9])\+(?= |[.,;)]|$)"), lambda _, __: " cộng"),
    Rule(
        "unit",
        re.compile(
            rf"(?<![\w.,/])([0-9]{{1,3}}|{_DECIMAL})/([0-9]{{1,3}}(?:[.,][0-9]{{1,2}})?)(kV|KV|m|km|ha|MW|m3|m³)(?!\w)"
        ),
        _transformed,
        "/",
    ),
    Rule("unit", re.compile(r"(?<![\w.,/])([0-9]{2,3}) ?/ ?([0-9]{2,3}) ?mmHg(?!\w)"), _pressure, "/"),
    Rule("unit", re.compile(r"(?<= )ha(?= |[.,;)]|$)"), _bare_hectare),
    Rule("unit", re.compile(r"(?<![\w.,])([0-9]{1,2})m([0-9]{1,2})(?!\w)"), _metres),
    Rule("unit", re.compile(r"(?<![\w.,])([0-9]{1,3})kg([1-9])(?!\w)"), _kilos),
    Rule(
        "unit",
        re.compile(
            rf"{LEFT}(?P<number>{NUM})(?P<gap> ?)(?P<unit>{alternatives(UNITS)})"
            rf"(?:/(?P<below>m3|m³|m2|m²|km2|km²|lít|l|L|ml|kg|ha|s|h))?(?![\w²³])"
        ),
        _unit,
    ),
    Rule("unit", re.compile(r"(?<![\w.,/])([0-9]{1,3}(?:,[0-9])?)t(?!\w)"), _tonnes_or_years),
    Rule("unit", re.compile(rf"(?<![\w.])(?:{'|'.join(ALONE)})(?![\w²³])"), lambda found, _: UNITS[found[0]]),
    Rule("per", re.compile(r"(?<=[^\W_0-9]) ?/ ?(?:0?1 )?ha(?!\w)"), lambda _, __: " một héc ta", "/"),
    Rule("per", re.compile(rf"(?<=[^\W_0-9]) ?/ ?(?:0?1 )?(?=(?:{PER})(?!\w))"), _per, "/"),
    Rule("per", re.compile(rf"(?<=[^\W_]) ?/ ?({alternatives(PER_SHORT)})(?![\w²³])"), _per_short, "/"),
    Rule("per", re.compile(rf"(?<=[0-9²³%]) ?/ ?(?=(?:{PER})(?!\w))"), lambda _, __: " một ", "/"),
    Rule("per", re.compile(r"(?<=[^\W\d_]) ?/ ?(0?1 ?(?=[^\W\d_]))?(?=[0-9]|[^\W\d_])"), _per_so_many, "/"),
    Rule(
        "per",
        re.compile(r"(?:(?<=người)|(?<=hộ)|(?<=con)|(?<=cây)) ?/ ?(?=(?:k?m2|k?m²|km|ha)(?!\w))"),
        lambda _, __: " một ",
        "/",
    ),
    Rule("times", re.compile(r"(?<=[mlg0-9] )[xX×] (?=(?:cao|rộng|dài|sâu|dày)(?!\w))"), lambda _, __: "nhân "),
)
"""Before codes and the lexicon: a unit is decided by the number in front of it."""

NUMBER_RULES = (
    Rule("ratio", re.compile(rf"(?<![\w.,/])({_DECIMAL}) ?/ ?({_DECIMAL}|{_WHOLE})(?![\w/]|[.,][0-9])"), _odds, "/"),
    Rule("ratio", re.compile(rf"(?<![\w.,/])({_WHOLE}) ?/ ?({_DECIMAL})(?![\w/]|[.,][0-9])"), _odds, "/"),
    Rule("ratio", re.compile(rf"(?<![\w.,/])({_WHOLE}) ?/ ?({_WHOLE})(?![\w/]|[.,][0-9])"), _ratio, "/"),
    Rule("times", re.compile(r"(?<= )[xX×] ?(?=[0-9])"), lambda _, __: "nhân "),
    Rule("per", re.compile(r"(?<=[^\W0-9_])/(?=[a-zà-ỹđ]{2,})"), _per_counted, "/"),
    Rule("times", re.compile(r"(?:(?<=[0-9])|(?<=[0-9]m)|(?<=[0-9] m)) ?[x×] ?(?=[0-9])"), lambda _, __: " nhân "),
    Rule("section", re.compile(r"(?<![\w.,])[0-9]{1,3}(?:\.[0-9]{1,3}){2,5}(?![\w,])"), _section),
    Rule("list", re.compile(r"(?<![\w.,])[0-9]{1,3}(?:,[0-9]{1,3})+(?![\w%]|[.,]?[0-9])"), _list),
    *ranges.NUMBER_RULES,
    Rule("sign", re.compile(r"(?<![\w)])(?:[><]=|=[><]|[><≥≤~≈±+−-]) ?(?=[0-9]|BĐ)"), _sign),
    Rule("ordinal", re.compile(r"(?<![\w.,])[0-9]{1,2}(?![\w/%]|[.,][0-9])"), _ordinal),
    Rule("number", re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:,[0-9]{3}){2,5}(?![0-9])"), _english_number),
    Rule("number", re.compile(rf"(?<![0-9]){NUM}"), _number),
)
"""After codes: what is left is a plain number."""
