"""Phiếu sửa chữa: opened by who stands before the box, worked on by a contractor, closed by who checked."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from devices.clock import Clock, instant
from devices.model import ClusterId
from gateway.domain.camera_alert import AlertId
from gateway.domain.device import CameraId, Particulars
from gateway.domain.errors import BadInput, NotFound, Problem
from gateway.domain.people import Permission, expect
from gateway.domain.ticket import Photo, Step, Ticket, TicketId, TicketState, warranty_warning
from gateway.ports.cameras import Pictures, Tickets
from gateway.ports.records import AuditNote
from gateway.services.actor import Actor
from gateway.services.bus import Bus
from gateway.services.cameras.registry import CameraRegistry
from gateway.services.events import ContentChanged


class TicketDesk:
    """Every step is kept with who did it."""

    def __init__(
        self, *, tickets: Tickets, pictures: Pictures, registry: CameraRegistry, zone: str, bus: Bus, clock: Clock
    ) -> None:
        self._tickets = tickets
        self._pictures = pictures
        self._registry = registry
        self._zone = ZoneInfo(zone)
        self._bus = bus
        self._clock = clock

    async def all(self, *, device: str | None = None, open_only: bool = False) -> Sequence[Ticket]:
        """Return them, the newest first."""
        return await self._tickets.all(device=device, open_only=open_only)

    async def get(self, number: TicketId) -> Ticket:
        """Return one.

        Raises:
            NotFound
        """
        found = await self._tickets.get(number)
        if found is None:
            raise NotFound(f"Không có phiếu {number}.", f"No ticket {number}.")
        return found

    def device(self, code: str) -> Particulars:
        """Return what is known of the box that a ticket is about.

        Raises:
            NotFound: it is neither a camera nor a cluster.
        """
        camera = self._registry.cameras.get(CameraId(code))
        if camera is not None:
            return camera
        if ClusterId(code) in self._registry.ward.clusters:
            return self._registry.particulars.get(ClusterId(code), Particulars())
        raise NotFound(f"Không có thiết bị “{code}”.", f"No device “{code}”.")

    def warning(self, code: str) -> tuple[str, str] | None:
        """Return what to read before money is spent on this device, in both languages."""
        return warranty_warning(self.device(code), self.today)

    @property
    def today(self) -> date:
        """The ward's day."""
        return self._now().astimezone(self._zone).date()

    async def open_(
        self, device: str, *, title: str, by: Actor, detail: str = "", alert: AlertId | None = None
    ) -> Ticket:
        """Mở phiếu.

        Raises:
            NotAllowed: without the right to keep devices.
            NotFound: no such device.
            BadInput: it says nothing.
        """
        expect(by, Permission.KEEP_DEVICES)
        self.device(device)
        if not title.strip():
            raise BadInput([Problem(code="invalid", vi="hỏng gì?", en="what is wrong?", path="title")])
        at = self._now()
        made = Ticket(
            id=TicketId(0),
            device=device,
            title=title.strip(),
            detail=detail.strip(),
            alert=alert,
            steps=(Step(at=at, by=by.id, state=TicketState.OPEN),),
        )
        kept = await self._tickets.open_(made, note=self._note("ticket.open", device, by, {"device": device}))
        self._tell(kept)
        return kept

    async def assign(self, number: TicketId, contractor: str, *, by: Actor, note: str = "") -> Ticket:
        """Giao cho đơn vị sửa. Raises as :meth:`Ticket.assign`."""
        return await self._step(
            number, "assign", by, lambda ticket, at: ticket.assign(contractor, by=by.id, at=at, note=note)
        )

    async def repair(
        self, number: TicketId, *, by: Actor, note: str = "", cost_vnd: int | None = None, warranty: bool = False
    ) -> Ticket:
        """Đã sửa. Raises as :meth:`Ticket.repair`."""
        return await self._step(
            number,
            "repair",
            by,
            lambda ticket, at: ticket.repair(by=by.id, at=at, note=note, cost_vnd=cost_vnd, warranty=warranty),
        )

    async def close(self, number: TicketId, *, by: Actor, note: str = "") -> Ticket:
        """Nghiệm thu, đóng. Raises as :meth:`Ticket.close`."""
        return await self._step(number, "close", by, lambda ticket, at: ticket.close(by=by.id, at=at, note=note))

    async def add_photo(self, number: TicketId, raw: bytes, *, by: Actor, caption: str = "") -> Ticket:
        """Thêm ảnh: kept without the place and time that phones write into pictures.

        Raises:
            NotAllowed, NotFound
            WrongState: it is closed, or full.
            BadInput: it is no picture.
        """
        expect(by, Permission.KEEP_DEVICES)
        ticket = await self.get(number)
        blank = Photo(sha256="", at=self._now(), by=by.id, caption=caption.strip())
        ticket.with_photo(blank)  # refuses before anything is written
        sha256 = await self._pictures.keep_photo(raw)
        return await self._step(
            number,
            "photo",
            by,
            lambda now, at: now.with_photo(Photo(sha256=sha256, at=at, by=by.id, caption=blank.caption)),
        )

    async def photo(self, number: TicketId, sha256: str) -> bytes:
        """Return a picture of this ticket.

        Raises:
            NotFound
        """
        ticket = await self.get(number)
        known = any(photo.sha256 == sha256 for photo in ticket.photos)
        content = await self._pictures.photo(sha256) if known else None
        if content is None:
            raise NotFound("Không có ảnh này.", "No such photo.")
        return content

    async def _step(
        self, number: TicketId, verb: str, by: Actor, change: Callable[[Ticket, datetime], Ticket]
    ) -> Ticket:
        expect(by, Permission.KEEP_DEVICES)
        before = await self.get(number)
        ticket = change(before, self._now())
        note = self._note(f"ticket.{verb}", str(number), by, {"device": ticket.device, "state": ticket.state.value})
        await self._tickets.save(ticket, was_steps=len(before.steps), was_photos=len(before.photos), note=note)
        self._tell(ticket)
        return ticket

    def _tell(self, ticket: Ticket) -> None:
        self._bus.publish(ContentChanged(what="ticket", id=str(ticket.id), state=ticket.state))

    def _note(self, action: str, subject: str, by: Actor, detail: Mapping[str, object]) -> AuditNote:
        return AuditNote(actor=by.id, action=action, subject=subject, at=self._now(), detail=dict(detail))

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())
