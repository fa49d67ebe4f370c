"""Thu hồi khi đang phát: what sounds and nobody stands behind any more is stopped, and people are told.

A new plan takes back what has not begun; what a loudspeaker is saying already it says to its end, unless it is told to
stop by a signed order. The whole airing is stopped: nobody can tell from outside which piece of it is on. So it is for
a bulletin or recording that is withdrawn, and for what a person stopped and a pole that did not hear of it sounds.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from devices.clock import Clock
from devices.model import AssetId, ClusterId, OccurrenceId, Priority
from devices.wire.commands import Stop
from devices.wire.reports import Activity
from gateway.domain.bulletin import State
from gateway.domain.ids import BulletinId, UserId
from gateway.domain.people import Role
from gateway.ports.records import PlannedPlay, Severity
from gateway.ports.store import Audio, Bulletins, Proofs
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.command_log import CommandLog, Step
from gateway.services.commands import LIVES_MS, Commands, of
from gateway.services.fleet import Fleet
from gateway.services.monitor import Monitor
from gateway.services.standing_stops import StandingStops
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
AGAIN_EVERY_S = 5.0
WATCHED_FOR_S = 60.0
"""After a withdrawal: what was armed then may begin to sound a moment later."""
_ON = frozenset({Activity.PLAYING, Activity.PAUSED, Activity.ARMED})
_Key = tuple[OccurrenceId, ClusterId]


@dataclass(frozen=True)
class _Cause:
    """Why it is stopped, in the audit log and in the alarm's words about ``{title}`` at ``{names}``."""

    key: str
    action: str
    vi: str
    en: str


_WITHDRAWN = _Cause(
    "taken-back:",
    "command.stop_withdrawn",
    "“{title}” đã thu hồi mà còn đang phát ở {names}: đã ra lệnh dừng. Nếu chưa dừng, bấm IM LẶNG.",
    "“{title}” is withdrawn and still sounds on {names}: ordered to stop. If it does not, use IM LẶNG.",
)
_STOPPED = _Cause(
    "stopped:",
    "command.stop_again",
    "“{title}” đã bấm Dừng mà {names} vẫn phát, có thể vì vừa có điện hoặc có mạng lại: đã ra lệnh dừng lần nữa. Nếu"
    " chưa dừng, bấm IM LẶNG.",
    "“{title}” was stopped and sounds on {names}, perhaps because power or network came back: ordered to stop once"
    " more. If it does not, use IM LẶNG.",
)


@dataclass(frozen=True)
class _Gateway:
    """Who stops it: the decision that was made, not a second one of anybody's."""

    id: UserId
    roles: frozenset[Role] = frozenset()
    active: bool = True


