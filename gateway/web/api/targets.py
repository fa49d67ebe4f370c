"""Vùng phát, as bodies name it."""

from typing import Annotated

from pydantic import Field

from devices.model import ClusterId, ZoneId
from gateway.domain.targets import Targets
from gateway.web.types import Sent, Slug


class TargetsIn(Sent):
    """Clusters, zones, or ``everywhere``. A zone grows with its clusters."""

    clusters: Annotated[frozenset[Slug], Field(max_length=10_000)] = frozenset()
    zones: Annotated[frozenset[Slug], Field(max_length=1_000)] = frozenset()
    everywhere: bool = False

    @property
    def targets(self) -> Targets:
        """In the domain's words."""
        return Targets(
            clusters=frozenset(map(ClusterId, self.clusters)),
            zones=frozenset(map(ZoneId, self.zones)),
            everywhere=self.everywhere,
        )
