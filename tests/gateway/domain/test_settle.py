"""Xếp giờ: by level, by decision, then by start and name; never by luck."""

import random
from datetime import time
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model import AirRules, ClusterId, Level, Priority, Refusal, Window
from gateway.domain.airing import Airing
from gateway.domain.clash import Answer, Decision
from gateway.domain.schedule import AfterOverride
from gateway.domain.settle import Effect, Settled, settle
from tests.gateway.domain.builders import MIDNIGHT, WARD_CLUSTERS, airing, decision, rules

UPPER: dict[str, Any] = {"priority": Priority.PRIORITY, "level": Level.PRIORITY_WARD}
PROVINCE: dict[str, Any] = {"priority": Priority.PRIORITY, "level": Level.PRIORITY_PROVINCE}
RULES = rules()


def settled(airings: list[Airing], *decisions: Decision, by: AirRules = RULES) -> dict[str, Settled]:
    return {case.airing.schedule: case for case in settle(airings, decisions, by)}


def clock(case: Settled) -> str:
    minutes = (case.airing.start - MIDNIGHT).total_seconds() / 60
    return f"{int(minutes // 60)}:{int(minutes % 60):02d}"


def effects(case: Settled) -> list[tuple[str, str]]:
    return [(loss.effect.value, loss.to.partition("@")[0]) for loss in case.losses]


def test_what_meets_nothing_airs_as_it_is() -> None:
    alone = settled([airing("5:30", name="a"), airing("5:40", name="b")])
    assert all(case.airs_on == WARD_CLUSTERS and not case.losses for case in alone.values())


def test_priority_goes_first_and_routine_goes_on_after_it_where_it_would_be() -> None:
    result = settled([airing("5:30", minutes=30, name="a"), airing("5:35", name="b", **UPPER)])
    assert clock(result["b"]) == "5:35"
    assert result["b"].losses == ()
    assert effects(result["a"]) == [("cut", "b")]
    assert result["a"].airs_on == WARD_CLUSTERS


@pytest.mark.parametrize(
    ("start", "minutes", "mode", "effect"),
    [
        ("5:30", 10, AfterOverride.SEEK, Effect.LOST),  # all of it lies under the other
        ("5:25", 10, AfterOverride.SEEK, Effect.CUT),
        ("5:35", 20, AfterOverride.SEEK, Effect.CUT),
        ("5:25", 10, AfterOverride.DROP, Effect.CUT),
        ("5:35", 20, AfterOverride.DROP, Effect.LOST),
        ("5:35", 20, AfterOverride.RESTART, Effect.LATER),
        ("5:25", 30, AfterOverride.RESTART, Effect.LATER),
    ],
)
def test_the_lower_gets_an_outcome_by_its_own_rule(
    start: str, minutes: float, mode: AfterOverride, effect: Effect
) -> None:
    lower = airing(start, minutes=minutes, name="a", after_override=mode)
    result = settled([lower, airing("5:30", minutes=15, name="b", **UPPER)])
    assert [loss.effect for loss in result["a"].losses] == [effect]
    assert bool(result["a"].airs_on) == (effect is not Effect.LOST)


def test_nothing_is_said_again_outside_the_allowed_hours() -> None:
    lower = airing("21:45", minutes=14, name="a", after_override=AfterOverride.RESTART)
    result = settled([lower, airing("21:40", minutes=18, name="b", **UPPER)])
    assert effects(result["a"]) == [("lost", "b")]
    assert result["a"].airs_on == frozenset()


def test_two_winners_that_leave_nothing_between_them_leave_nothing() -> None:
    long = airing("5:30", minutes=20, name="a")
    result = settled([long, airing("5:30", name="b", **UPPER), airing("5:40", name="c", **UPPER)])
    assert result["a"].airs_on == frozenset()
    assert effects(result["a"]) == [("cut", "b"), ("lost", "c")]


def test_the_lower_is_heard_where_the_higher_is_not() -> None:
    here, there = ClusterId("kp1-00"), WARD_CLUSTERS - {ClusterId("kp1-00")}
    result = settled([airing("5:30", name="a"), airing("5:30", name="b", clusters=frozenset({here}), **UPPER)])
    assert result["a"].airs_on == there
    assert [loss.clusters for loss in result["a"].losses] == [frozenset({here})]


def test_who_lost_stands_in_nobodys_way() -> None:
    top = airing("5:30", name="top", **UPPER)
    lost = airing("5:35", minutes=10, name="a", after_override=AfterOverride.DROP)
    third = airing("5:42", name="b")
    result = settled([top, lost, third])
    assert result["a"].airs_on == frozenset()
    assert result["b"].airs_on == WARD_CLUSTERS
    assert result["b"].undecided_with == ()


