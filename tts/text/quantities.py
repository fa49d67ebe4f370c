"""Rules for amounts: money, units, percentages, "so much per so much", ratios, ranges and bare numbers."""

import re

from tts.model import DoubtKind
from tts.text.numbers import MAX_DIGITS, digits, integer, number
from tts.text.rule import Context, Read, Rule
from tts.text.units import ALONE, CLOSE_ONLY, MONEY, PER, PER_SHORT, SIGNS, UNITS, alternatives

NUM = r"(?:[0-9]{1,3}(?:\.[0-9]{3}){1,5}(?:,[0-9]{1,9})?|[0-9]{1,18}(?:[.,][0-9]{1,9})?)"
_WHOLE = r"(?:[0-9]{1,3}(?:\.[0-9]{3}){1,4}|[0-9]{1,6})"
_DECIMAL = "[0-9]{1,4},[0-9]{1,2}"
LEFT = r"(?:(?<![\w.,/])|(?<=[0-9][xX×])|(?<=[A-Za-zđĐ²³°%]/))"
"""A number does not begin inside a word, a decimal or a slash form."""

PART_OF = (
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
MAX_PART = 10
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


def _unit(found: re.Match[str], context: Context) -> str | None:
    unit = found["unit"]
    if unit in CLOSE_ONLY and found["gap"]:
        return None
    compared = context.text[: found.start()].rstrip()[-1:] in tuple("<>≤≥")  # ">5T": an amount
    if unit == "T":
        if not compared and not context.cued(found.start(), _LOAD_CUES):
            return None
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
    length = f"{metres} mét {integer(int(found[2]), context.reading)}"
    if found[2] not in ("2", "3"):
        return Read(length)
    if not context.cued(found.start(), _LENGTH_CUES):
        return None
    other = f"{metres} {UNITS['m' + found[2]]}"
    return Read(length, DoubtKind.AMBIGUOUS, f"“{found[0]}” là {length} hay {other}?", (length, other))


def _money(found: re.Match[str], context: Context) -> str:
    return f"{number(found['number'], context.reading)} {MONEY[found['unit']]}"


def _bare_hectare(found: re.Match[str], context: Context) -> str | None:
    return "héc ta" if context.cued(found.start(), ("nghìn", "ngàn", "triệu", "trăm", "chục", "vạn", "mỗi")) else None


def _dollars(found: re.Match[str], context: Context) -> str:
    return f"{number(found[1], context.reading)} {MONEY[found[0][0]]}"


def _broken_money(found: re.Match[str], context: Context) -> str | None:
    """Read "1tr5" and "2 tỷ 3": the figures behind are the next group's hundreds."""
    scale = "triệu" if found[2].startswith("tr") else "tỷ"
    below = context.reading.thousand if scale == "triệu" else "triệu"
    rest = int(found[3].ljust(3, "0"))
    return f"{number(found[1], context.reading)} {scale} {integer(rest, context.reading)} {below}" + (
        " đồng" if found[4] else ""
    )


def _odds(found: re.Match[str], context: Context) -> str:
    return " trên ".join(number(side, context.reading) for side in found.groups())


def _pressure(found: re.Match[str], context: Context) -> str:
    sides = " trên ".join(integer(int(side), context.reading) for side in found.groups())
    return f"{sides} {UNITS['mmHg']}"


_AGED = re.compile(r"đủ|tuổi|nam|nữ|trẻ|công dân|sinh năm")
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


def _bare_dong(found: re.Match[str], context: Context) -> str | None:
    return "đồng" if context.cued(found.start(), ("nghìn", "ngàn", "triệu", "tỷ", "tỉ", "trăm")) else None


def _english_number(found: re.Match[str], context: Context) -> str:
    return integer(int(found[0].replace(",", "")), context.reading)


_COUNTED = re.compile(r"[0-9][0-9.,]* ?(?:\w{1,10} ){0,2}\w{1,10}$")


def _per_counted(found: re.Match[str], context: Context) -> str | None:
    """Read "35 học sinh/lớp": after what was counted, a slash is "mỗi"."""
    counted = _COUNTED.search(context.text, max(0, found.start() - 2 * _LOOK_BACK), found.start())
    return " một " if counted else None


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


def _ratio(found: re.Match[str], context: Context) -> str:
    part, whole = (int(side.replace(".", "")) for side in found.groups())
    said = [integer(side, context.reading) for side in (part, whole)]
    small = part < whole <= MAX_PART and (
        context.word_after(found.end()) in PART_OF or context.cued(found.start(), ("vòng",))
    )
    if small and whole == 4:  # noqa: PLR2004 - "một phần tư"
        said[1] = "tư"
    return (" phần " if small else " trên ").join(said)


def _sign(found: re.Match[str], context: Context) -> Read | str | None:
    sign = found[0].strip()
    if sign == ">" and context.text[: found.start()].endswith("-"):
        return None  # an arrow
    if sign in "+-−" and context.text[: found.start()].strip() == "":
        return None  # a bullet, not a sign
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


_QUANTITY_END = re.compile(
    r"[0-9](?:%|['’′]|[°º]C?|[kcdm]?m[²³23]?|[hgpsđkKVWA]|tr|kg|ha|km/h|ml|phút|giờ|dB|MHz|h[0-9]{2})?$"
)
_PHONE_END = re.compile(r"(?:0|\+84|1[89]00)[0-9 .()-]{6,14}$")
_CHAIN_BEFORE = re.compile(r"[0-9hg][-–][A-Z]{0,2}[0-9]{1,2}[hg]?$")
_CHAIN_AFTER = re.compile(r"[A-Z]{0,2}[0-9]{1,2}[hg]?[-–][A-Z]{0,2}[0-9]")
_SCORED = re.compile(r"(?:thắng|thua|hòa|dẫn)(?: [^\W_]\w{0,9}){1,3} $")
"""A side stands between the verb and the score: "thắng KP3 2-1"."""
_SCORE_CUES = ("hiệp 1", "hiệp 2", "tỷ số", "tỉ số", "thắng", "thua", "hòa", "dẫn", "kết quả", "chung cuộc")


def _range(found: re.Match[str], context: Context) -> str | None:
    """Read a dash between two amounts "đến"; between telephone numbers it is a pause, in a score nothing."""
    before = context.text[max(0, found.start() - _LOOK_BACK) : found.start()]
    if _PHONE_END.search(before):
        return ", "
    if _CHAIN_BEFORE.search(before) or _CHAIN_AFTER.match(context.text, found.end()):
        return ", "  # "T3-T5-T7", "0-1-6 tháng": more than two are counted off
    end = _QUANTITY_END.search(before)
    if end is None or (
        found[0].startswith(" ") and not found[0].endswith(" ") and "°" in context.text[found.end() :][:6]
    ):
        return None  # "đậm -2°C": a sign
    figures = re.search("[0-9]+$", before)
    if figures and (
        context.cued(found.start() - len(figures[0]), _SCORE_CUES)
        or _SCORED.search(before[: len(before) - len(figures[0])])
    ):
        return " "
    return " đến "


def _ordinal(found: re.Match[str], context: Context) -> str | None:
    value = int(found[0])
    if context.cued(found.start(), ("thứ",)):
        return _ORDER.get(value, integer(value, context.reading))
    return "tư" if value == 4 and context.cued(found.start(), ("tháng",)) else None  # noqa: PLR2004


def _number(found: re.Match[str], context: Context) -> Read:
    if found[0].isdigit() and len(found[0]) >= _ACCOUNT_DIGITS:
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
    Rule("money", re.compile(rf"{LEFT}(?P<number>{NUM}) ?(?P<unit>{alternatives(MONEY)})(?!\w)"), _money),
    Rule("money", re.compile(rf"[$€] ?({NUM})(?![\w%])"), _dollars),
    Rule("money", re.compile(rf"{LEFT}([0-9]{{1,3}})(tr|triệu|tỷ|tỉ)([0-9]{{1,3}})(đ)?(?!\w)"), _broken_money),
    Rule("money", re.compile(r"(?<!\w)đ(?!\w)"), _bare_dong),
    Rule("per", re.compile(r"(?<=[^\W_0-9]) ?/ ?([0-9]{1,3}) ?(?:h|giờ)(?!\w)"), _within),
    Rule("until", re.compile(r"(?<=[^\W_]) ?(?:-{1,2}>|→|➔|➜|⟶) ?(?=[^\W_])"), lambda _, __: " đến "),
    Rule("sign", re.compile(r"(?<=[A-Za-z])\+ ?(?=[0-9])"), lambda _, __: " cộng "),
    Rule("sign", re.compile(r"(?<=[0-9])\+(?= |[.,;)]|$)"), lambda _, __: " cộng"),
    Rule(
        "unit",
        re.compile(
            rf"(?<![\w.,/])([0-9]{{1,3}}|{_DECIMAL})/([0-9]{{1,3}}(?:[.,][0-9]{{1,2}})?)(kV|KV|m|km|ha|MW|m3|m³)(?!\w)"
        ),
        _transformed,
    ),
    Rule("unit", re.compile(r"(?<![\w.,/])([0-9]{2,3}) ?/ ?([0-9]{2,3}) ?mmHg(?!\w)"), _pressure),
    Rule("unit", re.compile(r"(?<= )ha(?= |[.,;)]|$)"), _bare_hectare),
    Rule("unit", re.compile(r"(?<![\w.,])([0-9]{1,2})m([0-9]{1,2})(?!\w)"), _metres),
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
    Rule("per", re.compile(r"(?<=[^\W_0-9]) ?/ ?(?:0?1 )?ha(?!\w)"), lambda _, __: " một héc ta"),
    Rule("per", re.compile(rf"(?<=[^\W_0-9]) ?/ ?(?:0?1 )?(?=(?:{PER})(?!\w))"), _per),
    Rule("per", re.compile(rf"(?<=[^\W_]) ?/ ?({alternatives(PER_SHORT)})(?![\w²³])"), _per_short),
    Rule("per", re.compile(rf"(?<=[0-9²³%]) ?/ ?(?=(?:{PER})(?!\w))"), lambda _, __: " một "),
)
"""Before codes and the lexicon: a unit is decided by the number in front of it."""

