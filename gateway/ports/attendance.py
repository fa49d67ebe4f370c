"""Sổ chuyên cần: how long every cluster was there on every day."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from gateway.domain.attendance import Attended


class AttendanceBook(Protocol):
    """Raises, from any method: :class:`gateway.domain.errors.StoreFailed`: nothing was changed."""

    async def add(self, more: Sequence[Attended]) -> None:
        """Add seconds to what is written already for those days and clusters."""
        ...

    async def between(self, first: date, last: date) -> Sequence[Attended]:
        """Return the rows of the days from ``first`` to ``last``, both counted."""
        ...
