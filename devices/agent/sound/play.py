"""One play: from an open card to what can be sworn to. :class:`devices.agent.sound.player.CardPlayer` starts it.

The start is placed on the card's own timeline: silence is written up to the exact frame that leaves the loudspeaker at
``start_mono_ns``. No timer fires at the start, so a late event loop does not make a late start as long as the card's
buffer lasts. Wall clocks do not occur here.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import TypeVar

import numpy as np

from devices.agent.ports import AmpReading, Decoder, Job, MicReading, SoundCard, Sounded
from devices.agent.sound.drift import JUMP_NS, Corrector, Pace, StartPace, stretched
from devices.agent.sound.evidence import Ledger, Readings
from devices.agent.sound.gain import Gain
from devices.agent.sound.programme import Programme, Take
from devices.clock import NS_PER_MS, Clock
from devices.errors import CardFailed

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

READ_EVERY_MS = 2_000
FIRST_READ_MS = 100
_HURRY = 16
SETTLE_MS = 500
"""Silence runs this much longer than the buffer and the wake-up need: the card's timeline has settled by then."""


@dataclass(frozen=True, kw_only=True)
class Rig:
    """What a play is made with."""

    card: SoundCard
    decoder: Decoder
    clock: Clock
    amp: Callable[[], AmpReading | None]
    mic: Callable[[], MicReading | None]
    pace: StartPace
    ahead_ms: int
    block_ms: int
    threaded: bool


class Order(Enum):
    STOP = auto()
    PAUSE = auto()
    RESUME = auto()
    NEXT = auto()


