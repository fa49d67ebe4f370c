"""Chọn giờ phát: the ward's usual hours, what is free, and a bulletin's own wish."""

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from devices.model import Priority
from gateway.domain.airtime import USUAL_TIMES, USUAL_WEEKDAYS, Usual, Wish, free_slots, usual
from gateway.domain.errors import BadInput
from gateway.domain.ids import BulletinId
from gateway.domain.plan import Broadcast, Ward, forecast
from gateway.domain.rule import Once, Weekly
from gateway.domain.schedule import Schedule
from gateway.domain.targets import EVERYWHERE
from tests.gateway.domain import builders as make

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WEDNESDAY = datetime(2026, 10, 7, 20, 0, tzinfo=ZONE)
THU_SAT = Usual(weekdays=USUAL_WEEKDAYS, times=USUAL_TIMES)
EVERYONE = frozenset(make.registry().clusters)
RULES = make.rules()


def slots(coming: list[Broadcast], *, now: datetime = WEDNESDAY, minutes: int = 2, at_most: int = 4) -> list[str]:
    found = free_slots(
        THU_SAT,
        coming,
        RULES,
        clusters=EVERYONE,
        duration_ms=minutes * 60_000,
        priority=Priority.ROUTINE,
        now=now,
        at_most=at_most,
    )
    return [f"{each.start:%d %H:%M}{' ' + each.behind if each.behind else ''}" for each in found]


def test_thursday_and_saturday_come_first_and_what_is_too_soon_is_not_offered() -> None:
    assert slots([]) == ["08 05:30", "08 17:30", "10 05:30", "10 17:30"]
    assert slots([], now=datetime(2026, 10, 8, 5, 27, tzinfo=ZONE))[0] == "08 17:30"


def test_a_taken_minute_moves_the_offer_right_behind_it_and_says_behind_what() -> None:
    there = Ward(
        schedules=(make.schedule(times=(make.MORNING,)),),
        programmes={make.programme().id: make.programme()},
        bulletins={make.approved().id: make.approved()},
        recordings=make.RECORDINGS,
        registry=make.registry(),
        rules=RULES,
    )
    news = forecast(there, WEDNESDAY, datetime(2026, 10, 11, tzinfo=ZONE))
    assert [f"{each.local_start:%d %H:%M}" for each in news] == ["08 05:30", "10 05:30"]
    assert slots(news)[:2] == ["08 05:36 Bản tin phường", "08 17:30"]
    assert slots([replace(each, clusters=frozenset()) for each in news])[0] == "08 05:30"


def test_what_the_rules_refuse_by_its_hour_is_not_offered() -> None:
    at_night = Usual(weekdays=USUAL_WEEKDAYS, times=(time(3, 15), time(5, 30)))
    found = free_slots(
        at_night,
        [],
        RULES,
        clusters=EVERYONE,
        duration_ms=60_000,
        priority=Priority.ROUTINE,
        now=WEDNESDAY,
        at_most=4,
    )
    assert found
    assert {each.start.time() for each in found} == {time(5, 30)}


def test_a_ward_is_offered_its_own_hours_and_a_busy_one_thursday_and_saturday() -> None:
    def weekly(*weekdays: int) -> Schedule:
        return make.schedule(rule=Weekly(weekdays=frozenset(weekdays), first=date(2026, 10, 1)), times=(time(6, 15),))

    assert usual([weekly(0)], RULES) == Usual(weekdays=frozenset({0}), times=(time(6, 15),))
    assert usual([weekly(*range(7))], RULES).weekdays == USUAL_WEEKDAYS
    assert usual([replace(weekly(0), enabled=False)], RULES) == THU_SAT
    closed = replace(RULES, weekdays=frozenset({1}))
    assert usual([], closed).weekdays == {1}


def test_one_play_is_one_date_several_are_the_usual_days_and_none_is_every_week() -> None:
    def rule(plays: int | None) -> object:
        wish = Wish(bulletin=BulletinId("bt-1"), day=date(2026, 10, 9), at=time(8, 0), targets=EVERYWHERE, plays=plays)
        return wish.schedule(make.approved(), THU_SAT, zone="Asia/Ho_Chi_Minh").rule

    assert rule(1) == Once(day=date(2026, 10, 9))
    assert rule(3) == Weekly(weekdays=frozenset({3, 4, 5}), first=date(2026, 10, 9))
    assert rule(None) == Weekly(weekdays=frozenset({4}), first=date(2026, 10, 9))


@pytest.mark.parametrize(
    "change", [{"plays": 0}, {"plays": 21}, {"at": time(5, 30, 1)}, {"bulletin": BulletinId("Có dấu")}]
)
def test_a_wish_nobody_can_mean_is_refused(change: dict[str, object]) -> None:
    fields: dict[str, object] = {
        "bulletin": BulletinId("bt-1"),
        "day": date(2026, 10, 8),
        "at": time(5, 30),
        "targets": EVERYWHERE,
    }
    with pytest.raises(BadInput):
        Wish(**{**fields, **change})  # type: ignore[arg-type]
