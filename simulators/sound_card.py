"""A virtual loudspeaker: a card on the board's clock that remembers, in true time, what it sounded.

The truth is independent of what the program on the pole believes: it is made from the samples as they leave, the
world's clock, and whether anybody could hear them then.
"""

import random
from dataclasses import dataclass, replace

import numpy as np

from devices.agent.ports import Decoder, Frames, Job, Sounded
from devices.agent.sound.cards import PacedCard
from devices.agent.sound.drift import StartPace, free_running
from devices.agent.sound.levels import dbfs, peak_of
from devices.agent.sound.player import CardPlayer
from devices.errors import CardFailed
from simulators.board import QUIET_DBFS, VirtualBoard
from simulators.faults import FaultKind

MERGE_GAP_MS = 3_000.0
"""Silence shorter than this, e.g. a pause between items, does not end a span."""


@dataclass(frozen=True, kw_only=True)
class SoundedSpan:
    """Something left one loudspeaker, between two true instants (epoch ms, with fractions)."""

    start_root_ms: float
    end_root_ms: float
    tag: str
    """The job that was on the card."""
    frames: int
    peak_dbfs: float
    """At the card, after the volume."""
    heard: bool
    """Somebody under the horns could hear it: not muted, amplifier on, not a null sink."""


class VirtualCard(PacedCard):
    """A sound card without a sound. ``ppm``: its own crystal against the board's monotonic clock.

    ``capture`` keeps the samples, for correlation tests: 5.8 MB a minute at 48 kHz.
    """

    audible = True

    def __init__(
        self,
        board: VirtualBoard,
        *,
        rate: int = 48_000,
        ppm: float = 0.0,
        buffer_ms: int = 2_000,
        latency_ms: float = 5.0,
        capture: bool = False,
    ) -> None:
        super().__init__(board.clock, rate=rate, buffer_ms=buffer_ms, latency_ms=latency_ms, ppm=ppm)
        self.tag = ""
        self.capture: list[tuple[float, Frames]] = []
        """Pieces with the true time of their first sample; zeros while nobody could hear."""
        self._board = board
        self._keep = capture
        self._spans: list[SoundedSpan] = []
        self._ended = 0
        """How many of them were over before the power was last cut."""
        self._underruns_seen_ms = board.root.utc_ms()
        board.sounding_dbfs = self._level_now

    def _start(self) -> None:
        # A board that was off has a new monotonic clock.
        self._clock = self._board.clock
        self._timeline = self._new_timeline()
        self._underruns_seen_ms = self._board.root.utc_ms()
        self._check_card()
        self.audible = self._fault(FaultKind.NULL_SINK) is None

    async def write(self, frames: Frames) -> None:
        """Queue ``frames``, with whatever the faults make of it.

        Raises:
            CardFailed: the card is closed, or went missing.
        """
        self._check_card()
        now = self._board.root.utc_ms()
        for fault in self._board.faults.between(FaultKind.UNDERRUN, self._underruns_seen_ms, now):
            self._timeline.stall(fault.amount)
        self._underruns_seen_ms = now
        await super().write(frames)

    def muted(self) -> bool:
        return self._fault(FaultKind.MUTE) is not None

    def power_cut(self) -> None:
        """Go silent with the board: what was buffered is never heard, and what comes after is another span."""
        self.drop()
        self._open = False
        self._ended = len(self._spans)

    def spans(self) -> list[SoundedSpan]:
        """Return what was sounded up to now, in order."""
        self._flush()
        return list(self._spans)

    def waveform(self, start_root_ms: float, duration_ms: float) -> Frames:
        """Return what was captured between two true instants, on a grid of the nominal rate; zeros between pieces."""
        self._flush()
        frames = round(duration_ms * self.rate / 1000)
        grid = np.zeros(frames, np.int16)
        for at_ms, piece in self.capture:
            first = round((at_ms - start_root_ms) * self.rate / 1000)
            a, b = max(0, first), min(frames, first + piece.size)
            if a < b:
                grid[a:b] = piece[a - first : b - first]
        return grid

    def _fault(self, kind: FaultKind) -> object:
        return self._board.faults.active(kind, self._board.root.utc_ms())

    def _check_card(self) -> None:
        if self._fault(FaultKind.CARD_MISSING) is not None:
            raise CardFailed("virtual: no such card")

    def _level_now(self) -> float:
        """Return the RMS of what leaves the horns now, in dBFS."""
        frames = self._tape.at(self._clock.mono_ns())
        if frames is None or not self.audible or self.muted():
            return QUIET_DBFS
        values = frames[:4_800].astype(np.float32)
        return dbfs(float(np.sqrt(np.mean(values * values))))

    def _heard(self, start_ns: int, frames: Frames) -> None:
        peak = peak_of(frames)
        if peak == 0:
            return
        start_ms = self._board.clock.root_ms_at(start_ns)
        heard = self._audible_at(start_ms)
        if self._keep:
            self.capture.append((start_ms, frames if heard else np.zeros_like(frames)))
        first = int(np.argmax(frames != 0))
        last = frames.size - 1 - int(np.argmax(frames[::-1] != 0))
        # The card's own crystal decides how long a frame lasts.
        ms_per_frame = 1000 / (self.rate * (1 + self._shape[2] * 1e-6)) / (1 + self._board.ppm * 1e-6)
        self._note(
            SoundedSpan(
                start_root_ms=start_ms + first * ms_per_frame,
                end_root_ms=start_ms + (last + 1) * ms_per_frame,
                tag=self.tag,
                frames=last + 1 - first,
                peak_dbfs=dbfs(peak),
                heard=heard,
            )
        )

    def _audible_at(self, root_ms: float) -> bool:
        faults = self._board.faults
        silencing = (FaultKind.MUTE, FaultKind.AMP_OFF)
        return self.audible and self._board.relay and not any(faults.active(kind, root_ms) for kind in silencing)

    def _note(self, span: SoundedSpan) -> None:
        last = self._spans[-1] if len(self._spans) > self._ended else None
        if (
            last is not None
            and (last.tag, last.heard) == (span.tag, span.heard)
            and span.start_root_ms - last.end_root_ms <= MERGE_GAP_MS
        ):
            self._spans[-1] = replace(
                last,
                end_root_ms=span.end_root_ms,
                frames=last.frames + span.frames,
                peak_dbfs=max(last.peak_dbfs, span.peak_dbfs),
            )
        else:
            self._spans.append(span)


class VirtualPlayer(CardPlayer):
    """The real player on a virtual card, with the job's name written into the truth.

    Blocks are larger than on a board: a virtual card drops at once, and a thousand players share one loop. Unless
    told otherwise each runs a little differently far ahead, so that they do not all wake in the same millisecond.
    """

    def __init__(
        self,
        card: VirtualCard,
        decoder: Decoder,
        board: VirtualBoard,
        *,
        pace: StartPace = free_running,
        ahead_ms: int | None = None,
        block_ms: int = 500,
    ) -> None:
        super().__init__(
            card,
            decoder,
            board.clock,
            amp=board.amp,
            mic=board.mic,
            pace=pace,
            ahead_ms=1_000 + random.Random(board.seed).randrange(block_ms) if ahead_ms is None else ahead_ms,
            block_ms=block_ms,
            threaded=False,
        )
        self._tagged = card

    async def play(self, job: Job) -> Sounded:
        """As :meth:`CardPlayer.play`."""
        if not self.playing:
            self._tagged.tag = job.name
        return await super().play(job)
