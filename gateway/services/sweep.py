"""Quét: a play that should have ended and of which no word came is unproven, and somebody must look into it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from devices.clock import Clock, epoch_ms, instant
from devices.model import Outcome
from gateway.ports.records import PlannedPlay
from gateway.ports.store import Proofs
from gateway.services.monitor import Monitor
from gateway.services.supervisor import Beat, no_beat
from gateway.services.verdicts import Verdicts

SWEEP_EVERY_S = 30.0
PATIENCE = timedelta(minutes=5)
"""How long after its end, and after its cluster is back, word of a play may take."""
LONGEST_AWAY = timedelta(hours=24)
_LOOK_BACK = timedelta(days=40)
"""Longer than any gateway stood still; open plays older than this were swept in another life."""


class Sweeper:
    """Ends what nobody ended. A later word of the cluster still replaces UNPROVEN."""

    def __init__(self, *, proofs: Proofs, monitor: Monitor, verdicts: Verdicts, clock: Clock) -> None:
        self._proofs = proofs
        self._monitor = monitor
        self._verdicts = verdicts
        self._clock = clock

    async def run(self, beat: Beat = no_beat) -> None:
        """Sweep until cancelled."""
        while True:
            beat()
            await self.sweep()
            await self._clock.sleep(SWEEP_EVERY_S)

    async def sweep(self) -> Sequence[PlannedPlay]:
        """Sweep once; return what was found unproven."""
        now = instant(self._clock.now_ms())
        still_open = await self._proofs.plays(since=now - _LOOK_BACK, until=now, open_only=True)
        swept = [
            replace(play, outcome=Outcome.UNPROVEN, why="no_word", settled_at=now)
            for play in still_open
            if not play.cancelled and self._overdue(play, now)
        ]
        if swept:
            await self._proofs.settle(swept)
        for play in swept:
            await self._verdicts.told(None, play)
        return swept

    def _overdue(self, play: PlannedPlay, now: datetime) -> bool:
        end = play.start_at + timedelta(milliseconds=play.duration_ms)
        live = self._monitor.get(play.cluster)
        if live.playing and live.occ == play.occ:
            return False  # paused, or said again after an emergency: it is not over
        if live.online:
            return epoch_ms(now) - max(epoch_ms(end), live.since_ms) > PATIENCE / timedelta(milliseconds=1)
        return now - end > LONGEST_AWAY
