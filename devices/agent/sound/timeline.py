"""When each frame is heard, on an output that is paced by a clock instead of by a crystal of its own.

Behind the null sink, the file sink and the simulated card. Nothing runs in the background: everything is computed
when somebody asks.
"""

from collections import deque

from devices.agent.ports import Frames, Position
from devices.clock import Clock

_NS = 1_000_000_000


class Timeline:
    """Frames in, instants out. ``ppm``: how much faster than nominal this output consumes frames."""

    def __init__(self, clock: Clock, rate: int, *, buffer_ms: int, latency_ms: float = 0.0, ppm: float = 0.0) -> None:
        self._clock = clock
        self._ns_per_frame = _NS / (rate * (1 + ppm * 1e-6))
        self._buffer = rate * buffer_ms // 1000
        self._latency_ns = round(latency_ms * 1e6)
        self._accepted = 0
        self._base_frame = 0
        self._base_ns: int | None = None
        self.underruns = 0

    def position(self) -> Position:
        """Tell when the next frame put will be heard, if put now."""
        end = self._end_ns()
        now = self._clock.mono_ns()
        return Position(self._accepted, end if end is not None and end >= now else now + self._latency_ns)

    def put(self, frames: int) -> int:
        """Accept ``frames`` and return the instant (monotonic ns) at which the first of them is heard."""
        end = self._end_ns()
        start = self.position().mono_ns
        if end != start:
            if end is not None:
                self.underruns += 1
            self._base_frame, self._base_ns = self._accepted, start
        self._accepted += frames
        return start

    def stall(self, milliseconds: float) -> None:
        """Be late from here on: the queue ran dry and it took this long to go on."""
        self._base_frame, self._base_ns = self._accepted, self.position().mono_ns + round(milliseconds * 1e6)
        self.underruns += 1

    @property
    def queued(self) -> int:
        """Frames accepted and not yet wholly heard."""
        end = self._end_ns()
        if end is None:
            return 0
        ahead = (end - self._clock.mono_ns()) / self._ns_per_frame
        return max(0, min(self._accepted - self._base_frame, round(ahead)))

    @property
    def room(self) -> int:
        return self._buffer - self.queued

    def wait_s(self, frames: int) -> float:
        """Return how long until ``frames`` (or the whole buffer, if that is less) fit."""
        return max(0, min(frames, self._buffer) - self.room) * self._ns_per_frame / _NS

    def drop(self) -> int:
        """Forget what is queued; return how many frames that was. What follows starts anew: that is no underrun."""
        dropped = self.queued
        self._accepted -= dropped
        self._base_ns = None
        return dropped

    def rest(self) -> None:
        """Stop after what is queued: the silence that follows is meant, and no underrun."""
        if self.queued == 0:
            self._base_ns = None

    def _end_ns(self) -> int | None:
        if self._base_ns is None:
            return None
        return self._base_ns + round((self._accepted - self._base_frame) * self._ns_per_frame)


class Tape:
    """Blocks on their way to the loudspeaker, each with its instant; what is cut from the end was never heard."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[int, Frames]] = deque()
        self._ends: deque[int] = deque()

    def put(self, start_ns: int, end_ns: int, frames: Frames) -> None:
        self._blocks.append((start_ns, frames))
        self._ends.append(end_ns)

    def cut(self, frames: int) -> None:
        """Take the last ``frames`` away."""
        while frames > 0 and self._blocks:
            start, last = self._blocks.pop()
            end = self._ends.pop()
            if last.size > frames:
                kept = last[: last.size - frames]
                self.put(start, start + (end - start) * kept.size // last.size, kept)
            frames -= last.size

    def at(self, now_ns: int) -> Frames | None:
        """Return what is heard from ``now_ns`` to the end of its block, if anything is."""
        for (start, frames), end in zip(self._blocks, self._ends, strict=True):
            if start <= now_ns < end:
                return frames[frames.size * (now_ns - start) // (end - start) :]
        return None

    def take(self, now_ns: int | None = None) -> list[tuple[int, Frames]]:
        """Take the blocks wholly heard by ``now_ns``; all of them without it."""
        heard: list[tuple[int, Frames]] = []
        while self._blocks and (now_ns is None or self._ends[0] <= now_ns):
            heard.append(self._blocks.popleft())
            self._ends.popleft()
        return heard
