"""A small HTTP server of audio with every fault of a bad line."""

import asyncio
import contextlib
from dataclasses import dataclass, field


@dataclass
class Shop:
    """Serves ``files`` by name. ``manners`` says how each answer goes wrong, one per request; then all goes well."""

    files: dict = field(default_factory=dict)
    manners: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    hold: asyncio.Event | None = None
    """While set and not fired, bodies stop after their first half."""
    base: str = ""
    serving: set = field(default_factory=set)

    @contextlib.asynccontextmanager
    async def open(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a/"
        async with server:
            yield self
            server.close()
            for serving in self.serving:
                serving.cancel()
            await asyncio.gather(*self.serving, return_exceptions=True)

    async def _serve(self, reader, writer):
        self.serving.add(asyncio.current_task())
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await self._serve_one(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            self.serving.discard(asyncio.current_task())

    async def _serve_one(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            await self._answer(head, writer)

    async def _answer(self, head, writer):
        name = head.split()[1].removeprefix("/a/")
        wanted = next((line for line in head.splitlines() if line.lower().startswith("range:")), "")
        start = int(wanted.partition("=")[2].rstrip("-")) if wanted else 0
        self.asked.append((name, start))
        manner = self.manners.pop(0) if self.manners else "good"
        data = self.files.get(name)
        if data is None or manner == "404":
            writer.write(b"HTTP/1.1 404 no\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            return
        if manner == "html":
            page = b"<html>please log in</html>"
            writer.write(b"HTTP/1.1 200 ok\r\nConnection: close\r\nContent-Type: text/html\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n" % len(page) + page)
            return
        if manner == "html in disguise":
            data = (b"<html>please log in</html>" * (len(data) // 20))[: len(data)]
        if manner == "flipped bit":
            data = bytes([data[0] ^ 1]) + data[1:]
        if manner == "no ranges":
            start = 0
        body = data[start:]
        status = b"206 part" if start else b"200 ok"
        if manner == "another range":
            status, body = b"206 part", data[start + 1 :]
        writer.write(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n")
        if status.startswith(b"206"):
            first = start + (manner == "another range")
            writer.write(b"Content-Range: bytes %d-%d/%d\r\n" % (first, len(data) - 1, len(data)))
        if manner != "no length":
            writer.write(b"Content-Length: %d\r\n" % len(body))
        writer.write(b"\r\n")
        if manner.startswith("cut at "):
            writer.write(body[: int(len(body) * float(manner.removeprefix("cut at ")))])
            await writer.drain()
            return
        if manner == "no length":
            body = body[: len(body) // 2]
        if self.hold is not None and not self.hold.is_set():
            writer.write(body[: len(body) // 2])
            await writer.drain()
            await self.hold.wait()
            body = body[len(body) // 2 :]
        writer.write(body)
        await writer.drain()
