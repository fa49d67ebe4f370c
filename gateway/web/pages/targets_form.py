"""Vùng phát on a form: the whole ward, or zones and clusters ticked on a list; a map beside it shows the same."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form
from pydantic import StringConstraints

from devices.model import ClusterId, ZoneId
from gateway.domain.targets import EVERYWHERE, Cluster, Registry, Targets, Zone
from gateway.domain.ward_map import WardMap, tally, ward_map

_MOST = 2_000
Names = Annotated[Sequence[Annotated[str, StringConstraints(max_length=48)]], Form(max_length=_MOST)]


@dataclass(frozen=True, kw_only=True)
class ZoneRow:
    """One zone on the list."""

    zone: Zone
    clusters: tuple[Cluster, ...]
    reachable: int
    chosen: bool

    @property
    def households(self) -> int:
        """Số hộ: the zone's own count, else what its clusters say."""
        return self.zone.households or sum(each.households for each in self.clusters)


@dataclass(frozen=True, kw_only=True)
class Picker:
    """What the list and the map need."""

    everywhere: bool
    rows: Sequence[ZoneRow]
    picked: frozenset[ClusterId]
    map: WardMap
    total: int
    """Clusters that can be spoken to."""


def picker(registry: Registry, chosen: Targets) -> Picker:
    """Prepare the list and the map with ``chosen`` ticked."""
    inside: dict[ZoneId, list[Cluster]] = defaultdict(list)
    for cluster in sorted(registry.clusters.values(), key=lambda each: each.name):
        inside[cluster.zone].append(cluster)
    counts = tally(registry)
    return Picker(
        everywhere=chosen.everywhere,
        rows=[
            ZoneRow(
                zone=zone,
                clusters=tuple(inside[zone.id]),
                reachable=counts.get(zone.id, 0),
                chosen=zone.id in chosen.zones,
            )
            for zone in sorted(registry.zones.values(), key=lambda each: (len(each.name), each.name))
        ],
        picked=chosen.clusters,
        map=ward_map(registry),
        total=sum(counts.values()),
    )


def targets(
    where: Annotated[str, Form(max_length=8)] = "all",
    zone: Names = (),
    cluster: Names = (),
) -> Targets:
    """Take the form in."""
    if where == "all":
        return EVERYWHERE
    return Targets(zones=frozenset(map(ZoneId, zone)), clusters=frozenset(map(ClusterId, cluster)))
