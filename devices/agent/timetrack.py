"""One source of true time, followed on the monotonic clock: offset and drift from its best samples.

Samples of a busy network are late by chance and never early, so the quickest ones are nearest to the truth. Old ones
are worth less, by as much as the crystal may have drifted since; once the drift itself is known they are worth more.
"""

from collections import deque
from dataclasses import dataclass

WINDOW = 60
UNKNOWN_DRIFT = 100e-6
"""What a board's crystal may be off (8 s a day) as long as nobody has measured it."""
_STEADY_DRIFT = 2e-6
"""What a measured drift may change by with the temperature."""
_MIN_SPAN_NS = 60_000_000_000
_ALIKE = 1.5
"""Samples up to this much worse than the best are averaged with it."""
_STEP_NS = 128_000_000
"""Further off than this (NTP's own limit) is a step, not noise..."""
_STEP_SPAN_NS = 60_000_000_000
_SOLVE_EVERY_NS = 1_000_000_000
_FORGET_NS = 24 * 3_600 * 1_000_000_000
"""A source that was gone for a day begins anew."""
_STEP_COUNT = 3
"""...and believed when it has lasted a minute."""


@dataclass(frozen=True)
class Sample:
    """At ``mono_ns`` true time minus monotonic time was ``offset_ns``, give or take ``radius_ns``."""

    mono_ns: int
    offset_ns: int
    radius_ns: int


@dataclass(frozen=True)
class Estimate:
    """True time minus monotonic time, as a line through ``mono_ns``."""

    mono_ns: int
    offset_ns: float
    drift: float
    """True seconds gained on the monotonic clock each second."""
    radius_ns: float
    spread: float
    """How much ``drift`` may be wrong."""

    def offset_at(self, mono_ns: int) -> float:
        return self.offset_ns + self.drift * (mono_ns - self.mono_ns)

    def radius_at(self, mono_ns: int) -> float:
        return self.radius_ns + self.spread * abs(mono_ns - self.mono_ns)


class Track:
    """The last samples of one source. A source that steps is asked to say so for a minute."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=WINDOW)
        self._suspects: deque[Sample] = deque(maxlen=WINDOW)
        self._estimate: Estimate | None = None

    @property
    def newest_ns(self) -> int | None:
        """When the last believed sample was taken."""
        return self._samples[-1].mono_ns if self._samples else None

    @property
    def stepping(self) -> bool:
        """The latest samples are far from what went before, and not believed yet."""
        return bool(self._suspects)

    def add(self, sample: Sample) -> None:
        if self._samples and sample.mono_ns - self._samples[-1].mono_ns > _FORGET_NS:
            self._samples.clear()
            self._estimate = None
        if self._estimate is not None:
            gap = abs(sample.offset_ns - self._estimate.offset_at(sample.mono_ns))
            if gap > _STEP_NS + sample.radius_ns + self._estimate.radius_at(sample.mono_ns):
                self._suspect(sample)
                return
        self._suspects.clear()
        self._samples.append(sample)
        # In a burst of samples each one changes little, and a thousand poles may share this processor.
        old = self._estimate
        if old is None or len(self._samples) < WINDOW // 10 or sample.mono_ns - old.mono_ns >= _SOLVE_EVERY_NS:
            self._estimate = _solved(tuple(self._samples))

    def _suspect(self, sample: Sample) -> None:
        first = self._suspects[0] if self._suspects else sample
        drifted = UNKNOWN_DRIFT * (sample.mono_ns - first.mono_ns)
        if abs(sample.offset_ns - first.offset_ns) > _STEP_NS + sample.radius_ns + first.radius_ns + drifted:
            self._suspects.clear()
        self._suspects.append(sample)
        lasted = sample.mono_ns - self._suspects[0].mono_ns
        if len(self._suspects) >= _STEP_COUNT and lasted >= _STEP_SPAN_NS:
            self._samples = self._suspects
            self._suspects = deque(maxlen=WINDOW)
            self._estimate = _solved(tuple(self._samples))

    def clear(self) -> None:
        """Forget the samples under suspicion: the source itself says it does not know."""
        self._suspects.clear()

    @property
    def estimate(self) -> Estimate | None:
        return self._estimate


def _solved(samples: tuple[Sample, ...]) -> Estimate:
    now = samples[-1].mono_ns
    drift, spread = _drift(samples)
    # A tenth of the window, the best by quickness and age; each carried to now along the drift.
    worth = sorted((s.radius_ns + spread * (now - s.mono_ns), n) for n, s in enumerate(samples))
    tenth = worth[: max(1, len(worth) // 10)]
    best = [samples[n] for radius, n in tenth if radius <= _ALIKE * tenth[0][0]]
    offset = sum(s.offset_ns - best[0].offset_ns + drift * (now - s.mono_ns) for s in best) / len(best)
    return Estimate(now, best[0].offset_ns + offset, drift, tenth[0][0], spread)


def _drift(samples: tuple[Sample, ...]) -> tuple[float, float]:
    """Fit a line through the quicker half; ``(0, UNKNOWN_DRIFT)`` until that says more than nothing."""
    limit = sorted(s.radius_ns for s in samples)[len(samples) // 2]
    half = [s for s in samples if s.radius_ns <= limit]
    if len(half) <= 2 or half[-1].mono_ns - half[0].mono_ns < _MIN_SPAN_NS:  # noqa: PLR2004 - two points are no line
        return 0.0, UNKNOWN_DRIFT
    origin_t, origin_o = half[0].mono_ns, half[0].offset_ns
    t = [float(s.mono_ns - origin_t) for s in half]
    o = [float(s.offset_ns - origin_o) for s in half]
    mean_t, mean_o = sum(t) / len(t), sum(o) / len(o)
    around = sum((x - mean_t) ** 2 for x in t)
    slope = sum((x - mean_t) * (y - mean_o) for x, y in zip(t, o, strict=True)) / around
    residue = sum((y - mean_o - slope * (x - mean_t)) ** 2 for x, y in zip(t, o, strict=True))
    error = (residue / (len(t) - 2) / around) ** 0.5 + _STEADY_DRIFT
    if abs(slope) > 5 * UNKNOWN_DRIFT or error > UNKNOWN_DRIFT / 3:
        return 0.0, UNKNOWN_DRIFT
    return slope, error