class Play:
    """One job from open card to evidence."""

    def __init__(self, job: Job, rig: Rig) -> None:
        self.job = job
        self._rig = rig
        self._card = rig.card
        self._clock = rig.clock
        self._rate = 0
        self._stopped = self._paused = self._skip = False
        self._percent = job.volume_percent
        self._task: asyncio.Task[object] | None = None
        self._cancels = 0
        self._waiting = self._kicked = False
        self._pace: Pace | None = None
        """``None`` until aimed: at the start, and again after each silence asked for."""
        self._origin = 0
        self._start_ns: int | None = job.start_mono_ns
        self._readings = Readings()
        self._next_read = 0
        self._hurried = 0
        self._gain: Gain | None = None
        self._ledger: Ledger | None = None

    # --- orders, from outside, between two steps of run() ---

    def command(self, order: Order) -> None:
        """Take an order. Sound stops here and now; what comes next is decided by :meth:`run`."""
        if order is Order.RESUME:
            self._paused = False
        else:
            self._stopped = self._stopped or order is Order.STOP
            self._paused = self._paused or order is Order.PAUSE
            self._skip = self._skip or order is Order.NEXT
            self.hush()
        if self._waiting and not self._kicked and self._task is not None:
            self._kicked = True
            self._task.cancel()

    def volume(self, percent: int) -> None:
        self._percent = percent
        if self._gain is not None:
            self._gain.set(percent)

    def hush(self) -> None:
        """Drop what is buffered and close the account of what was heard."""
        if self._ledger is None:
            return
        self._read_if_never()
        self._card.drop()
        self._ledger.cut(self._card.position().frame)
        self._pace = None

    @property
    def position_ms(self) -> int:
        if self._ledger is None:
            return self.job.seek_ms
        return 1000 * self._ledger.at_card_frame(self._heard_frame()) // self._rate

    # --- the play ---

    async def run(self) -> Sounded:
        self._task = asyncio.current_task()
        self._cancels = self._task.cancelling() if self._task else 0
        # Known only now: opening may settle for another rate.
        self._rate = self._card.rate
        programme = Programme(self.job.pieces, self._rig.decoder, rate=self._rate, block_ms=self._rig.block_ms)
        start = min(programme.total, self.job.seek_ms * self._rate // 1000)
        programme.jump(start)
        ledger = self._ledger = Ledger(self._rate, start)
        gain = self._gain = Gain(self._percent, self._rate)
        failed: tuple[str, ...] = ()
        try:
            await self._play_all(programme, ledger, gain)
        except CardFailed as error:
            logger.warning("%s: the sound card failed in the middle: %s", self.job.name, error)
            failed = (f"card âm thanh (sound card): {error}",)
        self.hush()
        return self._sworn(programme, ledger, failed)

    async def _play_all(self, programme: Programme, ledger: Ledger, gain: Gain) -> None:
        corrector = Corrector(self._rate)
        await self._off_loop(programme.warm)
        if self.job.seek_ms:
            gain.fade_in()
        while not self._stopped:
            if self._skip:
                self._skip = False
                programme.jump(programme.after(ledger.at))
                ledger.move(programme.cursor)
                gain.fade_in()
                if programme.cursor == programme.total:
                    return
            elif self._paused:
                programme.jump(ledger.at)
                gain.fade_in()
                await self._quietly(asyncio.get_running_loop().create_future())
            elif self._pace is None:
                programme.jump(ledger.at)
                await self._lead_in(programme.cursor)
            elif (take := await self._read(programme)) is None:
                if await self._drained():
                    return
            elif not self._ordered:
                await self._put(take, programme, gain, corrector)

    async def _lead_in(self, at: int) -> None:
        """Run silence up to the exact frame at which ``at`` is to be heard, or as soon as it can be."""
        card, clock, wake_ns = self._card, self._clock, self.job.wake_ms * NS_PER_MS
        target = self._start_ns
        if target is not None:
            early = target - clock.mono_ns() - wake_ns - (self._rig.ahead_ms + SETTLE_MS) * NS_PER_MS
            if early > 0 and not await self._quietly(clock.sleep(early / 1e9)):
                return
        position = card.position()
        if target is None or target < position.mono_ns:
            target = position.mono_ns + wake_ns
        block = self._rate * self._rig.block_ms // 1000
        silence = np.zeros(block, np.int16)
        while (left := round((target - position.mono_ns) * self._rate / 1e9)) > 0:
            if not await self._quietly(card.write(silence[:left])) or not await self._keep_ahead():
                return
            position = card.position()
        # From here on a pause or a jump aims anew, at the earliest instant.
        self._start_ns = None
        self._origin = at
        self._pace = self._rig.pace(target)

    async def _read(self, programme: Programme) -> Take | None:
        size = self._rate * self._rig.block_ms // 1000
        return await self._off_loop(partial(programme.read, size))

    async def _off_loop(self, work: Callable[[], _T]) -> _T:
        return await asyncio.to_thread(work) if self._rig.threaded else work()

    async def _put(self, take: Take, programme: Programme, gain: Gain, corrector: Corrector) -> None:
        if self._pace is None or self._ledger is None:
            return
        position = self._card.position()
        due = self._pace(round((take.at - self._origin) * 1e9 / self._rate))
        error = position.mono_ns - due
        if abs(error) > JUMP_NS:
            await self._jump(error, take, programme, gain)
            return
        change = corrector.change(take.frames.size, error)
        frames = gain.apply(stretched(take.frames, change))
        self._ledger.wrote(position.frame, position.mono_ns, frames, take)
        if not await self._quietly(self._card.write(frames)):
            return
        self._ledger.heard(int(self._heard_frame()))
        self._read_when_due()
        await self._keep_ahead()

    async def _jump(self, error_ns: int, take: Take, programme: Programme, gain: Gain) -> None:
        """Get back in step: pass over what should have been heard by now, or wait in silence."""
        frames = round(abs(error_ns) * self._rate / 1e9)
        gain.fade_in()
        if error_ns > 0:
            logger.warning("%s: %d ms late, skipping forward", self.job.name, error_ns // NS_PER_MS)
            programme.jump(take.at + frames)
            return
        logger.warning("%s: %d ms early, waiting", self.job.name, -error_ns // NS_PER_MS)
        programme.jump(take.at)
        await self._quietly(self._card.write(np.zeros(min(frames, self._rate), np.int16)))

    # --- waiting, so that an order can end it ---

    @property
    def _ordered(self) -> bool:
        return self._stopped or self._paused or self._skip or self._pace is None

    async def _keep_ahead(self) -> bool:
        """Wait until the buffer has room for a block below its limit."""
        lead = self._card.position().mono_ns - self._clock.mono_ns()
        limit = (self._rig.ahead_ms - self._rig.block_ms) * NS_PER_MS
        if lead <= limit:
            # Filling up takes a few blocks; a card that never fills must not keep the loop from others.
            self._hurried += 1
            return self._hurried % _HURRY != 0 or await self._quietly(asyncio.sleep(0))
        self._hurried = 0
        return await self._quietly(self._clock.sleep((lead - limit) / 1e9))

    async def _drained(self) -> bool:
        """Wait for the last frame to be heard; ``False`` when an order came first."""
        middle = self._ledger.middle_of_sound_ns() if self._ledger is not None else None
        if middle is not None and not self._readings.taken:
            # A short sound is in the buffer before its middle is heard.
            if not await self._quietly(self._clock.sleep((middle - self._clock.mono_ns()) / 1e9)):
                return False
            self._read_if_never()
        if not await self._quietly(self._card.drain()):
            return False
        if self._ledger is not None:
            self._ledger.cut(self._card.position().frame)
        return True

    async def _quietly(self, waiting: Awaitable[object]) -> bool:
        """Wait; ``False`` when an order ended it. Cancelling the play from outside goes through."""
        self._waiting = True
        try:
            await waiting
        except asyncio.CancelledError:
            if not self._kicked or self._task is None or self._task.uncancel() > self._cancels:
                raise
            return False
        finally:
            self._waiting = self._kicked = False
        return True

    # --- evidence ---

    def _heard_frame(self) -> float:
        position = self._card.position()
        queued = max(0, position.mono_ns - self._clock.mono_ns()) * self._rate / 1e9
        return position.frame - queued

    def _read_when_due(self) -> None:
        now_ms = self._clock.mono_ns() // NS_PER_MS
        if self._ledger is None or not self._ledger.sounding(self._heard_frame()):
            return
        if self._next_read == 0:
            self._next_read = now_ms + FIRST_READ_MS
        if now_ms >= self._next_read:
            self._next_read = now_ms + READ_EVERY_MS
            self._take_reading()

    def _read_if_never(self) -> None:
        if not self._readings.taken and self._ledger is not None and self._ledger.sounding(self._heard_frame()):
            self._take_reading()

    def _take_reading(self) -> None:
        self._readings.add(muted=self._card.muted(), amp=self._rig.amp(), mic=self._rig.mic())

    def _sworn(self, programme: Programme, ledger: Ledger, failed: tuple[str, ...]) -> Sounded:
        return Sounded(
            want_frames=programme.total,
            out_frames=ledger.out_frames,
            rate=self._rate,
            underruns=self._card.underruns,
            first_mono_ns=ledger.first_ns,
            last_mono_ns=ledger.last_ns,
            segments_ms=ledger.segments_ms,
            rms_dbfs=ledger.meter.rms_dbfs,
            peak_dbfs=ledger.meter.peak_dbfs,
            silent_ms=ledger.meter.silent_ms,
            muted=self._readings.muted,
            amp=self._readings.amp,
            mic=self._readings.mic,
            audible=self._card.audible,
            corr_frames=ledger.corrected,
            stopped=self._stopped,
            broken=programme.broken + failed,
        )
