"""Dự báo: the one function behind page, API and plan."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model import AirRules, Ceiling, ClusterId, Level, Priority, Source
from gateway.domain.bulletin import Bulletin
from gateway.domain.clash import Answer
from gateway.domain.ids import BulletinId, ProgrammeId
from gateway.domain.plan import Broadcast, Status, Ward, forecast
from gateway.domain.programme import Clip, ItemRole, Programme, WhenUnready
from gateway.domain.rule import Daily, Once
from gateway.domain.schedule import HolidayMode, HolidayPolicy, Schedule, occurrences
from gateway.domain.targets import Targets
from tests.gateway.domain.builders import (
    MORNING,
    NOON,
    RECORDINGS,
    approved,
    asset,
    decision,
    programme,
    recorded,
    registry,
    rules,
    schedule,
    submitted,
)

THURSDAY = date(2026, 10, 8)
WEEK = (datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC))
FORTNIGHT = (WEEK[0], WEEK[0] + timedelta(days=14))
TICK = timedelta(milliseconds=1)


def ward(
    *schedules: Schedule, programmes: tuple[Programme, ...] = (), bulletins: tuple[Bulletin, ...] = (), **changes: Any
) -> Ward:
    fields: dict[str, Any] = {
        "schedules": schedules or (schedule(),),
        "programmes": {p.id: p for p in programmes or (programme(),)},
        "bulletins": {b.id: b for b in bulletins or (approved(),)},
        "recordings": RECORDINGS,
        "registry": registry(),
        "rules": rules(),
    }
    return Ward(**{**fields, **changes})


def at(clock: str, name: str, what: str, *, day: date = THURSDAY, **changes: Any) -> Schedule:
    return schedule(
        name, rule=Once(day=day), times=(time.fromisoformat(clock),), programme=ProgrammeId(what), **changes
    )


def states(found: list[Broadcast]) -> list[tuple[str, str]]:
    return [(f"{b.local_start:%a %H:%M}", b.status.value) for b in found]


def test_the_week_of_the_ward_is_thursday_and_saturday_half_past_five() -> None:
    found = forecast(ward(), *WEEK)
    assert states(found) == [
        ("Thu 05:30", "will_air"),
        ("Thu 17:30", "will_air"),
        ("Sat 05:30", "will_air"),
        ("Sat 17:30", "will_air"),
    ]
    first = found[0]
    assert first.start == datetime(2026, 10, 7, 22, 30, tzinfo=UTC)
    assert first.duration_ms == 305_000
    assert first.airs_on == {"kp1-00", "kp2-01", "kp1-02", "kp2-03"}
    assert [item.asset for item in first.items] == [asset("c"), asset("a")]
    assert (first.level, first.priority, first.volume_percent) == (Level.ROUTINE_WARD, Priority.ROUTINE, 70)
    assert (first.why, first.notes) == ((), ())


def test_page_and_plan_show_the_very_occurrences_of_the_schedule() -> None:
    shown = forecast(ward(), *FORTNIGHT)
    due = occurrences(schedule(), *FORTNIGHT)
    assert [(b.id, b.start, b.local_start) for b in shown] == [(o.id, o.start, o.local_start) for o in due]


def test_a_bulletin_edited_after_approval_does_not_air_and_the_reason_is_told() -> None:
    bulletin = approved()
    edited = bulletin.edit(replace(bulletin.content, text="Đã sửa."), by=bulletin.author)
    (first, *_) = forecast(ward(bulletins=(edited,)), *WEEK)
    assert first.status is Status.NOT_READY
    assert [p.code for p in first.why] == ["not_approved"]
    assert first.airs_on == frozenset()


def test_a_bulletin_airs_up_to_the_end_of_its_validity_and_not_after() -> None:
    until_friday = approved(valid_until=datetime(2026, 10, 9, tzinfo=UTC))
    found = forecast(ward(bulletins=(until_friday,)), *WEEK)
    assert [b.status.value for b in found] == ["will_air", "will_air", "not_ready", "not_ready"]
    assert found[2].why[0].code == "expired"


def test_0315_is_refused_and_so_is_an_airtime_that_is_not_ready_yet() -> None:
    (night,) = forecast(ward(at("03:15", "dem", "ct-1")), *WEEK)
    assert night.status is Status.REFUSED
    assert [p.code for p in night.why] == ["quiet_hours"]
    (both,) = forecast(ward(at("03:15", "dem", "ct-1"), bulletins=(submitted(),)), *WEEK)
    assert both.status is Status.REFUSED
    assert [p.code for p in both.why] == ["quiet_hours", "not_approved"]


def test_an_emergency_is_never_scheduled_past_the_quiet_hours() -> None:
    siren = recorded("coi", 1, priority=Priority.EMERGENCY)
    (night,) = forecast(ward(at("03:15", "dem", "coi"), programmes=(siren,)), *WEEK)
    assert night.status is Status.REFUSED
    assert [p.code for p in night.why] == ["emergency_not_scheduled"]


def test_tet_is_shown_as_skipped() -> None:
    quiet_tet = schedule(holidays=HolidayPolicy(mode=HolidayMode.SKIP), times=(MORNING,))
    tet = datetime(2026, 2, 16, tzinfo=UTC), datetime(2026, 2, 23, tzinfo=UTC)
    found = forecast(ward(quiet_tet), *tet)
    assert states(found) == [("Thu 05:30", "skipped"), ("Sat 05:30", "will_air")]
    assert "Tết" in found[0].why[0].vi


def test_the_volume_is_lowered_to_the_hour_and_said() -> None:
    quiet_dawn = rules(ceilings=(Ceiling(start=time(5), end=time(6), max_percent=55),))
    found = forecast(ward(rules=quiet_dawn), *WEEK)
    assert [b.volume_percent for b in found[:2]] == [55, 70]
    assert [[p.code for p in b.notes] for b in found[:2]] == [["volume_lowered"], []]


def test_what_is_left_out_is_told_and_the_rest_airs() -> None:
    lenient = programme(bulletins=("bt-1", "bt-9"), when_unready=WhenUnready.LEAVE_OUT)
    (first, *_) = forecast(ward(programmes=(lenient,)), *WEEK)
    assert first.status is Status.WILL_AIR
    assert [p.code for p in first.notes] == ["no_bulletin"]


def test_a_cluster_that_is_gone_does_not_silence_the_others() -> None:
    wanted = Targets(clusters=frozenset({ClusterId("kp1-00"), ClusterId("da-thao")}))
    (first, *_) = forecast(ward(schedule(targets=wanted)), *WEEK)
    assert first.status is Status.WILL_AIR
    assert first.airs_on == {"kp1-00"}
    assert [p.code for p in first.notes] == ["unknown_target"]
    nobody = Targets(clusters=frozenset({ClusterId("da-thao")}))
    (gone, *_) = forecast(ward(schedule(targets=nobody)), *WEEK)
    assert gone.status is Status.NOT_READY
    assert [p.code for p in gone.why] == ["unknown_target"]


def test_a_programme_that_is_gone_is_a_reason() -> None:
    (first, *_) = forecast(ward(schedule(programme=ProgrammeId("mat"))), *WEEK)
    assert (first.status, first.why[0].code) == (Status.NOT_READY, "no_programme")


def test_the_higher_level_wins_and_the_lower_is_told_to_whom() -> None:
    plan = ward(
        at("05:30", "phuong", "ct-1"),
        at("05:30", "tinh", "tin-tinh"),
        programmes=(programme(), recorded("tin-tinh", 10, source=Source.PROVINCE)),
    )
    lower, upper = sorted(forecast(plan, *WEEK), key=lambda b: b.level)
    assert (upper.status, upper.level) == (Status.WILL_AIR, Level.ROUTINE_PROVINCE)
    assert lower.status is Status.LOSES_TO
    assert lower.loses_to == (upper.id,)
    assert "nhường giờ" in lower.why[0].vi


def test_an_airtime_that_is_not_ready_beats_nobody() -> None:
    plan = ward(
        at("05:30", "phuong", "ct-1"),
        at("05:30", "uu-tien", "ct-2", priority=Priority.PRIORITY),
        programmes=(programme(), programme("ct-2", bulletins=("bt-2",))),
        bulletins=(approved(), submitted("bt-2")),
    )
    assert {b.schedule: b.status for b in forecast(plan, *WEEK)} == {
        "phuong": Status.WILL_AIR,
        "uu-tien": Status.NOT_READY,
    }


def test_a_decision_is_shown_with_the_hour_it_gives_and_the_name_stays() -> None:
    plan = ward(
        at("05:30", "a", "ct-1"),
        at("05:33", "b", "ct-1"),
        decisions=(decision("a", "b", Answer.AFTER),),
    )
    _, moved = forecast(plan, *WEEK)
    assert f"{moved.local_start:%H:%M:%S}" == "05:35:05"
    assert moved.id == "b@2026-10-08T05:33:00+07:00"
    assert [p.code for p in moved.notes] == ["moved"]
    undecided = forecast(replace(plan, decisions=()), *WEEK)[1]
    assert undecided.status is Status.LOSES_TO
    assert [p.code for p in undecided.why] == ["lost", "undecided"]


def test_one_that_is_on_the_air_is_still_in_a_plan_made_meanwhile() -> None:
    start = datetime(2026, 10, 7, 22, 30, tzinfo=UTC)
    end = start + timedelta(milliseconds=305_000)
    horizon = start + timedelta(hours=1)

    def held(after: datetime) -> bool:
        return bool(forecast(ward(), after, horizon))

    assert [held(start - TICK), held(start), held(start + TICK), held(end - TICK), held(end)] == [
        True,
        True,
        True,
        True,
        False,
    ]
    assert forecast(ward(), start - TICK, start) == []
    assert len(forecast(ward(), start, start + TICK)) == 1


def test_one_across_midnight_stays_itself_when_the_plan_is_made_at_235959() -> None:
    plan = ward(at("23:50", "khuya", "dai"), programmes=(recorded("dai", 30),))
    midnight = datetime(2026, 10, 8, 17, tzinfo=UTC)
    before, after = (forecast(plan, midnight + step, midnight + timedelta(days=14)) for step in (-1000 * TICK, TICK))
    assert [b.id for b in before] == [b.id for b in after] == ["khuya@2026-10-08T23:50:00+07:00"]
    assert before[0].status is Status.REFUSED  # no window runs over midnight
    assert [b.id for b in forecast(plan, midnight - timedelta(days=1), midnight + timedelta(days=2))] == [before[0].id]


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "Pacific/Kiritimati", "Pacific/Honolulu", "Europe/Berlin"])
def test_rules_and_schedule_read_the_same_clock_in_every_zone(zone: str) -> None:
    only_thursday = rules(zone=zone, weekdays=frozenset({3}))
    found = forecast(ward(schedule(zone=zone), rules=only_thursday), *WEEK)
    assert states(found)[:2] == [("Thu 05:30", "will_air"), ("Thu 17:30", "will_air")]
    assert {status for when, status in states(found) if when.startswith("Sat")} == {"refused"}


CROWD = (
    schedule("a", rule=Daily(first=date(2026, 10, 1), last=date(2026, 10, 30)), times=(time(5, 30), time(17, 30))),
    schedule("b", times=(time(5, 33), time(17, 30)), programme=ProgrammeId("ct-2"), priority=Priority.PRIORITY),
    schedule("c", times=(time(5, 38), time(17, 20)), programme=ProgrammeId("ct-3")),
    schedule("d", times=(time(3, 15), time(21, 59)), programme=ProgrammeId("ct-3")),
    at("05:32", "e", "ct-3"),
)
CROWDED = ward(
    *CROWD,
    programmes=(programme(), recorded("ct-2", 4), recorded("ct-3", 12)),
    rules=rules(sessions_per_day=2, session_max_s=1800),
    decisions=(decision("a", "c"), decision("e", "c", Answer.CANCEL)),
)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 14 * 1440), st.integers(1, 3 * 1440))
def test_the_answer_for_an_airtime_does_not_depend_on_the_window(begin: int, length: int) -> None:
    whole = forecast(CROWDED, *FORTNIGHT)
    after = FORTNIGHT[0] + timedelta(minutes=begin)
    until = min(after + timedelta(minutes=length), FORTNIGHT[1])
    wanted = [b for b in whole if b.start < until and (b.start >= after or b.end > after)]
    assert forecast(CROWDED, after, until) == wanted


def test_the_order_of_rows_changes_nothing() -> None:
    turned = replace(CROWDED, schedules=CROWD[::-1], decisions=CROWDED.decisions[::-1])
    assert forecast(turned, *FORTNIGHT) == forecast(CROWDED, *FORTNIGHT)


def test_every_airtime_has_a_status_and_a_reason_unless_it_airs_everywhere() -> None:
    found = forecast(CROWDED, *FORTNIGHT)
    assert {b.status for b in found} == {Status.WILL_AIR, Status.REFUSED, Status.LOSES_TO}
    for b in found:
        assert (b.status is Status.WILL_AIR) == bool(b.airs_on)
        assert b.airs_on <= b.clusters
        assert b.why or b.airs_on == b.clusters


def test_a_thousand_clusters_are_no_other_plan() -> None:
    big = replace(CROWDED, registry=registry(1000))
    small = forecast(CROWDED, *FORTNIGHT)
    assert [(b.id, b.status, b.start) for b in forecast(big, *FORTNIGHT)] == [(b.id, b.status, b.start) for b in small]
    assert max(len(b.airs_on) for b in forecast(big, *FORTNIGHT)) == 1000


def test_music_before_its_hour_is_refused() -> None:
    song = Clip(role=ItemRole.RECORDED, asset=asset("d"), duration_ms=60_000, music=True)
    plan = ward(programmes=(programme(items=(song,)),), rules=rules(music_allowed_from=time(6)))
    assert [b.status.value for b in forecast(plan, *WEEK)[:2]] == ["refused", "will_air"]


def test_without_rules_nothing_is_planned() -> None:
    none: AirRules = rules(windows=())
    assert {b.status for b in forecast(ward(rules=none), *WEEK)} == {Status.REFUSED}


def test_the_bulletins_of_a_broadcast_are_named_for_the_journal() -> None:
    (first, *_) = forecast(ward(), *WEEK)
    assert [item.bulletin for item in first.items] == [None, BulletinId("bt-1")]
    assert first.start > NOON
