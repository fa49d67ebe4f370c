"""Cảnh báo: what stands, who has taken it on, what is over."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.people import Permission
from gateway.ports.records import Alarm, Severity
from gateway.services.alarm_desk import AlarmDesk
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.types import Line

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Mender = Annotated[Visit, Depends(Door(Permission.TECHNICIAN, Permission.CONTROL_AIR))]
_GRAVITY = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
_PAST = 30


def by_gravity(desk: AlarmDesk) -> list[Alarm]:
    """Return the standing alarms, the gravest and then the newest first."""
    newest = sorted(desk.standing.values(), key=lambda alarm: alarm.raised_at, reverse=True)
    return sorted(newest, key=lambda alarm: _GRAVITY.index(alarm.severity))


@router.get("/alarms")
async def alarms_page(visit: Reader) -> Response:
    """List them."""
    services = visit.screen.services
    past = [alarm for alarm in await services.alarm_log.history(limit=_PAST) if alarm.cleared_at is not None]
    seen = await services.alarm_log.standing()
    return visit.show("alarms.html", standing=sorted(seen, key=lambda alarm: _GRAVITY.index(alarm.severity)), past=past)


@router.post("/alarms/seen")
async def see_alarm(visit: Reader, key: Annotated[Line, Form()]) -> Response:
    """Tôi nhận việc này."""
    await visit.screen.services.alarms.see(key, by=visit.actor)
    return visit.go("/alarms", Flash("alarms.saw"))


@router.post("/alarms/close")
async def close_alarm(visit: Mender, key: Annotated[Line, Form()]) -> Response:
    """Đã xử lý xong."""
    await visit.screen.services.alarms.close(key, by=visit.actor)
    return visit.go("/alarms", Flash("alarms.closed"))
