"""Trùng giờ: found at once, and asked of whom it concerns."""

from datetime import date, timedelta
from typing import Any

import pytest

from devices.model import ClusterId, Level, Priority
from gateway.domain.airing import Airing
from gateway.domain.clash import (
    ASK_FOR,
    SYSTEM,
    Answer,
    ClashKind,
    decision_on,
    default_decision,
    find_clashes,
    undecided,
)
from gateway.domain.errors import BadInput
from tests.gateway.domain.builders import NOON, airing, decision

PRIORITY: dict[str, Any] = {"priority": Priority.PRIORITY, "level": Level.PRIORITY_WARD}
FROM_PROVINCE: dict[str, Any] = {"priority": Priority.PRIORITY, "level": Level.PRIORITY_PROVINCE}


def kinds(*airings: Airing) -> list[ClashKind]:
    return [clash.kind for clash in find_clashes(airings)]


def test_airings_that_only_touch_do_not_clash_and_a_millisecond_does() -> None:
    first = airing("5:30", minutes=10, name="a")
    assert find_clashes([first, airing("5:40", name="b")]) == []
    assert len(find_clashes([airing("5:30", minutes=10 + 1 / 60_000, name="a"), airing("5:40", name="b")])) == 1


def test_only_clusters_that_both_want_clash() -> None:
    one, two = frozenset({ClusterId("kp1-00")}), frozenset({ClusterId("kp1-00"), ClusterId("kp1-01")})
    (clash,) = find_clashes([airing("5:30", name="a", clusters=one), airing("5:35", name="b", clusters=two)])
    assert clash.clusters == one
    apart = airing("5:30", name="c", clusters=two - one)
    assert find_clashes([airing("5:30", name="a", clusters=one), apart]) == []


def test_who_answers_depends_on_class_and_level() -> None:
    routine = airing("5:30", name="a")
    assert kinds(routine, airing("5:35", name="b")) == [ClashKind.MUST_DECIDE]
    assert kinds(routine, airing("5:35", name="b", level=Level.ROUTINE_PROVINCE)) == [ClashKind.LEVEL_SETTLES]
    assert kinds(routine, airing("5:35", name="b", **PRIORITY)) == [ClashKind.LEVEL_SETTLES]
    ward = airing("5:30", name="c", **PRIORITY)
    assert kinds(ward, airing("5:35", name="d", **PRIORITY)) == [ClashKind.MUST_DECIDE]
    assert kinds(ward, airing("5:35", name="d", **FROM_PROVINCE)) == [ClashKind.ASK_OPERATOR]


def test_a_schedule_that_runs_into_itself_cannot_be_decided_away() -> None:
    clashes = find_clashes([airing("5:30", minutes=20), airing("5:40")])
    assert [clash.kind for clash in clashes] == [ClashKind.WITH_ITSELF]
    assert undecided(clashes, []) == clashes


def test_a_long_one_clashes_with_every_one_it_covers_over_midnight_too() -> None:
    long = airing("23:50", minutes=30, name="a")
    found = find_clashes([airing("0:10", day=1, name="c"), long, airing("23:55", minutes=1, name="b")])
    assert [(clash.first.schedule, clash.other.schedule) for clash in found] == [("a", "b"), ("a", "c")]


def test_a_decision_settles_the_pair_on_its_date_and_the_newest_counts() -> None:
    one, two = airing("5:30", name="a"), airing("5:35", name="b")
    always = decision("a", "b")
    newer = decision("b", "a", at=NOON + timedelta(hours=1))
    for_the_day = decision("a", "b", Answer.CANCEL, day=date(2026, 10, 8))
    another_day = decision("a", "b", Answer.CUT, day=date(2026, 10, 9), at=NOON + timedelta(days=2))
    assert decision_on(one, two, [always]) == always
    assert decision_on(two, one, [newer, always]) == newer
    assert decision_on(one, two, [newer, for_the_day, always, another_day]) == for_the_day
    clashes = find_clashes([one, two])
    assert undecided(clashes, []) == clashes
    assert undecided(clashes, [always]) == []
    assert undecided(clashes, [another_day]) == clashes


def test_no_decision_puts_routine_before_priority() -> None:
    assert decision_on(airing("5:30", name="a"), airing("5:35", name="b", **PRIORITY), [decision("a", "b")]) is None


def test_the_upper_level_goes_first_when_the_operator_is_silent_for_ten_minutes() -> None:
    ward, province = airing("5:30", name="a", **PRIORITY), airing("5:35", name="b", **FROM_PROVINCE)
    (clash,) = find_clashes([ward, province])
    assert clash.first == province
    just_before = NOON + ASK_FOR - timedelta(milliseconds=1)
    assert default_decision(clash, asked_at=NOON, now=just_before) is None
    decided = default_decision(clash, asked_at=NOON, now=NOON + ASK_FOR)
    assert decided is not None
    assert (decided.first, decided.other, decided.answer, decided.by) == ("b", "a", Answer.AFTER, SYSTEM)
    (equals,) = find_clashes([airing("5:30", name="a"), airing("5:35", name="b")])
    assert default_decision(equals, asked_at=NOON, now=NOON + timedelta(days=1)) is None


def test_a_decision_that_decides_nothing_is_refused() -> None:
    with pytest.raises(BadInput) as same:
        decision("a", "a", Answer.SHIFT)
    assert [problem.path for problem in same.value.problems] == ["other", "shift_ms"]
    with pytest.raises(BadInput):
        decision("a", "b", Answer.AFTER, shift_ms=1)
    with pytest.raises(BadInput):
        decision("a", "b", Answer.SHIFT, shift_ms=13 * 3_600_000)
