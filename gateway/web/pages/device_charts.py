"""Biểu đồ thiết bị: what a cluster measured and how a camera answered, as charts and as the table beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from devices.clock import instant
from gateway.domain.camera_history import Slice
from gateway.domain.cluster_history import HOUR_MS, Gauge, Hour, Spread, added, melted
from gateway.services.diagnosis import CLOCK_OFF_MS, HIGH_V, LOW_V, WARM_C, WEAK_DBM
from gateway.web.pages.chart import WIDTH, Bar, Chart, Point, Tick, bars, chart

DAY_MS = 24 * HOUR_MS
DAYS = (1, 7, 30)
WELL_PERCENT = 95.0
_WIDTH_MS = {1: HOUR_MS, 7: 2 * HOUR_MS, 30: 6 * HOUR_MS}
_TICK_EVERY = {1: timedelta(hours=6), 7: timedelta(days=1), 30: timedelta(days=6)}
_UNITS = {Gauge.SIGNAL: "dBm", Gauge.VOLTS: "V", Gauge.TEMPERATURE: "°C", Gauge.CLOCK: "ms"}
_LEAST_SPAN = {Gauge.SIGNAL: 20.0, Gauge.VOLTS: 40.0, Gauge.TEMPERATURE: 20.0, Gauge.CLOCK: 20.0}
_LIMITS: dict[Gauge, tuple[float, ...]] = {
    Gauge.SIGNAL: (WEAK_DBM,),
    Gauge.VOLTS: (LOW_V, HIGH_V),
    Gauge.TEMPERATURE: (WARM_C,),
    Gauge.CLOCK: (CLOCK_OFF_MS,),
}

_FLOOR = {gauge: 0.0 if gauge in (Gauge.VOLTS, Gauge.CLOCK) else float("-inf") for gauge in Gauge}
"""Below which nothing can be."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One chart. ``key`` names its words (``chart.KEY``)."""

    key: str
    unit: str
    chart: Chart | None
    bars: tuple[Bar, ...] = ()
    least: str = ""
    mean: str = ""
    most: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table: a day or an hour, and a text for every column; ``–`` where nobody measured."""

    when: str
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class History:
    """Charts and table of one device."""

    days: int
    drawn: tuple[Drawn, ...]
    ticks: tuple[Tick, ...]
    columns: tuple[tuple[str, str], ...]
    """Key and unit of each column of the table."""
    lines: tuple[Line, ...]
    boots: int = 0
    battery_s: float = 0.0
    online: str = ""
    """Percent of the watched time, as people write it; empty when nobody watched."""
    since_ms: int | None = None
    """From when on there is anything, if not from the beginning."""
    gaps: bool = False
    """Whether there are stretches in between of which nothing is known."""

    @property
    def battery(self) -> timedelta:
        return timedelta(seconds=self.battery_s)


@dataclass(frozen=True, kw_only=True)
class Window:
    """Which days are looked at, by whose calendar."""

    days: int
    until_ms: int
    zone: ZoneInfo
    point: str = ","
    """What stands before tenths: a comma in Vietnamese."""

    def said(self, value: float) -> str:
        """Say a reading: two figures are enough."""
        return f"{value:.0f}" if abs(value) >= 10 else f"{value:.1f}".replace(".", self.point)  # noqa: PLR2004

    def share(self, percent: float | None) -> str:
        """Say a share; only all is 100."""
        if percent is None:
            return ""
        told = f"{min(percent, 99.9) if percent < 100 else percent:.1f}"  # noqa: PLR2004
        return told.removesuffix(".0").replace(".", self.point)

    def told(self, known: Sequence[tuple[int, int]]) -> dict[str, Any]:
        """Say from when on something is known, if not from the beginning of the window, and whether it has gaps.

        ``known``: begin and length of every stretch in ms, in order.
        """
        if not known:
            return {}
        begin_ms, wide_ms = known[0]
        late = begin_ms - self.since_ms >= wide_ms
        gaps = any(later > earlier + wide for (earlier, wide), (later, _) in pairwise(known))
        return {"since_ms": begin_ms if late else None, "gaps": gaps}

    @property
    def since_ms(self) -> int:
        return self.until_ms - self.days * DAY_MS

    def at(self, ms: int) -> float:
        """Return where in the picture ``ms`` is, 0..1."""
        return min(1.0, max(0.0, (ms - self.since_ms) / (self.days * DAY_MS)))

    def named(self, ms: int) -> str:
        """Name the line of the table that ``ms`` belongs to."""
        local = instant(ms).astimezone(self.zone)
        return f"{local:%H}:00" if self.days == 1 else f"{local:%d/%m}"

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Days, or hours of one day, under the charts."""
        every = _TICK_EVERY[self.days]
        local = instant(self.until_ms).astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        local += timedelta(days=1)
        found = []
        while (ms := int(local.timestamp() * 1000)) > self.since_ms:
            if ms <= self.until_ms:
                words = f"{local:%H:%M}" if self.days == 1 else f"{local:%d/%m}"
                found.append(Tick(place=self.at(ms) * WIDTH, words=words))
            local -= every
        return tuple(reversed(found))


