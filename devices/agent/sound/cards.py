"""Outputs without a sound card: nothing, or a WAV file. Neither is ever heard, and both say so.

Also the door to all of them: :func:`open_card`.
"""

import logging
import wave
from pathlib import Path
from typing import BinaryIO

from devices.agent.ports import Frames, Position, SoundCard
from devices.agent.sound.timeline import Tape, Timeline
from devices.clock import Clock
from devices.errors import CardFailed

logger = logging.getLogger(__name__)

RATE = 48_000
BUFFER_MS = 1_000


class PacedCard:
    """A card whose frames are heard on a :class:`Timeline`. Subclasses say what hearing means."""

    audible = False

    def __init__(
        self, clock: Clock, *, rate: int = RATE, buffer_ms: int = BUFFER_MS, latency_ms: float = 0.0, ppm: float = 0.0
    ) -> None:
        self.rate = rate
        self._clock = clock
        self._shape = (buffer_ms, latency_ms, ppm)
        self._timeline = self._new_timeline()
        self._tape = Tape()
        self._open = False

    def _new_timeline(self) -> Timeline:
        buffer_ms, latency_ms, ppm = self._shape
        return Timeline(self._clock, self.rate, buffer_ms=buffer_ms, latency_ms=latency_ms, ppm=ppm)

    async def open(self) -> None:
        """Start anew, with an empty buffer.

        Raises:
            CardFailed: it is open already.
        """
        if self._open:
            raise CardFailed("the card is taken")
        self._timeline = self._new_timeline()
        self._start()
        self._open = True

    def position(self) -> Position:
        return self._timeline.position()

    async def write(self, frames: Frames) -> None:
        """Queue ``frames``, waiting while the buffer is full. Keeps a reference: do not change them afterwards.

        Raises:
            CardFailed: the card is not open, or went away.
        """
        while frames.size:
            self._check()
            take = min(frames.size, self._timeline.room)
            if take <= 0:
                await self._clock.sleep(self._timeline.wait_s(frames.size))
                continue
            start = self._timeline.put(take)
            self._tape.put(start, self._timeline.position().mono_ns, frames[:take])
            frames = frames[take:]
        self._flush()

    def drop(self) -> int:
        self._flush()
        dropped = self._timeline.drop()
        self._tape.cut(dropped)
        self._flush(everything=True)
        return dropped

    async def drain(self) -> None:
        while self._timeline.queued:
            self._check()
            await self._clock.sleep((self._timeline.position().mono_ns - self._clock.mono_ns()) / 1e9)
        self._timeline.rest()
        self._flush(everything=True)

    async def close(self) -> None:
        """Close it; what is queued and not yet heard is thrown away. Closing twice does nothing."""
        if self._open:
            self.drop()
            self._open = False
            self._finish()

    @property
    def underruns(self) -> int:
        return self._timeline.underruns

    def muted(self) -> bool:
        return False

    def _check(self) -> None:
        if not self._open:
            raise CardFailed("the card is closed")

    def _flush(self, *, everything: bool = False) -> None:
        for start_ns, frames in self._tape.take(None if everything else self._clock.mono_ns()):
            self._heard(start_ns, frames)

    def _start(self) -> None:
        """Open the real thing, if there is one."""

    def _heard(self, start_ns: int, frames: Frames) -> None:
        """Take ``frames`` as they leave; the first at ``start_ns`` of the board's monotonic time."""

    def _finish(self) -> None:
        """Close the real thing, if there is one."""


class NullCard(PacedCard):
    """Plays in time to nobody."""


class FileCard(PacedCard):
    """Writes what would have been heard to a mono 16-bit WAV file, once it would have been.

    Opening again starts the file anew. Gaps between what is written are not kept.
    """

    def __init__(self, clock: Clock, path: Path, *, rate: int = RATE) -> None:
        super().__init__(clock, rate=rate)
        self._path = path
        self._raw: BinaryIO | None = None
        self._file: wave.Wave_write | None = None
        self._broken = ""

    def _check(self) -> None:
        super()._check()
        if self._broken:
            raise CardFailed(self._broken)

    def _start(self) -> None:
        self._broken = ""
        try:
            self._raw = self._path.open("wb")
        except OSError as error:
            raise CardFailed(f"{self._path}: {error.strerror}") from error
        self._file = wave.open(self._raw, "wb")  # noqa: SIM115 - closed by _finish()
        self._file.setparams((1, 2, self.rate, 0, "NONE", ""))

    def _heard(self, start_ns: int, frames: Frames) -> None:  # noqa: ARG002 - a file has no clock
        if self._file is None or self._broken:
            return
        try:
            self._file.writeframesraw(frames.astype("<i2").tobytes())
        except OSError as error:
            # Frames leave here also while dropping and closing, which must go through; the next write says it.
            self._broken = f"{self._path}: {error.strerror}"

    def _finish(self) -> None:
        for file in (self._file, self._raw):
            if file is not None:
                try:
                    file.close()
                except OSError as error:
                    logger.warning("%s: %s", self._path, error.strerror)
        self._file = self._raw = None


def open_card(spec: str, clock: Clock) -> SoundCard:
    """Make the card a setting names: ``alsa:DEVICE``, ``null`` or ``file:PATH``. It is not opened yet.

    Raises:
        CardFailed: the words mean no card, or ALSA is asked for and not installed.
    """
    kind, _, rest = spec.partition(":")
    if kind == "null" and not rest:
        return NullCard(clock)
    if kind == "file" and rest:
        return FileCard(clock, Path(rest))
    if kind == "alsa":
        from devices.agent.sound.alsa import AlsaCard  # noqa: PLC0415 - only boards with a card have the library

        return AlsaCard(clock, rest or "default")
    raise CardFailed(f"no such sink: {spec!r} (alsa:DEVICE, null or file:PATH)")
