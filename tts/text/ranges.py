"""Từ ... đến ...: what a dash says between two amounts, hours, days or scores."""

import re

from tts.text.rule import Context, Rule

_LOOK_BACK = 24
_ROUND = 2
_QUANTITY_END = re.compile(
    r"[0-9](?:%|['’′]|[°º]C?|[kcdm]?m[²³23]?|[hgpsđkKVWA]|tr|kg|ha|km/h|ml|phút|giờ|dB|MHz|h[0-9]{2})?$"
)
_PHONE_END = re.compile(r"(?<![\w.,])(?:0|\+84|1[89]00)[0-9 .()-]{6,14}$")
_CHAIN_BEFORE = re.compile(r"[0-9hg][-–][A-Z]{0,2}[0-9]{1,2}[hg]?$|[0-9]k?m ?[-–] ?[0-9]{1,3} ?k?m$")
_CHAIN_AFTER = re.compile(r"[A-Z]{0,2}[0-9]{1,2}[hg]?[-–][A-Z]{0,2}[0-9]|[0-9]{1,3} ?k?m ?[-–] ?[0-9]{1,3} ?k?m")
_ELECTRIC = re.compile(r"[0-9] ?(k?V|k?W|A|Hz|kVA|Ah)$")
_ELECTRIC_NEXT = re.compile(r"[0-9.,]+ ?(k?V|k?W|A|Hz|kVA|Ah)(?!\w)")
_MATCHED = re.compile("(?:bán kết|chung kết|tứ kết|trận|vòng bảng)[^.;!?]{0,30}$", re.IGNORECASE)
_SCORED = re.compile(r"(?:thắng|thua|hòa|dẫn)(?: [^\W_]\w{0,9}){1,3} $")
"""A side stands between the verb and the score: "thắng KP3 2-1"."""
_SCORE_CUES = ("hiệp 1", "hiệp 2", "tỷ số", "tỉ số", "thắng", "thua", "hòa", "dẫn", "kết quả", "chung cuộc")


_BLOCK = re.compile("([A-ZĐ]{1,3}|Km)[0-9]")
_PLAIN_END = re.compile(r"([0-9]{1,2})(?![\w%/°º²³'’′]|[.,:-]?[0-9]| ?[hg](?!\w)| (?:giờ|phút|độ|tháng|năm|tuổi|%))")


def _falls(first: str, start: int, context: Context) -> bool:
    """Tell whether a smaller figure follows, both plain."""
    last = _PLAIN_END.match(context.text, start)
    return last is not None and len(first) <= _ROUND and int(first) >= int(last[1])


_HEADS = "thứ|tháng|ngày|quý|tuần|lớp|cấp|mùng|mồng|năm|khóa|tầng|lúc|sáng|chiều|tối|báo động"
_HEADED = re.compile(rf"(?<!\w)({_HEADS}) [^\W_]{{1,9}}$", re.IGNORECASE)
_PART_OF_DAY = re.compile(
    r"[0-9] ?(?:[hg][0-9]{0,2}['’′]?|giờ(?: [0-9]{1,2})?(?: phút)?)(?: (?:sáng|trưa|chiều|tối|đêm|khuya))?$"
)
_HOUR_NEXT = re.compile("[0-9]{1,2} ?(?:[hg:]|giờ)")


_COUNTED = re.compile(r"(?<![\w.,/])[0-9][0-9.,]* ?(độ C|[^\W\d_]{1,8})$")
_COUNTED_AGAIN = re.compile(r"[0-9][0-9.,]* ?(độ C|[^\W\d_]{1,8})(?!\w)")
"""On both sides of the dash the same is counted: "5 triệu - 7 triệu"."""


def _headed(found: re.Match[str], context: Context) -> str | None:
    """Read "thứ Hai - thứ Sáu" and "7h sáng - 9h tối": from the one to the other of a kind."""
    before = context.text[max(0, found.start() - _LOOK_BACK) : found.start()]
    head, rest = _HEADED.search(before), context.text[found.end() : found.end() + _LOOK_BACK]
    counted, again = _COUNTED.search(before), _COUNTED_AGAIN.match(rest)
    if counted and again and counted[1] == again[1] and counted[1] not in ("m", "km"):
        return " đến "
    if head and rest.lower().startswith(f"{head[1].lower()} "):
        return " đến "
    return " đến " if _PART_OF_DAY.search(before) and _HOUR_NEXT.match(rest) else None


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
    return " " if _is_name(before, end, found, context) or _is_score(before, found, context) else " đến "


def _is_name(before: str, end: re.Match[str], found: re.Match[str], context: Context) -> bool:
    """Tell "lô 12-B3" from "khu A1-A5": other letters behind the dash begin no range."""
    volts, hertz = _ELECTRIC.search(before), _ELECTRIC_NEXT.match(context.text, found.end())
    if volts and hertz and volts[1] != hertz[1]:
        return True  # "220V - 50Hz"
    letters = _BLOCK.match(context.text, found.end())
    if letters is None or letters[1].upper() == "KM":
        return False
    other = not before[: end.start() + 1].rstrip("0123456789").endswith(letters[1])
    return other or _MATCHED.search(context.text, 0, found.start()) is not None


def _is_score(before: str, found: re.Match[str], context: Context) -> bool:
    """Tell "thắng 2-1" and "chung kết 1 - 0": nothing is counted from more to less."""
    figures = re.search(r"(?<![0-9.,])[0-9]+$", before)
    if figures is None:
        return False
    start = found.start() - len(figures[0])
    if context.cued(start, _SCORE_CUES) or _SCORED.search(before[: len(before) - len(figures[0])]):
        return True
    return _falls(figures[0], found.end(), context) and not context.cued(start, ("từ", "thứ", "ngày", "tháng"))


RULES = (Rule("range", re.compile(r"(?<=[^\W_]) ?[-–—] ?(?=[^\W_])"), _headed),)
"""Before units: both sides are named."""
NUMBER_RULES = (Rule("range", re.compile(r"(?<=[\w%'’²³°]) ?[-–—÷] ?(?=(?:[A-ZĐ]{0,3}|Km)[0-9])"), _range),)
"""After units: between two figures."""
