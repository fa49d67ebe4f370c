"""Rules for abbreviations: the lexicon, those that mean several things, codes like KP4 and QL1A, Roman numerals."""

import re

from tts.model import DoubtKind
from tts.text.calendar import month
from tts.text.lexicon import Lexicon
from tts.text.numbers import digits, integer, roman
from tts.text.rule import Context, Read, Rule
from tts.text.syllables import UPPER, is_syllable, spell

_PLACES = {
    "KP": "khu phố", "TDP": "tổ dân phố", "QL": "quốc lộ", "ĐT": "đường tỉnh", "TL": "tỉnh lộ", "HL": "hương lộ",
    "ĐH": "đường huyện", "DT": "đường tỉnh", "KV": "khu vực", "Q": "quận", "Km": "ki lô mét", "km": "ki lô mét",
    "KM": "ki lô mét",
    "K": "ca", "P": "phường",
}  # fmt: skip
_ROOM_FROM = 100  # "P.101" is a room, "P.12" a ward
_LAST_WEEKDAY, _LAST_MONTH = 7, 12
_MAX_WHOLE = 3
_ROMAN_CUES = (
    "khóa", "khoá", "chương", "quý", "thứ", "kỷ", "mục", "phần", "điều", "khoản", "kỳ", "lần", "đợt", "cấp", "hạng",
    "loại", "bậc",
    "nhiệm kỳ", "đoạn", "vùng", "hội", "lớp", "lục", "nhóm", "tập", "học kỳ", "bảng", "tổ", "khu",
)  # fmt: skip

_TITLES = ("ông", "bà", "đồng chí", "đ c", "phó", "các", "anh", "chị")


def _capital_after(found: re.Match[str], context: Context) -> bool:
    """Tell whether a capitalised name follows at once."""
    rest = context.text[found.end() : found.end() + 3].lstrip()
    return rest[:1].isupper()


def _tt(found: re.Match[str], context: Context) -> str | None:
    after = context.word_after(found.end())
    if after in (
        "y",
        "văn",
        "dịch",
        "hành",
        "phục",
        "giáo",
        "học",
        "dạy",
        "bảo",
        "thương",
        "hội",
        "thể",
        "phát",
        "ytế",
    ):
        return "trung tâm"
    if after[:1].isdigit() or after == "số" or context.cued(found.start(), ("theo", "căn cứ", "quy định tại")):
        return "thông tư"
    return "thị trấn" if found[0].endswith(".") and _capital_after(found, context) else None


def _ct(found: re.Match[str], context: Context) -> str | None:
    after = context.word_after(found.end())
    if after[:1].isdigit() or after == "số":
        return "chỉ thị"
    if after in ("tnhh", "cp", "cổ", "xây", "điện", "cấp", "thủy", "môi"):
        return "công ty"
    if after in ("ubnd", "hđnd", "ubmttq", "xã", "phường", "nước", "hội", "ủy") or context.cued(found.start(), _TITLES):
        return "chủ tịch"
    return None


def _p(found: re.Match[str], context: Context) -> str | None:
    after = context.word_after(found.end())
    if after in (
        "tư",
        "vhtt",
        "văn",
        "nội",
        "kinh",
        "tài",
        "lđtbxh",
        "gd",
        "giáo",
        "y",
        "quản",
        "khám",
        "họp",
        "làm",
        "cháy",
    ):
        return "phòng"
    return "phường" if found[0].endswith(".") and _capital_after(found, context) else None


def _dt(found: re.Match[str], context: Context) -> str | None:
    after = context.word_after(found.end())
    sign = context.text[found.end() : found.end() + 1]
    if (
        sign == ":"
        or after[:1] in ("0", "1", "8")
        or context.cued(found.start(), ("số", "di động", "gọi", "liên hệ", "hệ"))
    ):
        return "điện thoại"
    return "đào tạo" if context.cued(found.start(), ("giáo dục", "gd", "giáo dục và")) else None


def _cn(found: re.Match[str], context: Context) -> str | None:
    before = ("nghỉ", "sáng", "chiều", "tối", "ngày", "và", "t7", "thứ bảy", "trưa", "hoặc", "đến", "đêm", "bảy")
    if context.cued(found.start(), before) or context.text[found.start() - 1 : found.start()] in ("-", ",", "/"):
        return "chủ nhật"
    return "chi nhánh" if context.word_after(found.end()) in ("ngân", "vnpt", "viettel", "điện") else None


_AMBIGUOUS = {
    "TT": (_tt, "thị trấn, thông tư hay trung tâm"),
    "CT": (_ct, "chủ tịch, chỉ thị hay công ty"),
    "P": (_p, "phường hay phòng"),
    "ĐT": (_dt, "đường tỉnh, điện thoại hay đào tạo"),
    "CN": (_cn, "chủ nhật, chi nhánh hay công nghiệp"),
}


