"""Lịch sử cụm loa: what every cluster measured, hour by hour, small enough to keep thirty days. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from devices.model import ClusterId

HOUR_MS = 3_600_000
KEPT_MS = 30 * 86_400_000


class Gauge(StrEnum):
    """What is measured."""

    SIGNAL = "signal"
    """dBm."""
    VOLTS = "volts"
    """Of the mains, V."""
    TEMPERATURE = "temperature"
    """Of the board, °C."""
    CLOCK = "clock"
    """How far its clock is from the gateway's, ms; either way."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Some readings of one gauge: how many, and between what."""

    n: int
    total: float
    low: float
    high: float

    @property
    def mean(self) -> float:
        return self.total / self.n

    def with_(self, other: "Spread") -> "Spread":
        """Put two together."""
        return Spread(
            n=self.n + other.n,
            total=self.total + other.total,
            low=min(self.low, other.low),
            high=max(self.high, other.high),
        )


@dataclass(frozen=True, kw_only=True)
class Hour:
    """One hour (or several put together) of one cluster. What is missing of ``watched_s`` nobody could notice."""

    cluster: ClusterId
    start_ms: int
    watched_s: float = 0.0
    online_s: float = 0.0
    battery_s: float = 0.0
    """How long it said that it ran on its battery."""
    boots: int = 0
    """How often it started anew."""
    gauges: Mapping[Gauge, Spread] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def online_percent(self) -> float | None:
        """0..100; ``None`` when nobody watched."""
        return 100 * self.online_s / self.watched_s if self.watched_s else None


def reading(value: float) -> Spread:
    """Return one reading."""
    return Spread(n=1, total=value, low=value, high=value)


def added(one: Hour, other: Hour) -> Hour:
    """Put two parts of one stretch together; the first says where it begins."""
    gauges = dict(one.gauges)
    for gauge, spread in other.gauges.items():
        gauges[gauge] = gauges[gauge].with_(spread) if gauge in gauges else spread
    return replace(
        one,
        watched_s=one.watched_s + other.watched_s,
        online_s=one.online_s + other.online_s,
        battery_s=one.battery_s + other.battery_s,
        boots=one.boots + other.boots,
        gauges=MappingProxyType(gauges),
    )


def melted(hours: Iterable[Hour], *, since_ms: int, width_ms: int) -> list[Hour]:
    """Put hours together into stretches of ``width_ms`` counted from ``since_ms``; empty stretches are left out."""
    found: dict[int, Hour] = {}
    for hour in hours:
        start_ms = since_ms + (hour.start_ms - since_ms) // width_ms * width_ms
        before = found.get(start_ms)
        found[start_ms] = added(before, hour) if before else replace(hour, start_ms=start_ms)
    return [found[start_ms] for start_ms in sorted(found)]
