"""Phiếu sửa chữa: opened before the box, given to a contractor, repaired, checked; with photos and the warranty."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.domain.camera_alert import AlertId
from gateway.domain.errors import BadInput, NotFound
from gateway.domain.people import Permission
from gateway.domain.ticket import Ticket, TicketId
from gateway.services.cameras.alerts import told
from gateway.web.errors import status_of
from gateway.web.pages.device import find
from gateway.web.pages.device_rows import rows
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.received_file import fields_in, file_in
from gateway.web.types import Id, Line, Reason, Slug

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Keeper = Annotated[Visit, Depends(Door(Permission.KEEP_DEVICES))]
Number = Annotated[int, Field(ge=1, le=1_000_000_000)]
MOST_PHOTO_BYTES = 15_000_000
_MOST_DIGITS = 9


class Typed(BaseModel):
    """What is said of what is broken."""

    title: Line = ""
    detail: Reason = ""
    alert: Annotated[str, Field(pattern="^[0-9]{0,9}$")] = ""


@router.get("/tickets")
async def tickets_page(visit: Reader, *, closed: Annotated[bool, Query()] = False) -> Response:
    """List repairs: those that are not over, or all."""
    services = visit.screen.services
    found = await services.cameras.tickets.all(open_only=not closed)
    names = {row.out.code: row for row in await rows(services)}
    return visit.show("tickets.html", tickets=found, devices=names, closed=closed)


@router.get("/devices/{code}/ticket")
async def new_ticket_page(visit: Keeper, code: Slug, alert: Annotated[Number | None, Query()] = None) -> Response:
    """Show the form; what is known to be wrong stands in it."""
    row = await find(visit, code)
    title = visit.screen.t.pair(row.vi, row.en) if row.out.state in ("lost", "faulty") else ""
    if alert is not None:
        title = visit.screen.t.pair(*told(await visit.screen.services.cameras.alerts.get(AlertId(alert))))
    return visit.show("ticket_new.html", **_new(visit, row, {"title": title[:200], "detail": "", "alert": alert or ""}))


@router.post("/devices/{code}/ticket")
async def open_ticket(visit: Keeper, request: Request, code: Slug) -> Response:
    """Mở phiếu, with a photo if one was taken."""
    typed = await fields_in(request, Typed)
    row = await find(visit, code)
    desk = visit.screen.services.cameras.tickets
    about = AlertId(int(typed.alert)) if typed.alert else None
    try:
        ticket = await desk.open_(row.out.code, title=typed.title, detail=typed.detail, alert=about, by=visit.actor)
    except BadInput as error:
        page = _new(visit, row, typed.model_dump(), error)
        return visit.show("ticket_new.html", status=status_of(error), **page)
    try:
        await _keep_photo(visit, request, ticket, optional=True)
    except BadInput as error:  # the ticket stands; only its picture does not
        return visit.show("ticket.html", status=status_of(error), **await _known(visit, ticket.id, error))
    return visit.go(f"/tickets/{ticket.id}", Flash("ticket.opened"))


@router.get("/tickets/{number}")
async def ticket_page(visit: Reader, number: Id) -> Response:
    """Show one repair, and what may be done to it next."""
    if not (number.isdecimal() and number.isascii() and len(number) <= _MOST_DIGITS):
        raise NotFound(f"Không có phiếu {number}.", f"No ticket {number}.")
    return visit.show("ticket.html", **await _known(visit, TicketId(int(number))))


@router.post("/tickets/{number}/assign")
async def assign(
    visit: Keeper,
    number: Number,
    contractor: Annotated[Line, Form()] = "",
    note: Annotated[Reason, Form()] = "",
) -> Response:
    """Giao cho đơn vị sửa."""
    desk = visit.screen.services.cameras.tickets
    try:
        await desk.assign(TicketId(number), contractor, by=visit.actor, note=note)
    except BadInput as error:
        return visit.show("ticket.html", status=status_of(error), **await _known(visit, TicketId(number), error))
    return visit.go(f"/tickets/{number}", Flash("ticket.assigned", values={"who": contractor}))


@router.post("/tickets/{number}/repair")
async def repair(
    visit: Keeper,
    number: Number,
    note: Annotated[Reason, Form()] = "",
    cost: Annotated[str, Form(max_length=20, pattern=r"^[0-9., ]*$")] = "",
    *,
    warranty: Annotated[bool, Form()] = False,
) -> Response:
    """Đã sửa xong. ``cost`` in đồng, with or without the points people write into it."""
    digits = "".join(char for char in cost if char.isdigit())
    desk = visit.screen.services.cameras.tickets
    try:
        await desk.repair(
            TicketId(number),
            by=visit.actor,
            note=note,
            cost_vnd=int(digits) if digits else None,
            warranty=warranty,
        )
    except BadInput as error:
        return visit.show("ticket.html", status=status_of(error), **await _known(visit, TicketId(number), error))
    return visit.go(f"/tickets/{number}", Flash("ticket.repaired"))


@router.post("/tickets/{number}/close")
async def close(visit: Keeper, number: Number, note: Annotated[Reason, Form()] = "") -> Response:
    """Nghiệm thu, đóng phiếu."""
    try:
        await visit.screen.services.cameras.tickets.close(TicketId(number), by=visit.actor, note=note)
    except BadInput as error:
        return visit.show("ticket.html", status=status_of(error), **await _known(visit, TicketId(number), error))
    return visit.go(f"/tickets/{number}", Flash("ticket.closed"))


@router.post("/tickets/{number}/photos")
async def add_photo(visit: Keeper, request: Request, number: Number) -> Response:
    """Thêm ảnh: what the phone wrote into it of place and time is taken out."""
    ticket = await visit.screen.services.cameras.tickets.get(TicketId(number))
    try:
        await _keep_photo(visit, request, ticket)
    except BadInput as error:
        return visit.show("ticket.html", status=status_of(error), **await _known(visit, ticket.id, error))
    return visit.go(f"/tickets/{number}", Flash("ticket.photo"))


async def _keep_photo(visit: Visit, request: Request, ticket: Ticket, *, optional: bool = False) -> None:
    sent = (await request.form()).get("photo")
    if optional and not getattr(sent, "size", 0):
        return
    async with file_in(request, "photo", most_bytes=MOST_PHOTO_BYTES) as path:
        raw = await asyncio.to_thread(path.read_bytes)
    await visit.screen.services.cameras.tickets.add_photo(ticket.id, raw, by=visit.actor)


def _new(visit: Visit, row: Any, typed: dict[str, Any], error: BadInput | None = None) -> dict[str, Any]:
    warning = visit.screen.services.cameras.tickets.warning(row.out.code)
    return {"row": row, "typed": typed, "warning": warning, "wrong": _wrong(visit, error)}


async def _known(visit: Visit, number: TicketId, error: BadInput | None = None) -> dict[str, Any]:
    services = visit.screen.services
    ticket = await services.cameras.tickets.get(number)
    try:
        row = await find(visit, ticket.device)
        warning = services.cameras.tickets.warning(ticket.device) if ticket.open else None
    except NotFound:  # the device was taken out of the registry; its repairs stay
        row, warning = None, None
    return {
        "ticket": ticket,
        "row": row,
        "warning": warning,
        "names": await services.accounts.names(),
        "wrong": _wrong(visit, error),
        "contractor": ticket.contractor or (row.out.contractor if row else ""),
    }


def _wrong(visit: Visit, error: BadInput | None) -> dict[str, str]:
    problems = error.problems if error else ()
    return {problem.path: visit.screen.t.pair(problem.vi, problem.en) for problem in problems}
