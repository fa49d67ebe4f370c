"""Quy chế phát: the same refusals on gateway and pole."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model import (
    NO_RULES_NO_SOUND,
    PERMIT_MAX,
    PERMITS_AT_MOST,
    SESSION_GAP,
    AirRules,
    Ceiling,
    Permit,
    Priority,
    Refusal,
    Span,
    Window,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
QUARTER = timedelta(minutes=15)
ROUTINE = Priority.ROUTINE

RULES = AirRules(
    name="thu",
    version=1,
    zone="Asia/Ho_Chi_Minh",
    windows=(Window(start=time(5), end=time(11)), Window(start=time(16), end=time(22))),
    weekdays=frozenset({0, 1, 2, 3, 4}),
    sessions_per_day=2,
    session_max_s=15 * 60,
    music_allowed_from=time(6),
    max_percent=85,
    ceilings=(
        Ceiling(start=time(5), end=time(6), max_percent=60),
        Ceiling(start=time(21), end=time(22), max_percent=50),
    ),
    emergency_min_percent=95,
)


def thursday(hour: int, minute: int = 0, *, second: int = 0) -> datetime:
    return datetime(2026, 10, 8, hour, minute, second, tzinfo=HANOI)


def span(hour: int, minute: int = 0, *, minutes: float = 10) -> Span:
    return Span(start=thursday(hour, minute), duration=timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("start", "duration", "refusal"),
    [
        (thursday(3, 15), QUARTER, Refusal.QUIET_HOURS),
        (thursday(4, 59, second=59), QUARTER, Refusal.QUIET_HOURS),
        (thursday(5), QUARTER, None),
        (thursday(5, 30), QUARTER, None),
        (thursday(21, 45), QUARTER, None),
        (thursday(21, 45, second=1), QUARTER, Refusal.QUIET_HOURS),
        (thursday(10, 50), QUARTER, Refusal.QUIET_HOURS),
        (thursday(23, 50), timedelta(minutes=30), Refusal.QUIET_HOURS),
        (thursday(7), timedelta(minutes=15, seconds=1), Refusal.TOO_LONG),
        (thursday(7) + timedelta(days=2), QUARTER, Refusal.WEEKDAY),
    ],
)
def test_a_play_lies_whole_inside_an_allowed_window_of_an_allowed_day(
    start: datetime, duration: timedelta, refusal: Refusal | None
) -> None:
    assert RULES.may_sound(start, duration, ROUTINE) == refusal
    assert RULES.may_sound(start.astimezone(UTC), duration, ROUTINE) == refusal
    assert RULES.may_sound(start, duration, Priority.PRIORITY) == refusal


def test_the_weekday_is_the_local_one() -> None:
    monday_morning = datetime(2026, 10, 4, 22, 30, tzinfo=UTC)  # Sunday in UTC
    assert RULES.may_sound(monday_morning, QUARTER, ROUTINE) is None
    saturday_morning = datetime(2026, 10, 9, 22, 30, tzinfo=UTC)  # Friday in UTC
    assert RULES.may_sound(saturday_morning, QUARTER, ROUTINE) is Refusal.WEEKDAY


@given(minutes=st.integers(0, 7 * 24 * 60), length=st.integers(1, 200))
def test_an_emergency_may_sound_at_any_hour(minutes: int, length: int) -> None:
    start = thursday(0) + timedelta(minutes=minutes)
    assert RULES.may_sound(start, timedelta(minutes=length), Priority.EMERGENCY) is None
    assert NO_RULES_NO_SOUND.may_sound(start, timedelta(minutes=length), Priority.EMERGENCY) is None


def test_without_rules_only_an_emergency_sounds_and_it_is_audible() -> None:
    assert NO_RULES_NO_SOUND.may_sound(thursday(12), QUARTER, Priority.PRIORITY) is Refusal.QUIET_HOURS
    assert NO_RULES_NO_SOUND.ceiling_percent(thursday(12), ROUTINE) == 0
    assert NO_RULES_NO_SOUND.ceiling_percent(thursday(12), Priority.EMERGENCY) >= 80


def test_a_length_is_counted_in_real_time_over_a_clock_change() -> None:
    berlin = replace(RULES, zone="Europe/Berlin", weekdays=frozenset(range(7)), session_max_s=None)
    berlin = replace(berlin, windows=(Window(start=time(1), end=time(4)),))
    start = datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Berlin"))  # 02:00 becomes 03:00
    assert berlin.may_sound(start, timedelta(minutes=90), ROUTINE) is None
    assert berlin.may_sound(start, timedelta(minutes=91), ROUTINE) is Refusal.QUIET_HOURS
    assert Span(start=start, duration=timedelta(hours=1)).end == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_naive_times_are_refused() -> None:
    naive = datetime(2026, 10, 8, 5, 30)  # noqa: DTZ001 - the naive time is the point
    with pytest.raises(ValueError, match="naive"):
        RULES.may_sound(naive, QUARTER, ROUTINE)
    with pytest.raises(ValueError, match="naive"):
        Span(start=naive, duration=QUARTER)


def test_a_third_session_is_refused_and_an_emergency_is_not_one() -> None:
    both = [span(6), span(17)]
    assert RULES.may_join(both[:1], both[1], ROUTINE) is None
    assert RULES.may_join(both, span(19), ROUTINE) is Refusal.TOO_MANY
    assert RULES.may_join(both, span(9), ROUTINE) is Refusal.TOO_MANY
    assert RULES.may_join(both, span(19), Priority.EMERGENCY) is None


def test_sessions_of_other_local_days_do_not_count() -> None:
    yesterday = [replace(s, start=s.start - timedelta(days=1)) for s in (span(6), span(17), span(21))]
    assert RULES.may_join(yesterday, span(5, 30), ROUTINE) is None


def test_plays_close_together_are_one_session_and_share_its_length() -> None:
    first = span(6, 0, minutes=6)
    follows = Span(start=first.end + SESSION_GAP - timedelta(seconds=1), duration=timedelta(minutes=4))
    apart = Span(start=first.end + SESSION_GAP, duration=timedelta(minutes=4))
    assert RULES.may_join([first, span(17)], follows, ROUTINE) is None
    assert RULES.may_join([first, span(17)], apart, ROUTINE) is Refusal.TOO_MANY
    too_long = replace(follows, duration=timedelta(minutes=5))
    assert RULES.may_join([first], too_long, ROUTINE) is Refusal.TOO_LONG


def test_a_day_that_has_too_many_already_does_not_refuse_what_makes_none_more() -> None:
    three = [span(6, minutes=3), span(17), span(19)]
    follows = Span(start=three[0].end, duration=timedelta(minutes=3))
    assert RULES.may_join(three, follows, ROUTINE) is None


def test_a_play_that_bridges_two_sessions_makes_one_too_long() -> None:
    bridge = Span(start=thursday(6, 10), duration=timedelta(minutes=5))
    assert RULES.may_join([span(6), span(6, 16)], bridge, ROUTINE) is Refusal.TOO_LONG


@given(st.lists(st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(0, 14)), max_size=6))
def test_no_order_of_asking_ever_lets_a_third_session_in(wanted: list[tuple[int, int, int]]) -> None:
    let_in: list[Span] = []
    for hour, minute, length in wanted:
        one = span(hour, minute, minutes=length)
        if RULES.may_join(let_in, one, ROUTINE) is None:
            let_in.append(one)
    starts = sorted(let_in, key=lambda s: s.start)
    latest_end, sessions = None, 0
    for one in starts:
        if latest_end is None or one.start - latest_end >= SESSION_GAP:
            sessions += 1
        latest_end = one.end if latest_end is None else max(latest_end, one.end)
    assert sessions <= 2


def test_the_ceiling_of_the_hour_holds_and_an_emergency_has_its_own() -> None:
    assert [RULES.ceiling_percent(thursday(h), ROUTINE) for h in (5, 6, 20, 21)] == [60, 85, 85, 50]
    assert RULES.ceiling_percent(thursday(5), Priority.EMERGENCY) == 95


def test_a_play_that_runs_into_a_quieter_hour_is_quiet_from_its_start() -> None:
    assert RULES.ceiling_over(thursday(20, 50), timedelta(minutes=10), ROUTINE) == 85
    assert RULES.ceiling_over(thursday(20, 50), timedelta(minutes=11), ROUTINE) == 50
    assert RULES.ceiling_over(thursday(5, 59), QUARTER, ROUTINE) == 60
    assert RULES.ceiling_over(thursday(20, 50), timedelta(minutes=11), Priority.EMERGENCY) == 95


def test_music_waits_for_its_hour() -> None:
    assert not RULES.may_play_music(thursday(5, 59))
    assert RULES.may_play_music(thursday(6))
    assert replace(RULES, music_allowed_from=None).may_play_music(thursday(3))


@pytest.mark.parametrize(
    "change",
    [
        {"weekdays": frozenset({7})},
        {"sessions_per_day": 0},
        {"session_max_s": 0},
        {"max_percent": 101},
        {"emergency_min_percent": -1},
    ],
)
def test_a_rule_that_could_never_hold_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        AirRules(**{"name": "x", "version": 1, "zone": "UTC", "windows": (), **change})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [Window, lambda **edges: Ceiling(max_percent=50, **edges)])
def test_a_night_over_midnight_must_be_written_as_two(kind: object) -> None:
    assert callable(kind)
    with pytest.raises(ValueError, match="before it ends"):
        kind(start=time(21), end=time(6))


ALL_DAY = Window(start=time(0), end=time(23, 59))
LATE = Permit(start=thursday(22, 30), end=thursday(23, 30))


@pytest.mark.parametrize(
    ("start", "duration", "refusal"),
    [
        (thursday(22, 30), QUARTER, None),
        (thursday(23, 15), QUARTER, None),
        (thursday(23, 15, second=1), QUARTER, Refusal.QUIET_HOURS),
        (thursday(22, 29, second=59), QUARTER, Refusal.QUIET_HOURS),
        (thursday(22, 30) + timedelta(days=1), QUARTER, Refusal.QUIET_HOURS),
        (thursday(3, 15), QUARTER, Refusal.QUIET_HOURS),
        (thursday(22, 30), timedelta(minutes=16), Refusal.TOO_LONG),
        (thursday(5, 30), QUARTER, None),
    ],
)
def test_a_permit_opens_its_own_hour_and_no_other_limit(
    start: datetime, duration: timedelta, refusal: Refusal | None
) -> None:
    rules = replace(RULES, permits=(LATE,))
    assert rules.may_sound(start, duration, ROUTINE) is refusal
    assert RULES.may_sound(LATE.start, QUARTER, ROUTINE) is Refusal.QUIET_HOURS
    two = [span(5, 30), span(17, 30)]
    assert rules.may_join(two, Span(start=LATE.start, duration=QUARTER), ROUTINE) is Refusal.TOO_MANY


def test_a_permit_opens_a_day_without_broadcasts_too() -> None:
    saturday = thursday(9) + timedelta(days=2)
    rules = replace(RULES, permits=(Permit(start=saturday, end=saturday + QUARTER),))
    assert RULES.may_sound(saturday, QUARTER, ROUTINE) is Refusal.WEEKDAY
    assert rules.may_sound(saturday, QUARTER, ROUTINE) is None
    assert rules.may_sound(saturday + QUARTER, QUARTER, ROUTINE) is Refusal.WEEKDAY


def test_a_ceiling_after_midnight_holds_for_a_play_that_begins_before_it() -> None:
    night = Ceiling(start=time(0), end=time(5), max_percent=30)
    rules = replace(RULES, ceilings=(night,), permits=(Permit(start=thursday(23), end=thursday(23) + PERMIT_MAX),))
    over = timedelta(minutes=15)
    assert rules.may_sound(thursday(23, 50), over, ROUTINE) is None
    assert rules.ceiling_over(thursday(23, 50), over, ROUTINE) == 30
    assert rules.ceiling_over(thursday(23), over, ROUTINE) == 85


@pytest.mark.parametrize(
    "make",
    [
        lambda: Permit(start=thursday(22), end=thursday(22)),
        lambda: Permit(start=thursday(22), end=thursday(21)),
        lambda: Permit(start=thursday(1), end=thursday(1) + PERMIT_MAX + timedelta(milliseconds=1)),
        lambda: Permit(start=thursday(22).replace(tzinfo=None), end=thursday(23)),
        lambda: replace(RULES, permits=(LATE,) * (PERMITS_AT_MOST + 1)),
    ],
)
def test_a_permit_that_would_be_a_rule_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"permit|naive"):
        make()


def test_under_a_ceiling_of_nothing_nothing_is_aired_rather_than_aired_unheard() -> None:
    rules = replace(RULES, ceilings=(Ceiling(start=time(12), end=time(14), max_percent=0),), windows=(ALL_DAY,))
    assert rules.may_sound(thursday(12, 30), QUARTER, ROUTINE) is Refusal.QUIET_HOURS
    assert rules.may_sound(thursday(11, 50), QUARTER, ROUTINE) is Refusal.QUIET_HOURS
    assert rules.may_sound(thursday(11, 45), QUARTER, ROUTINE) is None
    assert rules.may_sound(thursday(14), QUARTER, ROUTINE) is None
    assert rules.may_sound(thursday(12, 30), QUARTER, Priority.EMERGENCY) is None
