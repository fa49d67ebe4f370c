"""What the agent asks of disciplined time. ``devices.agent.timebase`` keeps it; tests may stand in."""

from typing import Protocol

from devices.wire.reports import ClockState


class Timebase(Protocol):
    """UTC on top of the monotonic clock, with a word on how far it can be trusted."""

    def utc_ms(self) -> int:
        """Return the best known UTC; meaningless for airing while not trusted."""
        ...

    def mono_ns_at(self, utc_ms: int) -> int:
        """Say when ``utc_ms`` is on the board's monotonic clock, by what is known now."""
        ...

    def state(self) -> ClockState: ...

    def tick(self) -> None:
        """Look at the operating system's clock discipline again."""
        ...

    @property
    def alarm(self) -> str | None:
        """What is wrong between the sources of time, in words, or ``None``."""
        ...

    def observe(self, t1_us: int, t2_us: int, t3_us: int, t4_us: int) -> object:
        """Learn from one four-timestamp exchange; ``t1``/``t4`` are monotonic, ``t2``/``t3`` the gateway's UTC."""
        ...
