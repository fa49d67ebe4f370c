"""Giờ của kế hoạch: from when on a plan must speak, and when the gateway's own clock is too wrong to plan by at all.

A pole takes whatever a new plan does not hold for cancelled. So a gateway whose clock is wrong could silence a ward
whose poles all know the time: by leaving out the hours that its clock skipped, or, after a boot in 1970, everything.
"""

from datetime import datetime, timedelta

from devices.clock import Clock, instant
from gateway.domain.errors import WrongState
from gateway.services.clock_watch import JUMP_MS
from gateway.services.time_witness import NEVER_BEFORE, TimeWitness

FAR_BEHIND = timedelta(hours=36)
"""Plans reach fourteen days: a clock that is wrong by less than this still plans every coming hour."""
MOST_SKIPPED = timedelta(hours=36)
DOUBTED_FOR_S = 24 * 3600.0
"""A clock that jumped, or was found behind, and then ran for a day is believed."""
FAR_AHEAD = timedelta(hours=36)
"""A gateway plans every day. One that finds its newest plan older than this was off, or its clock is wrong..."""
HEARD_WITHIN_S = 180.0
"""...and the poles that know say so within six heartbeats."""


class ClockWrong(WrongState):
    """The gateway's clock is behind what it has written, or its poles know better. Plans in hand stand meanwhile."""

    code = "clock_wrong"


class PlanTime:
    """Watches the gateway's clock for the planner."""

    def __init__(self, clock: Clock, witness: TimeWitness) -> None:
        """``witness``: what the poles with a clock of their own say of ours."""
        self._clock = clock
        self._witness = witness
        self._ahead_ms = self._ahead()
        self._skipped = timedelta()
        self._jumped_ns = clock.mono_ns()
        """When the clock last jumped, or was first looked at."""

    def skipped(self) -> timedelta:
        """Return how far the clock jumped ahead lately: those hours may still lie ahead of the poles."""
        self._look()
        return self._skipped

    def must_wait(self, newest: datetime | None) -> bool:
        """Tell whether to wait for the poles' word before planning so far from the newest plan."""
        self._look()
        now = instant(self._clock.now_ms())
        if newest is None or now <= newest + FAR_AHEAD or self._witness.vouched() or self._witness.dispute():
            return False  # the poles' word is in: for us, or against us
        return self._clock.mono_ns() - self._jumped_ns < HEARD_WITHIN_S * 1e9

    def _look(self) -> None:
        jump_ms = self._ahead() - self._ahead_ms
        if abs(jump_ms) >= JUMP_MS:
            self._ahead_ms += jump_ms
            self._skipped = max(timedelta(), min(self._skipped + timedelta(milliseconds=jump_ms), MOST_SKIPPED))
            self._jumped_ns = self._clock.mono_ns()
        elif not self._doubted:
            self._skipped = timedelta()

    def expect_possible(self, newest: datetime | None) -> None:
        """Let planning go on only by a clock that can be right. ``newest``: when the newest plan was issued.

        Raises:
            ClockWrong
        """
        dispute = self._witness.dispute()
        if dispute is not None:
            raise ClockWrong(dispute.vi, dispute.en)
        now = instant(self._clock.now_ms())
        behind = newest is not None and now < newest - FAR_BEHIND and self._doubted and not self._witness.vouched()
        if behind or (newest is not None and now < NEVER_BEFORE):
            raise ClockWrong(
                f"Đồng hồ của đài chỉ {now:%d/%m/%Y %H:%M} UTC, sớm hơn kế hoạch đã phát hành. Hãy chỉnh đồng hồ; "
                "cụm loa vẫn phát theo kế hoạch đã nhận.",
                f"The gateway's clock shows {now:%Y-%m-%d %H:%M} UTC, before its own newest plan. Set it; "
                "clusters go on playing the plan they hold.",
            )

    @property
    def _doubted(self) -> bool:
        return self._clock.mono_ns() - self._jumped_ns <= DOUBTED_FOR_S * 1e9

    def _ahead(self) -> int:
        return self._clock.now_ms() - self._clock.mono_ns() // 1_000_000
