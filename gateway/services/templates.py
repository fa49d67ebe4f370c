"""Sổ mẫu: the templates that ship, the ward's own over them, and filling them in with the ward's places and day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from devices.clock import Clock, instant
from gateway.domain.addresses import TEMPLATES, expect_free
from gateway.domain.errors import NotFound, Stale
from gateway.domain.filled import Filled, fill
from gateway.domain.people import Permission, expect
from gateway.domain.template import Template
from gateway.ports.records import AuditNote
from gateway.ports.templates import TemplateVersion, WardTemplates
from gateway.services.actor import Actor, may
from gateway.services.bus import Bus
from gateway.services.events import ContentChanged
from gateway.services.fleet import Fleet


@dataclass(frozen=True, kw_only=True)
class Known:
    """A template in use. ``n``: its version; 0: as it ships."""

    template: Template
    n: int = 0
    by: str | None = None
    at: datetime | None = None


class TemplateBook:
    """Every change of the ward's own is a new version; taking one out brings back what ships under its id."""

    def __init__(
        self,
        *,
        shipped: Mapping[str, Template],
        kept: WardTemplates,
        fleet: Fleet,
        bus: Bus,
        clock: Clock,
        zone: str,
    ) -> None:
        self._shipped = shipped
        self._kept = kept
        self._fleet = fleet
        self._bus = bus
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._own: dict[str, Known] = {}

    async def load(self) -> None:
        """Read the ward's own; from then on they are in memory: an emergency asks no disk.

        Raises:
            StoreFailed
        """
        self._own = {
            version.id: Known(template=version.template, n=version.n, by=version.by, at=version.at)
            for version in await self._kept.current()
            if version.template is not None
        }

    # -- asked -------------------------------------------------------------------------------------------------------

    @property
    def all(self) -> list[Known]:
        """Those in use, by kind (emergencies first) and name."""
        found = {name: Known(template=template) for name, template in self._shipped.items()} | self._own
        return sorted(found.values(), key=lambda known: (known.template.kind != "emergency", known.template.name_vi))

    def get(self, name: str) -> Known:
        """Return one.

        Raises:
            NotFound
        """
        found = next((known for known in self.all if known.template.id == name), None)
        if found is None:
            raise NotFound(f"Không có mẫu “{name}”.", f"There is no template “{name}”.")
        return found

    async def history(self, name: str) -> Sequence[TemplateVersion]:
        """Return the ward's own versions of one, the newest first."""
        return await self._kept.history(name)

    @property
    def places(self) -> Mapping[str, str]:
        """The ward's places, by id: its zones, and where its clusters stand."""
        registry = self._fleet.registry
        return {
            **{str(cluster.id): cluster.name for cluster in registry.clusters.values()},
            **{str(zone.id): zone.name for zone in registry.zones.values()},
        }

    def fill(self, template: Template, values: Mapping[str, str], *, drill: bool = False) -> Filled:
        """Fill ``template`` in, on this day of the ward. Raises as :func:`gateway.domain.filled.fill`."""
        today = instant(self._clock.now_ms()).astimezone(self._zone).date()
        return fill(template, values, places=self.places, today=today, drill=drill)

    # -- changed -----------------------------------------------------------------------------------------------------

    async def put(self, template: Template, *, by: Actor, was: int | None = None) -> Known:
        """Keep the ward's own ``template``, over whatever has its id. ``was``: the version its editor read.

        Raises:
            NotAllowed: neither an author nor a technician.
            BadInput: it is new, and its id is reserved.
            Stale: somebody changed it meanwhile.
        """
        _expect_right(by)
        standing = next((known for known in self.all if known.template.id == template.id), None)
        if was is not None and was != (standing.n if standing is not None else 0):
            raise Stale("Mẫu này vừa được người khác sửa.", "Somebody changed this template meanwhile.")
        if standing is not None and standing.template == template:
            return standing
        if standing is None:
            expect_free(TEMPLATES, template.id)
        note = self._note("template.put", template.id, by, {"kind": template.kind.value, "text": template.text})
        n = await self._kept.write(template.id, template, note=note)
        known = self._own[template.id] = Known(template=template, n=n, by=by.id, at=note.at)
        self._bus.publish(ContentChanged(what="template", id=template.id))
        return known

    async def remove(self, name: str, *, by: Actor) -> None:
        """Take the ward's own out.

        Raises:
            NotAllowed: neither an author nor a technician.
            NotFound: the ward has none of its own; one that ships cannot be taken out.
        """
        _expect_right(by)
        if name not in self._own:
            raise NotFound(f"Phường không có mẫu riêng “{name}”.", f"The ward has no “{name}” of its own.")
        await self._kept.write(name, None, note=self._note("template.remove", name, by, {}))
        del self._own[name]
        self._bus.publish(ContentChanged(what="template", id=name))

    def _note(self, action: str, subject: str, by: Actor, detail: dict[str, object]) -> AuditNote:
        return AuditNote(actor=by.id, action=action, subject=subject, at=instant(self._clock.now_ms()), detail=detail)


def _expect_right(by: Actor) -> None:
    if not may(by, Permission.TECHNICIAN):
        expect(by, Permission.WRITE_BULLETIN)
