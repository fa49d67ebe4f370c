"""Sổ đo: what clusters measured, hour by hour."""

from collections.abc import Sequence
from typing import Protocol

from devices.model import ClusterId
from gateway.domain.cluster_history import Hour


class HourBook(Protocol):
    """Raises, from any method: :class:`gateway.domain.errors.StoreFailed`: nothing was changed."""

    async def add(self, more: Sequence[Hour], *, forget_before_ms: int) -> None:
        """Add to what is written already for those clusters and hours; let go of what is older."""
        ...

    async def of(self, cluster: ClusterId, *, since_ms: int) -> Sequence[Hour]:
        """Return the hours of one cluster that begin at ``since_ms`` or later, oldest first."""
        ...
