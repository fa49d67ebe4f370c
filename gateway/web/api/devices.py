"""Thiết bị: loudspeakers, cameras, and points that can only be listed, in one list; their boxes, and their labels."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import HTMLResponse

from devices.model import ClusterId
from gateway.domain.camera_watch import Health
from gateway.domain.device import Camera, Owner, Particulars
from gateway.domain.people import Permission
from gateway.domain.sheet import plain
from gateway.domain.targets import Cluster
from gateway.services.presence import Presence
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.labels import Label, labels_page
from gateway.web.services import Has, Services
from gateway.web.types import Day, Line, Reason, Sent, Slug

router = APIRouter(prefix="/devices", tags=["devices"])

Reader = Annotated[Current, Depends(May(Permission.READ))]
Keeper = Annotated[Current, Depends(May(Permission.KEEP_DEVICES))]


class DeviceKind(StrEnum):
    """Loại thiết bị."""

    CAMERA = "camera"
    IP = "ip"
    FM = "fm"
    WIRED = "wired"


class DeviceState(StrEnum):
    """Tình trạng, in words that fit both."""

    GOOD = "good"
    PLAYING = "playing"
    FAULTY = "faulty"
    LOST = "lost"
    UNKNOWN = "unknown"
    LISTED = "listed"
    """Nobody can ask it: FM, wired, or not watched."""


class DeviceOut(BaseModel):
    code: str
    kind: DeviceKind
    name: str
    zone: str
    state: DeviceState
    text_vi: str
    text_en: str
    owner: Owner
    maker: str
    model: str
    serial: str
    installed: date | None
    warranty_until: date | None
    contractor: str
    cabinet: str
    switch: str
    latitude: float | None
    longitude: float | None
    map_x: float | None
    map_y: float | None
    open_tickets: int


class ParticularsIn(Sent):
    """Lý lịch of a loudspeaker."""

    owner: Owner = Owner.WARD
    maker: Line = ""
    model: Line = ""
    firmware: Line = ""
    serial: Line = ""
    installed: Day | None = None
    warranty_until: Day | None = None
    contractor: Line = ""
    cabinet: Line = ""
    switch: Line = ""
    map_x: float | None = None
    map_y: float | None = None
    notes: Reason = ""


@router.get("")
async def list_devices(
    _: Reader,
    services: Has,
    *,
    kind: Annotated[DeviceKind | None, Query()] = None,
    zone: Annotated[Slug | None, Query()] = None,
    owner: Annotated[Owner | None, Query()] = None,
    state: Annotated[DeviceState | None, Query()] = None,
    text: Annotated[Line, Query()] = "",
) -> list[DeviceOut]:
    """Mọi thiết bị. ``text``: in code, name or serial, with or without accents."""
    wanted = plain(text)
    return [
        each
        for each in await devices(services)
        if (kind is None or each.kind is kind)
        and (zone is None or each.zone == zone)
        and (owner is None or each.owner is owner)
        and (state is None or each.state is state)
        and wanted in plain(f"{each.code} {each.name} {each.serial}")
    ]


@router.put("/{cluster}/particulars", status_code=204)
async def save_particulars(cluster: Slug, body: ParticularsIn, current: Keeper, services: Has) -> None:
    """Lý lịch của một cụm loa."""
    known = Particulars(**body.model_dump())
    await services.cameras.registry.save_particulars(ClusterId(cluster), known, by=current.actor)


@router.get("/labels", response_class=HTMLResponse)
async def print_labels(
    request: Request,
    _: Keeper,
    services: Has,
    code: Annotated[list[Slug] | None, Query(max_length=500)] = None,
    kind: Annotated[DeviceKind | None, Query()] = None,
) -> HTMLResponse:
    """Trang nhãn để in: the QR code of each leads to ``/t/CODE``."""
    chosen = [
        each
        for each in await devices(services)
        if (code is None or each.code in code) and (kind is None or each.kind is kind)
    ]
    labels = [Label(code=each.code, name=each.name, zone=each.zone) for each in chosen]
    base = services.options.public_url or str(request.base_url).rstrip("/")
    css = request.app.state.kit.assets.url("labels.css")
    return HTMLResponse(labels_page(labels, base=base, ward=services.options.ward_name, css=css))


async def devices(services: Services) -> list[DeviceOut]:
    """Return every device of the ward, loudspeakers first, by code."""
    registry = services.cameras.registry
    tickets: dict[str, int] = {}
    for ticket in await services.cameras.tickets.all(open_only=True):
        tickets[ticket.device] = tickets.get(ticket.device, 0) + 1
    clusters = sorted(registry.ward.clusters.values(), key=lambda each: each.id)
    return [
        *(_cluster(each, services, tickets.get(each.id, 0)) for each in clusters),
        *(_camera(each, services, tickets.get(each.id, 0)) for each in registry.cameras.values()),
    ]


def _cluster(cluster: Cluster, services: Services, open_tickets: int) -> DeviceOut:
    known = services.cameras.registry.particulars.get(cluster.id, Particulars())
    state, vi, en = _heard(cluster, services)
    return DeviceOut(
        code=cluster.id,
        kind=DeviceKind(cluster.kind.value),
        name=cluster.name,
        zone=cluster.zone,
        state=state,
        text_vi=vi,
        text_en=en,
        latitude=cluster.latitude,
        longitude=cluster.longitude,
        open_tickets=open_tickets,
        **_particulars(known),
    )


def _heard(cluster: Cluster, services: Services) -> tuple[DeviceState, str, str]:
    if not cluster.controllable:
        return DeviceState.LISTED, "chỉ có trong danh mục", "listed only"
    if cluster.id not in services.fleet.enrolled:
        return DeviceState.UNKNOWN, "chưa ghi danh", "not enrolled"
    live = services.monitor.get(cluster.id)
    if live.presence is not Presence.ONLINE:
        lost = live.presence is Presence.LOST
        return (DeviceState.LOST, "mất kết nối", "lost") if lost else (DeviceState.UNKNOWN, "chưa rõ", "not known")
    if live.faults:
        return DeviceState.FAULTY, f"có lỗi: {', '.join(live.faults)}", f"faults: {', '.join(live.faults)}"
    playing = (DeviceState.PLAYING, "đang phát", "playing")
    return playing if live.playing else (DeviceState.GOOD, "trực tuyến", "online")


def _camera(camera: Camera, services: Services, open_tickets: int) -> DeviceOut:
    watcher = services.cameras.watcher
    health = watcher.health(camera.id)
    fault = watcher.watch(camera.id).fault if health in (Health.FAULTY, Health.LOST) else None
    state = DeviceState(health.value) if camera.polled else DeviceState.LISTED
    vi, en = (fault.vi, fault.en) if fault else health.words
    return DeviceOut(
        code=camera.id,
        kind=DeviceKind.CAMERA,
        name=camera.place,
        zone=camera.zone,
        state=state,
        text_vi=vi if camera.polled else "chỉ có trong danh mục",
        text_en=en if camera.polled else "listed only",
        latitude=camera.latitude,
        longitude=camera.longitude,
        open_tickets=open_tickets,
        **_particulars(camera),
    )


def _particulars(known: Particulars) -> dict[str, Any]:
    return {name: getattr(known, name) for name in DeviceOut.model_fields if name in Particulars.__dataclass_fields__}
