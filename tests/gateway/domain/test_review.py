"""Xem trước khi lưu: what the editor refuses."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from devices.model import Priority, Source, ZoneId
from gateway.domain.clash import Answer
from gateway.domain.errors import BadInput, Clash, PolicyRefusal
from gateway.domain.ids import ProgrammeId
from gateway.domain.plan import Ward
from gateway.domain.review import Review, review
from gateway.domain.rule import Once
from gateway.domain.schedule import HolidayMode, HolidayPolicy, Schedule
from gateway.domain.targets import Targets
from tests.gateway.domain.builders import (
    RECORDINGS,
    approved,
    decision,
    draft,
    programme,
    recorded,
    registry,
    rules,
    schedule,
    submitted,
)

MONTH = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC))


def ward(*schedules: Schedule, **changes: Any) -> Ward:
    programmes = (programme(), recorded("ct-2", 10), recorded("tin-tinh", 10, source=Source.PROVINCE))
    fields: dict[str, Any] = {
        "schedules": schedules,
        "programmes": {p.id: p for p in programmes},
        "bulletins": {approved().id: approved()},
        "recordings": RECORDINGS,
        "registry": registry(),
        "rules": rules(),
    }
    return Ward(**{**fields, **changes})


def look(candidate: Schedule, there: Ward) -> Review:
    return review(candidate, there, *MONTH)


def test_a_sound_schedule_is_shown_and_may_be_saved() -> None:
    found = look(schedule(), ward())
    found.expect_allowed()
    shown = [f"{b.local_start:%a %d %H:%M}" for b in found.broadcasts[:3]]
    assert shown == ["Thu 01 17:30", "Sat 03 05:30", "Sat 03 17:30"]
    assert found.questions == ()


def test_0315_is_refused_by_the_editor_once_with_how_often() -> None:
    found = look(schedule(times=(time(3, 15),)), ward())
    with pytest.raises(PolicyRefusal) as refused:
        found.expect_allowed()
    (only,) = refused.value.refusals
    assert only.code == "quiet_hours"
    assert "03/10/2026 03:15" in only.vi
    assert "(9 lần)" in only.vi


def test_0315_is_refused_before_its_bulletin_is_even_written() -> None:
    unwritten = ward(bulletins={draft().id: draft()})
    with pytest.raises(PolicyRefusal):
        look(schedule(times=(time(3, 15),)), unwritten).expect_allowed()
    look(schedule(), unwritten).expect_allowed()


def test_an_emergency_programme_cannot_be_scheduled() -> None:
    siren = recorded("coi", 1, priority=Priority.EMERGENCY)
    there = ward(programmes={siren.id: siren})
    with pytest.raises(PolicyRefusal) as refused:
        look(schedule(programme=siren.id), there).expect_allowed()
    assert {p.code for p in refused.value.refusals} == {"emergency_not_scheduled"}


def test_an_equal_at_the_same_hour_is_a_clash_until_somebody_decides() -> None:
    there = ward(schedule("cu"))
    candidate = schedule("moi", times=(time(5, 34),), programme=ProgrammeId("ct-2"))
    found = look(candidate, there)
    with pytest.raises(Clash) as refused:
        found.expect_allowed()
    (only,) = refused.value.problems
    assert only.code == "must_decide"
    assert "03/10/2026" in only.vi
    decided = replace(there, decisions=(decision("cu", "moi", Answer.AFTER),))
    look(candidate, decided).expect_allowed()


def test_an_edit_is_not_a_clash_with_what_it_replaces() -> None:
    look(schedule(volume_percent=50), ward(schedule())).expect_allowed()


def test_a_disabled_schedule_is_judged_as_if_it_were_on() -> None:
    with pytest.raises(PolicyRefusal):
        look(schedule(times=(time(3, 15),), enabled=False), ward()).expect_allowed()


def test_one_that_runs_into_itself_must_be_mended() -> None:
    there = ward(programmes={ProgrammeId("ct-1"): recorded("ct-1", 10)})
    with pytest.raises(Clash) as refused:
        look(schedule(times=(time(5, 30), time(5, 35))), there).expect_allowed()
    assert [p.code for p in refused.value.problems] == ["with_itself"]


def test_priority_of_the_province_against_the_wards_own_is_a_question_not_a_refusal() -> None:
    there = ward(schedule("tinh", programme=ProgrammeId("tin-tinh"), priority=Priority.PRIORITY))
    found = look(schedule("phuong", priority=Priority.PRIORITY), there)
    found.expect_allowed()
    assert [(q.first.schedule, q.other.schedule) for q in found.questions] == [("tinh", "phuong")]
    decided = replace(there, decisions=(decision("phuong", "tinh"),))
    assert look(schedule("phuong", priority=Priority.PRIORITY), decided).questions == ()


def test_one_session_too_many_is_refused_even_when_it_is_another_that_would_be_lost() -> None:
    there = ward(schedule("cu"), rules=rules(sessions_per_day=2))
    third = schedule("moi", times=(time(12),))
    with pytest.raises(PolicyRefusal) as refused:
        look(third, there).expect_allowed()
    assert {p.code for p in refused.value.refusals} == {"too_many_sessions"}
    upper = replace(third, priority=Priority.PRIORITY)
    with pytest.raises(PolicyRefusal):
        look(upper, there).expect_allowed()


def test_what_was_refused_before_is_not_held_against_the_edit() -> None:
    there = ward(schedule("cu", times=(time(3, 15),)))
    look(schedule("moi"), there).expect_allowed()


def test_unknown_programmes_and_targets_are_all_told() -> None:
    candidate = schedule(
        programme=ProgrammeId("mat"),
        targets=Targets(zones=frozenset({ZoneId("kp9")})),
        holidays=HolidayPolicy(mode=HolidayMode.REPLACE, programme=ProgrammeId("mat-2")),
    )
    with pytest.raises(BadInput) as refused:
        look(candidate, ward()).expect_allowed()
    assert [(p.code, p.path) for p in refused.value.problems] == [
        ("unknown_target", "targets.zones"),
        ("no_programme", "programme"),
        ("no_programme", "holidays.programme"),
    ]


YESTERDAY, TODAY = date(2026, 9, 30), date(2026, 10, 1)
"""By the clock on the wall: the month begins at 07:00 of the second."""


@pytest.mark.parametrize(
    "passed",
    [
        {"rule": Once(day=YESTERDAY)},
        {"rule": Once(day=TODAY), "times": (time(3, 15),)},
        {"rule": Once(day=date(2027, 2, 6)), "holidays": HolidayPolicy(mode=HolidayMode.SKIP)},
    ],
    ids=["yesterday", "earlier today", "the first day of Tet, a holiday it keeps"],
)
def test_a_schedule_that_nobody_would_ever_hear_is_not_saved_as_if_they_would(passed: dict[str, Any]) -> None:
    for there in (ward(), ward(schedule()), ward(schedule(**passed, enabled=False))):
        found = look(schedule(**passed), there)
        with pytest.raises(BadInput) as refused:
            found.expect_allowed()
        assert [p.code for p in refused.value.problems] == ["never_airs"]
    look(schedule(rule=Once(day=TODAY), times=(time(17, 30),)), ward()).expect_allowed()


def test_the_last_airtime_can_be_skipped_at_any_moment() -> None:
    once = schedule(rule=Once(day=TODAY), times=(time(17, 30),))
    look(replace(once, exceptions=frozenset({TODAY})), ward(once)).expect_allowed()
    over = schedule(rule=Once(day=YESTERDAY))
    look(replace(over, exceptions=frozenset({YESTERDAY})), ward(over)).expect_allowed()
    look(replace(over, name="Tên khác"), ward(over)).expect_allowed()


def test_a_bulletin_that_waits_for_its_approver_clashes_with_its_whole_length_already() -> None:
    """Else the clash would show only on the day it is approved, and nobody looks then."""
    waiting = submitted("bt-2", "b", duration_ms=15 * 60_000)
    its_own = programme("ct-moi", ("bt-2",))
    there = ward(schedule())
    there = replace(
        there,
        programmes={**there.programmes, its_own.id: its_own},
        bulletins={**there.bulletins, waiting.id: waiting},
    )
    before = schedule("lich-moi", programme=its_own.id, rule=Once(day=date(2026, 10, 8)), times=(time(5, 20),))
    with pytest.raises(Clash, match="Bản tin phường"):
        look(before, there).expect_allowed()
    look(replace(before, times=(time(5, 10),)), there).expect_allowed()
    assert waiting.approval is None
