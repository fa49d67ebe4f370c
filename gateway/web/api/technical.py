"""Kỹ thuật: a cluster's trims and ceilings, its maintenance mode, and what it measured."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from devices.clock import instant
from devices.model import ClusterId
from gateway.domain.cluster_history import KEPT_MS, Gauge, Hour
from gateway.domain.people import Permission
from gateway.services.sessions import Current
from gateway.services.technical import Settings, Technical
from gateway.web.api.clusters import expect_cluster
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Percent, Reason, Sent, Slug

router = APIRouter(prefix="/clusters/{cluster}", tags=["clusters"])

Technician = Annotated[Current, Depends(May(Permission.TECHNICIAN))]


class TechnicalSettings(Sent):
    dac_offset_ms: Annotated[int, Field(ge=-1000, le=1000)] = 0
    amp_wake_ms: Annotated[int, Field(ge=0, le=5000)] = 600
    default_percent: Percent = 70
    max_percent: Percent = 85
    cache_mb: Annotated[int, Field(ge=64, le=1_000_000)] = 2048


class Why(Sent):
    reason: Reason


class SpreadOut(BaseModel):
    n: int
    low: float
    mean: float
    high: float


class HourOut(BaseModel):
    """One hour. ``signal`` in dBm, ``volts`` of the mains, ``temperature`` in °C, ``clock`` in ms off."""

    start: datetime
    watched_s: float
    """How long anybody could have noticed; what is missing of the hour is not known."""
    online_s: float
    battery_s: float
    boots: int
    gauges: dict[Gauge, SpreadOut]


@router.get("/history")
async def read_cluster_history(
    cluster: Slug,
    _: Annotated[Current, Depends(May(Permission.READ))],
    services: Has,
    days: Annotated[int, Query(ge=1, le=30)] = 1,
) -> list[HourOut]:
    """Số đo theo giờ, oldest first; thirty days are kept."""
    name = expect_cluster(cluster, services).id
    since_ms = services.clock.now_ms() - min(days * 86_400_000, KEPT_MS)
    return [_hour(each) for each in await services.telemetry.history(name, since_ms=since_ms)]


@router.get("/technical")
async def read_technical(
    cluster: Slug, _: Annotated[Current, Depends(May(Permission.READ))], services: Has
) -> Technical:
    return services.workshop.get(expect_cluster(cluster, services).id)


@router.put("/technical")
async def set_technical(cluster: Slug, body: TechnicalSettings, current: Technician, services: Has) -> Technical:
    """Chỉnh thông số. The cluster is told with its next configuration, at once."""
    return await services.workshop.set(ClusterId(cluster), Settings(**body.model_dump()), by=current.actor)


@router.post("/maintenance")
async def enter_maintenance(cluster: Slug, body: Why, current: Technician, services: Has) -> Technical:
    """Vào bảo trì: only a test tone sounds there until somebody ends it."""
    return await services.workshop.enter_maintenance(ClusterId(cluster), by=current.actor, reason=body.reason)


@router.delete("/maintenance")
async def leave_maintenance(cluster: Slug, current: Technician, services: Has) -> Technical:
    """Ra khỏi bảo trì: the signed schedule holds again."""
    return await services.workshop.leave_maintenance(ClusterId(cluster), by=current.actor)


def _hour(hour: Hour) -> HourOut:
    return HourOut(
        start=instant(hour.start_ms),
        watched_s=hour.watched_s,
        online_s=hour.online_s,
        battery_s=hour.battery_s,
        boots=hour.boots,
        gauges={
            gauge: SpreadOut(n=spread.n, low=spread.low, mean=spread.mean, high=spread.high)
            for gauge, spread in hour.gauges.items()
        },
    )
