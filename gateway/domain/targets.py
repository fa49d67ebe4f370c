"""Vùng phát: which clusters a broadcast is for, and the inventory (danh mục) it is resolved against."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from devices.model import ClusterId, ZoneId
from gateway.domain.errors import BadInput, Problem


class ClusterKind(StrEnum):
    """How a cluster is fed. All are in the inventory; only ``ip`` can be controlled and can prove a play."""

    IP = "ip"
    FM = "fm"
    WIRED = "wired"


@dataclass(frozen=True, kw_only=True)
class Zone:
    """Khu phố (khối phố, thôn, tổ dân phố: the word is the ward's)."""

    id: ZoneId
    name: str
    households: int = 0
    """Số hộ, also those that no loudspeaker covers; 0: nobody entered it."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Cụm loa: one controller with its horns."""

    id: ClusterId
    name: str
    zone: ZoneId
    kind: ClusterKind = ClusterKind.IP
    households: int = 0
    people: int = 0
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    near_quiet_place: bool = False
    """A school, hospital or temple is in earshot."""

    @property
    def controllable(self) -> bool:
        """Whether a plan can be sent to it."""
        return self.kind is ClusterKind.IP


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Danh mục: every zone and cluster of the ward."""

    zones: Mapping[ZoneId, Zone]
    clusters: Mapping[ClusterId, Cluster]

    @classmethod
    def of(cls, zones: list[Zone], clusters: list[Cluster]) -> "Registry":
        """Build from rows."""
        return cls(zones={z.id: z for z in zones}, clusters={c.id: c for c in clusters})


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Vùng phát as a person chose it: clusters, zones, or the whole ward. A zone grows with its clusters."""

    clusters: frozenset[ClusterId] = field(default=frozenset())
    zones: frozenset[ZoneId] = field(default=frozenset())
    everywhere: bool = False

    def resolve(self, registry: Registry) -> frozenset[ClusterId]:
        """Return the controllable clusters meant.

        Raises:
            BadInput: nothing is meant, or a name is unknown, or a cluster named cannot be controlled; all of them.
        """
        problems = self.problems(registry)
        if problems:
            raise BadInput(problems)
        return self.reach(registry)

    def problems(self, registry: Registry) -> tuple[Problem, ...]:
        """List what is wrong with these targets in this ward: unknown names, dumb clusters, nobody at all."""
        found = [_unknown("zones", zone) for zone in sorted(self.zones - registry.zones.keys())]
        for name in sorted(self.clusters):
            cluster = registry.clusters.get(name)
            if cluster is None:
                found.append(_unknown("clusters", name))
            elif not cluster.controllable:
                found.append(
                    Problem(
                        code="not_controllable",
                        vi=f"cụm “{name}” ({cluster.kind}) không điều khiển từ xa được",
                        en=f"cluster “{name}” ({cluster.kind}) cannot be controlled",
                        path="targets.clusters",
                    )
                )
        if not found and not self.reach(registry):
            found.append(
                Problem(
                    code="no_clusters",
                    vi="không có cụm loa nào trong vùng phát",
                    en="no cluster in the target area",
                    path="targets",
                )
            )
        return tuple(found)

    def reach(self, registry: Registry) -> frozenset[ClusterId]:
        """Return the controllable clusters meant, leaving unknown names out: one lost name silences nobody else."""
        return frozenset(c.id for c in registry.clusters.values() if c.controllable and self._means(c))

    def beyond_reach(self, registry: Registry) -> frozenset[ClusterId]:
        """Return the clusters meant that no plan can reach (FM, wired): who will not hear it from us."""
        return frozenset(c.id for c in registry.clusters.values() if not c.controllable and self._means(c))

    def _means(self, cluster: Cluster) -> bool:
        return self.everywhere or cluster.id in self.clusters or cluster.zone in self.zones


EVERYWHERE = Targets(everywhere=True)
"""Toàn phường."""


def _unknown(field_name: str, name: str) -> Problem:
    kind = "khu phố" if field_name == "zones" else "cụm loa"
    return Problem(
        code="unknown_target",
        vi=f"không có {kind} “{name}”",
        en=f"no {field_name[:-1]} “{name}”",
        path=f"targets.{field_name}",
    )
