"""Cụm loa và khu phố: the inventory, and what is known of each cluster now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from devices.clock import instant
from devices.model import ClusterId, ZoneId
from devices.wire.reports import Activity, ClockState, JournalState, PlanState
from gateway.domain.errors import NotFound
from gateway.domain.people import Permission
from gateway.domain.targets import Cluster, ClusterKind, Zone
from gateway.services.presence import Live, Presence
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.services import Has, Services
from gateway.web.types import Slug

router = APIRouter(tags=["clusters"])

Reader = Annotated[Current, Depends(May(Permission.READ))]


class LiveOut(BaseModel):
    """Tình trạng, as the cluster last said itself. ``presence`` is the gateway's own word."""

    presence: Presence
    since: datetime
    heard_at: datetime | None
    playing: bool
    activity: Activity
    occ: str | None
    silent: bool
    volume_percent: int
    clock: ClockState | None
    plan: PlanState | None
    journal: JournalState | None
    model: str
    firmware: str
    temp_c: float | None
    free_mb: int | None
    rssi_dbm: int | None
    volts_ac: float | None
    on_battery: bool | None
    amp_on: bool | None
    refused: Mapping[str, int]
    """Messages this cluster refused without an answer, by reason, since it booted."""
    faults: tuple[str, ...]


class ClusterOut(BaseModel):
    id: str
    name: str
    zone: str
    kind: ClusterKind
    controllable: bool
    households: int
    people: int
    address: str
    latitude: float | None
    longitude: float | None
    near_quiet_place: bool
    enrolled: bool
    live: LiveOut | None
    """``None`` for a kind that cannot be controlled: nobody knows."""


class ZoneOut(BaseModel):
    id: str
    name: str
    clusters: list[str]


@router.get("/zones")
async def list_zones(_: Reader, services: Has) -> list[ZoneOut]:
    """Các khu phố."""
    registry = services.fleet.registry
    return [_zone(zone, registry.clusters) for zone in sorted(registry.zones.values(), key=lambda each: each.id)]


@router.get("/clusters")
async def list_clusters(_: Reader, services: Has, zone: Annotated[Slug | None, Query()] = None) -> list[ClusterOut]:
    """Các cụm loa, with what is known of each now."""
    found = sorted(services.fleet.registry.clusters.values(), key=lambda each: each.id)
    return [cluster_out(each, services) for each in found if zone is None or each.zone == ZoneId(zone)]


@router.get("/clusters/{cluster}")
async def read_cluster(cluster: Slug, _: Reader, services: Has) -> ClusterOut:
    return cluster_out(expect_cluster(cluster, services), services)


def expect_cluster(cluster: str, services: Services) -> Cluster:
    """Return the inventory's row.

    Raises:
        NotFound
    """
    known = services.fleet.get(ClusterId(cluster))
    if known is None:
        raise NotFound(f"Không có cụm loa “{cluster}”.", f"No cluster “{cluster}”.")
    return known


def cluster_out(cluster: Cluster, services: Services) -> ClusterOut:
    """Put inventory and live state together."""
    return ClusterOut(
        id=cluster.id,
        name=cluster.name,
        zone=cluster.zone,
        kind=cluster.kind,
        controllable=cluster.controllable,
        households=cluster.households,
        people=cluster.people,
        address=cluster.address,
        latitude=cluster.latitude,
        longitude=cluster.longitude,
        near_quiet_place=cluster.near_quiet_place,
        enrolled=cluster.id in services.fleet.enrolled,
        live=_live(services.monitor.get(cluster.id)) if cluster.controllable else None,
    )


def _live(live: Live) -> LiveOut:
    return LiveOut(
        presence=live.presence,
        since=instant(live.since_ms),
        heard_at=None if live.heard_ms is None else instant(live.heard_ms),
        playing=live.playing,
        activity=live.activity,
        occ=live.occ,
        silent=live.silent,
        volume_percent=live.volume_percent,
        clock=live.clock,
        plan=live.plan,
        journal=live.journal,
        model=live.model,
        firmware=live.firmware,
        temp_c=live.temp_c,
        free_mb=live.free_mb,
        rssi_dbm=live.rssi_dbm,
        volts_ac=live.volts_ac,
        on_battery=live.on_battery,
        amp_on=live.amp_on,
        refused=dict(live.drops),
        faults=live.faults,
    )


def _zone(zone: Zone, clusters: Mapping[ClusterId, Cluster]) -> ZoneOut:
    members = sorted(each.id for each in clusters.values() if each.zone == zone.id)
    return ZoneOut(id=zone.id, name=zone.name, clusters=list(members))