NUMBER_RULES = (
    Rule("ratio", re.compile(rf"(?<![\w.,/])({_DECIMAL}) ?/ ?({_DECIMAL}|{_WHOLE})(?![\w/]|[.,][0-9])"), _odds),
    Rule("ratio", re.compile(rf"(?<![\w.,/])({_WHOLE}) ?/ ?({_DECIMAL})(?![\w/]|[.,][0-9])"), _odds),
    Rule("ratio", re.compile(rf"(?<![\w.,/])({_WHOLE}) ?/ ?({_WHOLE})(?![\w/]|[.,][0-9])"), _ratio),
    Rule("times", re.compile(r"(?<= )[xX×] ?(?=[0-9])"), lambda _, __: "nhân "),
    Rule("per", re.compile(r"(?<=[^\W0-9_])/(?=[a-zà-ỹđ]{2,})"), _per_counted),
    Rule("times", re.compile(r"(?<=[0-9m]) ?[x×] ?(?=[0-9])"), lambda _, __: " nhân "),
    Rule("section", re.compile(r"(?<![\w.,])[0-9]{1,3}(?:\.[0-9]{1,3}){2,5}(?![\w,])"), _section),
    Rule("list", re.compile(r"(?<![\w.,])[0-9]{1,3}(?:,[0-9]{1,3})+(?![\w%]|[.,]?[0-9])"), _list),
    Rule("range", re.compile(r"(?<=[\w%'’²³°]) ?[-–—÷] ?(?=(?:[A-Z]{0,3}|Km)[0-9])"), _range),
    Rule("sign", re.compile(r"(?<![\w)])(?:[><]=|=[><]|[><≥≤~≈±+−-]) ?(?=[0-9]|BĐ)"), _sign),
    Rule("ordinal", re.compile(r"(?<![\w.,])[0-9]{1,2}(?![\w/%]|[.,][0-9])"), _ordinal),
    Rule("number", re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:,[0-9]{3}){2,5}(?![0-9])"), _english_number),
    Rule("number", re.compile(rf"(?<![0-9]){NUM}"), _number),
)
"""After codes: what is left is a plain number."""
