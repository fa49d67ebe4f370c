"""Âm lượng: percent to gain, applied to samples with short ramps so that a change never clicks.

The law is a square: gain = (percent / 100)², that is 40·log10(percent / 100) dB. 100 % is 0 dB, 70 % -6.2 dB,
50 % -12 dB, 10 % -40 dB, 0 % digital silence. The ear hears equal steps of it as about equal, and the upper half,
where a ward's loudspeakers live, is finely divided. Gain never exceeds 1: nothing here can clip or pass 0 dBFS.
"""

import math

import numpy as np
from numpy.typing import NDArray

from devices.agent.ports import Frames

RAMP_MS = 5


def gain_of(percent: int) -> float:
    """Return the linear gain of a volume in percent; below 0 and above 100 are taken as 0 and 100."""
    return (min(100, max(0, percent)) / 100) ** 2


def gain_db(percent: int) -> float:
    """Return the same in dB; minus infinity for 0 %."""
    gain = gain_of(percent)
    return 20 * math.log10(gain) if gain else -math.inf


class Gain:
    """A volume that moves to its target over 5 ms."""

    def __init__(self, percent: int, rate: int) -> None:
        self._ramp = max(1, rate * RAMP_MS // 1000)
        self._now = self._target = gain_of(percent)
        self._left = 0
        """Frames of the ramp still to come."""

    def set(self, percent: int) -> None:
        self._target, self._left = gain_of(percent), self._ramp

    def fade_in(self) -> None:
        """Start the next block from silence: it begins in the middle of something."""
        self._now, self._left = 0.0, self._ramp

    def apply(self, frames: Frames) -> Frames:
        """Return ``frames`` at the volume; the same array when there is nothing to change."""
        if self._left == 0:
            if self._target == 1.0:
                return frames
            return _scaled(frames, np.float32(self._target))
        length = min(self._left, frames.size)
        step = (self._target - self._now) / self._left
        curve = np.full(frames.size, self._target, np.float32)
        curve[:length] = self._now + step * np.arange(1, length + 1, dtype=np.float32)
        # A block shorter than the ramp leaves the rest of it to the next one.
        self._left -= length
        self._now = self._target if self._left == 0 else self._now + step * length
        return _scaled(frames, curve)


def fade_ends(frames: Frames, rate: int, *, offset: int = 0, whole: int | None = None) -> Frames:
    """Fade 5 ms in and out of a sound of ``whole`` frames, of which ``frames`` begin at ``offset``.

    ``whole`` is the size of ``frames`` when not given. Returns the same array where there is nothing to fade.
    """
    whole = frames.size if whole is None else whole
    ramp = min(rate * RAMP_MS // 1000, whole // 2)
    if ramp == 0 or (offset >= ramp and offset + frames.size <= whole - ramp):
        return frames
    at = np.arange(offset, offset + frames.size, dtype=np.float32)
    return _scaled(frames, np.clip(np.minimum(at, whole - 1 - at) / ramp, 0, 1))


def _scaled(frames: Frames, gain: np.float32 | NDArray[np.float32]) -> Frames:
    # Towards zero: rounding up could pass the ceiling by one step.
    return (frames * gain).astype(np.int16)
