"""Giờ của kế hoạch: whose word counts when the gateway doubts its own clock."""

from dataclasses import replace

import pytest

from devices.clock import ManualClock, instant
from devices.model import ClusterId
from devices.wire.reports import ClockState
from gateway.services.plan_time import FAR_BEHIND, ClockWrong, PlanTime, held_by_ntp
from gateway.services.presence import Live, Presence, unheard

NOW_MS = 1_791_400_000_000


def live(src: str = "ntp", *, trusted: bool = True, said_ms: int = NOW_MS, online: bool = True) -> Live:
    bare = unheard(ClusterId("kp1-01"), enrolled=True, now_ms=NOW_MS, now_ns=0)
    clock = ClockState(src=src, trusted=trusted, off_ms=0.0)  # type: ignore[arg-type]
    return replace(bare, presence=Presence.ONLINE if online else Presence.LOST, clock=clock, said_ms=said_ms)


def test_only_a_pole_that_is_there_and_has_its_time_from_ntp_vouches_for_the_gateways() -> None:
    assert held_by_ntp([live()], NOW_MS)
    others = [
        live("exchange"),  # it has its time from us
        live("hold"),
        live(trusted=False),
        live(online=False),
        live(said_ms=NOW_MS + 3_600_000),  # it was heard before our clock was moved
    ]
    assert not held_by_ntp(others, NOW_MS)


def test_a_gateway_that_was_in_the_future_plans_again_as_soon_as_a_pole_agrees_with_it() -> None:
    agrees = False
    time = PlanTime(ManualClock(NOW_MS), lambda: agrees)
    future = instant(NOW_MS) + 2 * FAR_BEHIND
    with pytest.raises(ClockWrong):
        time.expect_possible(future)
    agrees = True
    time.expect_possible(future)


def test_nobody_vouches_for_1970() -> None:
    with pytest.raises(ClockWrong):
        PlanTime(ManualClock(60_000), lambda: True).expect_possible(instant(NOW_MS))
    PlanTime(ManualClock(60_000), lambda: False).expect_possible(None)  # a new ward has nothing to lose
