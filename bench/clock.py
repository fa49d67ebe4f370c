"""One wall clock for several processes of one machine: the ward's morning, exact to the nanosecond in each of them."""

import asyncio
import time
from dataclasses import dataclass

from devices.clock import NS_PER_MS


@dataclass(frozen=True)
class SharedClock:
    """Shows ``start_ms`` when the machine's monotonic clock shows ``origin_ns``. Fits :class:`devices.clock.Clock`."""

    start_ms: int
    origin_ns: int

    def now_ms(self) -> int:
        return self.start_ms + (time.monotonic_ns() - self.origin_ns) // NS_PER_MS

    def mono_ns(self) -> int:
        return time.monotonic_ns()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

    def ms_at(self, mono_ns: int) -> float:
        """Return what it shows, with fractions, at ``mono_ns``."""
        return self.start_ms + (mono_ns - self.origin_ns) / NS_PER_MS
