"""Đường thời gian của một lượt phát: when its frames should be heard, and how late it may still come. Arithmetic only.

All instants are the board's monotonic nanoseconds.
"""

from dataclasses import dataclass

from devices.agent.slot import Slot
from devices.wire.documents import AfterOverride

MS = 1_000_000
READY_NS = 150 * MS
"""What the card needs to open and fill before a sample can be placed exactly."""
SHIFT_NS = 500 * MS
GRACE_NS = 4 * SHIFT_NS
"""A start up to two seconds late is moved to the next half second after the hour: all of it is heard, and poles in the
same plight still start together. Later than that, a part is left out to be in step."""
LEAST_WORTH_NS = 1_000 * MS
"""A rest shorter than this is not worth a click in the horn."""


@dataclass
class Course:
    """The timeline of one slot on one pole."""

    slot: Slot
    planned_ns: int
    attempt: int = 1
    interrupted: bool = False
    """Part of it was heard before something louder came."""
    not_after_ns: int | None = None
    """An emergency's own end: nothing of it begins after that."""

    def __post_init__(self) -> None:
        self.zero_ns = self.planned_ns
        """When the first frame of the programme is, or would have been, heard."""
        self.first_seek_ms: int | None = None

    @property
    def end_ns(self) -> int:
        return self.zero_ns + self.slot.programme_ms * MS

    @property
    def give_up_ns(self) -> int:
        """Until when it is worth waiting for its turn or its audio."""
        limit_ns = self._patience_ns
        return limit_ns if self.not_after_ns is None else min(limit_ns, self.not_after_ns)

    @property
    def _patience_ns(self) -> int:
        slot = self.slot
        if self.interrupted:
            if slot.entry.after_override is AfterOverride.SEEK:
                return self.end_ns - LEAST_WORTH_NS
            return self.end_ns + slot.late_limit_ms * MS
        limit_ns = self.planned_ns + slot.late_limit_ms * MS
        if slot.entry.late.mode != "from_start":
            limit_ns = min(limit_ns, self.end_ns - LEAST_WORTH_NS)
        return max(limit_ns, self.planned_ns + GRACE_NS)

    def seek_ms(self, at_ns: int) -> int:
        """Return which millisecond of the programme is to be heard at ``at_ns``; 0: it begins (again)."""
        late_ns = at_ns - self.zero_ns
        if self.interrupted:
            whole = self.slot.entry.after_override is AfterOverride.RESTART
        elif self.attempt > 1:
            whole = self.slot.exempt  # an alarm cut off by the power is said again from the start
        else:
            whole = self.slot.entry.late.mode == "from_start" or late_ns <= GRACE_NS
        return 0 if whole else max(0, -(-late_ns // MS))

    def left_ms(self, at_ns: int) -> int:
        """Return how long it sounds from ``at_ns`` on."""
        return max(1, self.slot.programme_ms - self.seek_ms(at_ns))

    def aim(self, now_ns: int) -> tuple[int, int]:
        """Decide ``(when, which)``: the instant of the first frame, and its millisecond in the programme."""
        earliest_ns = now_ns + READY_NS
        seek_ms = 0
        if earliest_ns > self.zero_ns:
            seek_ms = self.seek_ms(earliest_ns)
            if not seek_ms:
                late_ns = earliest_ns - self.zero_ns
                self.zero_ns += late_ns if self.slot.exempt else -(-late_ns // SHIFT_NS) * SHIFT_NS
        if self.first_seek_ms is None:
            self.first_seek_ms = seek_ms
        return self.zero_ns + seek_ms * MS, seek_ms

    def start_error_us(self, first_ns: int) -> int:
        """Return how far from the plan the first heard frame was, a part left out on purpose allowed for."""
        return (first_ns - self.planned_ns - (self.first_seek_ms or 0) * MS) // 1000
