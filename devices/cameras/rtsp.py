"""Luồng hình: asks a camera to describe a stream, with a digest if it wants one. No picture ever flows."""

import asyncio
import contextlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from devices.cameras.digest import answer, read_challenge, wants_basic
from devices.cameras.limits import Limits
from devices.clock import NS_PER_MS, Clock
from devices.model.camera import Cause, Door, clean

_STATUS = re.compile(rb"RTSP/\d\.\d (\d{3})(?: ([^\r\n]{0,80}))?\r?\n")
_CODEC = re.compile(r"^a=rtpmap:\d+\s+([A-Za-z0-9.-]+)/", re.MULTILINE)
_HEAD_LIMIT = 16_384
_OK, _UNAUTHORIZED = 200, 401
_CAUSES: Mapping[int, Cause] = {
    401: Cause.STREAM_AUTH,
    403: Cause.STREAM_AUTH,
    404: Cause.STREAM_MISSING,
    410: Cause.STREAM_MISSING,
    453: Cause.STREAM_BUSY,
    503: Cause.STREAM_BUSY,
}


@dataclass(frozen=True, kw_only=True)
class Described:
    """What became of DESCRIBE."""

    cause: Cause | None
    detail: str = ""
    codec: str = ""
    """As the camera names it, e.g. ``H264``; empty: it does not say."""
    ms: int = 0


@dataclass(frozen=True)
class _Said:
    status: int
    reason: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class _Talk:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    target: str
    limit: int


class _Broken(ValueError):  # noqa: N818 - says what happened
    """No RTSP answer."""


async def describe(door: Door, address: str, port: int, path: str, *, limits: Limits, clock: Clock) -> Described:
    """Ask for ``path`` at ``address``, for at most the deadline. The password is told by digest only, and once."""
    began_ns = clock.mono_ns()
    try:
        async with asyncio.timeout(limits.deadline_s):
            cause, detail, codec = await _describe(door, address, port, path, limits)
    except TimeoutError:
        cause, detail, codec = Cause.STREAM_DOWN, "không trả lời / no answer", ""
    except _Broken as error:
        cause, detail, codec = Cause.STREAM_DOWN, str(error), ""
    except (OSError, EOFError, asyncio.LimitOverrunError) as error:
        cause, detail, codec = Cause.STREAM_DOWN, type(error).__name__, ""
    ms = (clock.mono_ns() - began_ns) // NS_PER_MS
    return Described(cause=cause, detail=f"RTSP :{port} {detail}".strip(), codec=codec, ms=ms)


async def _describe(door: Door, address: str, port: int, path: str, limits: Limits) -> tuple[Cause | None, str, str]:
    host = f"[{door.host.partition('%')[0]}]" if ":" in door.host else door.host
    target = f"rtsp://{host}:{port}{path}"
    async with asyncio.timeout(limits.connect_s):
        reader, writer = await asyncio.open_connection(address, port, limit=limits.rtsp_bytes)
    talk = _Talk(reader, writer, target, limits.rtsp_bytes)
    try:
        said = await _ask(talk, 1)
        challenge = read_challenge(said.headers.get("www-authenticate", ""))
        if said.status == _UNAUTHORIZED and challenge is not None and door.user:
            cnonce = secrets.token_hex(8)
            signed = answer(challenge, door.user, door.password, method="DESCRIBE", target=target, cnonce=cnonce)
            said = await _ask(talk, 2, f"Authorization: {signed}\r\n")
    finally:
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(0.2):
                await writer.wait_closed()
    if said.status != _OK:
        basic = " · chỉ nhận Basic / Basic only" if wants_basic(said.headers.get("www-authenticate", "")) else ""
        return _CAUSES.get(said.status, Cause.STREAM_DOWN), f"{said.status} {said.reason}{basic}".strip(), ""
    return _video(said.body)


def _video(sdp: str) -> tuple[Cause | None, str, str]:
    """Find the video in a session description."""
    if not sdp.startswith("v=0"):
        return Cause.STREAM_DOWN, "200, but no SDP", ""
    media = re.split(r"^m=", sdp, flags=re.MULTILINE)[1:]
    video = next((each for each in media if each.startswith("video")), None)
    if video is None:
        return Cause.STREAM_DOWN, "SDP without video", ""
    named = _CODEC.search(video)
    return None, "200", clean(named[1], 16).upper() if named else ""


async def _ask(talk: _Talk, number: int, more: str = "") -> _Said:
    reader, writer, limit = talk.reader, talk.writer, talk.limit
    asked = f"DESCRIBE {talk.target} RTSP/1.0\r\nCSeq: {number}\r\nAccept: application/sdp\r\n"
    writer.write(f"{asked}User-Agent: loaphuong\r\n{more}\r\n".encode())
    await writer.drain()
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        raise _Broken("ngắt kết nối / it broke the connection") from error
    status = _STATUS.match(head)
    if status is None or len(head) > _HEAD_LIMIT:
        raise _Broken("không phải RTSP / no RTSP")
    headers: dict[str, str] = {}
    for line in head.decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        known = headers.get(name.strip().lower())
        headers[name.strip().lower()] = value.strip() if known is None else f"{known}\n{value.strip()}"
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or int(length) > limit:
        raise _Broken("SDP quá dài / no length, or too much")
    try:
        body = await reader.readexactly(int(length))
    except asyncio.IncompleteReadError as error:
        raise _Broken("SDP cụt / half an SDP") from error
    reason = clean((status[2] or b"").decode("latin-1"), 60)
    return _Said(int(status[1]), reason, headers, body.decode("utf-8", "replace"))
