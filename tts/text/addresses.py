"""Rules for numbers that name a thing: house numbers, plots, kilometre posts, number plates, accounts."""

import re

from tts.text.numbers import digits, integer, number
from tts.text.rule import Context, Rule
from tts.text.syllables import NAMES, spell

_HOUSE = re.compile(r"(?<![\w/.,])[0-9]{1,4}[A-Ea-e]?(?: ?/ ?[0-9]{1,4}[A-Ea-e]?){1,4}(?![\w/]|[.,][0-9])")
_HOUSE_CUES = ("hẻm", "ngõ", "ngách", "kiệt", "số nhà", "nhà số", "địa chỉ", "địa chỉ số", "trú tại", "tại số", "lớp",
               "căn nhà", "hẻm số", "ngõ số", "kiệt số")  # fmt: skip
_ROOM = re.compile(r"(?<![\w/.,-])([A-ZĐ])([0-9]{0,2})[-.]([0-9]{1,4})(?![\w/]|[.,-][0-9])")
_ROOM_CUES = (
    "chung cư",
    "nhà",
    "căn hộ",
    "căn",
    "phòng",
    "lô",
    "block",
    "tòa",
    "kiốt",
    "ki ốt",
    "sạp",
    "gian",
    "lô đất",
    "số",
    "quầy",
)
_PLATE = re.compile(
    r"(?<![\w/.,-])([1-9][0-9])[- ]?([A-ZĐ]{1,2})([1-9]?)(?P<gap>[- .]?)([0-9]{3})[.]?([0-9]{1,2})(?![\w/]|[.,-][0-9])"
)
_PLATE_CUES = ("biển số", "biển", "bks", "kiểm soát", "ô tô", "xe", "xe máy", "mô tô", "số xe", "xe tải", "xe khách")
_POST = re.compile(r"(?<!\w)[Kk][Mm]\.? ?([0-9]{1,4}) ?\+ ?([0-9]{1,3})(?!\w)")
_ACCOUNT = re.compile(r"(?<![\w.,/])[0-9]{2,8}(?:[ .-][0-9]{1,8}){1,6}(?![\w/]|[.,-][0-9])")
_ACCOUNT_CUES = ("tài khoản", "stk", "cccd", "cmnd", "mã số", "mã số thuế", "mst", "số thẻ", "hộ chiếu", "số hiệu",
                 "tài khoản số", "số tài khoản", "tk", "số tk", "tk số",
                 "căn cước", "định danh", "cccd số", "cmnd số",
                 "căn cước số", "mst số", "stk số", "công dân số", "mã số bhxh", "số sổ", "biên lai số", "vé số",
                 "số thẻ bhyt", "số seri",
                 "seri", "thẻ bhyt", "mã", "mã hồ sơ")  # fmt: skip
_CODE = re.compile(
    r"(?<![\w.,/-])(?=[A-Z0-9.-]*[0-9])(?:[A-Z]{1,2}[0-9]{1,3}\.[0-9]{1,3}(?:[.-][A-Z0-9]{1,8}){1,4}"
    r"|[0-9]{3}(?:\.[0-9]{2,3}){1,3}\.[A-Z][0-9]{2}(?:-[0-9]{2,8}){1,3})(?!\w)"
)
_SPACED = re.compile(r"(?<![\w.,/-])[1-9][0-9]{0,2}(?P<groups>(?: [0-9]{3}){1,5})(?![\w/]|[.,-]?[0-9]| [0-9])")
_AMOUNTS = ("đồng", "đ", "vnđ", "vnd", "triệu", "tỷ")
_AFTER_WORD = re.compile(r" ?(\w+)")


def _part(text: str, context: Context) -> str:
    letter = text.lstrip("0123456789")
    figures = text.removesuffix(letter)
    return integer(int(figures), context.reading) + (f" {NAMES[letter.lower()]}" if letter else "")


def _house(found: re.Match[str], context: Context) -> str | None:
    parts = [part.strip() for part in found[0].split("/")]
    if re.match("24 ?/ ?(?:24|7)", found[0]) or re.search("(?:T|/[0-9]{1,2})/(?:19|20)[0-9]{2}$|[0-9]G/", found[0]):
        return None  # round the clock; months of a year; a date that cannot be; "4G/5G"
    lettered = any(not part.isdigit() for part in parts)
    rest = context.text[found.end() :].lstrip(" ,")[:1]
    deep = len(parts) > 2 and int(re.sub(r"\D", "", parts[0])) > 31  # noqa: PLR2004 - no date
    street = rest.isupper() and context.cued(found.start(), ("số", "nhà"))
    if not (lettered or deep or street or context.cued(found.start(), _HOUSE_CUES)):
        return None
    return f" {context.reading.slash} ".join(_part(part, context) for part in parts)


