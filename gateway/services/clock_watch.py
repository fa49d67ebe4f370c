"""Canh đồng hồ: notices that the wall clock jumped or that the time zone's rules changed, and asks for new plans.

A plan holds instants; the schedule holds local hours. When what an hour means changes under a running gateway, every
plan must be made again, without waiting for a restart.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from devices.clock import Clock, instant
from gateway.ports.records import Severity
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.supervisor import Beat, no_beat
from gateway.services.time_witness import TimeWitness

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
JUMP_MS = 500
"""domain.md row 20: from half a second on, a clock is worth a warning."""
SHOWN_FOR_S = 60.0
ZONE_EVERY_S = 600.0
_AHEAD, _STEP = timedelta(days=400), timedelta(hours=6)
_KEY = "clock-jump"
_WRONG = "clock-wrong"


def same_rules(one: ZoneInfo, other: ZoneInfo, now: datetime) -> bool:
    """Tell whether two readings of a zone agree on every quarter of a day for the coming 400 days."""
    steps = int(_AHEAD / _STEP)
    return all(
        (now + index * _STEP).astimezone(one).utcoffset() == (now + index * _STEP).astimezone(other).utcoffset()
        for index in range(steps)
    )


class ClockWatch:
    """Compares the wall clock with the monotonic one, and the zone in use with the one on disk."""

    def __init__(
        self,
        *,
        clock: Clock,
        zone: str,
        changed: Callable[[str], None],
        alarms: AlarmDesk,
        witness: TimeWitness | None = None,
        read_zone: Callable[[str], ZoneInfo] = ZoneInfo.no_cache,
    ) -> None:
        """``changed`` is told, in words for the log, why plans are due; ``read_zone`` reads the rules afresh.

        ``witness``: what the poles with a clock of their own say of ours; without, nobody says anything.
        """
        self._clock = clock
        self._zone = zone
        self._changed = changed
        self._alarms = alarms
        self._witness = witness or TimeWitness(clock)
        self._read_zone = read_zone
        self._disputed = False
        self._jump_ms: int | None = None
        self._jumped_ns = 0

    @property
    def recent_jump_ms(self) -> int | None:
        """How far the wall clock jumped within the last minute, or ``None``."""
        fresh = self._clock.mono_ns() - self._jumped_ns < SHOWN_FOR_S * 1e9
        return self._jump_ms if fresh else None

    @property
    def disputed(self) -> bool:
        """Whether most poles that know the time disagree with the gateway, as of the last look."""
        return self._disputed

    async def look(self) -> None:
        """Compare with the poles once: one alarm as long as they disagree, and it blames the gateway."""
        dispute = self._witness.dispute()
        if dispute is not None and (not self._disputed or _WRONG not in self._alarms.standing):
            self._disputed = True
            await self._alarms.raise_(_WRONG, Severity.CRITICAL, dispute.vi, dispute.en)
        elif dispute is None and self._disputed:
            await self._alarms.clear(_WRONG)
            self._disputed = False
            self._changed("clock agreed upon")

    async def run(self, beat: Beat = no_beat) -> None:
        """Watch until cancelled."""
        ahead_ms = self._ahead_ms()
        zone_read_ns = self._clock.mono_ns()
        while True:
            beat()
            await self._clock.sleep(LOOK_EVERY_S)
            await self.look()
            jump_ms = self._ahead_ms() - ahead_ms
            ahead_ms += jump_ms
            if abs(jump_ms) >= JUMP_MS:
                await self._jumped(jump_ms)
            elif self.recent_jump_ms is None:
                await self._alarms.clear(_KEY)
            if self._clock.mono_ns() - zone_read_ns >= ZONE_EVERY_S * 1e9:
                zone_read_ns = self._clock.mono_ns()
                self._compare_zone()

    def _ahead_ms(self) -> int:
        return self._clock.now_ms() - self._clock.mono_ns() // 1_000_000

    async def _jumped(self, jump_ms: int) -> None:
        self._jump_ms, self._jumped_ns = jump_ms, self._clock.mono_ns()
        self._changed("clock jumped")
        await self._alarms.raise_(
            _KEY,
            Severity.WARNING,
            f"Đồng hồ của đài nhảy {jump_ms} ms; kế hoạch được lập lại.",
            f"The gateway's clock jumped by {jump_ms} ms; plans are made again.",
        )

    def _compare_zone(self) -> None:
        fresh = self._read_zone(self._zone)
        if same_rules(ZoneInfo(self._zone), fresh, instant(self._clock.now_ms())):
            return
        logger.warning("the rules of %s changed on this machine", self._zone)
        ZoneInfo.clear_cache()  # or every expansion goes on with the rules this process started with
        self._changed("time zone rules changed")
