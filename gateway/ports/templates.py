"""Where the ward's own templates are kept. Fits :mod:`gateway.store.templates` by shape."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.template import Template
from gateway.ports.records import AuditNote


@dataclass(frozen=True, kw_only=True)
class TemplateVersion:
    """What one template became at one moment, and by whom; ``template`` is ``None``: taken out."""

    n: int
    """Grows with every change of any template."""
    id: str
    template: Template | None
    by: str
    at: datetime


class WardTemplates(Protocol):
    """Mẫu của phường. Raises :class:`gateway.domain.errors.StoreFailed`: nothing was changed."""

    async def current(self) -> Sequence[TemplateVersion]:
        """Return the newest version of each, taken-out ones aside, by id."""
        ...

    async def history(self, id_: str, *, limit: int = 100) -> Sequence[TemplateVersion]:
        """Return the versions of one, the newest first."""
        ...

    async def write(self, id_: str, template: Template | None, *, note: AuditNote) -> int:
        """Add a version and return its number."""
        ...
