"""Over real sockets: connections that never say what they want make way for those that do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
from fastapi import FastAPI, Request
from starlette.responses import StreamingResponse

from gateway.main.http import HttpServer
from gateway.main.impatience import Patience
from gateway.settings import Http
from tests.ports import free_port

QUICK = Patience(headers_s=0.4, body_s=0.8, waiting_at_most=8)
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def app() -> FastAPI:
    made = FastAPI()

    @made.get("/")
    async def now() -> str:
        return "đây"

    @made.get("/later")
    async def later() -> str:
        await asyncio.sleep(3 * QUICK.headers_s)
        return "đây"

    @made.get("/stream")
    async def stream() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(4):
                yield b"x"
                await asyncio.sleep(QUICK.headers_s)

        return StreamingResponse(pieces())

    @made.post("/take")
    async def take(request: Request) -> int:
        return len(await request.body())

    return made


@asynccontextmanager
async def served(patience: Patience) -> AsyncIterator[int]:
    server = HttpServer(app(), Http(host="127.0.0.1", port=free_port()), patience)
    running = asyncio.create_task(server.run())
    try:
        yield server.port
    finally:
        server.stop()
        await running


def browser(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)


async def connect(port: int) -> Pair:
    return await asyncio.open_connection("127.0.0.1", port)


async def drip(pair: Pair, text: bytes) -> bytes:
    """Send a byte now and then until the other side has had enough; return what it said."""
    reader, writer = pair
    with suppress(OSError):
        for place in range(10_000):
            if reader.at_eof() or writer.transport.is_closing():
                break
            writer.write(text[place % len(text) : place % len(text) + 1])
            await writer.drain()
            await asyncio.sleep(0.05)
    return await gone(pair)


async def gone(pair: Pair) -> bytes:
    """Wait until the other side has closed."""
    with suppress(OSError):
        return await pair[0].read()
    return b""


async def closed(*pairs: Pair) -> None:
    for _, writer in pairs:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def test_a_header_that_never_ends_is_cut_and_one_that_never_begins_too() -> None:
    async with served(QUICK) as port, asyncio.timeout(30):
        silent, slow = await connect(port), await connect(port)
        said = await asyncio.gather(gone(silent), drip(slow, b"GET / HTTP/1.1\r\nX: " + b"a" * 9_000))
        assert list(said) == [b"", b""]
        await closed(silent, slow)


async def test_the_second_request_of_a_connection_gets_no_more_time_than_the_first() -> None:
    async with served(QUICK) as port, asyncio.timeout(30):
        pair = await connect(port)
        pair[1].write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200" in await pair[0].readline()
        assert "đây".encode() in await pair[0].readuntil(b'"\xc4\x91\xc3\xa2y"')
        assert await drip(pair, b"GET / HTTP/1.1\r\nX: " + b"a" * 9_000) == b""
        await closed(pair)


async def test_a_flood_of_silent_connections_cuts_itself_and_nobody_else() -> None:
    patience = Patience(headers_s=600, body_s=600, waiting_at_most=8)
    async with served(patience) as port, asyncio.timeout(30), browser(port) as person:
        assert (await person.get("/")).status_code == 200
        flood = [await connect(port) for _ in range(40)]
        assert (await person.get("/")).status_code == 200
        async with browser(port) as another:
            assert (await another.get("/")).status_code == 200
        await asyncio.gather(*map(gone, flood[:31]))
        assert not any(reader.at_eof() for reader, _ in flood[33:])
        await closed(*flood)


async def test_a_body_that_stops_is_cut_and_one_that_goes_on_slowly_arrives_whole() -> None:
    head = b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n"
    async with served(QUICK) as port, asyncio.timeout(30):
        stuck, slow = await connect(port), await connect(port)
        for _, writer in (stuck, slow):
            writer.write(head)
        for _ in range(12):
            slow[1].write(b"x")
            await slow[1].drain()
            await asyncio.sleep(QUICK.body_s / 6)
        assert b"200" in await slow[0].readline()
        assert await gone(stuck) == b""
        await closed(stuck, slow)


async def test_who_waits_for_us_is_not_cut() -> None:
    async with served(QUICK) as port, asyncio.timeout(30), browser(port) as person:
        later, stream = await asyncio.gather(person.get("/later"), person.get("/stream"))
        assert (later.status_code, stream.content) == (200, b"xxxx")
