"""Trông coi: a task that breaks is said and started again; the radio does not fall silent because one part did."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from devices.clock import Clock
from devices.link import backoff

logger = logging.getLogger(__name__)

STEADY_NS = 600 * 1_000_000_000
"""A task that ran this long may fail again as if for the first time."""


class Supervisor:
    """Keeps tasks alive."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.failures: Counter[str] = Counter()
        """How often each task broke, since boot."""
        self._broken: dict[str, int] = {}

    def faults(self) -> tuple[str, ...]:
        """Return the tasks that broke lately, as the contract's words."""
        now_ns = self._clock.mono_ns()
        return tuple(f"task:{name}" for name, at_ns in self._broken.items() if now_ns - at_ns < STEADY_NS)

    async def keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run ``work`` until cancelled, and again whenever it raises or returns."""
        waits = backoff(first_s=0.2, limit_s=30.0, jitter=0.2)
        while True:
            began_ns = self._clock.mono_ns()
            try:
                await work()
            except Exception:
                logger.exception("%s broke; it is started again", name)
            else:
                logger.error("%s ended by itself; it is started again", name)
            self.failures[name] += 1
            self._broken[name] = self._clock.mono_ns()
            if self._clock.mono_ns() - began_ns > STEADY_NS:
                waits = backoff(first_s=0.2, limit_s=30.0, jitter=0.2)
            await self._clock.sleep(next(waits))
