"""Theo khu phố: the clusters of a broadcast by neighbourhood, each with how many of its clusters stand how."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from devices.model import ZoneId
from gateway.domain.counting import counting
from gateway.domain.targets import Registry
from gateway.services.strips import Sound, Strip


@dataclass(frozen=True, kw_only=True)
class BoardZone:
    """One neighbourhood of a broadcast."""

    zone: ZoneId
    name: str
    strips: tuple[Strip, ...]
    """In the board's order: what is wrong first."""

    @property
    def counts(self) -> list[tuple[Sound, int]]:
        """How many of its clusters stand how, the gravest first."""
        found = Counter(strip.sound for strip in self.strips)
        return [(sound, found[sound]) for sound in Sound if found[sound]]


def board_zones(strips: Sequence[Strip], registry: Registry) -> list[BoardZone]:
    """Return ``strips`` by neighbourhood, the one with the gravest first, else as people count them.

    A cluster that the ward no longer has, of a broadcast long past, stands under its own code.
    """
    homes: dict[ZoneId, list[Strip]] = {}
    for strip in strips:
        cluster = registry.clusters.get(strip.cluster)
        homes.setdefault(cluster.zone if cluster is not None else ZoneId(strip.cluster), []).append(strip)
    found = [
        BoardZone(zone=zone, name=registry.zones[zone].name if zone in registry.zones else zone, strips=tuple(some))
        for zone, some in homes.items()
    ]
    return sorted(found, key=lambda each: (not each.strips[0].sound.wrong, counting(each.name)))
