"""Giờ chuẩn: the pole's own UTC, on its monotonic clock, and whether it may be trusted.

Two sources: the wall clock while the operating system says NTP holds it, and the four-timestamp exchange with the
gateway. A third witness is what was known before, carried on by the monotonic clock. The rules:

* Sources that agree within 20 ms (and the exchange's own uncertainty): NTP is followed.
* They differ by more: an alarm. Up to a second NTP is still followed, since a ward's poles share their server and so
  stay together. Beyond a second one of them would put a broadcast at the wrong hour: only the one that agrees with
  what both had agreed on before is followed. Where they never agreed nothing is trusted, until they do or a day passes.
* A source that jumps is believed after a minute (``timetrack``), and only if what was known before came from itself
  or the other source agrees.
* With no source: what was known is carried on for 24 hours after the last agreement, then no longer trusted. A board
  that was off knows nothing: there is no trust in a battery clock.

Nothing here moves an instant that was converted before: an armed start is a monotonic number.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from devices.agent.ports import NtpState
from devices.agent.timetrack import Estimate, Sample, Track
from devices.clock import NS_PER_MS, Clock
from devices.wire.reports import ClockState

logger = logging.getLogger(__name__)

QUICK_EXCHANGES = 50
QUICK_EVERY_S = 0.2
EXCHANGE_EVERY_S = 10.0
MAX_RTT_US = 1_000_000
AGREE_NS = 20 * NS_PER_MS
WILD_NS = 1_000 * NS_PER_MS
HOLD_NS = 24 * 3_600 * 1_000 * NS_PER_MS
_FRESH_NS = 120 * 1_000 * NS_PER_MS
"""A source not heard for two minutes (twelve exchanges) has gone quiet."""
_WALL_RADIUS_NS = NS_PER_MS // 2
_SMOOTH_NS = 20 * NS_PER_MS

_Source = Literal["ntp", "exchange"]


@dataclass(frozen=True)
class _Known:
    """What is believed, from which source, as of when."""

    line: Estimate
    source: _Source
    synced_ns: int
    confirmed: bool
    """Both sources have agreed on it once."""


class Timebase:
    """Call :meth:`tick` every few seconds and :meth:`observe` for every reply; everything else only reads."""

    def __init__(self, clock: Clock, ntp: Callable[[], NtpState]) -> None:
        self._clock = clock
        self._ntp = ntp
        self._ntp_track = Track()
        self._exchange_track = Track()
        self._ntp_state = NtpState(synced=False)
        self._observed = 0
        self._known: _Known | None = None
        self._contested_ns: int | None = None
        """When the sources last contradicted each other without ever having agreed."""
        self._followed: _Source | None = None
        self._alarm: str | None = None

    # --- sources ---

    def tick(self) -> None:
        """Read what the operating system says of its clock."""
        before = self._clock.mono_ns()
        self._ntp_state = self._ntp()
        wall_ns = self._clock.now_ms() * NS_PER_MS + NS_PER_MS // 2
        radius = _WALL_RADIUS_NS
        after = self._clock.mono_ns()
        if self._ntp_state.wall_us is not None:
            wall_ns, radius = self._ntp_state.wall_us * 1_000, (after - before) // 2 + 1_000
        if self._ntp_state.synced:
            middle = (before + after) // 2
            self._ntp_track.add(Sample(middle, wall_ns - middle, radius))
        else:
            self._ntp_track.clear()
        self._judge()

    def observe(self, t1_us: int, t2_us: int, t3_us: int, t4_us: int) -> bool:
        """Take one exchange: sent ``t1``, received ``t4`` (monotonic); ``t2``, ``t3`` are the gateway's UTC.

        Returns ``False`` for a sample that cannot be used: slower than a second, or timestamps out of order.
        """
        rtt_us = (t4_us - t1_us) - (t3_us - t2_us)
        if not 0 <= rtt_us <= MAX_RTT_US or t3_us < t2_us:
            return False
        self._observed += 1
        offset_ns = ((t2_us - t1_us) + (t3_us - t4_us)) * 500
        self._exchange_track.add(Sample(t4_us * 1_000, offset_ns, rtt_us * 500 + 1_000))
        self._judge()
        return True

    @property
    def next_exchange_s(self) -> float:
        """How long to wait before asking the gateway again: quick at first."""
        return QUICK_EVERY_S if self._observed < QUICK_EXCHANGES else EXCHANGE_EVERY_S

    # --- readings ---

    @property
    def trusted(self) -> bool:
        """Whether a broadcast may be started by this clock."""
        return self._known is not None and self._clock.mono_ns() - self._known.synced_ns <= HOLD_NS

    @property
    def alarm(self) -> str | None:
        """What is wrong between the sources, in words, or ``None``."""
        return self._alarm

    def utc_ns(self) -> int:
        """Return UTC in nanoseconds; the wall clock, as it is, when nothing is trusted."""
        return self.utc_ns_at(self._clock.mono_ns())

    def utc_ms(self) -> int:
        """Return UTC as milliseconds since 1970."""
        return self.utc_ns() // NS_PER_MS

    def utc_ns_at(self, mono_ns: int) -> int:
        """Return the UTC at a monotonic instant, past or future."""
        if self._known is None or not self.trusted:
            return mono_ns + self._clock.now_ms() * NS_PER_MS - self._clock.mono_ns()
        return mono_ns + round(self._known.line.offset_at(mono_ns))

    def utc_ms_at(self, mono_ns: int) -> float:
        """As :meth:`utc_ns_at`, in milliseconds with fractions: to stamp when something was heard."""
        return self.utc_ns_at(mono_ns) / NS_PER_MS

    def mono_ns_at(self, utc_ms: float) -> int:
        """Return the monotonic instant of a UTC one. Convert once, when arming: it changes as time is learned."""
        return self._mono_ns_at(round(utc_ms * NS_PER_MS))

    def _mono_ns_at(self, utc_ns: int) -> int:
        # The drift is below 1e-3, so each round of this leaves less than a thousandth of the error.
        mono = utc_ns - (self.utc_ns_at(self._clock.mono_ns()) - self._clock.mono_ns())
        for _ in range(3):
            mono += utc_ns - self.utc_ns_at(mono)
        return mono

    def state(self) -> ClockState:
        """Return what telemetry and journal say of this clock."""
        now = self._clock.mono_ns()
        exchange = self._exchange_track.estimate
        wall_ahead = self._clock.now_ms() * NS_PER_MS - now
        off_ms = 0.0 if exchange is None else (wall_ahead - exchange.offset_at(now)) / NS_PER_MS
        if self._known is None:
            return ClockState(src="none", trusted=False, off_ms=round(off_ms, 3))
        unc_ns = self._known.line.radius_at(now)
        if self._followed == "ntp":
            unc_ns = max(unc_ns, self._ntp_state.max_error_ms * NS_PER_MS)
        return ClockState(
            src=self._followed or "hold",
            trusted=self.trusted,
            off_ms=round(off_ms, 3),
            unc_ms=round(unc_ns / NS_PER_MS, 3),
        )

    def pace(self, start_mono_ns: int) -> Callable[[int], int]:
        """Return when each frame of a sound that starts at ``start_mono_ns`` should be heard, as time is learned.

        Follows the drift of the crystal; a step of a source (more than 20 ms at once) shifts nothing. Fits
        ``devices.agent.sound.drift.StartPace``.
        """
        return _Steady(self, start_mono_ns).due_ns

    # --- judgement ---

    def _judge(self) -> None:
        now = self._clock.mono_ns()
        ntp = self._live(self._ntp_track, now) if self._ntp_state.synced else None
        exchange = self._live(self._exchange_track, now)
        if self._known is not None and now - self._known.synced_ns > HOLD_NS:
            self._known = None
        alarm: str | None = None
        followed: _Source | None
        if ntp is not None and exchange is not None:
            followed, alarm = self._of_two(ntp, exchange, now)
        else:
            followed, alarm = self._of_one("ntp" if ntp else "exchange", ntp or exchange, now)
        if self._ntp_state.synced and self._ntp_track.stepping:
            alarm = alarm or "đồng hồ hệ thống nhảy (the wall clock jumped)"
        if self._exchange_track.stepping:
            alarm = alarm or "đồng hồ trung tâm nhảy (the gateway's clock jumped)"
        line = ntp if followed == "ntp" else exchange
        if followed is not None and line is not None:
            both = ntp is not None and exchange is not None and alarm is None
            self._known = _Known(line, followed, now, both or (self._known is not None and self._known.confirmed))
        self._followed = followed
        self._say(alarm)

    def _of_two(self, ntp: Estimate, exchange: Estimate, now: int) -> tuple[_Source | None, str | None]:
        apart = abs(ntp.offset_at(now) - exchange.offset_at(now))
        if apart <= AGREE_NS + exchange.radius_at(now):
            self._contested_ns = None
            return "ntp", None
        alarm = f"NTP và trung tâm lệch {apart / NS_PER_MS:.0f} ms (NTP and gateway differ)"
        if apart <= WILD_NS + exchange.radius_at(now):
            self._contested_ns = None
            return "ntp", alarm
        if self._known is not None and self._known.confirmed:
            if self._fits(ntp, now):
                return "ntp", alarm
            if self._fits(exchange, now):
                return "exchange", alarm
            return None, alarm
        self._known, self._contested_ns = None, now
        return None, alarm

    def _of_one(self, source: _Source, line: Estimate | None, now: int) -> tuple[_Source | None, str | None]:
        if line is None:
            return None, None
        if self._contested_ns is not None and now - self._contested_ns <= HOLD_NS:
            return None, "NTP và trung tâm đã trái nhau (NTP and gateway contradicted each other)"
        if self._known is None or self._known.source == source or self._fits(line, now):
            return source, None
        return None, f"{source} trái với giờ đã biết (contradicts the time known before)"

    def _fits(self, line: Estimate, now: int) -> bool:
        if self._known is None:
            return False
        apart = abs(line.offset_at(now) - self._known.line.offset_at(now))
        return apart <= WILD_NS + line.radius_at(now) + self._known.line.radius_at(now)

    def _live(self, track: Track, now: int) -> Estimate | None:
        newest = track.newest_ns
        return track.estimate if newest is not None and now - newest <= _FRESH_NS else None

    def _say(self, alarm: str | None) -> None:
        if (alarm is None) != (self._alarm is None):
            logger.warning("clock: %s", alarm or "sources agree again")
        self._alarm = alarm


class _Steady:
    """Due instants that follow drift and ignore steps."""

    def __init__(self, timebase: Timebase, start_mono_ns: int) -> None:
        self._timebase = timebase
        self._utc_ns = timebase.utc_ns_at(start_mono_ns)
        self._elapsed_ns = 0
        self._due_ns = start_mono_ns

    def due_ns(self, elapsed_ns: int) -> int:
        """Return the monotonic instant at which the frame ``elapsed_ns`` after the start is due."""
        natural = self._due_ns + elapsed_ns - self._elapsed_ns
        due = self._timebase._mono_ns_at(self._utc_ns + elapsed_ns)  # noqa: SLF001 - its own other half
        if abs(due - natural) > _SMOOTH_NS:
            self._utc_ns = self._timebase.utc_ns_at(natural) - elapsed_ns
            due = natural
        self._elapsed_ns, self._due_ns = elapsed_ns, due
        return due