def _room(found: re.Match[str], context: Context) -> str | None:
    if not context.cued(found.start(), _ROOM_CUES):
        return None
    block = f" {integer(int(found[2]), context.reading)}" if found[2] else ""
    room = digits(found[3]) if found[3].startswith("0") else integer(int(found[3]), context.reading)
    return f"{spell(found[1])}{block} {room}"


def _plate(found: re.Match[str], context: Context) -> str | None:
    """Biển số: every figure by itself, as police and radio read it."""
    full = found[3] and "." in found[0][-4:]  # "43-B1 234.56": nothing else is written so
    if found["gap"] != "-" and not full and not context.cued(found.start(), _PLATE_CUES):
        return None
    series = f"{digits(found[1])} {spell(found[2])}" + (f" {digits(found[3])}" if found[3] else "")
    return f"{series}, {digits(found[5])}, {digits(found[6])}"


def _post(found: re.Match[str], context: Context) -> str:
    kilometre, metres = (integer(int(part), context.reading) for part in found.groups())
    return f"ki lô mét {kilometre} cộng {metres}"


def _account(found: re.Match[str], context: Context) -> str | None:
    if not context.cued(found.start(), _ACCOUNT_CUES):
        return None
    return ", ".join(digits(group) for group in re.findall("[0-9]+", found[0]))


def _code(found: re.Match[str], _: Context) -> str:
    """Mã hồ sơ "H49.32-250101-0012": letters by name, figures one by one."""
    return ", ".join(
        " ".join(NAMES[char.lower()] if char.isalpha() else digits(char) for char in part)
        for part in re.split("[.-]", found[0])
    )


def _spaced(found: re.Match[str], context: Context) -> str | None:
    """Read "15 300 000": blanks group thousands when there are two of them, or when money follows."""
    after = _AFTER_WORD.match(context.text, found.end())
    money = after is not None and after[1].lower() in _AMOUNTS
    if found["groups"].count(" ") < 2 and not money:  # noqa: PLR2004
        return None
    return integer(int(found[0].replace(" ", "")), context.reading)


_ALLEY = re.compile(r"(?<![\w/.,-])([KH])([0-9]{1,4}(?:/[0-9]{1,4}[A-Ea-e]?){1,4})(?= [A-ZĐ])")
_ALLEYS = {"K": "kiệt", "H": "hẻm"}


def _alley(found: re.Match[str], context: Context) -> str:
    """Read "K45/12 Nguyễn Du" as central towns write their alleys."""
    parts = f" {context.reading.slash} ".join(_part(part, context) for part in found[2].split("/"))
    return f"{_ALLEYS[found[1]]} {parts}"


_TO_ONE = re.compile(r"(?<![\w.,:/])([0-9]{1,4}) ?: ?([0-9]{1,4}|[0-9]{1,3}(?:\.[0-9]{3}){1,2})(?![\w:]|[.,][0-9])")


def _to_one(found: re.Match[str], context: Context) -> str | None:
    """Read "tỷ lệ 1:10", which is no time of day; of a score nothing stands between."""
    if "." not in found[2] and not context.cued(found.start(), ("tỷ lệ", "tỉ lệ", "tỷ số", "tỉ số", "pha")):
        return None
    joint = " " if context.cued(found.start(), ("tỷ số", "tỉ số")) else " trên "
    return joint.join(integer(int(side.replace(".", "")), context.reading) for side in found.groups())


RULES = (
    Rule("ratio", _TO_ONE, _to_one, ":"),
    Rule("house-number", _ALLEY, _alley, "/"),
    Rule("account", _ACCOUNT, _account),
    Rule("file-number", _CODE, _code),
    Rule("number-plate", _PLATE, _plate),
    Rule("kilometre-post", _POST, _post, "+"),
    Rule(
        "kilometre-post",
        re.compile(r"(?<!\w)[Kk][Mm] ?([0-9]{1,4},[0-9]{1,3})(?![\w,])"),
        lambda found, context: f"ki lô mét {number(found[1], context.reading)}",
    ),
    Rule("house-number", _HOUSE, _house, "/"),
    Rule("room", _ROOM, _room),
    Rule("number", _SPACED, _spaced),
)
