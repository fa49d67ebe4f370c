"""Change of sampling rate by windowed-sinc phases, block by block.

Files made by the gateway are 48 kHz already; this serves recordings and odd cards. 32 taps per phase: the images of
speech stay below -60 dB, and a Pi class board converts 40 times faster than real time.
"""

import math

import numpy as np
from numpy.typing import NDArray

from devices.agent.ports import Frames

_HALF_TAPS = 16


class Resampler:
    """From ``source`` to ``target`` Hz. Feed blocks, then :meth:`flush`; the delay of the filter is taken out."""

    def __init__(self, source: int, target: int) -> None:
        common = math.gcd(source, target)
        self._up, self._down = target // common, source // common
        # Going down, the filter must cut below the lower rate, and so be longer.
        self._half = math.ceil(_HALF_TAPS * max(1.0, source / target))
        cutoff = min(1.0, target / source) * 0.95
        offsets = np.arange(-self._half + 1, self._half + 1, dtype=np.float64)
        phases = np.arange(self._up, dtype=np.float64)[:, None] / self._up
        x = offsets[None, :] - phases
        window = 0.5 + 0.5 * np.cos(np.pi * np.clip(x / self._half, -1, 1))
        table = cutoff * np.sinc(cutoff * x) * window
        self._table = (table / table.sum(axis=1, keepdims=True)).astype(np.float32)
        # Half a filter of silence before the first sample makes output frame 0 fall on input frame 0.
        self._held: NDArray[np.float32] = np.zeros(self._half - 1, np.float32)
        self._next = 0
        """Position of the next output frame, in ``1/up`` of an input frame after the first held one's centre."""
        self._in = self._out = 0

    def feed(self, frames: Frames) -> Frames:
        """Return what can be made of the input so far."""
        self._in += frames.size
        self._held = np.concatenate((self._held, frames.astype(np.float32)))
        ready = self._held.size - 2 * self._half + 1
        if ready <= 0:
            return np.empty(0, np.int16)
        count = max(0, -(-(ready * self._up - self._next) // self._down))
        steps = self._next + self._down * np.arange(count, dtype=np.int64)
        whole, phase = np.divmod(steps, self._up)
        windows = np.lib.stride_tricks.sliding_window_view(self._held, 2 * self._half)
        made = np.einsum("ij,ij->i", windows[whole], self._table[phase])
        self._next += self._down * count
        passed = min(self._next // self._up, self._held.size)
        self._held = self._held[passed:]
        self._next -= passed * self._up
        self._out += count
        rounded: Frames = np.clip(np.rint(made), -32_768, 32_767).astype(np.int16)
        return rounded

    def flush(self) -> Frames:
        """Return the end, so that all output together lasts as long as all input."""
        want = round(self._in * self._up / self._down) - self._out
        zeros = np.zeros(2 * self._half, np.int16)
        made = self.feed(zeros)
        self._in -= zeros.size
        return made[: max(0, want)]
