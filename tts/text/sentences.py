"""Tách câu: where a sentence ends, and where an over-long one may be cut."""

import re
from collections.abc import Iterator

MAX_SENTENCE_CHARS = 500
"""No engine is given more at once: a deadline and a retry cost one sentence."""

# a stop, closing quotes, then a blank: "107.2" and "tamky.gov.vn" have no blank behind the dot
_STOP = re.compile("[.!?…]{1,40}[\"'”’»)\\]]{0,3} ")
_SHORTENED = re.compile(
    r"(?:^|[\s(\"“])(?:TM|KT|TL|TUQ|PGS|Vp|VP|BS|Tr|tr|đ|T\.P|S\.Đ|TP|TX|TT|P|Q|H|X|KP|TDP|ĐT|Ths|ThS|TS|PGS|GS|BS|KS|CN|Tp|Tx|v\.v|Đ/c|đ/c|St|No|[0-9]{1,3}|[IVXLC]{1,5}"
    r"|[A-ZĐ])\.$"
)
_WINDOW = 12


def _ends_here(text: str, start: int, stop: re.Match[str]) -> bool:
    after = text[stop.end() : stop.end() + 1]
    if after.islower():
        return False
    sign = stop.group().rstrip()
    if sign != ".":
        return True
    return _SHORTENED.search(text[max(start, stop.start() - _WINDOW) : stop.start() + 1]) is None


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
