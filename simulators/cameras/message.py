"""Requests and answers of HTTP/1.1, and of RTSP, which has the same shape. Parsing is strict."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MOST_HEAD = 16_384
MOST_BODY = 262_144
_BLANK = b"\r\n\r\n"
_REASONS = {
    200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 411: "Length Required", 413: "Payload Too Large", 453: "Not Enough Bandwidth",
    500: "Internal Server Error", 501: "Not Implemented",
}  # fmt: skip


class BadRequest(ValueError):  # noqa: N818 - says what happened
    """The peer does not speak the protocol; ``status`` is what it is told before the connection closes."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class Request:
    """One request as it came. Header names are in lower case."""

    method: str
    target: str
    version: str
    headers: Mapping[str, str]
    body: bytes
    peer: str = ""
    """Address and port it came from."""
    connection: int = 0
    """The how-manieth connection to this camera it came on."""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def keeps_alive(self) -> bool:
        said = self.headers.get("connection", "").lower()
        return "close" not in said and (self.version != "HTTP/1.0" or "keep-alive" in said)


class Way(StrEnum):
    """How an answer goes out."""

    WHOLE = "whole"
    DRIP = "drip"
    """One byte a second."""
    NO_LENGTH = "no_length"
    """Ended by closing."""
    CHUNKED_CUT = "chunked_cut"
    """Chunked; the connection closes within a chunk."""
    HANG = "hang"
    """Never."""
    RESET = "reset"
    """A TCP reset instead."""
    CLOSE = "close"
    """An orderly end instead."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is said back. ``stream`` is sent after ``body`` for as long as the peer takes it, and may have no end."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/soap+xml; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    way: Way = Way.WHOLE
    delay_s: float = 0.0
    stream: Iterator[bytes] | None = field(default=None, compare=False)
    length: int | None = None
    """Content-Length where it is not that of ``body``; ``stream`` without it ends with the connection."""

    @property
    def open_ended(self) -> bool:
        return self.way is Way.NO_LENGTH or (self.stream is not None and self.length is None)

    def head(self, version: str) -> bytes:
        """Return status line and headers."""
        lines = [f"{version} {self.status} {_REASONS.get(self.status, 'Said So')}", *map(": ".join, self.headers)]
        if self.body or self.stream is not None:
            lines.append(f"Content-Type: {self.kind}")
        if self.way is Way.CHUNKED_CUT:
            lines.append("Transfer-Encoding: chunked")
        elif self.open_ended:
            lines.append("Connection: close")
        else:
            lines.append(f"Content-Length: {len(self.body) if self.length is None else self.length}")
        return "\r\n".join(lines).encode() + _BLANK


def take_request(buffer: bytearray, *, peer: str, connection: int) -> Request | None:
    """Cut one whole request off ``buffer``; ``None``: there is none yet.

    Raises:
        BadRequest: it is none, or too large.
    """
    end = buffer.find(_BLANK)
    if end < 0:
        if len(buffer) > MOST_HEAD:
            raise BadRequest(400, "endless head")
        return None
    try:
        first, *rest = bytes(buffer[:end]).decode("latin-1").split("\r\n")
        method, target, version = first.split(" ")
    except ValueError as error:
        raise BadRequest(400, "no request line") from error
    headers = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip():
            raise BadRequest(400, f"no header: {line[:40]!r}")
        headers[name.lower()] = value.strip()
    if "transfer-encoding" in headers:
        raise BadRequest(411, "chunked requests are not read")
    said = headers.get("content-length", "0")
    if not said.isascii() or not said.isdigit():
        raise BadRequest(400, "no length")
    length = int(said)
    if length > MOST_BODY:
        raise BadRequest(413, "too large")
    start = end + len(_BLANK)
    if len(buffer) < start + length:
        return None
    body = bytes(buffer[start : start + length])
    del buffer[: start + length]
    return Request(method, target, version, headers, body, peer, connection)
