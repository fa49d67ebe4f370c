"""Sẵn sàng: which clusters hold plan and audio for each coming airtime, and the gates that name those that do not.

"47/50 cụm sẽ phát dù mất mạng": a cluster counts only when it said itself that it holds this very airtime and every
file of it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from devices.clock import Clock, instant
from devices.model import AssetId, ClusterId, OccurrenceId
from devices.wire.reports import Activity, AssetReport
from gateway.domain.plan import Broadcast, Status
from gateway.ports.records import Severity
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.bus import Bus
from gateway.services.events import ReadinessChanged
from gateway.services.fleet import Fleet
from gateway.services.monitor import Monitor
from gateway.services.plan_builder import assets_of
from gateway.services.planner import Planner
from gateway.services.publisher import Publisher
from gateway.services.supervisor import Beat, no_beat

LOOK_EVERY_S = 5.0
WAITING_LOOK_S = 0.5
"""While another gateway is in charge: whoever takes over judges the gates at once."""
GATES = (
    (timedelta(minutes=15), Severity.CRITICAL),
    (timedelta(hours=2), Severity.WARNING),
    (timedelta(hours=24), Severity.INFO),
)
"""T-15 min, T-2 h, T-24 h: the nearest one that was passed says how loud the alarm is."""
SETTLES_WITHIN_S = 60.0
"""A plan that was just saved takes a moment to reach the poles: not an alarm yet, unless the hour is nearly there."""
MUTE_FAULTS = frozenset({"no_card", "player_stuck"})
"""With one of these nothing comes out of the horn; a play or a test tone that sounds takes it back."""
_UNHEARD = MUTE_FAULTS | {"volume_low"}
"""Nobody would hear the next play: somebody's order, or the technician's ceiling, keeps the pole too soft."""
_GATE, _NOT_AIRING = "gate:", "not-airing:"


class Lack(StrEnum):
    """What keeps a cluster from an airtime."""

    PLAN = "plan"
    AUDIO = "audio"
    CLOCK = "clock"
    SILENCED = "silenced"
    MAINTENANCE = "maintenance"
    FAULT = "fault"
    """It says itself that it cannot sound."""
    LOST = "lost"
    """It holds everything, as far as it said, and was not heard lately."""


_IN_WORDS: dict[Lack, tuple[str, str]] = {
    Lack.PLAN: ("chưa nhận kế hoạch", "no plan"),
    Lack.AUDIO: ("thiếu âm thanh", "audio missing"),
    Lack.CLOCK: ("đồng hồ sai", "clock not trusted"),
    Lack.SILENCED: ("đang im lặng", "silenced"),
    Lack.MAINTENANCE: ("đang bảo trì", "in maintenance"),
    Lack.FAULT: ("hỏng phần phát tiếng", "sound card or player broken"),
    Lack.LOST: ("mất kết nối", "not heard"),
}


@dataclass(frozen=True, kw_only=True)
class ReadinessReport:
    """How one airtime stands."""

    broadcast: Broadcast
    ready: frozenset[ClusterId]
    lacking: dict[Lack, frozenset[ClusterId]]

    @property
    def total(self) -> int:
        """How many clusters it is meant for."""
        return len(self.broadcast.airs_on)

    @property
    def will_play_alone(self) -> int:
        """How many hold everything, and would play with the whole network gone."""
        return len(self.ready) + len(self.lacking.get(Lack.LOST, ()))


class Readiness:
    """Looks at what clusters said they hold."""

    def __init__(
        self,
        *,
        planner: Planner,
        plans: Publisher,
        monitor: Monitor,
        fleet: Fleet,
        alarms: AlarmDesk,
        bus: Bus,
        clock: Clock,
        stands_by: Callable[[], bool] = lambda: False,
    ) -> None:
        """``stands_by``: whether another gateway of this ward plans, so that the gates are that one's to watch."""
        self._planner = planner
        self._plans = plans
        self._monitor = monitor
        self._fleet = fleet
        self._alarms = alarms
        self._bus = bus
        self._clock = clock
        self._stands_by = stands_by
        self._has: defaultdict[ClusterId, set[AssetId]] = defaultdict(set)
        self._counts: dict[OccurrenceId, tuple[int, int]] = {}
        self._unready_ns: dict[OccurrenceId, int] = {}

    def on_asset(self, cluster: ClusterId, report: AssetReport) -> None:
        """Hear how a file stands on a cluster. It says so again to every new gateway."""
        if report.st == "ready":
            self._has[cluster].add(AssetId(report.id))
        else:
            self._has[cluster].discard(AssetId(report.id))

    def holding(self, assets: Iterable[AssetId]) -> frozenset[ClusterId]:
        """Return the enrolled clusters that said they hold every one of ``assets``."""
        needed = set(assets)
        return frozenset(cluster for cluster in self._fleet.enrolled if needed <= self._has[cluster])

    def of(self, broadcast: Broadcast) -> ReadinessReport:
        """Say who is ready for ``broadcast``."""
        needed = assets_of(broadcast)
        lacking: defaultdict[Lack, set[ClusterId]] = defaultdict(set)
        ready: set[ClusterId] = set()
        for cluster in broadcast.airs_on:
            lack = self._lack(cluster, broadcast.id, needed)
            (ready if lack is None else lacking[lack]).add(cluster)
        return ReadinessReport(
            broadcast=broadcast,
            ready=frozenset(ready),
            lacking={lack: frozenset(names) for lack, names in lacking.items()},
        )

    def coming(self, within: timedelta = timedelta(hours=24)) -> list[ReadinessReport]:
        """Say how every airtime that starts within ``within`` stands."""
        now = instant(self._monitor.witness.now_ms())
        return [self.of(b) for b in self._soon(now, within) if b.status is Status.WILL_AIR]

    async def run(self, beat: Beat = no_beat) -> None:
        """Watch the gates until cancelled."""
        while True:
            beat()
            await self.look()
            await self._clock.sleep(WAITING_LOOK_S if self._stands_by() else LOOK_EVERY_S)

    async def look(self) -> None:
        """Compare with the gates once. Who stands by raises nothing, and begins anew when it takes over."""
        now = instant(self._monitor.witness.now_ms())  # an hour that our wrong clock has passed may still come
        wanted: set[str] = set()
        names: set[OccurrenceId] = set()
        for broadcast in () if self._stands_by() else self._soon(now, GATES[-1][0]):
            names.add(broadcast.id)
            if broadcast.status is Status.WILL_AIR:
                wanted |= await self._gate(self.of(broadcast), now)
            elif broadcast.status in (Status.NOT_READY, Status.REFUSED):
                wanted |= await self._not_airing(broadcast, now)
        ours = [key for key in self._alarms.standing if key.startswith((_GATE, _NOT_AIRING))]
        for key in ours:
            if key not in wanted:
                await self._alarms.clear(key)
        self._counts = {occ: count for occ, count in self._counts.items() if occ in names}
        self._unready_ns = {occ: ns for occ, ns in self._unready_ns.items() if occ in names}

    def _soon(self, now: datetime, within: timedelta) -> Iterable[Broadcast]:
        return [b for b in self._planner.coming if now < b.start <= now + within]

    def _lack(self, cluster: ClusterId, occ: OccurrenceId, needed: frozenset[AssetId]) -> Lack | None:
        live = self._monitor.get(cluster)
        seq = live.plan.seq if live.plan is not None else self._plans.accepted(cluster)
        whole = live.plan is not None and live.plan.ready == live.plan.total > 0
        checks = (
            (Lack.PLAN, not self._planner.holds(cluster, seq, occ)),
            (Lack.AUDIO, not whole and not needed <= self._has[cluster]),
            (Lack.LOST, not live.online),
            (Lack.CLOCK, live.clock is None or not live.clock.trusted),
            (Lack.SILENCED, live.silent),
            (Lack.MAINTENANCE, live.activity is Activity.MAINTENANCE),
            (Lack.FAULT, not _UNHEARD.isdisjoint(live.faults)),
        )
        return next((lack for lack, lacks in checks if lacks), None)

    async def _gate(self, report: ReadinessReport, now: datetime) -> set[str]:
        broadcast = report.broadcast
        count = len(report.ready), report.total
        if self._counts.get(broadcast.id) != count:
            self._counts[broadcast.id] = count
            self._bus.publish(ReadinessChanged(occ=broadcast.id, ready=count[0], total=count[1]))
        if not report.lacking:
            self._unready_ns.pop(broadcast.id, None)
            return set()
        severity = _severity(broadcast, now)
        since_ns = self._unready_ns.setdefault(broadcast.id, self._clock.mono_ns())
        key = f"{_GATE}{broadcast.id}"
        settled = self._clock.mono_ns() - since_ns >= SETTLES_WITHIN_S * 1e9
        if settled or severity is Severity.CRITICAL or key in self._alarms.standing:
            vi, en = self._words(report)
            await self._alarms.raise_(key, severity, vi, en)
        return {key}

    async def _not_airing(self, broadcast: Broadcast, now: datetime) -> set[str]:
        key = f"{_NOT_AIRING}{broadcast.id}"
        when = f"{broadcast.local_start:%H:%M %d/%m}"
        vi = "; ".join(problem.vi for problem in broadcast.why)
        en = "; ".join(problem.en for problem in broadcast.why)
        await self._alarms.raise_(
            key,
            max(_severity(broadcast, now), Severity.WARNING, key=_LADDER.index),
            f"Lượt {when} “{broadcast.title}” sẽ KHÔNG phát: {vi}",
            f"{when} “{broadcast.title}” will NOT air: {en}",
        )
        return {key}

    def _words(self, report: ReadinessReport) -> tuple[str, str]:
        broadcast = report.broadcast
        when = f"{broadcast.local_start:%H:%M %d/%m}"
        count = f"{len(report.ready)}/{report.total}"
        ordered = [(lack, report.lacking[lack]) for lack in Lack if lack in report.lacking]
        vi = "; ".join(f"{_IN_WORDS[lack][0]}: {self._fleet.names(names)}" for lack, names in ordered)
        en = "; ".join(f"{_IN_WORDS[lack][1]}: {self._fleet.names(names)}" for lack, names in ordered)
        return (
            f"Lượt {when} “{broadcast.title}”: {count} cụm sẵn sàng. {vi}.",
            f"{when} “{broadcast.title}”: {count} clusters ready. {en}.",
        )


_LADDER = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


def _severity(broadcast: Broadcast, now: datetime) -> Severity:
    left = broadcast.start - now
    return next((severity for gate, severity in GATES if left <= gate), Severity.INFO)
