"""Biểu đồ: numbers over time as SVG paths, made here so that they need no script; the same numbers stand in a table.

A stretch without numbers is a gap in the line: nobody measured, which is neither good nor zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH, HEIGHT = 320.0, 96.0
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, kw_only=True)
class Point:
    """One stretch of time: from when, and between what. ``at`` is 0..1 of the chart's width."""

    at: float
    wide: float
    """0..1 of the chart's width."""
    low: float
    mean: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A line with a number, or a day under it."""

    place: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Everything to draw. ``line``: the means; ``band``: least to most."""

    line: str
    band: str
    ticks: tuple[Tick, ...]
    limits: tuple[float, ...] = ()
    """Where a reading stops being well."""
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of a chart of shares; ``height`` 0..HEIGHT, up from the bottom."""

    x: float
    width: float
    y: float
    height: float
    short: bool


def chart(
    points: Sequence[Point], *, least_span: float, limits: Sequence[float] = (), floor: float = float("-inf")
) -> Chart | None:
    """Draw ``points``, in order. ``least_span``: what the scale covers at least, so that noise looks like noise.

    ``limits`` that lie within the scale are drawn; the scale ends at ``floor``, below which nothing can be. Nothing to
    draw: ``None``.
    """
    if not points:
        return None
    bottom, top, step = _scale(min(each.low for each in points), max(each.high for each in points), least_span)
    bottom = max(bottom, floor)

    def y(value: float) -> float:
        return HEIGHT - (value - bottom) / (top - bottom) * HEIGHT

    line, band = [], []
    for run in _runs(points):
        middle = [((each.at + each.wide / 2) * WIDTH, each) for each in run]
        if len(run) == 1:  # one stretch alone would be a dot nobody sees
            begin, end = run[0].at * WIDTH, (run[0].at + run[0].wide) * WIDTH
            middle = [(begin, run[0]), (end, run[0])]
        line.append("M" + "L".join(f"{x:.1f} {y(each.mean):.1f}" for x, each in middle))
        upper = "L".join(f"{x:.1f} {y(each.high):.1f}" for x, each in middle)
        lower = "L".join(f"{x:.1f} {y(each.low):.1f}" for x, each in reversed(middle))
        band.append(f"M{upper}L{lower}Z")
    ticks, value = [], bottom
    while value <= top + step / 1000:
        ticks.append(Tick(place=y(value), words=f"{value:g}"))
        value += step
    return Chart(
        line="".join(line),
        band="".join(band),
        ticks=tuple(ticks),
        limits=tuple(y(each) for each in limits if bottom < each < top),
    )


def bars(shares: Sequence[tuple[float, float, float]], *, well: float) -> tuple[Bar, ...]:
    """Draw ``(at, wide, percent)``; below ``well`` percent a bar is short of it."""
    return tuple(
        Bar(
            x=at * WIDTH,
            width=max(1.0, wide * WIDTH - 1),
            y=HEIGHT - max(1.5, percent / 100 * HEIGHT),
            height=max(1.5, percent / 100 * HEIGHT),
            short=percent < well,
        )
        for at, wide, percent in shares
    )


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    runs: list[list[Point]] = []
    for each in points:
        if runs and each.at - (runs[-1][-1].at + runs[-1][-1].wide) < each.wide / 2:
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def _scale(low: float, high: float, least_span: float) -> tuple[float, float, float]:
    """Return bottom, top and step: round numbers around what there is."""
    if high - low < least_span:
        middle = (low + high) / 2
        low, high = middle - least_span / 2, middle + least_span / 2
    rough = (high - low) / 3
    size = 10 ** floor(log10(rough))
    step = next(each * size for each in _STEPS if each * size >= rough - size / 1e6)
    return floor(low / step) * step, ceil(high / step) * step, step
