"""Đang khẩn cấp: what is active. Repeats it until nobody can have missed it, and tells clusters that come back.

It outlives a restart of the gateway, and it ends by itself at its limit.
"""

import contextlib
import logging
from dataclasses import dataclass

from devices.clock import Clock
from devices.errors import LinkError
from devices.model import ClusterId, OccurrenceId
from gateway.domain.errors import NotFound, StoreFailed
from gateway.ports.clusters import EmergencyVoice, To
from gateway.ports.records import Severity
from gateway.ports.store import Values
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.bus import Bus
from gateway.services.emergency_message import Active, read_active, write_active
from gateway.services.events import EmergencyChanged
from gateway.services.monitor import Monitor
from gateway.services.presence import Live
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

REPEAT_EVERY_S = 2.0
REPEAT_FOR_S = 20.0
REMIND_EVERY_S = 10.0
"""Who says that it still sounds an emergency that was ended has not heard of the end, whatever became of it."""
LOOK_EVERY_S = 0.25
_KEPT = "emergency.active"
_ALARM = "emergency:"


@dataclass(frozen=True, kw_only=True)
class EmergencyReport:
    """How far an emergency has come, by what the clusters themselves say."""

    active: Active
    sounding: frozenset[ClusterId]
    unreachable: frozenset[ClusterId]
    clock_unsynced: frozenset[ClusterId]
    """They have no trusted clock, and cannot obey what is said to the whole ward."""


