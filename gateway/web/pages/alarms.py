"""Cảnh báo: what stands, who has taken it on, what is over."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.people import Permission
from gateway.services.alarm_heaps import heaps_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.types import Line

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Mender = Annotated[Visit, Depends(Door(Permission.TECHNICIAN, Permission.CONTROL_AIR))]
_PAST = 30
MOST_TOGETHER = 500
"""So many of one kind are taken on or closed at one tap; a form of more would be refused as an attack."""
Keys = Annotated[list[Line], Form(alias="key", min_length=1, max_length=MOST_TOGETHER)]


@router.get("/alarms")
async def alarms_page(visit: Reader) -> Response:
    """List them."""
    services = visit.screen.services
    past = [alarm for alarm in await services.alarm_log.history(limit=_PAST) if alarm.cleared_at is not None]
    seen = await services.alarm_log.standing()
    return visit.show("alarms.html", heaps=heaps_of(seen), past=past, most=MOST_TOGETHER)


@router.post("/alarms/seen")
async def see_alarm(visit: Reader, keys: Keys) -> Response:
    """Tôi nhận việc này, or the whole group."""
    await visit.screen.services.alarms.see_together(keys, by=visit.actor)
    return visit.go("/alarms", Flash("alarms.saw" if len(keys) == 1 else "alarms.saw.all"))


@router.post("/alarms/close")
async def close_alarm(visit: Mender, keys: Keys) -> Response:
    """Đã xử lý xong, or the whole group where that is safe."""
    await visit.screen.services.alarms.close_together(keys, by=visit.actor)
    return visit.go("/alarms", Flash("alarms.closed" if len(keys) == 1 else "alarms.closed.all"))
