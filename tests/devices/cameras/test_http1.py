"""Our own little HTTP: whole answers however they are cut, connections kept or not, and nothing past a limit."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.cameras.http1 import Exchange, Lost, NotHttp, Reply, TooMuch
from devices.cameras.limits import Limits
from devices.cameras.line import Line
from devices.clock import SystemClock
from devices.model.camera import Door

LIMIT = 1_000


class Wire(asyncio.Transport):
    """A transport that remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closed = False

    def write(self, data: object) -> None:
        self.sent += bytes(data)  # type: ignore[call-overload]

    def is_closing(self) -> bool:
        return self.closed

    def abort(self) -> None:
        self.closed = True


def answered(parts: Sequence[bytes], *, ends: bool = False, limit: int = LIMIT) -> tuple[Reply, Exchange]:
    """Give one exchange these parts."""

    async def go() -> tuple[Reply, Exchange]:
        exchange, wire = Exchange(lambda _status, _headers: False), Wire()
        exchange.connection_made(wire)
        waiting = exchange.ask(b"POST / HTTP/1.1\r\n\r\n", limit)
        for part in parts:
            if not waiting.done():
                exchange.data_received(part)
        if ends and not waiting.done():
            exchange.connection_lost(None)
        async with asyncio.timeout(1):
            return await waiting, exchange

    return asyncio.run(go())


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[one:other] for one, other in itertools.pairwise(edges)]


BODY = b"<a>xin chao</a>\r\n0\r\n\r\nHTTP/1.1 200"
WHOLE = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY),
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n%b\r\n%x\r\n%b\r\n0\r\n"
    % (BODY[:5], len(BODY) - 5, BODY[5:]),
    "bare line feeds": b"HTTP/1.0 200 OK\nContent-length:%d\n\n%b" % (len(BODY), BODY),
    "interim first": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"
    % (len(BODY), BODY),
    "a header that is none": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY),
}


@given(name=st.sampled_from(sorted(WHOLE)), places=st.lists(st.integers(0, 500), max_size=12))
def test_an_answer_is_the_same_however_it_is_cut(name: str, places: list[int]) -> None:
    reply, _ = answered(cut(WHOLE[name], places))
    assert (reply.status, reply.body) == (200, BODY)


@given(st.lists(st.integers(0, 500), max_size=6))
def test_without_a_length_it_ends_with_the_connection(places: list[int]) -> None:
    reply, exchange = answered(cut(b"HTTP/1.1 200 OK\r\n\r\n" + BODY, places), ends=True)
    assert reply.body == BODY
    assert not exchange.is_open


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=4))
def test_whatever_comes_is_an_answer_or_one_of_three_troubles(data: bytes, places: list[int]) -> None:
    for start in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"):
        try:
            reply, _ = answered(cut(start + data, places), ends=True, limit=50)
        except (NotHttp, TooMuch, Lost):
            continue
        assert len(reply.body) <= 50


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (b"SSH-2.0-x\r\n", NotHttp),
        (b"HTTP/2 200\r\n\r\n", NotHttp),
        (b"HTTP/1.1 101 Switching\r\n\r\n", NotHttp),
        (b"HTTP/1.1 100 C\r\n\r\n" * 9, NotHttp),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 20_000, NotHttp),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", NotHttp),
        (b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nabcde", NotHttp),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc", NotHttp),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc", NotHttp),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\nabc", NotHttp),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", TooMuch),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n", TooMuch),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 1_001, TooMuch),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", NotHttp),
        (b"", Lost),
    ],
)
def test_what_is_no_answer_is_told_apart(answer: bytes, trouble: type[Exception]) -> None:
    with pytest.raises(trouble):
        answered([answer], ends=True)


def test_several_headers_of_one_name_are_all_kept() -> None:
    asks = b'WWW-Authenticate: Basic\r\nwww-authenticate: Digest nonce="n"\r\n'
    reply, _ = answered([b"HTTP/1.1 401 No\r\n" + asks + b"Content-Length: 0\r\n\r\n"])
    assert reply.headers["www-authenticate"] == 'Basic\nDigest nonce="n"'


def test_an_answer_nobody_asked_for_is_not_taken_for_the_next_one() -> None:
    """Two answers to one question: the second might be what an attacker wants us to believe of the next."""
    double = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"
    reply, exchange = answered([double])
    assert reply.body == b"a"
    assert not exchange.is_open


@contextlib.asynccontextmanager
async def camera(*, keeps: bool) -> AsyncIterator[tuple[int, list[int]]]:
    """Answer every request; count the requests of each connection."""
    seen: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(0)
        mine = len(seen) - 1
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                seen[mine] += 1
                how = b"keep-alive" if keeps else b"close"
                writer.write(b"HTTP/1.1 200 OK\r\nConnection: %b\r\nContent-Length: 2\r\n\r\nok" % how)
                if not keeps:
                    break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(("keeps", "connections"), [(True, [3]), (False, [1, 1, 1])])
async def test_a_connection_is_used_for_as_long_as_the_camera_keeps_it(*, keeps: bool, connections: list[int]) -> None:
    async with camera(keeps=keeps) as (port, seen):
        async with Line(Door(host="127.0.0.1", port=port), "127.0.0.1", Limits(), SystemClock()) as line:
            for _ in range(3):
                found = await line.get("/")
                assert (found.fault, found.status, found.body) == (None, 200, b"ok")
        assert seen == connections


async def test_nobody_is_asked_again_once_the_time_is_over() -> None:
    async with camera(keeps=True) as (port, seen):
        async with Line(Door(host="127.0.0.1", port=port), "127.0.0.1", Limits(), SystemClock()) as line:
            line.begin(0.0)
            assert (await line.get("/")).fault is not None
            line.begin()
            assert (await line.get("/")).fault is None
        assert seen == [1]
