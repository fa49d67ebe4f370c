"""Nhập danh mục cụm loa và khu phố từ bảng tính, and following what was changed beside the running gateway."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from devices.clock import Clock, instant
from gateway.domain.cluster_sheet import ClusterRows, read_clusters
from gateway.domain.device import Particulars
from gateway.domain.people import Permission, expect
from gateway.domain.targets import Registry
from gateway.ports.cameras import Cameras
from gateway.ports.records import AuditNote
from gateway.ports.store import Audit, Inventory
from gateway.services.actor import Actor
from gateway.services.supervisor import Beat, no_beat

LOOK_EVERY_S = 5.0
_OURS = ("camera.", "device.", "cluster.", "zone.")
_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class WardImported:
    """What an import did, or with ``dry_run`` would do."""

    rows: ClusterRows
    new: int
    changed: int
    same: int
    new_zones: int


class WardSheets:
    """Reads the inventory from the store itself, so that it works beside a running gateway too."""

    def __init__(
        self, *, inventory: Inventory, cameras: Cameras, follow: Callable[[], Awaitable[None]], clock: Clock
    ) -> None:
        """``follow``: have the rest of the gateway look."""
        self._inventory = inventory
        self._cameras = cameras
        self._follow = follow
        self._clock = clock

    async def import_(self, table: Sequence[Sequence[str]], *, by: Actor, dry_run: bool = False) -> WardImported:
        """Take in a table: good rows are kept together, every bad row is told, and again it changes nothing.

        Raises:
            NotAllowed: without the right to enrol.
            BadInput: the table as a whole cannot be read.
        """
        expect(by, Permission.ENROL)
        registry = Registry.of(list(await self._inventory.zones()), list(await self._inventory.clusters()))
        known = await self._cameras.particulars()
        rows = read_clusters(table, registry, known)
        new = [each for each in rows.clusters if each.id not in registry.clusters]
        details = {name: each for name, each in rows.particulars.items() if known.get(name, Particulars()) != each}
        moved = [each for each in rows.clusters if registry.clusters.get(each.id, each) != each]
        changed = {each.id for each in moved} | (details.keys() - {each.id for each in new})
        if not dry_run and (new or moved or details or rows.zones):
            detail = {"new": len(new), "changed": len(changed), "zones": len(rows.zones), "bad": len(rows.bad)}
            at = instant(self._clock.now_ms())
            note = AuditNote(actor=by.id, action="cluster.import", subject="clusters", at=at, detail=detail)
            await self._cameras.save_ward(rows.zones, [*new, *moved], details, note=note)
            await self._follow()
        return WardImported(
            rows=rows,
            new=len(new),
            changed=len(changed),
            same=len(rows.clusters) - len(new) - len(changed),
            new_zones=sum(zone.id not in registry.zones for zone in rows.zones),
        )


class RegistryFollower:
    """Notices in the audit log that somebody changed the registry from the command line, and has it read again."""

    def __init__(self, *, audit: Audit, follow: Callable[[], Awaitable[None]], clock: Clock) -> None:
        self._audit = audit
        self._follow = follow
        self._clock = clock
        self._last_n: int | None = None

    async def run(self, beat: Beat = no_beat) -> None:
        """Look until cancelled."""
        while True:
            beat()
            await self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Look once."""
        if self._last_n is None:
            self._last_n = await self._audit.last_n()
            return
        changed = False
        while lines := await self._audit.lines(after_n=self._last_n, limit=_AT_ONCE):
            self._last_n = lines[-1].n
            changed = changed or any(line.note.action.startswith(_OURS) for line in lines)
        if changed:
            await self._follow()
