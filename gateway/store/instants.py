"""Instants in columns that may be empty."""

from datetime import datetime

from devices.clock import epoch_ms, instant


def moment(ms: int | None) -> datetime | None:
    """Read a column."""
    return instant(ms) if ms is not None else None


def moment_ms(at: datetime | None) -> int | None:
    """Write a column; ``at`` is aware."""
    return epoch_ms(at) if at is not None else None
