"""Âm thử: a short, quiet tone a technician may order by day. The only sound of a pole in maintenance; never a play."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from devices.agent.course import READY_NS
from devices.agent.floor import Claim
from devices.agent.outcome import judge
from devices.agent.ports import Job, Piece
from devices.agent.studio import Studio
from devices.clock import instant
from devices.errors import CardFailed
from devices.model import Level, Priority
from devices.wire.commands import TestTone

logger = logging.getLogger(__name__)

TONE_HZ = 1000.0

Report = Callable[[str], Awaitable[None]]


class ToneTest:
    """Sounds ordered tones one after the other. It is in no journal: a tone is not counted as a play."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._ordered: asyncio.Queue[tuple[TestTone, Report]] = asyncio.Queue(maxsize=4)

    def why_not(self, tone: TestTone) -> str | None:
        """Tell why ``tone`` may not sound now: never above anything, never at night, never in silence."""
        studio = self._studio
        if studio.floor.shut == "silence":
            return "silence"
        if not studio.floor.idle or self._ordered.full():
            return "lower_priority"
        if not studio.timebase.state().trusted:
            return "clock_unsynced"
        rules = studio.documents.rules
        if rules.version == 0:
            return "no_policy"
        at = instant(studio.timebase.utc_ms())
        refused = rules.may_sound(at, timedelta(milliseconds=tone.dur_ms), Priority.ROUTINE)
        return refused.value if refused is not None else None

    def sound(self, tone: TestTone, report: Report) -> None:
        """Sound ``tone`` soon; ``report`` gets the one word of what became of it."""
        self._ordered.put_nowait((tone, report))

    async def run(self) -> None:
        """Sound what is ordered, until cancelled."""
        while True:
            tone, report = await self._ordered.get()
            await report(self.why_not(tone) or await self._sound(tone))

    async def _sound(self, tone: TestTone) -> str:
        studio = self._studio
        start_ns = studio.now_ns() + READY_NS + studio.wake_ms * 1_000_000
        claim = Claim(
            occ="test-tone",
            level=Level.TEST,
            start_ns=start_ns,
            end_ns=start_ns + tone.dur_ms * 1_000_000,
            first_ns=start_ns,
            stop=studio.player.stop,
        )
        job = Job(
            name="test-tone",
            pieces=(Piece(path=None, dur_ms=tone.dur_ms, tone_hz=TONE_HZ),),
            start_mono_ns=start_ns,
            volume_percent=min(tone.percent, studio.ceiling_percent()),
            wake_ms=studio.wake_ms,
        )
        studio.floor.hold_for_test(claim)
        studio.board.switch_amp(on=True)
        try:
            outcome = judge([await studio.player.play(job)], cut=claim.cut).outcome
        except CardFailed as error:
            logger.warning("no test tone: %s", error)
            return "no_card"
        finally:
            studio.floor.leave(claim)
            studio.board.switch_amp(on=False)
        if outcome.heard:
            studio.faults -= {"no_card", "player_stuck"}
        return outcome.value
