"""Bao nhiêu hộ được nghe: what is proven on clusters, times the households around them. Pure.

A household counts only by a cluster that proved the play. FM and wired clusters cannot prove anything: the households
around them count among all, and never among those reached (domain.md row 56).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from devices.model import ClusterId, ZoneId
from gateway.domain.targets import Cluster, Registry


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Hộ được nghe trên tổng số hộ."""

    households: int
    reached: int

    @property
    def percent(self) -> float | None:
        """Of all households, 0..100; ``None`` when nobody entered any."""
        return 100 * self.reached / self.households if self.households else None


class Neighbourhoods:
    """The households of a ward, worked out once and asked for every airing."""

    def __init__(self, registry: Registry) -> None:
        clusters: dict[ZoneId, list[Cluster]] = defaultdict(list)
        for cluster in registry.clusters.values():
            clusters[cluster.zone].append(cluster)
        self._clusters = clusters
        self._zones = registry.zones
        self.households: Mapping[ZoneId, int] = {
            zone.id: zone.households or sum(cluster.households for cluster in clusters[zone.id])
            for zone in registry.zones.values()
        }
        """Of every zone: as entered for it, else what its clusters cover together."""

    def in_zone(self, zone: ZoneId, heard: Collection[ClusterId]) -> Reach:
        """Return who was reached in ``zone`` when the clusters ``heard`` proved it.

        Where clusters say how many households they cover, those of the proven ones count, never more than the zone
        has; where none says so, the zone's households are shared out evenly over all its clusters.
        """
        here, total = self._clusters.get(zone, []), self.households[zone]
        covered = sum(cluster.households for cluster in here)
        if covered:
            reached = min(total, sum(cluster.households for cluster in here if cluster.id in heard))
        elif here:
            reached = total * sum(cluster.id in heard for cluster in here) // len(here)
        else:
            reached = 0
        return Reach(households=total, reached=reached)

    def everywhere(self, heard: Collection[ClusterId]) -> Reach:
        """Return who was reached in the whole ward, zones without loudspeakers counted."""
        found = [self.in_zone(zone, heard) for zone in self._zones]
        return Reach(households=sum(each.households for each in found), reached=sum(each.reached for each in found))
