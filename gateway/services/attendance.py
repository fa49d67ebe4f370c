"""Chuyên cần: writes down how long every cluster is there, so that a report in six months can say it.

Counted by the monotonic clock while the gateway runs: what nobody watched is neither here nor away. A machine that was
asleep has watched nothing either.
"""

from collections import defaultdict
from datetime import date
from zoneinfo import ZoneInfo

from devices.clock import Clock, instant
from devices.model import ClusterId
from gateway.domain.attendance import Attended
from gateway.ports.attendance import AttendanceBook
from gateway.services.monitor import Monitor
from gateway.services.presence import Presence
from gateway.services.rounds import look_and_write
from gateway.services.supervisor import Beat, no_beat

LOOK_EVERY_S = 30.0
WRITE_EVERY_S = 300.0
"""What a power cut may cost of the count."""
_LONGEST_S = 2 * LOOK_EVERY_S
"""More than this between two looks is a machine that slept."""


class Attendance:
    """Looks at the live picture and adds up."""

    def __init__(self, *, book: AttendanceBook, monitor: Monitor, clock: Clock, zone: str) -> None:
        self._book = book
        self._monitor = monitor
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._looked_ns: int | None = None
        self._seconds: dict[tuple[date, ClusterId], list[float]] = defaultdict(lambda: [0.0, 0.0])

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
        """Add the time since the last look to what each cluster is now."""
        now_ns = self._clock.mono_ns()
        passed_s = (now_ns - self._looked_ns) / 1e9 if self._looked_ns is not None else 0.0
        self._looked_ns = now_ns
        if not 0 < passed_s <= _LONGEST_S:
            return
        day = instant(self._clock.now_ms()).astimezone(self._zone).date()
        for cluster, live in self._monitor.all().items():
            if live.presence in (Presence.ONLINE, Presence.LOST):  # of the others nobody can say anything
                seconds = self._seconds[day, cluster]
                seconds[0] += passed_s
                seconds[1] += passed_s if live.online else 0.0

    async def write(self) -> None:
        """Keep what was added up; whole seconds, the rest stays for the next time.

        Raises:
            StoreFailed: nothing was kept; it is all still here.
        """
        rows = [
            Attended(day=day, cluster=cluster, watched_s=int(watched), online_s=int(online))
            for (day, cluster), (watched, online) in self._seconds.items()
            if watched >= 1
        ]
        if not rows:
            return
        await self._book.add(rows)
        for row in rows:
            seconds = self._seconds[row.day, row.cluster]
            seconds[0] -= row.watched_s
            seconds[1] -= row.online_s
        today = max(day for day, _ in self._seconds)
        for key in [key for key in self._seconds if key[0] < today]:
            del self._seconds[key]
