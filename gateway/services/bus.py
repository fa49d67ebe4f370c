"""Bảng tin nội bộ: events with growing ids in a bounded ring, so that a screen that was away resumes where it stopped.

Nobody is waited for: each listener reads the ring at its own pace, and one that falls off its end is told so
(:class:`~gateway.services.events.Missed`) instead of being served a history with a hole.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from devices.clock import Clock
from gateway.services.events import Event, Missed

RING = 4096
"""A thousand clusters coming back at once is a thousand events; a phone may be away for four such bursts."""


@dataclass(frozen=True)
class Numbered:
    """An event as the ring holds it."""

    id: int
    at_ms: int
    event: Event


class Bus:
    """One per gateway. Everything happens on the event loop's thread."""

    def __init__(self, clock: Clock, *, ring: int = RING) -> None:
        self._clock = clock
        self._ring: deque[Numbered] = deque(maxlen=ring)
        # Ids go on growing over a restart, so a browser's Last-Event-ID never means an event of another life.
        self._last = self._born = clock.now_ms() * 1000
        self._news = asyncio.Event()

    @property
    def last_id(self) -> int:
        """The id of the newest event, or the one before the first."""
        return self._last

    def publish(self, event: Event) -> None:
        """Tell everyone who listens, now or when they come back."""
        self._last += 1
        self._ring.append(Numbered(self._last, self._clock.now_ms(), event))
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def listen(self, after: int | None = None) -> AsyncIterator[Numbered]:
        """Yield what happens, for ever; first what happened after the event ``after``, if the ring still holds it."""
        seen = self._last if after is None else after
        while True:
            news = self._news
            if not self._knows(seen):
                seen = self._last
                yield Numbered(seen, self._clock.now_ms(), Missed())
                continue  # the listener may have taken so long that it missed some again
            for item in self._since(seen):
                seen = item.id
                yield item
            if seen == self._last:
                await news.wait()

    def _knows(self, seen: int) -> bool:
        oldest = self._ring[0].id if self._ring else self._last + 1
        return max(self._born, oldest - 1) <= seen <= self._last

    def _since(self, seen: int) -> list[Numbered]:
        missing = self._last - seen
        return [] if missing <= 0 else list(self._ring)[-missing:]
