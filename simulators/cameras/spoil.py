"""What becomes of a good answer on its way out: every fault of HTTP, of XML and of bad will."""

import itertools
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from simulators.cameras.faults import Fault
from simulators.cameras.message import Answer, Way
from simulators.cameras.soap import NS, SOAP_11

HUGE = 60_000_000
GZIP_INFLATES_TO = 300_000_000
DEPTH = 50_000
_BLOCK = 65_536
_HTML = b"<!DOCTYPE html><html><head><title>%s</title></head><body><form>%s</form></body></html>"
_EMPTY_BODY = b'<?xml version="1.0"?><s:Envelope xmlns:s="%s"><s:Body/></s:Envelope>' % NS["s"].encode()
_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a0 "camera">'
    + b"".join(b'<!ENTITY a%d "%s">' % (level, b"".join([b"&a%d;" % (level - 1)] * 10)) for level in range(1, 12))
    + b"]>"
)
_XXE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a11 SYSTEM "file:///etc/hostname">]>'


def spoil(answer: Answer, faults: AbstractSet[Fault], *, elsewhere: str) -> Answer:
    """Return ``answer`` as a camera with these faults sends it. Hostile ones come before clumsy ones."""
    for fault, change in _BODIES.items():
        if fault in faults:
            answer = change(answer)
            break
    if Fault.REDIRECT in faults:
        answer = Answer(status=302, headers=(("Location", f"http://{elsewhere}/onvif/device_service"),))
    for fault, way in _WAYS.items():
        if fault in faults:
            return replace(answer, way=way)
    if Fault.SLOW_15S in faults:
        return replace(answer, delay_s=15.0)
    return replace(answer, delay_s=6.0) if Fault.SLOW_6S in faults else answer


def _entity_bomb(answer: Answer) -> Answer:
    return replace(answer, body=_BOMB + _with_entity(answer.body))


def _xxe(answer: Answer) -> Answer:
    return replace(answer, body=_XXE + _with_entity(answer.body))


def _with_entity(body: bytes) -> bytes:
    """Put ``&a11;`` where the first value of the answer stands."""
    _, _, document = body.partition(b"?>")
    start = _value(document)
    return document[:start] + b"&a11;" + document[start:]


def _value(body: bytes) -> int:
    """Return where the text of the last element that has any begins: deep inside, and late."""
    end = len(body)
    while True:
        close = body.rfind(b"</", 0, end)
        if close <= 0:
            return max(0, len(body) // 2)
        if body[close - 1 : close] not in {b">", b"\n"}:
            return body.rfind(b">", 0, close) + 1
        end = close


def _huge(answer: Answer) -> Answer:
    at = _value(answer.body)
    blocks = HUGE // _BLOCK + 1
    parts = itertools.chain(itertools.repeat(b"A" * _BLOCK, blocks), [answer.body[at:]])
    length = len(answer.body) + blocks * _BLOCK
    return replace(answer, body=answer.body[:at], stream=parts, length=length)


def _gzip_bomb(answer: Answer) -> Answer:
    return replace(answer, body=b"", stream=_gzipped(answer.body), headers=(("Content-Encoding", "gzip"),))


def _gzipped(body: bytes) -> Iterator[bytes]:
    """Yield a gzip of ``body`` with hundreds of megabytes of blanks in it; each is packed once and sent often."""
    at = _value(body)
    blank = b" " * (1 << 20)
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    yield squeeze.compress(body[:at]) + squeeze.flush(zlib.Z_FULL_FLUSH)
    packed = squeeze.compress(blank) + squeeze.flush(zlib.Z_FULL_FLUSH)
    check, blocks = zlib.crc32(body[:at]), GZIP_INFLATES_TO >> 20
    for _ in range(blocks):
        check = zlib.crc32(blank, check)
        yield packed
    check = zlib.crc32(body[at:], check)
    end = squeeze.compress(body[at:]) + squeeze.flush()
    yield end + struct.pack("<II", check, (len(body) + blocks * len(blank)) & 0xFFFFFFFF)


def _endless(answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: _value(answer.body)], stream=itertools.repeat(b"A" * _BLOCK))


def _deep(answer: Answer) -> Answer:
    at = _value(answer.body)
    return replace(answer, body=answer.body[:at] + b"<a>" * DEPTH + b"</a>" * DEPTH + answer.body[at:])


def _cut_in_value(answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: _value(answer.body) + 1])


def _cut_in_tag(answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: answer.body.rfind(b"</", 0, len(answer.body) // 2) + 4])


def _malformed(answer: Answer) -> Answer:
    return replace(answer, body=answer.body.replace(b"</s:Body>", b"</s:Bdy>"))


def _not_utf8(answer: Answer) -> Answer:
    at = _value(answer.body)
    return replace(answer, body=answer.body[:at] + "海康威视".encode("gbk") + answer.body[at:])


def _soap_11(answer: Answer) -> Answer:
    return replace(answer, body=answer.body.replace(NS["s"].encode(), SOAP_11.encode()), kind="text/xml; charset=utf-8")


def _said(status: int, body: bytes, kind: str) -> Callable[[Answer], Answer]:
    return lambda _answer: Answer(status=status, body=body, kind=kind)


_BODIES: Mapping[Fault, Callable[[Answer], Answer]] = {
    Fault.NOT_FOUND: _said(404, _HTML % (b"404 Not Found", b""), "text/html"),
    Fault.LOGIN_PAGE: _said(200, _HTML % (b"Login", b'<input name="user"><input type="password">'), "text/html"),
    Fault.ERROR_TEXT: _said(500, b"Internal error: out of memory in thttpd\n", "text/plain"),
    Fault.EMPTY_200: _said(200, b"", "application/soap+xml"),
    Fault.EMPTY_BODY: _said(200, _EMPTY_BODY, "application/soap+xml; charset=utf-8"),
    Fault.ENTITY_BOMB: _entity_bomb,
    Fault.XXE: _xxe,
    Fault.HUGE_ELEMENT: _huge,
    Fault.GZIP_BOMB: _gzip_bomb,
    Fault.ENDLESS: _endless,
    Fault.DEEP: _deep,
    Fault.CUT_IN_VALUE: _cut_in_value,
    Fault.CUT_IN_TAG: _cut_in_tag,
    Fault.MALFORMED: _malformed,
    Fault.NOT_UTF8: _not_utf8,
    Fault.SOAP_11: _soap_11,
    Fault.WRONG_TYPE: lambda answer: replace(answer, kind="text/html"),
    Fault.BROKEN_GZIP: lambda answer: replace(answer, headers=(("Content-Encoding", "gzip"),)),
}
_WAYS: Mapping[Fault, Way] = {
    Fault.HANG: Way.HANG,
    Fault.DRIP: Way.DRIP,
    Fault.CHUNKED_CUT: Way.CHUNKED_CUT,
    Fault.NO_LENGTH: Way.NO_LENGTH,
}
