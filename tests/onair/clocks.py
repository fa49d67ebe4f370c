"""Clocks for a whole ward: one that can pass hours at once, and one that runs faster than the world."""

import asyncio
import heapq
import time

from devices.clock import NS_PER_MS, ManualClock


class LeapingClock(ManualClock):
    """A manual clock that can also pass hours at once, as for machines that slept: everybody wakes once, late."""

    async def leap(self, seconds: float, *, settle_s: float = 0.02) -> None:
        self._mono_ns += round(seconds * 1e9)
        while self._sleepers and self._sleepers[0][0] <= self._mono_ns:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
        await asyncio.sleep(settle_s)


class WrongWall:
    """One machine's own wall clock over the world's time: right until somebody, or a dead battery, sets it wrong."""

    def __init__(self, inner: LeapingClock) -> None:
        self._inner = inner
        self.ahead_ms = 0

    def now_ms(self) -> int:
        return self._inner.now_ms() + self.ahead_ms

    def mono_ns(self) -> int:
        return self._inner.mono_ns()

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class FastClock:
    """A clock that runs ``speed`` times as fast as the world; the same in every process given the same origin."""

    def __init__(self, start_ms: int, *, speed: float, origin_ns: int | None = None) -> None:
        self.start_ms = start_ms
        self.speed = speed
        self.origin_ns = time.monotonic_ns() if origin_ns is None else origin_ns

    def now_ms(self) -> int:
        return self.start_ms + (self.mono_ns() - self.origin_ns) // NS_PER_MS

    def mono_ns(self) -> int:
        return self.origin_ns + round((time.monotonic_ns() - self.origin_ns) * self.speed)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds / self.speed))
