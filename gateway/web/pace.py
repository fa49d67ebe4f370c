"""Nhịp: how fast one session, and one address, may change things. For scripts gone wild; no thumb is that quick."""

from collections import OrderedDict
from dataclasses import dataclass

from devices.clock import Clock
from gateway.domain.errors import TryLater

_NS = 1_000_000_000
_ROOM = 10_000
"""Keys are chosen by strangers: the memory they may take is not."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """So many at once, and so many a second after that."""

    burst: int
    per_s: float


class Pace:
    """Counts in memory, by the monotonic clock: a bucket that refills."""

    def __init__(self, clock: Clock, allowance: Allowance) -> None:
        self._clock = clock
        self._allowance = allowance
        self._left: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, key: str) -> None:
        """Count one act of ``key``.

        Raises:
            TryLater: it was too fast; this one was not counted.
        """
        now_ns = self._clock.mono_ns()
        left, since_ns = self._left.pop(key, (float(self._allowance.burst), now_ns))
        left = min(float(self._allowance.burst), left + (now_ns - since_ns) / _NS * self._allowance.per_s)
        ok = left >= 1
        self._left[key] = (left - 1 if ok else left, now_ns)
        while len(self._left) > _ROOM:
            self._left.popitem(last=False)
        if not ok:
            wait_s = (1 - left) / self._allowance.per_s
            raise TryLater(
                "Quá nhiều thao tác cùng lúc, chờ một lát.",
                "Too many changes at once; wait a moment.",
                retry_after_s=wait_s,
                code="too_fast",
            )
