"""Cảnh báo camera: new, seen, repaired, closed. One fault is one alert, also when six cameras went with it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from devices.clock import instant
from gateway.domain.camera_alert import AlertId, AlertState, CameraAlert, Grade
from gateway.domain.device import CameraId
from gateway.domain.errors import NotFound
from gateway.domain.people import Permission, permissions_of
from gateway.domain.root_cause import Scope
from gateway.services.cameras.alerts import told
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Reason, Sent, Slug

router = APIRouter(prefix="/alerts", tags=["alerts"])

Reader = Annotated[Current, Depends(May(Permission.READ))]
Keeper = Annotated[Current, Depends(May(Permission.KEEP_DEVICES))]
Number = Annotated[int, Field(ge=1, le=1_000_000_000)]


class AlertOut(BaseModel):
    id: int
    state: AlertState
    grade: Grade
    scope: Scope
    subject: str
    cause: str
    cameras: list[str]
    text_vi: str
    text_en: str
    advice_vi: str
    advice_en: str
    since: datetime
    """Since when it was wrong, as far as was looked."""
    opened_at: datetime
    seen_at: datetime | None
    seen_by: str | None
    repaired_at: datetime | None
    lasted_s: float | None
    closed_at: datetime | None
    closed_by: str | None
    note: str
    count: int
    notified: bool
    """``False`` at night: it waits for the morning."""


class CloseIn(Sent):
    note: Reason = ""
    """Needed while it is still wrong."""


@router.get("")
async def standing_alerts(current: Reader, services: Has) -> list[AlertOut]:
    """Cảnh báo chưa đóng, the newest first. Where anybody gets in, only who keeps the registry is told."""
    return [alert_out(each) for each in services.cameras.alerts.standing if _may_see(current, each)]


@router.get("/history")
async def past_alerts(
    current: Reader,
    services: Has,
    camera: Annotated[Slug | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[AlertOut]:
    """Cả những cảnh báo đã đóng, of one camera or all."""
    name = None if camera is None else CameraId(camera)
    found = await services.cameras.alerts.history(limit=limit, camera=name)
    return [alert_out(each) for each in found if _may_see(current, each)]


@router.get("/{alert}")
async def read_alert(alert: Number, current: Reader, services: Has) -> AlertOut:
    """Một cảnh báo."""
    found = await services.cameras.alerts.get(AlertId(alert))
    if not _may_see(current, found):
        raise NotFound(f"Không có cảnh báo {alert}.", f"No alert {alert}.")
    return alert_out(found)


@router.post("/{alert}/seen")
async def see_camera_alert(alert: Number, current: Keeper, services: Has) -> AlertOut:
    """Đã nhận: somebody takes it on."""
    return alert_out(await services.cameras.alerts.see(AlertId(alert), by=current.actor))


@router.post("/{alert}/close")
async def close_camera_alert(alert: Number, body: CloseIn, current: Keeper, services: Has) -> AlertOut:
    """Đóng; with a reason while it is still wrong, and then it is quiet until it was well once."""
    return alert_out(await services.cameras.alerts.close(AlertId(alert), by=current.actor, note=body.note))


def alert_out(alert: CameraAlert) -> AlertOut:
    """Write it."""
    wrong = alert.wrong
    vi, en = told(alert)
    return AlertOut(
        id=alert.id,
        state=alert.state,
        grade=wrong.grade,
        scope=wrong.scope,
        subject=wrong.subject,
        cause=str(wrong.cause),
        cameras=list(wrong.cameras),
        text_vi=vi,
        text_en=en,
        advice_vi=wrong.advice_vi,
        advice_en=wrong.advice_en,
        since=instant(wrong.since_ms),
        opened_at=instant(alert.opened_ms),
        seen_at=_at(alert.seen_ms),
        seen_by=alert.seen_by,
        repaired_at=_at(alert.repaired_ms),
        lasted_s=None if alert.lasted_ms is None else alert.lasted_ms / 1000,
        closed_at=_at(alert.closed_ms),
        closed_by=alert.closed_by,
        note=alert.note,
        count=alert.count,
        notified=alert.told,
    )


def _may_see(current: Current, alert: CameraAlert) -> bool:
    return not alert.secret or Permission.KEEP_DEVICES in permissions_of(current.user)


def _at(ms: int | None) -> datetime | None:
    return None if ms is None else instant(ms)
