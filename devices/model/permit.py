"""Giấy phép phát ngoài giờ: a short stretch, named in advance, in which the ward may sound outside its hours. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PERMIT_MAX = timedelta(hours=4)
"""Longer is another rule, and rules are adopted as such."""
PERMITS_AT_MOST = 8
"""At once; who needs more has other hours."""


@dataclass(frozen=True, kw_only=True)
class Permit:
    """From ``start`` to ``end``, both aware: instants and not local hours, so that no change of clocks moves them.

    Raises:
        ValueError: naive, backwards, or longer than ``PERMIT_MAX``.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError(f"naive time: {self.start!r} {self.end!r}")
        if not timedelta() < self.end.astimezone(UTC) - self.start.astimezone(UTC) <= PERMIT_MAX:
            raise ValueError(f"a permit lasts at most {PERMIT_MAX}: {self.start} to {self.end}")

    def covers(self, start: datetime, duration: timedelta) -> bool:
        """Tell whether all of a play at ``start`` (aware) lies inside."""
        return self.start <= start and start.astimezone(UTC) + duration <= self.end
