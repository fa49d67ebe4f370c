"""Sổ đo của cụm loa: looks at the live picture and writes down, hour by hour, what a technician will want to see.

Only what is heard anew counts as a reading: the last word of a dead cluster is no measurement. Time is counted by the
monotonic clock while the gateway runs; what nobody watched is neither here nor away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from devices.clock import Clock
from devices.model import ClusterId
from gateway.domain.cluster_history import HOUR_MS, KEPT_MS, Gauge, Hour, Spread, added, reading
from gateway.domain.errors import StoreFailed
from gateway.ports.telemetry import HourBook
from gateway.services.monitor import Monitor
from gateway.services.presence import Live, Presence
from gateway.services.rounds import look_and_write
from gateway.services.supervisor import Beat, no_beat

LOOK_EVERY_S = 15.0
"""Twice in every heartbeat: none is missed."""
WRITE_EVERY_S = 300.0
"""What a power cut may cost."""
_LONGEST_S = 4 * LOOK_EVERY_S
"""More than this between two looks is a machine that slept: nobody watched."""


class TelemetryLog:
    """One per gateway."""

    def __init__(self, *, book: HourBook, monitor: Monitor, clock: Clock) -> None:
        self._book = book
        self._monitor = monitor
        self._clock = clock
        self._looked_ns: int | None = None
        self._known: dict[ClusterId, tuple[str | None, int, int]] = {}
        """Of each: its session, the heartbeat of it that was read last, and its count of boots then."""
        self._hours: dict[tuple[ClusterId, int], Hour] = {}

    async def run(self, beat: Beat = no_beat) -> None:
        """Look, and write now and then, until cancelled; then write what is left."""
        await look_and_write(
            self.look,
            self.write,
            clock=self._clock,
            look_every_s=LOOK_EVERY_S,
            write_every_s=WRITE_EVERY_S,
            beat=beat,
        )

    def look(self) -> None:
        """Take in what the clusters are and said since the last look."""
        now_ns = self._clock.mono_ns()
        passed_s = (now_ns - self._looked_ns) / 1e9 if self._looked_ns is not None else 0.0
        self._looked_ns = now_ns
        if not 0 <= passed_s <= _LONGEST_S:
            passed_s = 0.0
        start_ms = self._clock.now_ms() // HOUR_MS * HOUR_MS
        for cluster, live in self._monitor.all().items():
            if live.presence not in (Presence.ONLINE, Presence.LOST):  # of the others nobody can say anything
                continue
            piece = self._piece(live, start_ms, passed_s)
            key = cluster, start_ms
            self._hours[key] = added(self._hours[key], piece) if key in self._hours else piece

    async def write(self) -> None:
        """Keep what was gathered; let go of what is older than thirty days.

        Raises:
            StoreFailed: nothing was kept; it is all still here.
        """
        going = dict(self._hours)
        if not going:
            return
        self._hours = {}
        try:
            await self._book.add(list(going.values()), forget_before_ms=self._clock.now_ms() - KEPT_MS)
        except StoreFailed:
            for key, hour in going.items():
                self._hours[key] = added(hour, self._hours[key]) if key in self._hours else hour
            raise

    async def history(self, cluster: ClusterId, *, since_ms: int) -> Sequence[Hour]:
        """Return the hours of one cluster, oldest first, with what is not written yet."""
        found = {hour.start_ms: hour for hour in await self._book.of(cluster, since_ms=since_ms)}
        for (name, start_ms), hour in self._hours.items():
            if name == cluster and start_ms >= since_ms:
                found[start_ms] = added(found[start_ms], hour) if start_ms in found else hour
        return [found[start_ms] for start_ms in sorted(found)]

    def _piece(self, live: Live, start_ms: int, passed_s: float) -> Hour:
        sid, uptime_s, boot = self._known.get(live.cluster, (None, -1, live.boot))
        self._known[live.cluster] = live.sid, live.uptime_s, live.boot
        piece = Hour(
            cluster=live.cluster,
            start_ms=start_ms,
            watched_s=passed_s,
            online_s=passed_s if live.online else 0.0,
            battery_s=passed_s if live.online and live.on_battery else 0.0,
            boots=max(0, live.boot - boot) if boot else 0,
        )
        # a birth and an answer carry no readings: only a heartbeat that was not read yet does
        if not live.online or live.uptime_s < 0 or (live.sid, live.uptime_s) == (sid, uptime_s):
            return piece
        return replace(piece, gauges=MappingProxyType(dict(_readings(live))))


def _readings(live: Live) -> Iterator[tuple[Gauge, Spread]]:
    if live.rssi_dbm is not None:
        yield Gauge.SIGNAL, reading(live.rssi_dbm)
    if live.volts_ac is not None:
        yield Gauge.VOLTS, reading(live.volts_ac)
    if live.temp_c is not None:
        yield Gauge.TEMPERATURE, reading(live.temp_c)
    if live.clock is not None and live.clock.src != "none":
        yield Gauge.CLOCK, reading(abs(live.clock.off_ms))
