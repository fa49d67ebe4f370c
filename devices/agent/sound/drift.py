"""Keep in step with the clock: a sample more or less now and then, and a jump only when far off.

Figures of the contract (D4): at most 500 ppm by single samples; more than 50 ms is a jump.
"""

from collections.abc import Callable

import numpy as np

from devices.agent.ports import Frames

MAX_PPM = 500.0
JUMP_NS = 50_000_000
DEADBAND_NS = 200_000
"""Nobody hears 0.2 ms between poles (7 cm of air), and timestamps of real cards jitter by less."""

Pace = Callable[[int], int]
"""From nanoseconds after the start of the sound to the monotonic instant at which that frame should be heard."""

StartPace = Callable[[int], Pace]
"""Makes the pace of a sound that starts at a monotonic instant."""


def free_running(start_mono_ns: int) -> Pace:
    """Return the pace of the board's own monotonic clock, trusted as it is."""
    return lambda elapsed_ns: start_mono_ns + elapsed_ns


class Corrector:
    """Decides how many samples a block gets more (late is negative: fewer), within the budget of 500 ppm."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._budget = 0.0

    def change(self, frames: int, error_ns: int) -> int:
        """Return the samples to insert (positive) or drop (negative); ``error_ns`` > 0 means late."""
        if abs(error_ns) <= DEADBAND_NS:
            self._budget = 0.0
            return 0
        self._budget += frames * MAX_PPM * 1e-6
        wanted = abs(error_ns) * self._rate / 1e9
        count = int(min(self._budget, wanted))
        self._budget -= count
        return -count if error_ns > 0 else count


def stretched(frames: Frames, change: int) -> Frames:
    """Return ``frames`` with ``change`` samples more, or fewer when negative, each where the wave is flattest."""
    count = min(abs(change), frames.size // 2)
    if count == 0:
        return frames
    steps = np.abs(np.diff(frames.astype(np.int32)))
    width = steps.size // count
    at = np.array([part * width + int(np.argmin(steps[part * width : (part + 1) * width])) for part in range(count)])
    if change < 0:
        return np.delete(frames, at)
    return np.insert(frames, at, frames[at])
