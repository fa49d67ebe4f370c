"""How loud something was, measured block by block on the samples handed to the card.

0 dBFS is a sample of 32,768. Silence is digital or below -50 dBFS in a window of 10 ms.
"""

import math

import numpy as np

from devices.agent.ports import Frames

FLOOR_DBFS = -120.0
"""What digital silence reads: JSON has no minus infinity, and 16 bits end at -96."""

SILENCE_DBFS = -50.0
"""Below this nobody under a loudspeaker hears speech (peers.md, row 28)."""

FULL_SCALE = 32_768.0
_WINDOWS_PER_S = 100


def dbfs(amplitude: float) -> float:
    """Turn a linear amplitude (0 to 32,768) into dBFS, never below :data:`FLOOR_DBFS`."""
    if amplitude <= 0:
        return FLOOR_DBFS
    return max(FLOOR_DBFS, 20 * math.log10(amplitude / FULL_SCALE))


def peak_of(frames: Frames) -> int:
    """Return the largest absolute sample, 0 for none."""
    if frames.size == 0:
        return 0
    return max(int(frames.max()), -int(frames.min()))


class LevelMeter:
    """RMS, peak and the longest silent run of everything fed so far."""

    def __init__(self, rate: int) -> None:
        self._window = max(1, rate // _WINDOWS_PER_S)
        self._quiet = (FULL_SCALE * 10 ** (SILENCE_DBFS / 20)) ** 2 * self._window
        self._window_ms = 1000 * self._window / rate
        self._energy = 0.0
        self._frames = 0
        self._peak = 0
        self._run = 0
        self._longest = 0
        self._part = np.empty(0, np.int16)

    def feed(self, frames: Frames) -> None:
        """Measure the next block; windows go on across blocks."""
        if frames.size == 0:
            return
        self._frames += frames.size
        self._peak = max(self._peak, peak_of(frames))
        if self._part.size:
            frames = np.concatenate((self._part, frames))
        whole = frames.size - frames.size % self._window
        self._part = frames[whole:].copy()
        if whole:
            rows = frames[:whole].astype(np.float32).reshape(-1, self._window)
            sums = np.einsum("ij,ij->i", rows, rows)
            self._energy += float(sums.sum(dtype=np.float64))
            self._count_silence(sums > self._quiet)

    def pause(self) -> None:
        """Let the silence of a planned pause not count: the run before it and the one after are two."""
        self._energy += _energy(self._part)
        self._part = self._part[:0]
        self._run = 0

    def _count_silence(self, loud: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
        at = np.flatnonzero(loud)
        if at.size == 0:
            self._run += loud.size
            self._longest = max(self._longest, self._run)
            return
        between = int(np.diff(at).max()) - 1 if at.size > 1 else 0
        self._longest = max(self._longest, self._run + int(at[0]), between)
        self._run = loud.size - 1 - int(at[-1])
        self._longest = max(self._longest, self._run)

    @property
    def rms_dbfs(self) -> float:
        if self._frames == 0:
            return FLOOR_DBFS
        return dbfs(math.sqrt((self._energy + _energy(self._part)) / self._frames))

    @property
    def peak_dbfs(self) -> float:
        return dbfs(self._peak)

    @property
    def silent_ms(self) -> int:
        """Longest run below :data:`SILENCE_DBFS`, to 10 ms."""
        return round(self._longest * self._window_ms)


def _energy(frames: Frames) -> float:
    values = frames.astype(np.float64)
    return float(values @ values)