def _ambiguous(found: re.Match[str], context: Context) -> Read | None:
    letters = found[0].rstrip(".")
    if letters == "P" and not found[0].endswith("."):
        return None
    decide, choices = _AMBIGUOUS[letters]
    said = decide(found, context)
    if said is not None:
        return Read(said)
    return Read(spell(letters), DoubtKind.AMBIGUOUS, f"“{found[0]}” là {choices}? Hãy viết đầy đủ.")


def _place(found: re.Match[str], context: Context) -> str | None:
    prefix, value, tail = found["prefix"], found["number"], found["tail"]
    name = _PLACES[prefix]
    if prefix in ("P", "Q") and not found["dot"]:
        return None
    if prefix == "P" and int(value) >= _ROOM_FROM:
        name, said = "phòng", digits(value)
    else:
        said = integer(int(value), context.reading) if len(value) <= _MAX_WHOLE else digits(value)
    return " ".join([name, said, *([spell(tail)] if tail else [])])


def _weekday_or_month(found: re.Match[str], context: Context) -> str | None:
    value, year = int(found[1]), found[2]
    if year or value > _LAST_WEEKDAY or value == 1:
        if value > _LAST_MONTH:
            return None
        tail = f" năm {integer(int(year), context.reading)}" if year else ""
        return f"tháng {month(value, context)}{tail}"
    return f"thứ {'tư' if value == 4 else integer(value, context.reading)}"  # noqa: PLR2004


def _mixed(found: re.Match[str], context: Context) -> Read:
    """Read letters and digits stuck together: H5N1, 3G, 12A. Two letters or more in front should be in the lexicon."""
    said, strange = [], False
    for piece in re.findall(r"[0-9]+|[^\W\d_]+", found[0]):
        if piece.isdigit():
            said.append(integer(int(piece), context.reading) if len(piece) <= _MAX_WHOLE else digits(piece))
            continue
        known = context.lexicon.get(piece)
        strange = strange or (known is None and len(piece) > 1)
        said.append(known or spell(piece))
    return Read(" ".join(said), *((DoubtKind.ACRONYM, "Chưa có trong từ điển.") if strange else ()))


def _roman(found: re.Match[str], context: Context) -> str | None:
    value = roman(found["numeral"])
    if value is None:
        return None
    at_start = context.text[: found.start()].strip() == "" and found["dot"]
    if context.cued(found.start(), ("thứ",)) and value in (1, 4):
        return "nhất" if value == 1 else "tư"
    plain = len(found["numeral"]) > 1 and set(found["numeral"]) <= set("IVX")
    if at_start or plain or context.cued(found.start(), _ROMAN_CUES):
        return integer(value, context.reading) + (found["dot"] or "")
    return None


def _capitals(found: re.Match[str], context: Context) -> Read | None:
    """Read capitals: a heading in words is read as words, anything else is spelled out and reported."""
    token = found[0]
    known = context.lexicon.get(token) or context.lexicon.get(token.rstrip("."))
    if known:
        return Read(known)
    if is_syllable(token):
        return Read(token.lower())
    return Read(spell(token), DoubtKind.ACRONYM, "Chưa có trong từ điển: sẽ đọc từng chữ cái.")


def rules(lexicon: Lexicon) -> tuple[Rule, ...]:
    """Return the rules for abbreviations over this lexicon."""
    listed = lexicon.pattern
    return (
        Rule(
            "road-or-place",
            re.compile(
                rf"(?<![\w])(?P<prefix>{'|'.join(sorted(_PLACES, key=len, reverse=True))})(?P<dot>\.?) ?"
                r"(?P<number>[0-9]{1,4})(?P<tail>[A-Z]?)(?!\w|[.,:][0-9]| ?[./-] ?[0-9])"
            ),
            _place,
        ),
        Rule("weekday", re.compile(r"(?<!\w)T\.?([1-9]|1[0-2])(?:/(20[0-9]{2}))?(?![\w/])"), _weekday_or_month),
        Rule("lexicon", listed, lambda found, _: lexicon.get(found[0])),
        Rule("abbreviation-in-context", re.compile(r"(?<!\w)(?:TT|CT|ĐT|CN|P)(?!\w)\.?"), _ambiguous),
        Rule("roman", re.compile(r"(?<![\w.])(?P<numeral>[IVXLCDM]{1,8})(?!\w)(?P<dot>\.(?= ))?"), _roman),
        Rule("letters-and-digits", re.compile(r"(?<!\w)(?:[A-ZĐ]{1,8}[0-9]{1,6}(?:[A-ZĐ]{1,3}[0-9]{0,4}){0,3}"
                                              r"|[0-9]{1,6}[A-ZĐ]{1,3}[0-9]{0,4})(?!\w)"), _mixed),
        Rule("capitals", re.compile(rf"(?<![^\W_])(?![IVX]{{2,8}}(?!\w))[{UPPER}]{{2,40}}(?![^\W\d_])"), _capitals),
    )  # fmt: skip
