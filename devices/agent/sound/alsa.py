"""A real sound card through ALSA (pyalsaaudio).

The position comes from the kernel: frames still queued at a timestamp of the monotonic clock, so the timeline is the
converter's own and its drift shows. Outputs that swallow frames at once (ALSA's ``null`` and ``file`` plugins) are
found out on opening: they are paced by the clock instead, and are never audible.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from devices.agent.ports import Frames, Position
from devices.agent.sound.timeline import Timeline
from devices.clock import Clock
from devices.errors import CardFailed

try:
    import alsaaudio
except ImportError as error:  # pragma: no cover - depends on the machine
    raise CardFailed("ALSA support is not installed: pip install 'loaphuong[alsa]'") from error

logger = logging.getLogger(__name__)

_PERIOD_MS = 20
_PERIODS = 25
_UNDERRUN = -32
"""``-EPIPE``, as the library returns it."""
_PLAYBACK_CONTROLS = ("Master", "PCM", "Digital", "Speaker", "Headphone", "HDMI")


class AlsaCard:
    """One ALSA playback device, mono int16; plays through stereo where the card has no mono."""

    def __init__(
        self, clock: Clock, device: str = "default", *, rate: int = 48_000, pcm: Callable[..., Any] = alsaaudio.PCM
    ) -> None:
        """``clock.mono_ns`` must be the machine's own monotonic clock: the kernel stamps with it."""
        self._make = pcm
        self.rate = rate
        self.audible = True
        self._clock = clock
        self._device = device
        self._pcm: Any = None
        self._channels = 1
        self._buffer = 0
        self._accepted = 0
        self._underruns = 0
        self._paced: Timeline | None = None
        self._mixer_said = False

    async def open(self) -> None:
        """Open the device, with half a second of buffer.

        Raises:
            CardFailed: there is no such device, it is taken, or it cannot play 16-bit samples.
        """
        if self._pcm is not None:
            raise CardFailed(f"{self._device}: open already")
        self._pcm = await asyncio.to_thread(self._connect)
        self._accepted = self._underruns = 0
        self._paced = None
        self.audible = True
        self._probe()

    def _connect(self) -> Any:
        try:
            pcm = self._make(
                type=alsaaudio.PCM_PLAYBACK,
                mode=alsaaudio.PCM_NONBLOCK,
                rate=self.rate,
                channels=1,
                format=alsaaudio.PCM_FORMAT_S16_LE,
                periodsize=self.rate * _PERIOD_MS // 1000,
                periods=_PERIODS,
                device=self._device,
            )
            pcm.set_tstamp_mode(alsaaudio.PCM_TSTAMP_ENABLE)
            pcm.set_tstamp_type(alsaaudio.PCM_TSTAMP_TYPE_MONOTONIC)
        except alsaaudio.ALSAAudioError as error:
            raise CardFailed(f"{self._device}: {error}") from error
        info = pcm.info()
        if info["format"] != alsaaudio.PCM_FORMAT_S16_LE:
            pcm.close()
            raise CardFailed(f"{self._device}: no 16-bit playback ({info['format_name']})")
        self.rate, self._channels, self._buffer = info["rate"], info["channels"], info["buffer_size"]
        return pcm

    def _probe(self) -> None:
        """Find out whether anything paces this output, with silence that is thrown away again."""
        period = self.rate * _PERIOD_MS // 1000
        written = self._push(np.zeros(3 * period, np.int16))
        if written and self._queued() == 0:
            # Sixty milliseconds gone in no time: no converter is behind it.
            logger.warning("sound card %s: takes frames at once, so nobody hears it", self._device)
            self.audible = False
            self._paced = Timeline(self._clock, self.rate, buffer_ms=self._buffer * 1000 // self.rate)
            self._paced.put(written)
            self._paced.drop()
            return
        self.drop()
        self._underruns = 0

    def position(self) -> Position:
        """Tell when the next frame written will be heard, by the kernel's timestamp."""
        if self._paced is not None:
            return Position(self._accepted, self._paced.position().mono_ns)
        now = self._clock.mono_ns()
        if self._pcm is None or self._pcm.state() != alsaaudio.PCM_STATE_RUNNING:
            return Position(self._accepted, now)
        queued = self._queued()
        seconds, nanoseconds, available = self._pcm.htimestamp()
        stamp = seconds * 1_000_000_000 + nanoseconds
        if stamp > 0 and 0 <= available <= self._buffer:
            queued, now = self._buffer - available, stamp
        return Position(self._accepted, now + round(queued * 1e9 / self.rate))

    async def write(self, frames: Frames) -> None:
        """Queue ``frames``, waiting while the buffer is full; an underrun is counted and played over.

        Raises:
            CardFailed: the card is closed or went away.
        """
        while frames.size:
            if self._paced is not None:
                await self._clock.sleep(self._paced.wait_s(frames.size))
            taken = self._push(frames)
            if taken == 0:
                await self._clock.sleep(_PERIOD_MS / 1000)
            frames = frames[taken:]

    def _push(self, frames: Frames) -> int:
        """Give ALSA what it takes now; return how many frames that was."""
        if self._pcm is None:
            raise CardFailed(f"{self._device}: closed")
        if self._paced is not None:
            frames = frames[: max(0, self._paced.room)]
            if frames.size == 0:
                return 0
        data = frames if self._channels == 1 else np.repeat(frames, self._channels)
        try:
            taken = int(self._pcm.write(data.astype("<i2").tobytes()))
            if taken == _UNDERRUN:
                # The library has made the stream ready again; these frames were not taken.
                self._underruns += 1
                return 0
        except alsaaudio.ALSAAudioError as error:
            raise CardFailed(f"{self._device}: {error}") from error
        self._accepted += taken
        if self._paced is not None:
            self._paced.put(taken)
        return taken

    def _queued(self) -> int:
        available = int(self._pcm.avail())
        return max(0, self._buffer - available) if available >= 0 else 0

    def drop(self) -> int:
        """Throw away what is queued; 0 on an output that has swallowed it already."""
        if self._pcm is None or self._paced is not None:
            return 0
        queued = self._queued() if self._pcm.state() == alsaaudio.PCM_STATE_RUNNING else 0
        try:
            self._pcm.drop()
        except alsaaudio.ALSAAudioError as error:
            logger.warning("sound card %s: drop: %s", self._device, error)
            return 0
        self._accepted -= queued
        return queued

    async def drain(self) -> None:
        """Wait until the last frame has been heard. A period of silence behind it carries it out."""
        if self._paced is not None:
            await self._clock.sleep((self._paced.position().mono_ns - self._clock.mono_ns()) / 1e9)
            self._paced.rest()
            return
        end_ns = self.position().mono_ns
        underruns = self._underruns
        await self.write(np.zeros(2 * self.rate * _PERIOD_MS // 1000, np.int16))
        await self._clock.sleep((end_ns - self._clock.mono_ns()) / 1e9)
        self.drop()
        self._underruns = underruns

    async def close(self) -> None:
        """Close the device; what is queued is thrown away. Closing twice does nothing."""
        pcm, self._pcm = self._pcm, None
        if pcm is not None:
            await asyncio.to_thread(_shut, pcm, self._device)

    @property
    def underruns(self) -> int:
        return self._underruns + (self._paced.underruns if self._paced is not None else 0)

    def muted(self) -> bool:
        """Read the mixer back: switched off or at zero. ``False`` where there is no mixer to ask."""
        try:
            names = alsaaudio.mixers(device=self._device)
            return any(_silent(name, self._device) for name in _PLAYBACK_CONTROLS if name in names)
        except alsaaudio.ALSAAudioError as error:
            if not self._mixer_said:
                logger.info("sound card %s: no mixer to read back: %s", self._device, error)
                self._mixer_said = True
            return False


def _shut(pcm: Any, device: str) -> None:
    try:
        pcm.drop()
    except alsaaudio.ALSAAudioError as error:
        logger.debug("sound card %s: drop: %s", device, error)
    pcm.close()


def _silent(control: str, device: str) -> bool:
    mixer = alsaaudio.Mixer(control, device=device)
    try:
        off = any("Playback" in cap or cap == "Mute" for cap in mixer.switchcap()) and all(mixer.getmute())
        levels = mixer.getvolume() if any("Playback" in cap or cap == "Volume" for cap in mixer.volumecap()) else [100]
    finally:
        mixer.close()
    return bool(off or (levels and max(levels) == 0))
