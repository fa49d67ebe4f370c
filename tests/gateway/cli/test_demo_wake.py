"""Giờ thức của phường mẫu: a minute is enough for twenty poles, two hundred get more."""

from datetime import date, datetime, timedelta

from gateway.cli.demo import wake
from gateway.demo import content

THURSDAY = date(2026, 11, 26)
AIRTIME = datetime.combine(THURSDAY, content.MORNING)


def test_twenty_wake_a_minute_before_and_two_hundred_earlier() -> None:
    assert AIRTIME - wake(THURSDAY, 20) == AIRTIME - wake(THURSDAY, 3) == timedelta(minutes=1)
    assert AIRTIME - wake(THURSDAY, 200) == timedelta(minutes=2, seconds=30)


def test_who_only_waits_for_the_first_airtime_does_not_wait_longer_than_a_slow_machine_needs() -> None:
    assert AIRTIME - wake(THURSDAY, 20, once=True) == timedelta(seconds=45)
    assert wake(THURSDAY, 200, once=True) < wake(THURSDAY, 20, once=True)
