"""Lệnh phát bị từ chối: a play that a cluster refused, or that never left, ends here: nobody else will speak of it."""

from dataclasses import replace

from devices.clock import Clock, instant
from devices.model import Outcome
from gateway.ports.records import CommandState
from gateway.ports.store import Proofs
from gateway.services.command_log import Step
from gateway.services.verdicts import Verdicts

_ENDS = {CommandState.REJECTED: Outcome.REFUSED, CommandState.NOT_SENT: Outcome.SKIPPED}


class RefusedPlays:
    """Listens to the command log."""

    def __init__(self, *, proofs: Proofs, verdicts: Verdicts, clock: Clock) -> None:
        self._proofs = proofs
        self._verdicts = verdicts
        self._clock = clock

    async def on_step(self, step: Step) -> None:
        """End the play that ``step`` says will not be."""
        outcome = _ENDS.get(step.state)
        if step.occ is None or outcome is None:
            return
        play = await self._proofs.play(step.occ, step.cluster)
        if play is None or play.outcome is not None or play.started_at is not None:
            return
        ended = replace(play, outcome=outcome, why=step.why, settled_at=instant(self._clock.now_ms()))
        await self._proofs.settle([ended])
        await self._verdicts.told(play, ended)
