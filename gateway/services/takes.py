"""Bản thu gửi lại: a recording that a phone sends again, because it never heard the answer, is taken in once."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from devices.clock import Clock
from gateway.ports.store import Values
from gateway.services.actor import Actor

NAME = "takes"
MOST = 500
LIVES_MS = timedelta(days=60) // timedelta(milliseconds=1)
"""A phone that lay in a drawer for longer sends it as something new."""


class TakeBook:
    """Which takes came in already, and what became of each. A take is named by the phone that made it, at random."""

    def __init__(self, *, values: Values, clock: Clock) -> None:
        self._values = values
        self._clock = clock
        self._busy: dict[str, tuple[asyncio.Lock, int]] = {}
        self._writing = asyncio.Lock()

    async def once(self, take: str, *, by: Actor, do: Callable[[], Awaitable[str]]) -> str:
        """Return what ``do`` returned the first time that ``by`` sent ``take``; without a name it is always new.

        Two at once wait for each other. What failed is not remembered: it may come again.

        Raises:
            StoreFailed: it was done and cannot be remembered; the phone sends it again.
        """
        if not take:
            return await do()
        name = hashlib.sha256(f"{by.id}\n{take}".encode()).hexdigest()[:32]
        async with self._alone(name):
            known = await self._known()
            if name in known:
                return known[name][1]
            result = await do()
            await self._remember(name, result)
            return result

    @asynccontextmanager
    async def _alone(self, name: str) -> AsyncIterator[None]:
        lock, waiting = self._busy.get(name, (asyncio.Lock(), 0))
        self._busy[name] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._busy.pop(name)
            if waiting > 1:
                self._busy[name] = (lock, waiting - 1)

    async def _known(self) -> dict[str, tuple[int, str]]:
        oldest = self._clock.now_ms() - LIVES_MS
        kept = await self._values.get(NAME) or {}
        return {name: (at_ms, result) for name, (at_ms, result) in kept.items() if at_ms > oldest}

    async def _remember(self, name: str, result: str) -> None:
        async with self._writing:
            known = await self._known() | {name: (self._clock.now_ms(), result)}
            newest = sorted(known.items(), key=lambda each: each[1][0])[-MOST:]
            await self._values.set(NAME, dict(newest), note=None)
