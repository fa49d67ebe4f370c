"""Biểu đồ thiết bị: what nobody measured is empty in line, bars and table, and the page says since when."""

import re
from zoneinfo import ZoneInfo

from devices.model import ClusterId
from gateway.domain.camera_history import Slice
from gateway.domain.cluster_history import HOUR_MS, Gauge, Hour, Spread, reading
from gateway.domain.device import CameraId
from gateway.domain.people import Role
from gateway.web.pages.chart import WIDTH
from gateway.web.pages.device_charts import DAY_MS, History, Window, of_camera, of_cluster
from tests.gateway.web.test_pages import page
from tests.gateway.web.world import World

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOON_MS = 1_791_435_600_000
"""Thursday 8 October 2026, noon in the ward."""
POLE = ClusterId("kp1-01")
MONTH = Window(days=30, until_ms=NOON_MS, zone=ZONE)


def hour(back: int, **changes: object) -> Hour:
    gauges = {
        Gauge.SIGNAL: reading(-70),
        Gauge.VOLTS: reading(221.5),
        Gauge.CLOCK: Spread(n=2, total=3, low=0.9, high=2.1),
    }
    fields = {"watched_s": 3600.0, "online_s": 3600.0, "gauges": gauges, **changes}
    return Hour(cluster=POLE, start_ms=NOON_MS - back * HOUR_MS, **fields)  # type: ignore[arg-type]


def month(*, without: range = range(0), first: int = 720, **changes: object) -> list[Hour]:
    return [hour(back, **changes) for back in range(first, 0, -1) if back not in without]


def drawn(history: History, key: str) -> list[float]:
    """Return where the line of a chart begins and ends anew, 0..1 of its width."""
    (found,) = [each for each in history.drawn if each.key == key]
    assert found.chart is not None
    return [float(x) / WIDTH for x in re.findall(r"M([\d.]+) ", found.chart.line)]


def test_two_days_without_a_gateway_are_empty_in_line_bars_and_table() -> None:
    dark = range(241, 289)
    history = of_cluster(month(without=dark), MONTH)
    assert history.gaps
    assert history.since_ms is None
    assert len(drawn(history, "signal")) == 2, "the line breaks, it does not fall to zero and is not drawn through"
    begin, end = 1 - 288 / 720, 1 - 240 / 720
    bars = history.drawn[0].bars
    assert bars
    assert not [bar for bar in bars if begin < (bar.x + bar.width / 2) / WIDTH < end], "nobody watched: no bar of zero"
    days = [line.when for line in history.lines]
    assert "27/09" not in days
    assert {"26/09", "28/09"} <= set(days)


def test_a_cluster_that_was_away_is_a_red_bar_and_has_no_readings_of_zero() -> None:
    away = range(241, 289)
    hours = [hour(back, online_s=0.0, gauges={}) if back in away else hour(back) for back in range(720, 0, -1)]
    history = of_cluster(hours, MONTH)
    assert not history.gaps, "somebody watched all the time"
    assert len([bar for bar in history.drawn[0].bars if bar.short]) == 48 / 6
    assert len(drawn(history, "volts")) == 2
    (line,) = [line for line in history.lines if line.when == "27/09"]
    assert line.cells == ("0", "–", "–", "–", "–")
    assert next(each for each in history.drawn if each.key == "volts").least == "222", "and none of zero in between"
    assert history.online == "93,3"


def test_what_is_newer_than_the_window_says_since_when_it_is_measured() -> None:
    history = of_cluster(month(first=24 * 9), MONTH)
    assert history.since_ms == NOON_MS - 9 * DAY_MS
    assert not history.gaps
    assert len(drawn(history, "signal")) == 1
    assert drawn(history, "signal")[0] > 0.69


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    (clock,) = [each for each in of_cluster(month(), MONTH).drawn if each.key == "clock"]
    assert (clock.least, clock.mean, clock.most) == ("0,9", "1,5", "2,1")
    english = Window(days=30, until_ms=NOON_MS, zone=ZONE, point=".")
    (clock,) = [each for each in of_cluster(month(), english).drawn if each.key == "clock"]
    assert (clock.least, clock.mean, clock.most) == ("0.9", "1.5", "2.1")
    assert clock.chart is not None
    assert clock.chart.ticks[0].words == "0", "a clock cannot be less than right"
    assert of_cluster(month(online_s=3599.99), MONTH).online == "99,9", "only all is 100"
    assert of_cluster(month(), MONTH).online == "100"


def test_a_camera_that_nobody_asked_has_an_empty_stretch_too() -> None:
    width = 6 * HOUR_MS
    slices = [
        Slice(
            camera=CameraId("cam-1"),
            start_ms=NOON_MS - n * width,
            width_ms=width,
            good_ms=width,
            answered=2,
            answer_ms=9,
        )
        for n in range(60, 0, -1)
        if not 20 < n < 30
    ]
    history = of_camera(slices, MONTH)
    assert history.gaps
    assert history.since_ms == NOON_MS - 60 * width
    assert len(drawn(history, "answer")) == 2
    assert len(history.drawn[0].bars) == len(slices)


async def test_the_page_says_since_when_and_what_the_empty_places_mean(world: World) -> None:
    now_ms = world.clock.now_ms()
    hours = [
        Hour(
            cluster=POLE,
            start_ms=now_ms - back * HOUR_MS,
            watched_s=3600,
            online_s=3600,
            gauges={Gauge.VOLTS: reading(221)},
        )
        for back in (99, 98, 3, 2)
    ]
    await world.store.hours.add(hours, forget_before_ms=0)
    async with world.browser(Role.TECHNICIAN) as technician:
        text = (await page(technician, f"/devices/{POLE}")).text
        assert "Có số đo từ 02:00" in text
        assert "Chỗ trống là lúc không có số đo nào." in text
        assert "Kết nối 100% thời gian được theo dõi." in text
        (volts,) = re.findall(r'class="line" d="([^"]+)"', text)
        assert volts.count("M") == 2
