"""Các cụm loa của phường: inventory and enrolment in memory, so that a thousand messages a second ask no database."""

from collections.abc import Iterable

from devices.model import ClusterId, ZoneId
from gateway.domain.targets import Cluster, Registry
from gateway.ports.clusters import Clusters
from gateway.ports.records import ClusterIdentity
from gateway.ports.store import Enrolments, Inventory


class Fleet:
    """Read at start and after every change of inventory or enrolment; the rest of the gateway looks here."""

    def __init__(self, inventory: Inventory, enrolments: Enrolments, clusters: Clusters) -> None:
        self._inventory = inventory
        self._enrolments = enrolments
        self._clusters = clusters
        self._registry = Registry.of([], [])
        self._controllable: frozenset[ClusterId] = frozenset()
        self._enrolled: frozenset[ClusterId] = frozenset()
        self._kids: dict[ClusterId, frozenset[str]] = {}

    async def refresh(self) -> frozenset[ClusterId]:
        """Read again, and tell the driver whom to believe; return the clusters whose keys are not what they were."""
        zones = await self._inventory.zones()
        clusters = await self._inventory.clusters()
        valid = [identity for identity in await self._enrolments.identities() if identity.revoked_at is None]
        self._registry = Registry.of(list(zones), list(clusters))
        self._controllable = frozenset(c.id for c in clusters if c.controllable)
        self._enrolled = frozenset(identity.cluster for identity in valid) & self._controllable
        self._clusters.trust(self._keys(valid))
        before, self._kids = self._kids, _kids(valid)
        return frozenset(name for name in self._enrolled if self._kids[name] != before.get(name))

    def _keys(self, valid: Iterable[ClusterIdentity]) -> list[tuple[ClusterId, str, str]]:
        return [(i.cluster, i.kid, i.public_key) for i in valid if i.cluster in self._registry.clusters]

    @property
    def registry(self) -> Registry:
        """Every zone and cluster of the ward."""
        return self._registry

    @property
    def controllable(self) -> frozenset[ClusterId]:
        """Clusters of a kind that can hold a plan."""
        return self._controllable

    @property
    def enrolled(self) -> frozenset[ClusterId]:
        """Those of them that have a valid key: who can be spoken to, and believed."""
        return self._enrolled

    def in_zone(self, zone: ZoneId) -> frozenset[ClusterId]:
        """Return the enrolled clusters of ``zone``."""
        return frozenset(name for name in self._enrolled if self._registry.clusters[name].zone == zone)

    def get(self, cluster: ClusterId) -> Cluster | None:
        """Return the inventory's row."""
        return self._registry.clusters.get(cluster)

    def name(self, cluster: ClusterId) -> str:
        """Return what people call it."""
        known = self._registry.clusters.get(cluster)
        return known.name if known is not None else cluster

    def names(self, clusters: Iterable[ClusterId], *, at_most: int = 5) -> str:
        """Return names for a sentence: the first few, and how many more."""
        ordered = sorted(clusters)
        shown = ", ".join(self.name(cluster) for cluster in ordered[:at_most])
        return shown if len(ordered) <= at_most else f"{shown} (+{len(ordered) - at_most})"


def _kids(identities: Iterable[ClusterIdentity]) -> dict[ClusterId, frozenset[str]]:
    found: dict[ClusterId, frozenset[str]] = {}
    for identity in identities:
        found[identity.cluster] = found.get(identity.cluster, frozenset()) | {identity.kid}
    return found
