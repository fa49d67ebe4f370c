"""The HTTP side of many poles: one pool of connections for all, with a bit flipped on the way where a fault says so."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx

from simulators.board import RootTime
from simulators.faults import FaultKind, Faults

MOST_AT_ONCE = 48
"""Fetches of the whole process at a time; the others wait their turn and do not time out doing it."""


class SharedPool:
    """One pool for every pole of the process. Close it when the poles are gone."""

    def __init__(self, *, most: int = MOST_AT_ONCE) -> None:
        limits = httpx.Limits(max_connections=most, max_keepalive_connections=most)
        self.inner = httpx.AsyncHTTPTransport(limits=limits)
        self.places = asyncio.Semaphore(most)

    def client(self, faults: Faults, root: RootTime) -> httpx.AsyncClient:
        """Return the client of one pole. It holds nothing, so nobody needs to close it."""
        return httpx.AsyncClient(transport=_Wire(self, faults, root), trust_env=False)

    async def aclose(self) -> None:
        await self.inner.aclose()


class _Wire(httpx.AsyncBaseTransport):
    """From one pole to the pool."""

    def __init__(self, pool: SharedPool, faults: Faults, root: RootTime) -> None:
        self._pool = pool
        self._faults = faults
        self._root = root

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._pool.places.acquire()
        try:
            response = await self._pool.inner.handle_async_request(request)
        except BaseException:
            self._pool.places.release()
            raise
        flips = self._faults.active(FaultKind.BAD_HASH, self._root.utc_ms()) is not None
        response.stream = _Stream(response.stream, flips=flips, done=self._pool.places.release)
        return response


class _Stream(httpx.AsyncByteStream):
    """A response's body; gives its place back when it is closed, once."""

    def __init__(self, inner: object, *, flips: bool, done: Callable[[], None]) -> None:
        if not isinstance(inner, httpx.AsyncByteStream):
            raise TypeError(f"not an asynchronous body: {inner!r}")
        self._inner = inner
        self._flips = flips
        self._done: Callable[[], None] | None = done

    async def __aiter__(self) -> AsyncIterator[bytes]:
        flips = self._flips
        async for chunk in self._inner:
            if flips and chunk:
                flips = False
                middle = len(chunk) // 2
                yield chunk[:middle] + bytes([chunk[middle] ^ 1]) + chunk[middle + 1 :]
            else:
                yield chunk

    async def aclose(self) -> None:
        done, self._done = self._done, None
        try:
            await self._inner.aclose()
        finally:
            if done is not None:
                done()
