"""Lệnh điều khiển: each answers with a row per cluster; how far it got is what the clusters say, later."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from devices.clock import instant
from devices.model import OccurrenceId
from gateway.domain.people import Permission
from gateway.ports.records import CommandRow
from gateway.services.sessions import Current
from gateway.web.api.targets import TargetsIn
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Id, Instant, Percent, Sent

router = APIRouter(prefix="/commands", tags=["commands"])

Controller = Annotated[Current, Depends(May(Permission.CONTROL_AIR))]
Stopper = Annotated[Current, Depends(May(Permission.CONTROL_AIR, hurried=True))]
Technician = Annotated[Current, Depends(May(Permission.TECHNICIAN))]
_AN_HOUR = timedelta(hours=1)


class Order(Sent):
    targets: TargetsIn


class StopOrder(Order):
    occ: Id | None = None
    """Stop this one only; ``None``: whatever sounds."""


class VolumeOrder(Order):
    percent: Percent | None
    """``None`` puts the plan's own volume back."""


class ToneOrder(Order):
    dur_ms: Annotated[int, Field(ge=100, le=10_000)] = 2_000
    percent: Annotated[int, Field(ge=1, le=30)] = 30


@router.get("")
async def list_commands(
    _: Annotated[Current, Depends(May(Permission.READ))],
    services: Has,
    since: Annotated[Instant | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 200,
) -> list[CommandRow]:
    """Các lệnh gần đây, newest first; by default of the last hour."""
    begin = since or instant(services.clock.now_ms()) - _AN_HOUR
    return list(await services.command_log.history(since=begin, limit=limit))


@router.post("/stop", status_code=202)
async def stop(body: StopOrder, current: Stopper, services: Has) -> list[CommandRow]:
    """Dừng phát."""
    occ = None if body.occ is None else OccurrenceId(body.occ)
    return await services.commands.stop(body.targets.targets, by=current.actor, occ=occ)


@router.post("/pause", status_code=202)
async def pause(body: Order, current: Controller, services: Has) -> list[CommandRow]:
    """Tạm dừng."""
    return await services.commands.pause(body.targets.targets, by=current.actor)


@router.post("/resume", status_code=202)
async def resume(body: Order, current: Controller, services: Has) -> list[CommandRow]:
    """Phát tiếp."""
    return await services.commands.resume(body.targets.targets, by=current.actor)


@router.post("/next", status_code=202)
async def next_item(body: Order, current: Controller, services: Has) -> list[CommandRow]:
    """Bản tin tiếp."""
    return await services.commands.next(body.targets.targets, by=current.actor)


@router.post("/volume", status_code=202)
async def set_volume(body: VolumeOrder, current: Controller, services: Has) -> list[CommandRow]:
    """Âm lượng, still under every ceiling."""
    return await services.commands.volume(body.targets.targets, body.percent, by=current.actor)


@router.post("/test-tone", status_code=202)
async def test_tone(body: ToneOrder, current: Technician, services: Has) -> list[CommandRow]:
    """Âm thử: short, soft, in allowed hours."""
    return await services.commands.test_tone(
        body.targets.targets, by=current.actor, dur_ms=body.dur_ms, percent=body.percent
    )


@router.post("/reboot", status_code=202)
async def reboot(body: Order, current: Technician, services: Has) -> list[CommandRow]:
    """Khởi động lại; refused while a cluster sounds."""
    return await services.commands.reboot(body.targets.targets, by=current.actor)
