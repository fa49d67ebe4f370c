"""Tiền: sums of money, as written in full ("15.300.000đ") and in short ("1tr5")."""

import re

from tts.text.numbers import LEFT, NUM, integer, number
from tts.text.rule import Context, Rule
from tts.text.units import MONEY, alternatives

_MARKED = re.compile("điểm|hạng|xếp|đội|bảng|tiết mục|thí sinh", re.IGNORECASE)


def _money(found: re.Match[str], context: Context) -> str:
    if found["unit"] == "đ" and re.fullmatch("[1-9][0-9]?", found["number"]) and _MARKED.search(context.text):
        return f"{number(found['number'], context.reading)} điểm"  # "hạng nhất: KP3 (15đ)"
    return f"{number(found['number'], context.reading)} {MONEY[found['unit']]}"


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


def _bare_dong(found: re.Match[str], context: Context) -> str | None:
    return "đồng" if context.cued(found.start(), ("nghìn", "ngàn", "triệu", "tỷ", "tỉ", "trăm")) else None


RULES = (
    Rule("money", re.compile(rf"{LEFT}(?P<number>{NUM}) ?(?P<unit>{alternatives(MONEY)})(?!\w|/[cv](?!\w))"), _money),
    Rule("money", re.compile(rf"[$€] ?({NUM})(?![\w%])"), _dollars),
    Rule("money", re.compile(rf"{LEFT}([0-9]{{1,3}})(tr|triệu|tỷ|tỉ)([0-9]{{1,3}})(đ)?(?!\w)"), _broken_money),
    Rule("money", re.compile(r"(?<!\w)đ(?!\w)"), _bare_dong),
)
