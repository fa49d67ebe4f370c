"""HTTP/1.1 as far as one asks a camera: one request, one answer, and no byte more of it than was allowed.

Of our own, because it is measured: a library costs three times as much for each camera and minute, hides how long TCP
took, and refuses headers that real cameras send. It knows nothing of redirects, cookies, compression and proxies, so
nobody talks it into any. See ADR 0019.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

HEAD_LIMIT = 16_384
_MOST_INTERIM = 4
_CHUNK_LINE = 256
_INTERIM, _SWITCHING, _OK = 100, 101, 200
_BODILESS = frozenset({204, 304})
_STATUS = re.compile(rb"HTTP/1\.([01]) (\d{3})(?: [^\r\n]*)?\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(r"\d{1,15}")
_CHUNK = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")


class NotHttp(ValueError):  # noqa: N818 - says what happened
    """The peer does not speak it, or stopped in the middle."""


class TooMuch(ValueError):  # noqa: N818 - says what happened
    """More than was allowed."""


class Lost(ConnectionError):  # noqa: N818 - says what happened
    """The peer broke the connection before it said anything, or by a reset."""


@dataclass(frozen=True)
class Reply:
    """What came. Header names in lower case; several of one name are joined by line breaks."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class _State(Enum):
    IDLE = auto()
    HEAD = auto()
    LENGTH = auto()
    CHUNKS = auto()
    UNTIL_END = auto()


