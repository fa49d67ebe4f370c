"""Danh mục, as kept: zones, clusters, categories."""

from collections.abc import Sequence
from typing import TypeVar

from sqlite_utils import Database

from devices.model import ClusterId
from gateway.domain.category import Category
from gateway.domain.errors import BadInput, Problem
from gateway.domain.targets import Cluster, Zone
from gateway.ports.records import AuditNote
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.shelf import Shelf

T = TypeVar("T")


class SqliteInventory:
    """Fits :class:`gateway.ports.store.Inventory`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database
        self._zones = Shelf("zone", Zone)
        self._clusters = Shelf("cluster", Cluster)
        self._categories = Shelf("category", Category)

    async def zones(self) -> Sequence[Zone]:
        return await self._database.read(self._zones.all)

    async def clusters(self) -> Sequence[Cluster]:
        return await self._database.read(self._clusters.all)

    async def cluster(self, name: ClusterId) -> Cluster | None:
        return await self._database.read(lambda db: self._clusters.get(db, name))

    async def categories(self) -> Sequence[Category]:
        return await self._database.read(self._categories.all)

    async def save_zone(self, zone: Zone, *, note: AuditNote) -> None:
        await self._save(self._zones, zone.id, zone, note)

    async def save_cluster(self, cluster: Cluster, *, note: AuditNote) -> None:
        """Keep it.

        Raises:
            BadInput: there is no such zone.
        """

        def work(database: Database) -> None:
            if self._zones.get(database, cluster.zone) is None:
                raise BadInput([_no_zone(cluster.zone)])
            self._clusters.put(database, cluster.id, cluster, {"zone": cluster.zone})
            write_note(database, note)

        await self._database.run(work)

    async def save_category(self, category: Category, *, note: AuditNote) -> None:
        await self._save(self._categories, category.id, category, note)

    async def _save(self, shelf: Shelf[T], key: str, thing: T, note: AuditNote) -> None:
        def work(database: Database) -> None:
            shelf.put(database, key, thing)
            write_note(database, note)

        await self._database.run(work)


def _no_zone(zone: str) -> Problem:
    return Problem(code="unknown_zone", vi=f"không có khu phố “{zone}”", en=f"no zone “{zone}”", path="zone")
