"""Phiếu sửa chữa: opened, given to somebody, repaired, checked; with photos, the bill, and a word about warranty."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.domain.camera_alert import AlertId
from gateway.domain.errors import NotFound
from gateway.domain.people import Permission
from gateway.domain.ticket import MOST_COST_VND, Photo, Step, Ticket, TicketId, TicketState
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.multipart import FILE_BODY, file_of
from gateway.web.services import Has, Services
from gateway.web.types import Line, Reason, Sent, Sha256, Slug

router = APIRouter(prefix="/tickets", tags=["tickets"])

Reader = Annotated[Current, Depends(May(Permission.READ))]
Keeper = Annotated[Current, Depends(May(Permission.KEEP_DEVICES))]
Number = Annotated[int, Field(ge=1, le=1_000_000_000)]


class TicketOut(BaseModel):
    id: int
    device: str
    title: str
    detail: str
    state: TicketState
    state_vi: str
    state_en: str
    contractor: str
    cost_vnd: int | None
    warranty: bool
    alert: int | None
    opened_at: datetime
    steps: tuple[Step, ...]
    photos: tuple[Photo, ...]
    warranty_vi: str
    """What to read before money is spent; empty: nothing."""
    warranty_en: str


class TicketIn(Sent):
    device: Slug
    title: Line
    detail: Reason = ""
    alert: Number | None = None


class AssignIn(Sent):
    contractor: Line
    note: Reason = ""


class RepairIn(Sent):
    note: Reason = ""
    cost_vnd: Annotated[int, Field(ge=0, le=MOST_COST_VND)] | None = None
    warranty: bool = False


class NoteIn(Sent):
    note: Reason = ""


@router.get("")
async def list_tickets(
    _: Reader,
    services: Has,
    device: Annotated[Slug | None, Query()] = None,
    open_only: Annotated[bool, Query(alias="open")] = False,
) -> list[TicketOut]:
    """Các phiếu, the newest first."""
    found = await services.cameras.tickets.all(device=device, open_only=open_only)
    return [ticket_out(each, services) for each in found]


@router.post("", status_code=201)
async def open_ticket(body: TicketIn, current: Keeper, services: Has) -> TicketOut:
    """Mở phiếu."""
    alert = None if body.alert is None else AlertId(body.alert)
    made = await services.cameras.tickets.open_(
        body.device, title=body.title, detail=body.detail, alert=alert, by=current.actor
    )
    return ticket_out(made, services)


@router.get("/{ticket}")
async def read_ticket(ticket: Number, _: Reader, services: Has) -> TicketOut:
    """Một phiếu."""
    return ticket_out(await services.cameras.tickets.get(TicketId(ticket)), services)


@router.post("/{ticket}/assign")
async def assign_ticket(ticket: Number, body: AssignIn, current: Keeper, services: Has) -> TicketOut:
    """Giao cho đơn vị sửa."""
    done = await services.cameras.tickets.assign(TicketId(ticket), body.contractor, by=current.actor, note=body.note)
    return ticket_out(done, services)


@router.post("/{ticket}/repair")
async def repair_ticket(ticket: Number, body: RepairIn, current: Keeper, services: Has) -> TicketOut:
    """Đã sửa, chờ nghiệm thu."""
    done = await services.cameras.tickets.repair(
        TicketId(ticket), by=current.actor, note=body.note, cost_vnd=body.cost_vnd, warranty=body.warranty
    )
    return ticket_out(done, services)


@router.post("/{ticket}/close")
async def close_ticket(ticket: Number, body: NoteIn, current: Keeper, services: Has) -> TicketOut:
    """Nghiệm thu, đóng phiếu."""
    return ticket_out(
        await services.cameras.tickets.close(TicketId(ticket), by=current.actor, note=body.note), services
    )


@router.post("/{ticket}/photos", openapi_extra=FILE_BODY)
async def add_photo(
    ticket: Number, request: Request, current: Keeper, services: Has, caption: Annotated[Line, Query()] = ""
) -> TicketOut:
    """Thêm ảnh, the field ``file`` of a form. What the phone wrote into the picture of place and time is taken out."""
    async with file_of(request) as path:
        raw = await asyncio.to_thread(path.read_bytes)
    done = await services.cameras.tickets.add_photo(TicketId(ticket), raw, by=current.actor, caption=caption)
    return ticket_out(done, services)


@router.get(
    "/{ticket}/photos/{sha256}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "Ảnh / the photo"}},
)
async def read_photo(ticket: Number, sha256: Sha256, _: Reader, services: Has) -> Response:
    """Ảnh của phiếu."""
    content = await services.cameras.tickets.photo(TicketId(ticket), sha256)
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    return Response(content, media_type="image/jpeg", headers=headers)


def ticket_out(ticket: Ticket, services: Services) -> TicketOut:
    """Write it, with a word about the warranty of its device as long as money may be spent."""
    try:
        warning = services.cameras.tickets.warning(ticket.device) if ticket.open else None
    except NotFound:  # the device was taken out of the registry; its repairs stay
        warning = None
    return TicketOut(
        id=ticket.id,
        device=ticket.device,
        title=ticket.title,
        detail=ticket.detail,
        state=ticket.state,
        state_vi=ticket.state.words[0],
        state_en=ticket.state.words[1],
        contractor=ticket.contractor,
        cost_vnd=ticket.cost_vnd,
        warranty=ticket.warranty,
        alert=ticket.alert,
        opened_at=ticket.opened_at,
        steps=ticket.steps,
        photos=ticket.photos,
        warranty_vi=warning[0] if warning else "",
        warranty_en=warning[1] if warning else "",
    )