class Exchange(asyncio.Protocol):
    """One connection. ``unwanted`` is shown status and headers, and says whether the body is of no use."""

    def __init__(self, unwanted: Callable[[int, Mapping[str, str]], bool]) -> None:
        self._unwanted = unwanted
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Reply] | None = None
        self._state = _State.IDLE
        self._buffer = bytearray()
        self._body = bytearray()
        self._limit = self._left = self._interim = 0
        self._status = 0
        self._headers: dict[str, str] = {}
        self._stays = True

    @property
    def is_open(self) -> bool:
        """Whether another request may be sent over it."""
        return self._transport is not None and self._stays and not self._transport.is_closing()

    def ask(self, request: bytes, limit: int) -> asyncio.Future[Reply]:
        """Send a whole request; the answer's body may have ``limit`` bytes. One at a time."""
        if self._transport is None or self._state is not _State.IDLE:
            raise Lost
        self._waiting = asyncio.get_running_loop().create_future()
        self._state, self._limit, self._interim = _State.HEAD, limit, 0
        self._body = bytearray()
        self._transport.write(request)
        return self._waiting

    def abort(self) -> None:
        """Break it; who waits is not told any more."""
        self._waiting = None
        if self._transport is not None:
            self._transport.abort()

    # -- the transport's side ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            self._stays = False  # it speaks unasked: whatever it says next would be taken for an answer
            self.abort()
            return
        self._buffer += data
        try:
            while self._step():
                pass
        except ValueError as error:
            self._fail(error)

    def connection_lost(self, exc: Exception | None) -> None:
        state, self._transport, self._stays = self._state, None, False
        if self._waiting is None or self._waiting.done():
            return
        if state is _State.UNTIL_END and exc is None:
            self._done()
        elif exc is not None or (state is _State.HEAD and not self._buffer):
            self._fail(Lost())
        else:
            self._fail(NotHttp("the answer ends too early"))

    # -- reading -----------------------------------------------------------------------------------------------------

    def _step(self) -> bool:
        """Read one piece; tell whether there may be another."""
        match self._state:
            case _State.HEAD:
                return self._read_head()
            case _State.LENGTH:
                return self._take(self._left)
            case _State.CHUNKS:
                return self._read_chunk()
            case _State.UNTIL_END:
                self._take(len(self._buffer))
        return False

    def _read_head(self) -> bool:
        buffer = self._buffer
        if not b"HTTP/1."[: len(buffer)] == buffer[:7]:
            raise NotHttp("no HTTP")
        end = _HEAD_END.search(buffer)
        if end is None:
            if len(buffer) > HEAD_LIMIT:
                raise NotHttp("a head without end")
            return False
        status = _STATUS.match(buffer)
        if status is None or end.end() > HEAD_LIMIT:
            raise NotHttp("no HTTP")
        self._status, newer = int(status[2]), status[1] == b"1"  # a match is a view of the buffer
        self._headers = _headers(bytes(buffer[status.end() : end.start() + 1]))
        del buffer[: end.end()]
        if _INTERIM <= self._status < _OK:
            self._interim += 1
            if self._status == _SWITCHING or self._interim > _MOST_INTERIM:
                raise NotHttp(f"status {self._status}")
            return True
        said = self._headers.get("connection", "").lower()
        self._stays = "close" not in said and (newer or "keep-alive" in said)
        return self._frame()

    def _frame(self) -> bool:
        """Decide how the body ends."""
        if self._unwanted(self._status, self._headers):
            self._stays = False
            self._done()
            return False
        coded, length = self._headers.get("transfer-encoding"), self._headers.get("content-length")
        if coded is not None:
            if coded.strip().lower() != "chunked":
                raise NotHttp("a transfer encoding nobody knows")
            self._state = _State.CHUNKS
            self._left = -1
            return True
        if self._status in _BODILESS:
            length = "0"
        if length is None:
            self._state, self._stays = _State.UNTIL_END, False
            return True
        lengths = set(length.split("\n"))
        if len(lengths) != 1 or _LENGTH.fullmatch(lengths.pop()) is None:
            raise NotHttp("a length that is none")
        self._left = int(length.split("\n")[0])
        if self._left > self._limit:
            raise TooMuch(f"{self._left} bytes")
        self._state = _State.LENGTH
        return True

    def _take(self, count: int) -> bool:
        """Move so many bytes to the body, as far as they are there; end the answer where its length is reached."""
        part = self._buffer[:count]
        del self._buffer[:count]
        self._body += part
        if len(self._body) > self._limit:
            raise TooMuch(f"more than {self._limit} bytes")
        if self._state is _State.LENGTH:
            self._left -= len(part)
            if self._left == 0:
                self._done()
        return False

    def _read_chunk(self) -> bool:
        """Read a chunk's size, or some of its bytes. ``_left`` is -1 before a size, -2 in the trailer."""
        if self._left > 0:
            before = len(self._body)
            self._take(self._left)
            self._left -= len(self._body) - before
            return self._left == 0 and bool(self._buffer)
        if self._left == 0:  # the line break behind a chunk
            if len(self._buffer) < len(b"\r\n"):
                return False
            del self._buffer[: 2 if self._buffer.startswith(b"\r\n") else 1]
            self._left = -1
        if b"\n" not in self._buffer:
            if len(self._buffer) > _CHUNK_LINE:
                raise NotHttp("no chunk")
            return False
        size = _CHUNK.match(self._buffer)
        if size is None or len(size[0]) > _CHUNK_LINE:
            raise NotHttp("no chunk")
        self._left = int(size[1], 16)  # before the buffer changes: a match is a view of it
        del self._buffer[: size.end()]
        if len(self._body) + self._left > self._limit:
            raise TooMuch(f"more than {self._limit} bytes")
        if self._left == 0:
            self._stays = False  # whatever trailer there is, nobody reads it
            self._done()
            return False
        return True

    # -- the end -----------------------------------------------------------------------------------------------------

    def _done(self) -> None:
        self._state = _State.IDLE
        if self._buffer:
            self._stays = False
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(Reply(self._status, self._headers, bytes(self._body)))

    def _fail(self, error: Exception) -> None:
        self._stays = False
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)
        if self._transport is not None:
            self._transport.abort()


def _headers(text: bytes) -> dict[str, str]:
    """Read header lines; one that is none is left out, for cameras send such."""
    found: dict[str, str] = {}
    for line in text.decode("latin-1").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            key, said = name.strip().lower(), value.strip()
            found[key] = f"{found[key]}\n{said}" if key in found else said
    return found
