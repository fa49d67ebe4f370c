"""Thu hồi khi đang phát: what is withdrawn while it sounds, bulletin or recording, is stopped, and people are told.

A new plan takes back what has not begun; what a loudspeaker is saying already it says to its end, unless it is told to
stop by a signed order. The whole airing is stopped: nobody can tell from outside which piece of it is on.
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
from gateway.services.commands import LIVES_MS, Commands, of
from gateway.services.fleet import Fleet
from gateway.services.monitor import Monitor
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
AGAIN_EVERY_S = 5.0
WATCHED_FOR_S = 60.0
"""After a withdrawal: what was armed then may begin to sound a moment later."""
_KEY = "taken-back:"
_ON = frozenset({Activity.PLAYING, Activity.PAUSED, Activity.ARMED})
_Key = tuple[OccurrenceId, ClusterId]


@dataclass(frozen=True)
class _Gateway:
    """Who stops it: the withdrawal, not a second decision of anybody's."""

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
        fleet: Fleet,
        alarms: AlarmDesk,
        clock: Clock,
    ) -> None:
        self._bulletins = bulletins
        self._audio = audio
        self._proofs = proofs
        self._monitor = monitor
        self._commands = commands
        self._fleet = fleet
        self._alarms = alarms
        self._clock = clock
        self._until_ns = clock.mono_ns() + int(WATCHED_FOR_S * 1e9)
        """The gateway may have stopped between a withdrawal and its order to stop."""
        self._ordered_ns: dict[_Key, int] = {}
        self._looked_at: set[_Key] = set()

    def changed(self, _: str) -> None:
        """Content changed: perhaps something that sounds is no longer to be heard."""
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
        """Stop what sounds and is withdrawn.

        Raises:
            StoreFailed: an order to stop is not sent unseen; it is tried again, and IM LẶNG works without a disk.
        """
        sounding = self._sounding()
        found = await self._proofs.find(sorted(sounding)) if sounding else {}
        gone = await self._withdrawn(found)
        self._ordered_ns = {key: ns for key, ns in self._ordered_ns.items() if key in gone}
        await self._tell(gone)
        now_ns = self._clock.mono_ns()
        due: defaultdict[OccurrenceId, list[ClusterId]] = defaultdict(list)
        for occ, cluster in sorted(gone):
            last_ns = self._ordered_ns.get((occ, cluster))
            if last_ns is None or now_ns - last_ns >= AGAIN_EVERY_S * 1e9:
                due[occ].append(cluster)
        for occ, clusters in due.items():
            logger.warning("%s is withdrawn and sounds on %d clusters: stopped", occ, len(clusters))
            exp_ms = self._monitor.witness.now_ms() + LIVES_MS
            stop = Stop(occ=occ)
            await self._commands.send(
                "stop",
                stop,
                of(*clusters),
                by=_Gateway(UserId("system")),
                exp_ms=exp_ms,
                action="command.stop_withdrawn",
            )
            self._ordered_ns |= {(occ, cluster): now_ns for cluster in clusters}
        self._looked_at = sounding

    def _sounding(self) -> set[_Key]:
        return {
            (OccurrenceId(live.occ), live.cluster)
            for live in self._monitor.all().values()
            if live.online and live.occ is not None and live.activity in _ON
        }

    async def _withdrawn(self, found: Mapping[_Key, PlannedPlay]) -> dict[_Key, PlannedPlay]:
        # an emergency is ended by whoever holds its key; a thousand clusters say the same few things
        plays = {key: play for key, play in found.items() if play.priority != Priority.EMERGENCY}
        names = {BulletinId(name) for play in plays.values() for name in play.bulletins}
        files = {asset for play in plays.values() for asset in play.assets}
        bulletins = {name for name in names if await self._is_withdrawn(name)}
        recordings = {asset for asset in files if await self._is_taken_back(asset)}
        return {
            key: play
            for key, play in plays.items()
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

    async def _tell(self, gone: dict[tuple[OccurrenceId, ClusterId], PlannedPlay]) -> None:
        wanted = {f"{_KEY}{occ}": play.title for (occ, _), play in gone.items()}
        for key, title in wanted.items():
            names = self._fleet.names(cluster for occ, cluster in gone if key == f"{_KEY}{occ}")
            await self._alarms.raise_(
                key,
                Severity.CRITICAL,
                f"“{title}” đã thu hồi mà còn đang phát ở {names}: đã ra lệnh dừng. Nếu chưa dừng, bấm IM LẶNG.",
                f"“{title}” is withdrawn and still sounds on {names}: ordered to stop. If it does not, use IM LẶNG.",
            )
        for key in [key for key in self._alarms.standing if key.startswith(_KEY) and key not in wanted]:
            await self._alarms.clear(key)
