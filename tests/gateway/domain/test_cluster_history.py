"""Lịch sử cụm loa: adding hours up loses nothing and invents nothing."""

from hypothesis import given
from hypothesis import strategies as st

from devices.model import ClusterId
from gateway.domain.cluster_history import HOUR_MS, Gauge, Hour, added, melted, reading

ONE = ClusterId("kp1-01")
values = st.lists(st.floats(-100, 300), min_size=1, max_size=20)


def hour(n: int, *readings: float, watched_s: float = 3600.0, online_s: float = 3600.0) -> Hour:
    made = Hour(cluster=ONE, start_ms=n * HOUR_MS, watched_s=watched_s, online_s=online_s)
    for value in readings:
        made = added(made, Hour(cluster=ONE, start_ms=n * HOUR_MS, gauges={Gauge.VOLTS: reading(value)}))
    return made


@given(values)
def test_an_hour_knows_the_least_the_most_and_the_mean_of_what_was_read(readings: list[float]) -> None:
    spread = hour(0, *readings).gauges[Gauge.VOLTS]
    assert (spread.n, spread.low, spread.high) == (len(readings), min(readings), max(readings))
    assert spread.low - 1e-6 <= spread.mean <= spread.high + 1e-6


@given(st.lists(values, min_size=1, max_size=12), st.integers(1, 8))
def test_melting_keeps_every_reading_and_every_second(readings: list[list[float]], width: int) -> None:
    hours = [hour(n, *some) for n, some in enumerate(readings)]
    together = melted(hours, since_ms=0, width_ms=width * HOUR_MS)
    assert sum(each.watched_s for each in together) == 3600 * len(hours)
    assert sum(each.gauges[Gauge.VOLTS].n for each in together) == sum(map(len, readings))
    assert len(together) == -(-len(hours) // width)


def test_what_nobody_watched_is_neither_here_nor_away() -> None:
    assert hour(0, watched_s=0, online_s=0).online_percent is None
    assert hour(0, watched_s=1800, online_s=900).online_percent == 50


def test_hours_that_are_missing_leave_a_gap_and_no_zero() -> None:
    found = melted([hour(0, 220), hour(9, 221)], since_ms=0, width_ms=4 * HOUR_MS)
    assert [each.start_ms // HOUR_MS for each in found] == [0, 8]