class EmergencyWatch:
    """Holds what is active."""

    def __init__(
        self,
        *,
        voice: EmergencyVoice,
        values: Values,
        monitor: Monitor,
        alarms: AlarmDesk,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._voice = voice
        self._values = values
        self._monitor = monitor
        self._alarms = alarms
        self._bus = bus
        self._clock = clock
        self._active: dict[OccurrenceId, Active] = {}
        self._unkept = False
        self._repeating: dict[OccurrenceId, tuple[int, int]] = {}
        """Since when, and when last."""
        self._shown: dict[OccurrenceId, tuple[bool, int]] = {}
        self._without_clock: dict[OccurrenceId, frozenset[ClusterId]] = {}
        """Who was there and could not obey yet."""

    async def load(self) -> None:
        """Take up what was active when the gateway stopped."""
        for row in await self._values.get(_KEPT) or []:
            active = read_active(row)
            if active.end_by_ms > self._clock.now_ms():
                self._active[active.em] = active

    @property
    def active(self) -> tuple[Active, ...]:
        """What is on the air and was not ended."""
        return tuple(active for active in self._active.values() if active.ended_ms is None)

    def get(self, em: OccurrenceId) -> Active:
        """Return one that is active.

        Raises:
            NotFound: it is over, or never was.
        """
        active = self._active.get(em)
        if active is None or active.ended_ms is not None:
            raise NotFound("Đợt khẩn cấp này đã hết, hoặc không có.", "This emergency is over, or never was.")
        return active

    def report(self, em: OccurrenceId) -> EmergencyReport:
        """Say who sounds it.

        Raises:
            NotFound: as :meth:`get`.
        """
        return self._report(self.get(em))

    async def began(self, active: Active) -> None:
        """Watch over ``active``: new, or now ended. On a full disk too: a restart would forget it."""
        self._active[active.em] = active
        self._repeating[active.em] = (self._clock.mono_ns(), self._clock.mono_ns())
        self._tell(active)
        await self._keep()
        key = f"{_ALARM}{active.em}"
        if active.ended_ms is not None:
            with contextlib.suppress(StoreFailed):  # it stands on, and the next look tries again
                await self._alarms.clear(key)
            return
        vi, en = ("Đang diễn tập khẩn cấp", "A drill is on") if active.drill else ("ĐANG PHÁT KHẨN CẤP", "EMERGENCY")
        severity = Severity.WARNING if active.drill else Severity.CRITICAL
        with contextlib.suppress(StoreFailed):  # screens were told, and the desk keeps it when it can
            await self._alarms.raise_(key, severity, f"{vi}: {active.text}", f"{en}: {active.text}")

    async def on_change(self, before: Live, after: Live) -> None:
        """Tell a cluster that came online what it may have missed."""
        if before.online or not after.online:
            return
        for active in list(self._active.values()):
            if after.cluster in active.clusters:
                await self._again(active, To(cluster=after.cluster))

    async def run(self, beat: Beat = no_beat) -> None:
        """Repeat what is to be repeated, and let the rest end, until cancelled."""
        while True:
            beat()
            await self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Do what is due now."""
        if self._unkept:
            await self._keep()
        for active in list(self._active.values()):
            if self._clock.now_ms() >= active.end_by_ms:
                await self._over(active)
                continue
            await self._repeat(active)
            await self._tell_the_synchronised(active)
            self._tell(active)
        on = {f"{_ALARM}{active.em}" for active in self.active}
        for key in [key for key in self._alarms.standing if key.startswith(_ALARM) and key not in on]:
            await self._alarms.clear(key)

    async def _repeat(self, active: Active) -> None:
        since_ns, last_ns = self._repeating.get(active.em, (None, 0))
        now_ns = self._clock.mono_ns()
        if since_ns is None or now_ns - since_ns > REPEAT_FOR_S * 1e9:
            if active.ended_ms is not None and now_ns - last_ns >= REMIND_EVERY_S * 1e9:
                await self._remind(active, now_ns)
            return
        if now_ns - last_ns >= REPEAT_EVERY_S * 1e9 and not self._has_reached_all(active):
            self._repeating[active.em] = since_ns, now_ns
            await self._again(active, To())

    async def _remind(self, active: Active, now_ns: int) -> None:
        """Tell the end to those who say that they still sound it, after a restart of this gateway too."""
        self._repeating[active.em] = now_ns - int(REPEAT_FOR_S * 1e9) - 1, now_ns
        for cluster in sorted(self._report(active).sounding):
            await self._again(active, To(cluster=cluster))

    def _has_reached_all(self, active: Active) -> bool:
        """Tell whether every cluster says by its own state that it does as told: a thousand need not say it again."""
        report = self._report(active)
        if active.ended_ms is None:
            return report.sounding == active.clusters
        return not report.sounding and not report.unreachable

    async def _tell_the_synchronised(self, active: Active) -> None:
        """A cluster refuses what is said to the whole ward until it knows the time, so it is told once it does."""
        waiting = self._report(active).clock_unsynced
        known = self._without_clock.get(active.em, frozenset())
        self._without_clock[active.em] = waiting
        for cluster in sorted(known - waiting):
            if self._monitor.get(cluster).online:
                await self._again(active, To(cluster=cluster))

    async def _again(self, active: Active, to: To) -> None:
        try:
            await self._voice.repeat(active.to_repeat, to)
        except LinkError as error:
            logger.warning("%s could not be repeated to %s: %s", active.em, to.cluster or "the ward", error)

    async def _over(self, active: Active) -> None:
        del self._active[active.em]
        self._repeating.pop(active.em, None)
        self._shown.pop(active.em, None)
        self._without_clock.pop(active.em, None)
        if active.ended_ms is None:
            self._publish(active, on=False, sounding=0)
        await self._keep()

    def _report(self, active: Active) -> EmergencyReport:
        lives = [self._monitor.get(name) for name in active.clusters]
        return EmergencyReport(
            active=active,
            sounding=frozenset(live.cluster for live in lives if live.playing and live.occ == active.em),
            unreachable=frozenset(live.cluster for live in lives if not live.online),
            clock_unsynced=frozenset(
                live.cluster for live in lives if live.online and live.clock is not None and not live.clock.trusted
            ),
        )

    def _tell(self, active: Active) -> None:
        """Tell screens, when something is new."""
        now = active.ended_ms is None, len(self._report(active).sounding)
        if self._shown.get(active.em) != now:
            self._shown[active.em] = now
            self._publish(active, on=now[0], sounding=now[1])

    def _publish(self, active: Active, *, on: bool, sounding: int) -> None:
        self._bus.publish(
            EmergencyChanged(
                em=active.em, active=on, drill=active.drill, sounding=sounding, targets=len(active.clusters)
            )
        )

    async def _keep(self) -> None:
        try:
            await self._values.set(_KEPT, [write_active(active) for active in self._active.values()], note=None)
            self._unkept = False
        except StoreFailed as error:
            if not self._unkept:
                logger.error("what emergency is on is not kept yet: %s", error.en)  # noqa: TRY400 - the disk is known
            self._unkept = True
