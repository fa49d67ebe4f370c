"""Lịch phát: the hour on the wall, in every zone and year, exactly once."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model import Priority
from gateway.domain.errors import BadInput
from gateway.domain.ids import ProgrammeId
from gateway.domain.rule import Daily, MonthlyByDay, MonthlyByWeekday, Once, Weekly
from gateway.domain.schedule import (
    HolidayMode,
    HolidayPolicy,
    Late,
    Occurrence,
    Schedule,
    expand,
    next_airtimes,
    occurrences,
)
from gateway.domain.targets import Targets
from tests.gateway.domain.builders import EVENING, MORNING, SATURDAY, THURSDAY, changed, schedule

EIGHT_ZONES = [
    "Asia/Ho_Chi_Minh",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # moves its clocks by half an hour
    "America/Santiago",  # southern, at midnight
    "Africa/Casablanca",  # moves them around Ramadan
    "Asia/Kathmandu",  # +05:45
    "Pacific/Auckland",
]
WIDE_ZONES = {
    "Asia/Ho_Chi_Minh": 7,
    "Asia/Shanghai": 8,
    "Asia/Tokyo": 9,
    "Australia/Brisbane": 10,
    "Pacific/Noumea": 11,
    "Pacific/Fiji": 12,
    "Pacific/Tongatapu": 13,
    "Pacific/Kiritimati": 14,
    "Pacific/Honolulu": -10,
}
TWO_THIRTY = (time(2, 30),)
FAR = (datetime(2025, 12, 1, tzinfo=UTC), datetime(2029, 2, 1, tzinfo=UTC))


def daily(first: date, last: date, zone: str, times: tuple[time, ...]) -> Schedule:
    return schedule(rule=Daily(first=first, last=last), zone=zone, times=times)


def walls(found: list[Occurrence]) -> list[str]:
    return [f"{o.local_start:%a %Y-%m-%d %H:%M}" for o in found]


@pytest.mark.parametrize("zone", EIGHT_ZONES)
def test_thursday_and_saturday_0530_and_1730_hold_for_three_years(zone: str) -> None:
    first, last = date(2026, 1, 1), date(2028, 12, 31)
    weekly = Weekly(weekdays=frozenset({THURSDAY, SATURDAY}), first=first, last=last)
    found = occurrences(schedule(rule=weekly, zone=zone), *FAR)

    assert {o.local_start.time() for o in found} == {MORNING, EVENING}
    assert {o.local_start.weekday() for o in found} == {THURSDAY, SATURDAY}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    wanted = [day for day in days if day.weekday() in (THURSDAY, SATURDAY)]
    assert [(o.local_start.date(), o.local_start.time()) for o in found] == [
        (day, at) for day in wanted for at in (MORNING, EVENING)
    ]
    assert [o.start for o in found] == sorted(o.start for o in found)
    assert all(o.start.utcoffset() == timedelta(0) for o in found)
    # Independently of our own arithmetic: the UTC instant read in the zone is the wall clock wanted.
    assert all(o.start.astimezone(ZoneInfo(zone)).strftime("%H:%M") in ("05:30", "17:30") for o in found)


@pytest.mark.parametrize(("zone", "hours"), WIDE_ZONES.items())
def test_thursday_stays_thursday_far_from_greenwich(zone: str, hours: int) -> None:
    weekly = Weekly(weekdays=frozenset({THURSDAY}), first=date(2026, 10, 1))
    span = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC)
    (found,) = occurrences(schedule(rule=weekly, zone=zone, times=(MORNING,)), *span)
    assert found.local_start.isoformat() == f"2026-10-08T05:30:00{hours:+03d}:00"
    assert found.local_start.strftime("%a") == "Thu"
    assert found.start == datetime(2026, 10, 8, 5, 30, tzinfo=UTC) - timedelta(hours=hours)
    assert found.id == f"lich-1@2026-10-08T05:30:00{hours:+03d}:00"


def test_thursday_0530_in_vietnam_is_wednesday_in_utc_and_still_thursday_on_the_page() -> None:
    span = datetime(2026, 10, 7, 22, 30, tzinfo=UTC), datetime(2026, 10, 7, 22, 31, tzinfo=UTC)
    (found,) = occurrences(schedule(), *span)
    assert found.start.strftime("%a") == "Wed"
    assert walls([found]) == ["Thu 2026-10-08 05:30"]


def test_in_a_gap_it_plays_once_at_the_first_instant_after_it() -> None:
    rule = daily(date(2026, 3, 28), date(2026, 3, 30), "Europe/Berlin", TWO_THIRTY)
    found = occurrences(rule, *FAR)
    assert walls(found) == ["Sat 2026-03-28 02:30", "Sun 2026-03-29 03:00", "Mon 2026-03-30 02:30"]
    assert found[1].start == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_two_times_inside_one_gap_are_one_play() -> None:
    times = (time(2, 0), time(2, 30), time(3, 0))
    found = occurrences(daily(date(2026, 3, 29), date(2026, 3, 29), "Europe/Berlin", times), *FAR)
    assert walls(found) == ["Sun 2026-03-29 03:00"]


def test_in_a_fold_it_plays_once_on_the_first_pass() -> None:
    rule = daily(date(2026, 10, 24), date(2026, 10, 26), "Europe/Berlin", TWO_THIRTY)
    found = occurrences(rule, *FAR)
    assert walls(found) == ["Sat 2026-10-24 02:30", "Sun 2026-10-25 02:30", "Mon 2026-10-26 02:30"]
    assert found[1].start == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # +02:00, the first of the two


def test_a_gap_of_half_an_hour_and_one_at_midnight_are_understood() -> None:
    lord_howe = daily(date(2026, 10, 4), date(2026, 10, 4), "Australia/Lord_Howe", (time(2, 15),))
    assert walls(occurrences(lord_howe, *FAR)) == ["Sun 2026-10-04 02:30"]
    santiago = daily(date(2026, 9, 6), date(2026, 9, 6), "America/Santiago", (time(0, 10),))
    assert walls(occurrences(santiago, *FAR)) == ["Sun 2026-09-06 01:00"]


def test_a_day_that_does_not_exist_has_no_airtime() -> None:
    samoa = daily(date(2011, 12, 29), date(2011, 12, 31), "Pacific/Apia", (MORNING,))
    found = occurrences(samoa, datetime(2011, 12, 1, tzinfo=UTC), datetime(2012, 1, 10, tzinfo=UTC))
    assert walls(found) == ["Thu 2011-12-29 05:30", "Sat 2011-12-31 05:30"]


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from([*EIGHT_ZONES, *WIDE_ZONES, "Africa/Cairo", "Europe/London", "America/Nuuk"]),
    at=st.times().map(lambda t: t.replace(microsecond=0, tzinfo=None, fold=0)),
    first=st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    days=st.integers(0, 400),
)
def test_there_is_exactly_one_airtime_per_local_date(zone: str, at: time, first: date, days: int) -> None:
    last = first + timedelta(days=days)
    rule = daily(first, last, zone, (at,))
    span = (
        datetime.combine(first, time(), UTC) - timedelta(days=2),
        datetime.combine(last, time(), UTC) + timedelta(days=3),
    )
    found = occurrences(rule, *span)
    assert [o.day for o in found] == [first + timedelta(days=n) for n in range(days + 1)]
    # Only where a gap swallows the last hour of a day (Nuuk) is the first instant after it the next midnight.
    strays = [o for o in found if o.local_start.date() != o.day]
    midnights = [datetime.combine(o.day + timedelta(days=1), time()) for o in strays]
    assert [o.local_start.replace(tzinfo=None) for o in strays] == midnights
    assert not strays or (zone == "America/Nuuk" and at >= time(23) and len(strays) <= 2)
    assert len({o.id for o in found}) == len(found)
    assert all(a.start < b.start for a, b in pairwise(found))


@settings(max_examples=50, deadline=None)
@given(cuts=st.lists(st.integers(0, 60 * 24 * 40), max_size=6), zone=st.sampled_from(EIGHT_ZONES))
def test_windows_laid_end_to_end_give_every_airtime_once(cuts: list[int], zone: str) -> None:
    begin = datetime(2026, 3, 10, tzinfo=UTC)
    end = begin + timedelta(days=40)
    edges = sorted({begin, end, *(begin + timedelta(minutes=cut) for cut in cuts)})
    rule = schedule(zone=zone, times=(time(2, 30), MORNING, time(23, 50)))
    pieces = [o for a, b in pairwise(edges) for o in occurrences(rule, a, b)]
    assert pieces == occurrences(rule, begin, end)


def test_an_airtime_due_this_very_instant_is_due_and_one_a_millisecond_ago_is_not() -> None:
    due = datetime(2026, 10, 7, 22, 30, tzinfo=UTC)
    tick = timedelta(milliseconds=1)
    assert len(occurrences(schedule(), due, due + tick)) == 1
    assert len(occurrences(schedule(), due - tick, due)) == 0
    assert len(occurrences(schedule(), due - tick, due + tick)) == 1
    assert len(occurrences(schedule(), due + tick, due + 2 * tick)) == 0
    assert occurrences(schedule(), due, due) == []


def test_an_airtime_before_midnight_belongs_to_its_own_date() -> None:
    late = schedule(rule=Once(day=date(2026, 10, 8)), times=(time(23, 50),))
    (found,) = occurrences(late, *FAR)
    assert found.day == date(2026, 10, 8)
    assert found.id == "lich-1@2026-10-08T23:50:00+07:00"
    midnight = datetime(2026, 10, 8, 17, tzinfo=UTC)
    before = occurrences(late, midnight - timedelta(days=1), midnight)
    assert before == [found]
    assert occurrences(late, midnight, midnight + timedelta(days=1)) == []


def test_once_daily_and_monthly_rules_fall_on_their_dates() -> None:
    def dates(rule: object) -> list[str]:
        return [f"{o.day:%m-%d}" for o in occurrences(schedule(rule=rule, times=(MORNING,)), *spring)]

    spring = datetime(2025, 12, 31, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    first = date(2026, 1, 1)
    assert dates(Once(day=date(2026, 2, 3))) == ["02-03"]
    assert dates(Daily(first=date(2026, 1, 30), last=date(2026, 2, 2))) == ["01-30", "01-31", "02-01", "02-02"]
    assert dates(Daily(first=first, last=date(2026, 1, 9), interval=3)) == ["01-01", "01-04", "01-07"]
    assert dates(MonthlyByDay(days_of_month=frozenset({31}), first=first)) == ["01-31", "03-31"]
    assert dates(MonthlyByDay(days_of_month=frozenset({-1}), first=first)) == ["01-31", "02-28", "03-31", "04-30"]
    assert dates(MonthlyByWeekday(nth=1, weekday=SATURDAY, first=first)) == ["01-03", "02-07", "03-07", "04-04"]
    assert dates(MonthlyByWeekday(nth=-1, weekday=0, first=first)) == ["01-26", "02-23", "03-30", "04-27"]


def test_every_other_thursday_keeps_its_beat_wherever_the_window_begins() -> None:
    rule = Weekly(weekdays=frozenset({THURSDAY}), first=date(2026, 1, 7), interval=2)  # a Wednesday
    fortnights = schedule(rule=rule, times=(MORNING,))
    whole = [o.day for o in occurrences(fortnights, *FAR)]
    assert whole[:3] == [date(2026, 1, 8), date(2026, 1, 22), date(2026, 2, 5)]
    assert {(b - a).days for a, b in pairwise(whole)} == {14}
    for start in range(20):
        begin = datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")) + timedelta(days=start)
        some = [o.day for o in occurrences(fortnights, begin, begin + timedelta(days=30))]
        assert some == [day for day in whole if begin.date() <= day <= (begin + timedelta(days=29)).date()]


def test_exceptions_are_left_out_and_extra_dates_put_in() -> None:
    rule = schedule(
        times=(MORNING,), exceptions=frozenset({date(2026, 10, 8)}), extra_dates=frozenset({date(2026, 10, 9)})
    )
    week = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC)
    assert walls(occurrences(rule, *week)) == ["Fri 2026-10-09 05:30", "Sat 2026-10-10 05:30"]


def test_tet_is_skipped_and_shown_as_skipped() -> None:
    tet = datetime(2026, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    rule = schedule(times=(MORNING,), holidays=HolidayPolicy(mode=HolidayMode.SKIP))
    # Mùng một 2026 is Tuesday 17 February; Thursday 19 is mùng ba.
    assert walls(occurrences(rule, *tet)) == [
        "Thu 2026-02-12 05:30",
        "Sat 2026-02-14 05:30",
        "Sat 2026-02-21 05:30",
        "Thu 2026-02-26 05:30",
        "Sat 2026-02-28 05:30",
    ]
    (skipped,) = [o for o in expand(rule, *tet) if o.skipped]
    assert skipped.day == date(2026, 2, 19)
    assert skipped.holiday == "Mùng ba Tết Nguyên Đán"


@pytest.mark.parametrize("year", [2025, 2026, 2027, 2028])
def test_tet_is_known_for_years_ahead_and_new_years_day_is_not_tet(year: int) -> None:
    rule = daily(date(year, 1, 1), date(year, 3, 15), "Asia/Ho_Chi_Minh", (MORNING,))
    rule = changed(rule, holidays=HolidayPolicy(mode=HolidayMode.SKIP, tet_only=True))
    span = datetime(year - 1, 12, 31, tzinfo=UTC), datetime(year, 3, 20, tzinfo=UTC)
    skipped = [o.day for o in expand(rule, *span) if o.skipped]
    first_of_year = {2025: date(2025, 1, 29), 2026: date(2026, 2, 17), 2027: date(2027, 2, 6), 2028: date(2028, 1, 26)}
    assert first_of_year[year] in skipped
    assert 4 <= len(skipped) <= 9
    assert date(year, 1, 1) not in skipped


def test_a_holiday_may_bring_another_programme() -> None:
    instead = HolidayPolicy(mode=HolidayMode.REPLACE, programme=ProgrammeId("chuc-tet"))
    rule = schedule(times=(MORNING,), holidays=instead)
    span = datetime(2026, 2, 18, tzinfo=UTC), datetime(2026, 2, 22, tzinfo=UTC)
    assert [o.programme for o in occurrences(rule, *span)] == ["chuc-tet", "ct-1"]


def test_an_extra_date_is_aired_even_on_a_holiday() -> None:
    rule = schedule(
        times=(MORNING,), holidays=HolidayPolicy(mode=HolidayMode.SKIP), extra_dates=frozenset({date(2026, 2, 19)})
    )
    span = datetime(2026, 2, 18, tzinfo=UTC), datetime(2026, 2, 20, tzinfo=UTC)
    assert walls(occurrences(rule, *span)) == ["Thu 2026-02-19 05:30"]


def test_replayed_n_times_means_heard_n_times_holidays_and_exceptions_not_counted() -> None:
    rule = schedule(
        rule=Weekly(weekdays=frozenset({THURSDAY, SATURDAY}), first=date(2026, 2, 12)),
        times=(MORNING,),
        plays=3,
        exceptions=frozenset({date(2026, 2, 14)}),
        holidays=HolidayPolicy(mode=HolidayMode.SKIP),
    )
    heard = ["Thu 2026-02-12 05:30", "Sat 2026-02-21 05:30", "Thu 2026-02-26 05:30"]
    assert walls(occurrences(rule, *FAR)) == heard
    late = datetime(2026, 2, 25, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    assert walls(occurrences(rule, *late)) == heard[2:]


def test_the_next_ten_airtimes_are_shown_before_saving() -> None:
    found = next_airtimes(schedule(), datetime(2026, 10, 8, 12, tzinfo=UTC), 10)
    assert walls(found)[:3] == ["Sat 2026-10-10 05:30", "Sat 2026-10-10 17:30", "Thu 2026-10-15 05:30"]
    assert len(found) == 10
    assert len(next_airtimes(schedule(rule=Once(day=date(2026, 10, 9))), FAR[0], 10)) == 2


def test_a_disabled_schedule_has_no_airtimes() -> None:
    assert expand(schedule(enabled=False), *FAR) == []


def test_the_name_of_an_airtime_does_not_change_with_title_programme_or_volume() -> None:
    week = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC)
    edited = schedule(name="Tên khác", programme=ProgrammeId("ct-2"), volume_percent=40, revision=9)
    assert [o.id for o in occurrences(edited, *week)] == [o.id for o in occurrences(schedule(), *week)]


def test_every_mistake_in_a_schedule_is_told_at_once_with_its_place() -> None:
    with pytest.raises(BadInput) as refused:
        schedule(
            id="Lịch 1",
            name="",
            targets=Targets(),
            rule=Weekly(weekdays=frozenset({7}), first=date(2026, 1, 2), last=date(2026, 1, 1), interval=0),
            times=(MORNING, MORNING, time(5, 30, tzinfo=UTC)),
            zone="Asia/Hanoi",
            exceptions=frozenset({date(2026, 5, 1)}),
            extra_dates=frozenset({date(2026, 5, 1)}),
            holidays=HolidayPolicy(mode=HolidayMode.REPLACE),
            plays=0,
            priority=Priority.EMERGENCY,
            volume_percent=101,
            late=Late(max_ms=-1),
        )
    assert [p.path for p in refused.value.problems] == [
        "id",
        "name",
        "targets",
        "rule.weekdays",
        "rule.interval",
        "rule.last",
        "zone",
        "times",
        "times.2",
        "extra_dates",
        "holidays.programme",
        "plays",
        "priority",
        "volume_percent",
        "late.max_ms",
    ]
    assert all(p.vi and p.en for p in refused.value.problems)


def test_naive_spans_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        occurrences(schedule(), datetime(2026, 1, 1), datetime(2026, 1, 2))  # noqa: DTZ001 - the naive time is the point
