"""Danh mục: zones, clusters and categories, as people keep them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime

from devices.clock import Clock, instant
from devices.model import is_slug
from gateway.domain.addresses import DEVICES, expect_free
from gateway.domain.category import Category
from gateway.domain.errors import BadInput, Problem
from gateway.domain.people import Permission, expect
from gateway.domain.targets import Cluster, Zone
from gateway.ports.records import AuditNote
from gateway.ports.store import Inventory
from gateway.services.actor import Actor
from gateway.services.bus import Bus
from gateway.services.events import ContentChanged


class InventoryDesk:
    """Writes the inventory; ``follow`` makes the rest of the gateway look."""

    def __init__(self, *, inventory: Inventory, follow: Callable[[], Awaitable[None]], bus: Bus, clock: Clock) -> None:
        self._inventory = inventory
        self._follow = follow
        self._bus = bus
        self._clock = clock

    async def zones(self) -> Sequence[Zone]:
        """Return the neighbourhoods."""
        return await self._inventory.zones()

    async def clusters(self) -> Sequence[Cluster]:
        """Return the clusters, of every kind."""
        return await self._inventory.clusters()

    async def categories(self) -> Sequence[Category]:
        """Return the chuyên mục."""
        return await self._inventory.categories()

    async def save_zone(self, zone: Zone, *, by: Actor) -> None:
        """Keep a neighbourhood.

        Raises:
            NotAllowed: without the right to enrol.
            BadInput: an id that fits no topic, or no name.
        """
        expect(by, Permission.ENROL)
        _check(zone.id, zone.name)
        await self._inventory.save_zone(zone, note=self._note("zone.save", zone.id, by, asdict(zone)))
        await self._tell("zone", zone.id)

    async def save_cluster(self, cluster: Cluster, *, by: Actor) -> None:
        """Keep a cluster.

        Raises:
            NotAllowed: without the right to enrol.
            BadInput: an id that fits no topic or is reserved, no name, or a zone that does not exist.
        """
        expect(by, Permission.ENROL)
        _check(cluster.id, cluster.name)
        if cluster.id not in {each.id for each in await self._inventory.clusters()}:
            expect_free(DEVICES, cluster.id)
        if cluster.zone not in {zone.id for zone in await self._inventory.zones()}:
            vi, en = f"không có khu phố “{cluster.zone}”", f"no zone “{cluster.zone}”"
            raise BadInput([Problem(code="unknown_zone", vi=vi, en=en, path="zone")])
        await self._inventory.save_cluster(
            cluster, note=self._note("cluster.save", cluster.id, by, {"name": cluster.name, "zone": cluster.zone})
        )
        await self._tell("cluster", cluster.id)

    async def save_category(self, category: Category, *, by: Actor) -> None:
        """Keep a chuyên mục.

        Raises:
            NotAllowed: without the right to schedule.
            BadInput: no id or no name.
        """
        expect(by, Permission.SCHEDULE)
        _check(category.id, category.label_vi)
        note = self._note("category.save", category.id, by, {"label": category.label_vi})
        await self._inventory.save_category(category, note=note)
        self._bus.publish(ContentChanged(what="category", id=category.id))

    async def _tell(self, what: str, name: str) -> None:
        await self._follow()
        self._bus.publish(ContentChanged(what=what, id=name))

    def _note(self, action: str, subject: str, by: Actor, detail: dict[str, object]) -> AuditNote:
        return AuditNote(actor=by.id, action=action, subject=subject, at=self._now(), detail=detail)

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())


def _check(name: str, label: str) -> None:
    problems = []
    if not is_slug(name):
        vi, en = "mã chỉ gồm chữ thường, số và gạch nối", "needs lower-case letters, digits and dashes"
        problems.append(Problem(code="invalid", vi=vi, en=en, path="id"))
    if not label.strip():
        problems.append(Problem(code="invalid", vi="cần tên", en="needs a name", path="name"))
    if problems:
        raise BadInput(problems)