def test_equals_without_a_decision_the_earlier_airs_and_somebody_is_told() -> None:
    result = settled([airing("5:35", name="a"), airing("5:30", name="b")])
    assert result["b"].airs_on == WARD_CLUSTERS
    assert result["a"].airs_on == frozenset()
    assert result["a"].undecided_with == (result["b"].airing.occ,)
    same_minute = settled([airing("5:30", name="b"), airing("5:30", name="a")])
    assert same_minute["a"].airs_on == WARD_CLUSTERS


def test_a_decision_says_who_goes_first_and_the_other_follows_at_once() -> None:
    both = [airing("5:30", name="a"), airing("5:35", name="b")]
    a_first = settled(both, decision("a", "b"))
    assert (clock(a_first["a"]), clock(a_first["b"])) == ("5:30", "5:40")
    b_first = settled(both, decision("b", "a"))
    assert (clock(b_first["a"]), clock(b_first["b"])) == ("5:45", "5:35")
    for result in (a_first, b_first):
        assert all(case.airs_on == WARD_CLUSTERS and not case.losses for case in result.values())
    assert b_first["a"].airing.occ == "a@0T5:30"  # its name is the slot's, wherever it moves


def test_a_decision_may_shift_or_cancel() -> None:
    both = [airing("5:30", name="a"), airing("5:35", name="b")]
    shifted = settled(both, decision("a", "b", Answer.SHIFT, shift_ms=30 * 60_000))
    assert clock(shifted["b"]) == "6:05"
    assert shifted["b"].moved_from == both[1].start
    cancelled = settled(both, decision("a", "b", Answer.CANCEL))
    assert cancelled["b"].airs_on == frozenset()
    assert cancelled["b"].undecided_with == ()
    too_little = settled(both, decision("a", "b", Answer.SHIFT, shift_ms=60_000))
    assert too_little["b"].airs_on == frozenset()


def test_what_a_decision_moves_into_the_night_is_refused() -> None:
    both = [airing("21:40", name="a"), airing("21:45", minutes=15, name="b")]
    result = settled(both, decision("a", "b"))
    assert result["b"].airs_on == frozenset()
    assert result["b"].refusals == (Refusal.QUIET_HOURS,)


def test_ward_priority_follows_the_upper_level_unless_the_operator_orders_otherwise() -> None:
    both = [airing("5:30", name="ward", **UPPER), airing("5:35", name="tinh", **PROVINCE)]
    default = settled(both)
    assert (clock(default["tinh"]), clock(default["ward"])) == ("5:35", "5:45")
    ordered = settled(both, decision("ward", "tinh"))
    assert (clock(ordered["ward"]), clock(ordered["tinh"])) == ("5:30", "5:40")


def test_three_hours_of_61_minutes_each_start_on_their_slot() -> None:
    hours = [airing(f"{8 + i}:00", minutes=61, name=f"gio-{i}") for i in range(3)]
    cuts = [decision(f"gio-{i}", f"gio-{i + 1}", Answer.CUT) for i in range(2)]
    result = settled(hours, *cuts)
    assert [clock(result[f"gio-{i}"]) for i in range(3)] == ["8:00", "9:00", "10:00"]
    assert [effects(result[f"gio-{i}"]) for i in range(3)] == [[("cut", "gio-1")], [("cut", "gio-2")], []]
    # On the pole the higher number cuts in: each is a step above the one it cuts.
    levels = [result[f"gio-{i}"].airing.level for i in range(3)]
    assert levels == [Level.ROUTINE_WARD, Level.ROUTINE_WARD + 1, Level.ROUTINE_WARD + 2]


def test_three_priority_hours_without_a_decision_never_pile_up_unseen() -> None:
    hours = [airing(f"{8 + i}:00", minutes=61, name=f"gio-{i}", **UPPER) for i in range(3)]
    result = settled(hours)
    assert [bool(result[f"gio-{i}"].airs_on) for i in range(3)] == [True, False, True]
    assert result["gio-1"].undecided_with == (hours[0].occ,)


def test_decisions_that_bite_their_own_tail_still_give_one_answer() -> None:
    three = [airing("5:30", name=name) for name in "abc"]
    ring = [decision("a", "b"), decision("b", "c"), decision("c", "a")]
    result = settled(three, *ring)
    assert result == settled(three[::-1], *ring[::-1])
    assert clock(result["a"]) == "5:30"


def test_one_session_too_many_is_refused_to_the_lower_and_said() -> None:
    two_a_day = rules(sessions_per_day=2)
    plan = [airing("5:30", name="a"), airing("9:00", name="b"), airing("17:30", name="c", **UPPER)]
    result = settled(plan, by=two_a_day)
    assert result["b"].refusals == (Refusal.TOO_MANY,)
    assert result["b"].airs_on == frozenset()
    assert result["a"].airs_on == result["c"].airs_on == WARD_CLUSTERS


