"""Cảnh báo camera: one fault with a life: new, taken on, over, closed; six cameras that went together are one."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from pydantic import Field
from starlette.responses import Response

from devices.clock import instant
from gateway.domain.camera_alert import AlertId, AlertState, CameraAlert, Grade, lasted
from gateway.domain.device import CameraId
from gateway.domain.errors import BadInput
from gateway.domain.people import Permission, permissions_of
from gateway.services.cameras.alerts import told
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.types import Reason

router = APIRouter(prefix="/alerts")

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Keeper = Annotated[Visit, Depends(Door(Permission.KEEP_DEVICES))]
Number = Annotated[int, Field(ge=1, le=1_000_000_000)]
_PAST = 60
_NAMED = 12


@router.get("")
async def alerts_page(visit: Reader) -> Response:
    """List what is wrong, what is over and waits to be closed, and the past."""
    return visit.show("alerts.html", **await _known(visit))


@router.get("/now")
async def alerts_now(visit: Reader) -> Response:
    """Return the part of it that changes, for htmx."""
    return visit.show("alerts_now.html", **await _known(visit))


@router.post("/{number}/seen")
async def see(visit: Keeper, number: Number) -> Response:
    """Tôi nhận việc này."""
    await visit.screen.services.cameras.alerts.see(AlertId(number), by=visit.actor)
    return visit.go("/alerts", Flash("alarms.saw"))


@router.post("/{number}/close")
async def close(visit: Keeper, number: Number, note: Annotated[Reason, Form()] = "") -> Response:
    """Đóng; with a reason while it is still wrong."""
    try:
        await visit.screen.services.cameras.alerts.close(AlertId(number), by=visit.actor, note=note)
    except BadInput as error:
        wrong = {number: "; ".join(visit.screen.t.pair(each.vi, each.en) for each in error.problems)}
        return visit.show("alerts.html", status=status_of(error), **{**await _known(visit), "wrong": wrong})
    return visit.go("/alerts", Flash("alarms.closed"))


def standing_for(visit: Visit) -> list[CameraAlert]:
    """Return the alerts that stand and that this person may see: the gravest, the widest, the newest first."""
    standing = [each for each in visit.screen.services.cameras.alerts.standing if not each.secret or _keeps(visit)]
    return sorted(standing, key=lambda alert: (alert.wrong.grade is not Grade.CRITICAL, -len(alert.wrong.cameras)))


def _keeps(visit: Visit) -> bool:
    return Permission.KEEP_DEVICES in permissions_of(visit.actor)


async def _known(visit: Visit) -> dict[str, Any]:
    services = visit.screen.services
    desk = services.cameras.alerts
    standing = standing_for(visit)
    past = [
        each
        for each in await desk.history(limit=_PAST)
        if each.state is AlertState.CLOSED and (not each.secret or _keeps(visit))
    ]
    places = {name: camera.place for name, camera in services.cameras.registry.cameras.items()}
    return {
        "wrong_now": [_shown(each, places) for each in standing if each.open],
        "over": [_shown(each, places) for each in standing if not each.open],
        "past": [_shown(each, places) for each in past],
        "poll": services.cameras.poller.report(),
        "names": await services.accounts.names(),
        "wrong": {},
    }


def _shown(alert: CameraAlert, places: dict[CameraId, str]) -> dict[str, Any]:
    return {
        "alert": alert,
        "told": told(alert),
        "since": instant(alert.wrong.since_ms),
        "lasted": None if alert.lasted_ms is None else lasted(alert.lasted_ms),
        "cameras": [(name, places.get(name, name)) for name in alert.wrong.cameras[:_NAMED]],
        "more": max(0, len(alert.wrong.cameras) - _NAMED),
    }
