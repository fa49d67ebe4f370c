"""Time as an argument: a wall clock, a monotonic clock and sleep, real or moved by a test.

``now_ms`` may step; ``mono_ns`` never does. Nothing else in the product reads a clock.
"""

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime
from typing import Protocol

NS_PER_MS = 1_000_000


class Clock(Protocol):
    """What everything that waits or stamps is given."""

    def now_ms(self) -> int:
        """Return UTC as milliseconds since 1970."""
        ...

    def mono_ns(self) -> int:
        """Return a nanosecond counter that never goes back and never jumps."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait ``seconds`` of this clock's monotonic time; not at all when negative."""
        ...


def instant(ms: int) -> datetime:
    """Turn epoch milliseconds into an aware UTC datetime."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def epoch_ms(at: datetime) -> int:
    """Turn an aware datetime into epoch milliseconds.

    Raises:
        ValueError: ``at`` is naive.
    """
    if at.tzinfo is None:
        raise ValueError(f"naive time: {at!r}")
    return round(at.timestamp() * 1000)


class SystemClock:
    """The machine's own clocks."""

    def now_ms(self) -> int:
        return time.time_ns() // NS_PER_MS

    def mono_ns(self) -> int:
        return time.monotonic_ns()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class ShiftedClock:
    """A wall clock that starts at ``start_ms`` and then runs as fast as the world: the demo ward's Thursday 05:29."""

    def __init__(self, start_ms: int) -> None:
        self._start_ms = start_ms
        self._origin_ns = time.monotonic_ns()

    def now_ms(self) -> int:
        return self._start_ms + (time.monotonic_ns() - self._origin_ns) // NS_PER_MS

    def mono_ns(self) -> int:
        return time.monotonic_ns()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class ManualClock:
    """A clock that moves only when told: a week of airtime in seconds, over real sockets."""

    def __init__(self, start_ms: int) -> None:
        self._mono_ns = 1_000_000_000
        self._wall_ahead_ns = start_ms * NS_PER_MS - self._mono_ns
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now_ms(self) -> int:
        return (self._mono_ns + self._wall_ahead_ns) // NS_PER_MS

    def mono_ns(self) -> int:
        return self._mono_ns

    def step_wall(self, milliseconds: int) -> None:
        """Jump the wall clock alone, as NTP or a dead battery does."""
        self._wall_ahead_ns += milliseconds * NS_PER_MS

    @property
    def next_due_s(self) -> float | None:
        """Seconds until the earliest sleeper wakes, or ``None`` when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return (self._sleepers[0][0] - self._mono_ns) / 1e9 if self._sleepers else None

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._mono_ns + round(seconds * 1e9), next(self._order), woken))
        await woken

    async def advance(self, seconds: float, *, settle_s: float = 0.0) -> None:
        """Move on by ``seconds``, waking each sleeper at its own instant and in order.

        ``settle_s`` real seconds pass after each waking, so that sockets and threads can answer.
        """
        target = self._mono_ns + round(seconds * 1e9)
        while self.next_due_s is not None and self._sleepers[0][0] <= target:
            due = self._sleepers[0][0]
            self._mono_ns = due
            while self._sleepers and self._sleepers[0][0] <= self._mono_ns:
                _, _, woken = heapq.heappop(self._sleepers)
                if not woken.done():
                    woken.set_result(None)
            await asyncio.sleep(settle_s)
        self._mono_ns = target
        await asyncio.sleep(settle_s)
