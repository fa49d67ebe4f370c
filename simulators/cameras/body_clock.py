"""Giờ của camera: what its clock shows, and what it says its clock shows, which need not be the same."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from devices.clock import NS_PER_MS, Clock, instant
from simulators.cameras.faults import Fault

LOCAL = timedelta(hours=7)
"""Vietnam has no summer time."""
STRICT_WINDOW_S = 10.0
_STRICT_BEHIND_MS = -45_000
_SHIFTS_MS = {
    Fault.CLOCK_PLUS_30S: 30_000,
    Fault.CLOCK_MINUS_30S: -30_000,
    Fault.CLOCK_PLUS_1H: 3_600_000,
    Fault.CLOCK_MINUS_1H: -3_600_000,
    Fault.CLOCK_STRICT: _STRICT_BEHIND_MS,
}


class BodyClock:
    """The clock in one camera; ``faults`` is the camera's own set, looked into at every question."""

    def __init__(self, clock: Clock, faults: AbstractSet[Fault]) -> None:
        self._clock = clock
        self._faults = faults
        self._boot_mono_ns = clock.mono_ns()
        self._lost = False

    def boot(self, *, lost: bool) -> None:
        """Begin anew; ``lost``: in 1970, until :meth:`set`."""
        self._boot_mono_ns = self._clock.mono_ns()
        self._lost = lost

    def set(self) -> None:
        """Put it right, as a technician or NTP does."""
        self._lost = False

    def up_ms(self) -> int:
        """Return how long it has run since its boot."""
        return (self._clock.mono_ns() - self._boot_mono_ns) // NS_PER_MS

    def now_ms(self) -> int:
        """Return what it takes for UTC (epoch ms)."""
        if self._lost or Fault.CLOCK_1970 in self._faults:
            return self.up_ms()
        return self._clock.now_ms() + sum(_SHIFTS_MS.get(fault, 0) for fault in self._faults)

    def window_s(self, usual_s: float) -> float:
        """Return how far a token's time may be from its own; endless where it cannot tell."""
        if Fault.CLOCK_STRICT in self._faults:
            return STRICT_WINDOW_S
        return float("inf") if Fault.CLOCK_ZERO in self._faults else usual_s

    def local(self) -> datetime:
        """Return the wall-clock time it paints into its pictures."""
        return instant(self.now_ms()) + LOCAL

    def said(self, *, local: bool) -> str:
        """Return the date and time elements of an answer, as its faults make it say them."""
        if Fault.CLOCK_ZERO in self._faults:
            return _fields("0-0-0", "0:0:0")
        now = instant(self.now_ms())
        at = now + LOCAL if local or Fault.CLOCK_LOCAL_AS_UTC in self._faults else now
        minute = 61 if Fault.TIME_61_MINUTES in self._faults else at.minute
        return _fields(f"{at.year}-{at.month}-{at.day}", f"{at.hour}:{minute}:{at.second}")


def _fields(date: str, time: str) -> str:
    year, month, day = date.split("-")
    hour, minute, second = time.split(":")
    return (
        f"<tt:Time><tt:Hour>{hour}</tt:Hour><tt:Minute>{minute}</tt:Minute><tt:Second>{second}</tt:Second></tt:Time>"
        f"<tt:Date><tt:Year>{year}</tt:Year><tt:Month>{month}</tt:Month><tt:Day>{day}</tt:Day></tt:Date>"
    )