class TakenBack:
    """One per gateway."""

    def __init__(
        self,
        *,
        bulletins: Bulletins,
        audio: Audio,
        proofs: Proofs,
        monitor: Monitor,
        commands: Commands,
        log: CommandLog,
        fleet: Fleet,
        alarms: AlarmDesk,
        clock: Clock,
    ) -> None:
        self._bulletins = bulletins
        self._audio = audio
        self._proofs = proofs
        self._monitor = monitor
        self._commands = commands
        self._stops = StandingStops(log=log, monitor=monitor, clock=clock)
        self._fleet = fleet
        self._alarms = alarms
        self._clock = clock
        self._until_ns = clock.mono_ns() + int(WATCHED_FOR_S * 1e9)
        """The gateway may have stopped between a withdrawal and its order to stop."""
        self._ordered_ns: dict[_Key, int] = {}
        self._looked_at: set[_Key] = set()
        log.listen(self._on_step)

    def changed(self, _: str) -> None:
        """Content changed: perhaps something that sounds is no longer to be heard."""
        self._until_ns = self._clock.mono_ns() + int(WATCHED_FOR_S * 1e9)

    async def _on_step(self, step: Step) -> None:
        """Hear what became of a command: who was to be silent is looked at."""
        if step.typ == "stop":
            self._until_ns = self._clock.mono_ns() + int(WATCHED_FOR_S * 1e9)

    async def run(self, beat: Beat = no_beat) -> None:
        """Look until cancelled."""
        while True:
            beat()
            sounding = self._sounding()
            self._looked_at &= sounding
            # a pole that was out of reach at the withdrawal sounds on, and is heard of only when it is back
            if self._ordered_ns or self._clock.mono_ns() <= self._until_ns or sounding - self._looked_at:
                await self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Stop what sounds and is withdrawn or was stopped.

        Raises:
            StoreFailed: an order to stop is not sent unseen; it is tried again, and IM LẶNG works without a disk.
        """
        sounding = self._sounding()
        found = await self._proofs.find(sorted(sounding)) if sounding else {}
        # an emergency is ended by whoever holds its key
        ordinary = {key: play for key, play in found.items() if play.priority != Priority.EMERGENCY}
        gone = await self._withdrawn(ordinary)
        stopped = await self._stops.broken({key: play for key, play in ordinary.items() if key not in gone})
        self._ordered_ns = {key: ns for key, ns in self._ordered_ns.items() if key in gone or key in stopped}
        for cause, plays in ((_WITHDRAWN, gone), (_STOPPED, stopped)):
            await self._tell(cause, plays)
            await self._stop(cause, plays)
        self._looked_at = sounding

    async def _stop(self, cause: _Cause, plays: Mapping[_Key, PlannedPlay]) -> None:
        now_ns = self._clock.mono_ns()
        due: defaultdict[OccurrenceId, list[ClusterId]] = defaultdict(list)
        for occ, cluster in sorted(plays):
            last_ns = self._ordered_ns.get((occ, cluster))
            if last_ns is None or now_ns - last_ns >= AGAIN_EVERY_S * 1e9:
                due[occ].append(cluster)
        for occ, clusters in due.items():
            logger.warning("%s sounds on %d clusters and should not: %s", occ, len(clusters), cause.action)
            exp_ms = self._monitor.witness.now_ms() + LIVES_MS
            stop = Stop(occ=occ)
            by = _Gateway(UserId("system"))
            await self._commands.send("stop", stop, of(*clusters), by=by, exp_ms=exp_ms, action=cause.action)
            self._ordered_ns |= {(occ, cluster): now_ns for cluster in clusters}

    def _sounding(self) -> set[_Key]:
        return {
            (OccurrenceId(live.occ), live.cluster)
            for live in self._monitor.all().values()
            if live.online and live.occ is not None and live.activity in _ON
        }

    async def _withdrawn(self, found: Mapping[_Key, PlannedPlay]) -> dict[_Key, PlannedPlay]:
        # a thousand clusters say the same few things
        names = {BulletinId(name) for play in found.values() for name in play.bulletins}
        files = {asset for play in found.values() for asset in play.assets}
        bulletins = {name for name in names if await self._is_withdrawn(name)}
        recordings = {asset for asset in files if await self._is_taken_back(asset)}
        return {
            key: play
            for key, play in found.items()
            if bulletins.intersection(play.bulletins) or recordings.intersection(play.assets)
        }

    async def _is_withdrawn(self, name: BulletinId) -> bool:
        bulletin = await self._bulletins.get(name)
        return bulletin is not None and bulletin.state is State.WITHDRAWN

    async def _is_taken_back(self, asset: AssetId) -> bool:
        recording = await self._audio.get(asset)
        if recording is None or recording.of_bulletin:
            return False  # heard by the bulletin's own approval
        return recording.release is None and recording.returned is not None

    async def _tell(self, cause: _Cause, plays: Mapping[_Key, PlannedPlay]) -> None:
        wanted = {f"{cause.key}{occ}": play.title for (occ, _), play in plays.items()}
        for key, title in wanted.items():
            names = self._fleet.names(cluster for occ, cluster in plays if key == f"{cause.key}{occ}")
            said = {"title": title, "names": names}
            await self._alarms.raise_(key, Severity.CRITICAL, cause.vi.format(**said), cause.en.format(**said))
        for key in [key for key in self._alarms.standing if key.startswith(cause.key) and key not in wanted]:
            await self._alarms.clear(key)
