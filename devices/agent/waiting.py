"""Waiting on the board's own clock, and being woken from it."""

import asyncio

from devices.clock import Clock


class Bell:
    """Rung when something changed; whoever waits looks again for itself. A ring while nobody waits is not lost."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody who waits."""
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    @property
    def next(self) -> asyncio.Event:
        """Return the event of the next ring. Take it before looking at the state, wait for it afterwards."""
        return self._rung


async def event_or_sleep(event: asyncio.Event, clock: Clock, seconds: float | None) -> bool:
    """Wait for ``event``, but no longer than ``seconds`` of ``clock`` (``None``: for ever); tell whether it came."""
    if event.is_set() or seconds is None:
        await event.wait()
        return True
    either = {asyncio.ensure_future(event.wait()), asyncio.ensure_future(clock.sleep(seconds))}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiting in either:
            waiting.cancel()
        await asyncio.gather(*either, return_exceptions=True)
    return event.is_set()


async def sleep_until(clock: Clock, mono_ns: int) -> None:
    """Sleep until the clock's monotonic time is ``mono_ns``."""
    await clock.sleep(max(0, mono_ns - clock.mono_ns()) / 1e9)