def of_cluster(hours: Sequence[Hour], window: Window) -> History:
    """Draw what a cluster measured."""
    wide_ms = _WIDTH_MS[window.days]
    since_ms = window.since_ms // HOUR_MS * HOUR_MS
    parts = melted(hours, since_ms=since_ms, width_ms=wide_ms)
    wide = wide_ms / (window.days * DAY_MS)
    shares = [
        (window.at(each.start_ms), wide, each.online_percent) for each in parts if each.online_percent is not None
    ]
    drawn = [Drawn(key="online", unit="%", chart=None, bars=bars(shares, well=WELL_PERCENT))]
    for gauge in Gauge:
        spreads = [(each.start_ms, each.gauges[gauge]) for each in parts if gauge in each.gauges]
        points = [_point(window, start_ms, wide, spread) for start_ms, spread in spreads]
        least, mean, most = _three(_sum(spread for _, spread in spreads), window)
        drawn.append(
            Drawn(
                key=gauge.value,
                unit=_UNITS[gauge],
                chart=chart(points, least_span=_LEAST_SPAN[gauge], limits=_LIMITS[gauge], floor=_FLOOR[gauge]),
                least=least,
                mean=mean,
                most=most,
            )
        )
    whole = _whole(hours)
    return History(
        days=window.days,
        drawn=tuple(drawn),
        ticks=window.ticks,
        columns=(("online", "%"), *((gauge.value, _UNITS[gauge]) for gauge in Gauge)),
        lines=tuple(_lines(hours, window)),
        boots=whole.boots if whole else 0,
        battery_s=whole.battery_s if whole else 0.0,
        online=window.share(whole.online_percent if whole else None),
        **window.told([(each.start_ms, HOUR_MS) for each in hours if each.watched_s]),
    )


def of_camera(slices: Sequence[Slice], window: Window) -> History:
    """Draw how a camera did: pictures, and how long its answers took."""
    wide_ms = _WIDTH_MS[window.days]
    wide = wide_ms / (window.days * DAY_MS)
    parts: dict[int, list[Slice]] = {}
    days: dict[str, list[Slice]] = {}
    for each in slices:
        start_ms = window.since_ms + (each.start_ms - window.since_ms) // wide_ms * wide_ms
        parts.setdefault(start_ms, []).append(each)
        days.setdefault(window.named(each.start_ms), []).append(each)
    shares, points = [], []
    for start_ms, some in sorted(parts.items()):
        good, answer = _good(some), _answer(some)
        if good is not None:
            shares.append((window.at(start_ms), wide, good))
        if answer is not None:
            points.append(_point(window, start_ms, wide, answer))
    least, mean, most = _three(_answer(slices), window)
    answers = Drawn(
        key="answer",
        unit="ms",
        chart=chart(points, least_span=50.0, floor=0.0),
        least=least,
        mean=mean,
        most=most,
    )
    lines = []
    for name, some in days.items():
        answer = _answer(some)
        lines.append(Line(when=name, cells=(_share(_good(some)), window.said(answer.mean) if answer else "–")))
    return History(
        days=window.days,
        drawn=(Drawn(key="picture", unit="%", chart=None, bars=bars(shares, well=WELL_PERCENT)), answers),
        ticks=window.ticks,
        columns=(("picture", "%"), ("answer", "ms")),
        lines=tuple(lines),
        online=window.share(_good(slices)),
        **window.told([(each.start_ms, each.width_ms) for each in slices if each.known_ms]),
    )


def _lines(hours: Iterable[Hour], window: Window) -> list[Line]:
    days: dict[str, Hour] = {}
    for hour in hours:
        name = window.named(hour.start_ms)
        days[name] = added(days[name], hour) if name in days else hour
    return [
        Line(
            when=name,
            cells=(
                _share(day.online_percent),
                *(_range(day.gauges[gauge], window) if gauge in day.gauges else "–" for gauge in Gauge),
            ),
        )
        for name, day in days.items()
    ]


def _whole(hours: Sequence[Hour]) -> Hour | None:
    whole = None
    for hour in hours:
        whole = replace(hour) if whole is None else added(whole, hour)
    return whole


def _point(window: Window, start_ms: int, wide: float, spread: Spread) -> Point:
    return Point(at=window.at(start_ms), wide=wide, low=spread.low, mean=spread.mean, high=spread.high)


def _sum(spreads: Iterable[Spread]) -> Spread | None:
    total = None
    for spread in spreads:
        total = spread if total is None else total.with_(spread)
    return total


def _good(slices: Iterable[Slice]) -> float | None:
    some = list(slices)
    known = sum(each.known_ms for each in some)
    return 100 * sum(each.good_ms for each in some) / known if known else None


def _answer(slices: Iterable[Slice]) -> Spread | None:
    means = [
        Spread(n=each.answered, total=each.answer_ms, low=mean, high=mean)
        for each in slices
        if (mean := each.mean_answer_ms) is not None
    ]
    return _sum(means)


def _range(spread: Spread, window: Window) -> str:
    low, high = window.said(spread.low), window.said(spread.high)
    return low if low == high else f"{low} … {high}"


def _three(total: Spread | None, window: Window) -> tuple[str, str, str]:
    if total is None:
        return "", "", ""
    return window.said(total.low), window.said(total.mean), window.said(total.high)


def _share(percent: float | None) -> str:
    return "–" if percent is None else f"{percent:.0f}"
