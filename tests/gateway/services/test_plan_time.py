"""Giờ của kế hoạch: whose word counts when the gateway doubts its own clock."""

import pytest

from devices.clock import ManualClock, instant
from devices.model import ClusterId
from devices.wire.reports import ClockState
from gateway.services.plan_time import FAR_BEHIND, HEARD_WITHIN_S, ClockWrong, PlanTime
from gateway.services.time_witness import FORGOTTEN_AFTER_S, TimeWitness

NOW_MS = 1_791_400_000_000
HOUR_MS = 3_600_000
KP1, KP2 = ClusterId("kp1-01"), ClusterId("kp1-02")


def state(src: str = "ntp", *, trusted: bool = True) -> ClockState:
    return ClockState(src=src, trusted=trusted)  # type: ignore[arg-type]


def test_only_a_pole_that_has_its_time_from_ntp_and_was_heard_lately_vouches_for_the_gateways() -> None:
    clock = ManualClock(NOW_MS)
    witness = TimeWitness(clock)
    for told in (state("exchange"), state("hold"), state(trusted=False)):  # they have their time from us, or none
        witness.hear(KP1, told, NOW_MS)
        assert not witness.vouched()
    witness.hear(KP1, state(), NOW_MS)
    assert witness.vouched()
    clock.step_wall(HOUR_MS)
    assert not witness.vouched()  # it was heard before our clock was moved
    clock.step_wall(-HOUR_MS)
    clock._mono_ns += int((FORGOTTEN_AFTER_S + 1) * 1e9)
    assert not witness.vouched()


def test_one_pole_of_many_does_not_overrule_the_gateway_and_two_do() -> None:
    clock = ManualClock(NOW_MS)
    witness = TimeWitness(clock, ward=lambda: 20)
    witness.hear(KP1, state(), NOW_MS - HOUR_MS)
    assert (witness.dispute(), witness.now_ms()) == (None, NOW_MS)
    witness.hear(KP2, state(), NOW_MS - HOUR_MS + 900)
    dispute = witness.dispute()
    assert dispute is not None
    assert (dispute.against, dispute.asked) == (2, 2)
    assert (dispute.ours_ms, dispute.theirs_ms) == (NOW_MS, NOW_MS - HOUR_MS)
    assert witness.now_ms() == NOW_MS - HOUR_MS
    witness.forget(KP2)
    assert witness.dispute() is None


def test_the_only_pole_of_a_ward_is_heard() -> None:
    witness = TimeWitness(ManualClock(NOW_MS), ward=lambda: 1)
    witness.hear(KP1, state(), NOW_MS + 72 * HOUR_MS)
    assert witness.now_ms() == NOW_MS + 72 * HOUR_MS


def test_poles_that_contradict_each_other_overrule_nobody() -> None:
    witness = TimeWitness(ManualClock(NOW_MS), ward=lambda: 4)
    for number in range(1, 5):
        witness.hear(ClusterId(f"kp1-0{number}"), state(), NOW_MS + number * HOUR_MS)
    assert witness.dispute() is None


def test_half_of_the_poles_are_not_most_of_them() -> None:
    witness = TimeWitness(ManualClock(NOW_MS), ward=lambda: 4)
    for number in range(1, 5):
        witness.hear(ClusterId(f"kp1-0{number}"), state(), NOW_MS + (HOUR_MS if number > 2 else 0))
    assert witness.dispute() is None
    assert witness.vouched()


def test_a_board_of_1970_bears_no_witness() -> None:
    witness = TimeWitness(ManualClock(NOW_MS), ward=lambda: 1)
    witness.hear(KP1, state(), 60_000)
    assert witness.dispute() is None


def test_a_gateway_that_was_in_the_future_plans_again_as_soon_as_a_pole_agrees_with_it() -> None:
    clock = ManualClock(NOW_MS)
    witness = TimeWitness(clock)
    time = PlanTime(clock, witness)
    future = instant(NOW_MS) + 2 * FAR_BEHIND
    with pytest.raises(ClockWrong):
        time.expect_possible(future)
    witness.hear(KP1, state(), NOW_MS)
    time.expect_possible(future)


def test_nobody_vouches_for_1970() -> None:
    clock = ManualClock(60_000)
    time = PlanTime(clock, TimeWitness(clock))
    with pytest.raises(ClockWrong):
        time.expect_possible(instant(NOW_MS))
    time.expect_possible(None)  # a new ward has nothing to lose


async def test_a_gateway_far_from_its_newest_plan_waits_for_the_poles_and_not_for_ever() -> None:
    clock = ManualClock(NOW_MS)
    witness = TimeWitness(clock)
    long_ago = instant(NOW_MS - 72 * HOUR_MS)
    time = PlanTime(clock, witness)
    assert not time.must_wait(None)
    assert not time.must_wait(instant(NOW_MS - HOUR_MS))
    assert time.must_wait(long_ago)
    witness.hear(KP1, state(), NOW_MS)
    assert not time.must_wait(long_ago)
    witness.forget(KP1)
    assert time.must_wait(long_ago)
    await clock.advance(HEARD_WITHIN_S + 1)
    assert not time.must_wait(long_ago)
