"""Cảnh báo."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from devices.model import ClusterId
from gateway.domain.people import Permission
from gateway.ports.records import Alarm
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Line, Sent, Slug

router = APIRouter(prefix="/alarms", tags=["alarms"])

Reader = Annotated[Current, Depends(May(Permission.READ))]


Mender = Annotated[Current, Depends(May(Permission.TECHNICIAN, Permission.CONTROL_AIR))]
Auditor = Annotated[Current, Depends(May(Permission.READ_AUDIT))]


class Key(Sent):
    key: Line


@router.get("")
async def standing_alarms(_: Reader, services: Has) -> list[Alarm]:
    """Cảnh báo đang có, the newest first."""
    return sorted(await services.alarm_log.standing(), key=lambda alarm: alarm.raised_at, reverse=True)


@router.get("/history")
async def past_alarms(_: Reader, services: Has, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> list[Alarm]:
    return list(await services.alarm_log.history(limit=limit))


@router.post("/seen", status_code=204)
async def see_alarm(body: Key, current: Reader, services: Has) -> None:
    """Đã nhận: somebody takes it on. It stands until it is over."""
    await services.alarms.see(body.key, by=current.actor)


@router.post("/close", status_code=204)
async def close_alarm(body: Key, current: Mender, services: Has) -> None:
    """Đóng: it was looked into. For what does not end by itself, such as tiếng lạ."""
    await services.alarms.close(body.key, by=current.actor)


@router.post("/journals/{cluster}/accept", status_code=204)
async def accept_broken_journal(cluster: Slug, current: Auditor, services: Has) -> None:
    """Chấp nhận chỗ đứt: go on behind a broken link of a cluster's journal that a person has looked at."""
    await services.intake.accept_break(ClusterId(cluster), by=current.actor)
