"""Biểu đồ: what is drawn is what was measured, and a gap is a gap."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.web.pages.chart import HEIGHT, WIDTH, Point, bars, chart


def point(n: int, low: float, high: float, of: int = 30) -> Point:
    return Point(at=n / of, wide=1 / of, low=low, mean=(low + high) / 2, high=high)


def ys(path: str) -> list[float]:
    return [float(y) for _, y in re.findall(r"([\d.]+) (-?[\d.]+)", path)]


@given(st.lists(st.tuples(st.floats(-200, 400), st.floats(0, 100)), min_size=1, max_size=30))
def test_every_reading_lies_within_the_picture_and_the_scale_holds_it(readings: list[tuple[float, float]]) -> None:
    drawn = chart([point(n, low, low + more) for n, (low, more) in enumerate(readings)], least_span=5)
    assert drawn is not None
    for y in (*ys(drawn.line), *ys(drawn.band)):
        assert -0.1 <= y <= HEIGHT + 0.1
    assert 3 <= len(drawn.ticks) <= 8
    numbers = [float(each.words) for each in drawn.ticks]
    assert min(numbers) <= min(low for low, _ in readings) + 1e-3
    assert max(numbers) >= max(low + more for low, more in readings) - 1e-3


def test_nothing_measured_draws_nothing() -> None:
    assert chart([], least_span=10) is None


def test_a_gap_breaks_the_line_and_is_not_drawn_through() -> None:
    drawn = chart([point(0, 220, 222), point(1, 219, 221), point(20, 218, 230)], least_span=10)
    assert drawn is not None
    assert drawn.line.count("M") == drawn.band.count("Z") == 2


def test_noise_of_a_volt_does_not_look_like_a_storm() -> None:
    drawn = chart([point(n, 220 + n % 2, 220 + n % 2) for n in range(30)], least_span=40)
    assert drawn is not None
    assert max(ys(drawn.line)) - min(ys(drawn.line)) < HEIGHT / 20


def test_a_limit_is_drawn_where_it_lies_in_the_picture_only() -> None:
    drawn = chart([point(0, 190, 250)], least_span=40, limits=(198, 242, 900))
    assert drawn is not None
    assert len(drawn.limits) == 2


def test_a_share_of_nothing_still_shows_that_somebody_looked() -> None:
    none, most = bars([(0, 0.5, 0), (0.5, 0.5, 99.0)], well=95)
    assert none.short
    assert none.height > 0
    assert not most.short
    assert most.x + most.width <= WIDTH


def test_below_what_can_be_there_is_no_scale() -> None:
    quick = [point(n, 0.2, 0.4) for n in range(3)]
    drawn, free = chart(quick, least_span=50, floor=0.0), chart(quick, least_span=50)
    assert drawn is not None
    assert free is not None
    assert min(float(tick.words) for tick in drawn.ticks) == 0
    assert min(float(tick.words) for tick in free.ticks) < 0
    assert all(0 <= y <= HEIGHT for y in ys(drawn.line))
