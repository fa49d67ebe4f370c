"""Lịch trên điện thoại: the page where a link is made, and the file behind it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from gateway.domain.people import Permission
from gateway.web.calendar_file import MEDIA_TYPE, calendar
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.screen import Anybody

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]


@router.get("/calendar")
async def calendar_page(visit: Reader) -> Response:
    """Say what a link is for, and whether there is one."""
    return await _show(visit)


@router.post("/calendar")
async def new_link(visit: Reader) -> Response:
    """Make a link; shown this once. An earlier one ends."""
    secret = await visit.screen.services.calendar.new_link(by=visit.user)
    base = str(visit.screen.request.base_url).rstrip("/")
    if visit.screen.services.options.secure_cookies:  # HTTPS ends in front of this process
        base = base.replace("http://", "https://", 1)
    return await _show(visit, link=f"{base}/lich.ics?token={secret}")


@router.post("/calendar/end")
async def end_link(visit: Reader) -> Response:
    """End it."""
    await visit.screen.services.calendar.end_link(by=visit.user)
    return visit.go("/calendar", Flash("calendar.ended"))


@router.get("/lich.ics")
async def calendar_file(screen: Anybody, token: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Return the schedule for a calendar program; the token in the address is its only key."""
    found = await screen.services.calendar.behind(token)
    body = calendar(found, ward=screen.services.options.ward_name, now=screen.now, t=screen.t)
    headers = {"content-disposition": 'inline; filename="lich.ics"', "cache-control": "private, max-age=300"}
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


async def _show(visit: Visit, link: str = "") -> Response:
    return visit.show("calendar.html", has_link=await visit.screen.services.calendar.has_link(visit.user), link=link)
