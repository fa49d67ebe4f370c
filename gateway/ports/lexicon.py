"""Where the ward's lexicon is kept. Fits :mod:`gateway.store.lexicon` by shape."""

from collections.abc import Sequence
from typing import Protocol

from gateway.domain.lexicon import Version, WardEntry
from gateway.ports.records import AuditNote


class WardLexicon(Protocol):
    """Từ điển của phường. Raises :class:`gateway.domain.errors.StoreFailed`: nothing was changed."""

    async def current(self) -> Sequence[Version]:
        """Return the entries that count, by surface."""
        ...

    async def history(self, surface: str | None = None, *, limit: int = 500) -> Sequence[Version]:
        """Return versions of one surface or of all, the newest first."""
        ...

    async def newest(self) -> int:
        """Return the number of the newest version, 0 when there is none."""
        ...

    async def write(self, put: Sequence[WardEntry], removed: Sequence[WardEntry], *, note: AuditNote) -> None:
        """Add a version for each, all or none."""
        ...
