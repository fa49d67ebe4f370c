"""Quét: a play that should have ended and of which no word came is unproven, and somebody must look into it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from devices.clock import Clock, epoch_ms, instant
from devices.model import ClusterId, OccurrenceId, Outcome
from gateway.ports.records import PlannedPlay
from gateway.ports.store import Proofs
from gateway.services.monitor import Monitor
from gateway.services.supervisor import Beat, no_beat
from gateway.services.verdicts import Verdicts

SWEEP_EVERY_S = 30.0
PATIENCE = timedelta(minutes=5)
"""How long after its end, and after its cluster is back, word of a play may take."""
LONGEST_AWAY = timedelta(hours=24)
_LOOK_BACK = timedelta(days=4_000)
"""A promise is owed an outcome however long the gateway stood still or its clock was wrong; few are open."""
FIRST_AFTER_S = 120.0
"""A gateway that just started hears every pole before it says that one gave no word."""


@dataclass
class _Wait:
    """How long an open play has waited for its cluster's word, by the monotonic clock."""

    first_ns: int
    looked_ns: int
    online_ns: int = 0


class Sweeper:
    """Ends what nobody ended. A later word of the cluster still replaces UNPROVEN."""

    def __init__(
        self,
        *,
        proofs: Proofs,
        monitor: Monitor,
        verdicts: Verdicts,
        clock: Clock,
        stands_by: Callable[[], bool] = lambda: False,
    ) -> None:
        """``stands_by``: whether another gateway plans, and knows what became of its plays."""
        self._proofs = proofs
        self._monitor = monitor
        self._verdicts = verdicts
        self._clock = clock
        self._stands_by = stands_by
        self._waits: dict[tuple[OccurrenceId, ClusterId], _Wait] = {}

    async def run(self, beat: Beat = no_beat) -> None:
        """Sweep until cancelled."""
        began_ns = self._clock.mono_ns()
        while True:
            beat()
            if self._clock.mono_ns() - began_ns >= FIRST_AFTER_S * 1e9:
                await self.sweep()
            await self._clock.sleep(SWEEP_EVERY_S)

    async def sweep(self) -> Sequence[PlannedPlay]:
        """Sweep once; return what was found unproven: nothing while most poles say that it is another hour.

        Nor while another gateway is in charge: what it changed of its plays is not known here.
        """
        if self._stands_by() or self._monitor.witness.dispute() is not None:
            return ()
        now = instant(self._clock.now_ms())
        still_open = await self._proofs.plays(since=now - _LOOK_BACK, until=now, open_only=True)
        swept = [
            replace(play, outcome=Outcome.UNPROVEN, why="no_word", settled_at=now)
            for play in still_open
            if not play.cancelled and self._overdue(play, now)
        ]
        still = {(play.occ, play.cluster) for play in still_open}
        self._waits = {key: wait for key, wait in self._waits.items() if key in still}
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
        if now <= end:
            return False
        wait = self._waited(play, online=live.online)
        if not live.online:
            return now - end > LONGEST_AWAY
        if epoch_ms(now) - max(epoch_ms(end), live.since_ms) > PATIENCE / timedelta(milliseconds=1):
            return True
        # A pole that comes and goes is back for a moment each time: what counts is how often it could have spoken.
        patience_ns, longest_ns = PATIENCE.total_seconds() * 1e9, LONGEST_AWAY.total_seconds() * 1e9
        return wait.online_ns > patience_ns or wait.looked_ns - wait.first_ns > longest_ns

    def _waited(self, play: PlannedPlay, *, online: bool) -> _Wait:
        now_ns = self._clock.mono_ns()
        wait = self._waits.setdefault((play.occ, play.cluster), _Wait(now_ns, now_ns))
        if online:
            wait.online_ns += min(now_ns - wait.looked_ns, int(2 * SWEEP_EVERY_S * 1e9))
        wait.looked_ns = now_ns
        return wait