clusters = st.sets(st.sampled_from(sorted(WARD_CLUSTERS)), min_size=1).map(frozenset)
answers = st.sampled_from([Answer.AFTER, Answer.CANCEL, Answer.CUT])
standings = st.sampled_from(
    [
        (Priority.ROUTINE, Level.ROUTINE_WARD),
        (Priority.ROUTINE, Level.ROUTINE_PROVINCE),
        (Priority.PRIORITY, Level.PRIORITY_WARD),
        (Priority.PRIORITY, Level.PRIORITY_CENTRAL),
    ]
)


@st.composite
def crowds(draw: st.DrawFn) -> tuple[list[Airing], list[Decision]]:
    names = "abcdefg"[: draw(st.integers(1, 7))]
    crowd = []
    for name in names:
        priority, level = draw(standings)
        minute, length = draw(st.integers(0, 40)), draw(st.integers(1, 25))
        mode = draw(st.sampled_from(list(AfterOverride)))
        crowd.append(
            airing(
                f"8:{minute:02d}",
                minutes=length,
                name=name,
                priority=priority,
                level=level,
                clusters=draw(clusters),
                after_override=mode,
            )
        )
    pairs = draw(st.lists(st.sampled_from(list(combinations(names, 2)) or [("a", "z")]), max_size=5, unique=True))
    ways = [draw(st.booleans()) for _ in pairs]
    return crowd, [
        decision(a, b, draw(answers)) if way else decision(b, a, draw(answers))
        for (a, b), way in zip(pairs, ways, strict=True)
    ]


@settings(max_examples=300, deadline=None)
@given(crowds(), st.randoms(use_true_random=False))
def test_every_clash_is_answered_and_the_order_of_rows_changes_nothing(
    crowd: tuple[list[Airing], list[Decision]], dice: random.Random
) -> None:
    airings, decisions = crowd
    cases = settle(airings, decisions, RULES)
    by_name = {case.airing.occ: case for case in cases}
    assert by_name.keys() == {one.occ for one in airings}

    for one, two in combinations(cases, 2):
        both = one.airing.meets(two.airing) & one.airs_on & two.airs_on
        for cluster in both:
            # Two may sound at once in the plan only where one of them is known to give way to the other.
            told = [
                loss
                for case, to in ((one, two), (two, one))
                for loss in case.losses
                if loss.to == to.airing.occ and cluster in loss.clusters
            ]
            assert told
            assert all(loss.effect is not Effect.LOST for loss in told)
    for case in cases:
        for loss in case.losses:
            winner = by_name[loss.to].airing
            if winner.priority is not case.airing.priority:
                assert winner.level > case.airing.level
        if case.airs_on != case.airing.clusters:
            assert case.losses or case.refusals

    shuffled, reasons = list(airings), list(decisions)
    dice.shuffle(shuffled)
    dice.shuffle(reasons)
    again = {case.airing.occ: case for case in settle(shuffled, reasons, RULES)}
    assert again == by_name


@settings(max_examples=100, deadline=None)
@given(crowds())
def test_nothing_airs_whole_outside_the_allowed_hours_however_it_is_moved(
    crowd: tuple[list[Airing], list[Decision]],
) -> None:
    narrow = rules(windows=(Window(start=time(8), end=time(9)),))
    airings, decisions = crowd
    inside = [one for one in airings if narrow.may_sound(one.start, one.duration, one.priority) is None]
    for case in settle(inside, decisions, narrow):
        if case.airs_on:
            assert narrow.may_sound(case.airing.start, case.airing.duration, case.airing.priority) is None


def test_what_a_decision_held_back_is_served_in_its_turn_again() -> None:
    three = [airing("5:30", name="a"), airing("5:35", name="b"), airing("5:45", name="c")]
    result = settled(three, decision("a", "b"))
    assert (clock(result["b"]), result["b"].airs_on) == ("5:40", WARD_CLUSTERS)
    assert result["c"].airs_on == frozenset()
    assert result["c"].undecided_with == (three[1].occ,)


def test_a_higher_level_that_had_to_wait_for_a_decision_still_beats_a_lower_one() -> None:
    early = airing("5:30", name="a", after_override=AfterOverride.DROP)
    ordered = airing("5:40", name="b")
    upper = airing("5:35", minutes=35, name="tinh", level=Level.ROUTINE_PROVINCE)
    result = settled([early, ordered, upper], decision("b", "tinh", Answer.CUT))
    assert result["tinh"].airs_on == WARD_CLUSTERS
    assert result["tinh"].losses == ()
    assert effects(result["a"]) == [("cut", "tinh")]
    assert effects(result["b"]) == [("lost", "tinh")]
