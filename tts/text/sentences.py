"""Tách câu: where a sentence ends, and where an over-long one may be cut."""

import re
from collections.abc import Iterator

MAX_SENTENCE_CHARS = 500
"""No engine is given more at once: a deadline and a retry cost one sentence."""

# a stop, closing quotes, then a blank: "107.2" and "tamky.gov.vn" have no blank behind the dot
_STOP = re.compile("[.!?…]{1,40}[\"'”’»)\\]]{0,3} ")
_SHORTENED = re.compile(
    r"(?:^|[\s(\"“.])(?:TM|KT|TL|TUQ|Vp|VP|BS|TS|GS|KS|Bs|Ts|Gs|Ks|Tr|tr|đ|T\.P|S\.Đ|TP|TX|TT|KP|TDP|ĐT|Ths|ThS|PGS"
    r"|CN|Tp|Tx|v\.v|Đ/c|đ/c|St|No|[A-ZĐ])\.$"
)
_NUMBER = re.compile(r"[\s(\"“](?:[0-9]{1,3}|[IVX]{1,5})\.$")
"""Numbers that may end a sentence; the first word of one is the number of a list."""
_LONE_NUMERAL = re.compile(
    r"(?:khóa|khoá|chương|quý|thứ|kỷ|mục|phần|kỳ|lần|đợt|cấp|hạng|loại|vùng|phố|khu|tổ|số) [IVX]\.$"
)
_LIST_NUMBER = re.compile(r"^(?:[0-9]{1,3}|[IVXLC]{1,5})\.$")
_WINDOW = 12


def _ends_here(text: str, start: int, stop: re.Match[str]) -> bool:
    after = text[stop.end() : stop.end() + 1]
    if after.islower():
        return False
    sign = stop.group().rstrip()
    if sign != ".":
        return True
    before = text[max(start, stop.start() - _WINDOW) : stop.start() + 1]
    if (number := _NUMBER.search(before)) and not after.isdigit():
        lone = number[0][-2].isalpha() and len(number[0].strip(' .("“')) == 1
        return not lone or _LONE_NUMERAL.search(before.lower()[:-2] + before[-2:]) is not None
    return number is None and _LIST_NUMBER.search(before) is None and _SHORTENED.search(before) is None


def _cut(sentence: str) -> Iterator[str]:
    """Cut what is over-long at the last semicolon, comma or blank that fits, or anywhere when there is none."""
    while len(sentence) > MAX_SENTENCE_CHARS:
        head = sentence[:MAX_SENTENCE_CHARS]
        place = max(head.rfind("; "), head.rfind(", "))
        place = place + 1 if place > MAX_SENTENCE_CHARS // 3 else head.rfind(" ")
        place = place if place > 0 else MAX_SENTENCE_CHARS
        yield sentence[:place].strip()
        sentence = sentence[place:].strip()
    if sentence:
        yield sentence


def sentences(paragraph: str) -> Iterator[str]:
    """Yield the sentences of one cleaned paragraph, none longer than ``MAX_SENTENCE_CHARS``."""
    start = 0
    for stop in _STOP.finditer(paragraph):
        if _ends_here(paragraph, start, stop):
            yield from _cut(paragraph[start : stop.end()].strip())
            start = stop.end()
    yield from _cut(paragraph[start:].strip())
