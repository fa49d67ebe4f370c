"""Camera: the registry, how each is now, and what it was in the last days. A password goes in and never comes out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from devices.model import ClusterId, ZoneId
from gateway.domain.camera_watch import Health
from gateway.domain.device import Camera, CameraId, Owner
from gateway.domain.errors import NotFound
from gateway.domain.people import Permission, expect
from gateway.services.sessions import Current
from gateway.web.api.camera_out import (
    CameraOut,
    CountsOut,
    FoundOut,
    HistoryOut,
    PollOut,
    UptimeOut,
    camera_out,
    found_out,
    slice_out,
)
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Day, Line, Reason, Sent, Slug

router = APIRouter(prefix="/cameras", tags=["cameras"])

Reader = Annotated[Current, Depends(May(Permission.READ))]
Keeper = Annotated[Current, Depends(May(Permission.KEEP_DEVICES))]
_Days = Annotated[int, Query(ge=1, le=30)]


class CameraIn(Sent):
    """A whole entry. ``password``: left out, the kept one stays; empty, it is taken away."""

    place: Line
    zone: Slug
    owner: Owner = Owner.WARD
    maker: Line = ""
    model: Line = ""
    firmware: Line = ""
    serial: Line = ""
    profile: Line = ""
    installed: Day | None = None
    warranty_until: Day | None = None
    contractor: Line = ""
    cabinet: Line = ""
    switch: Line = ""
    cluster: Slug | None = None
    latitude: float | None = None
    longitude: float | None = None
    map_x: float | None = None
    map_y: float | None = None
    notes: Reason = ""
    host: Line = ""
    port: Annotated[int, Field(ge=1, le=65_535)] = 80
    tls: bool = False
    fingerprint: Line = ""
    user: Line = ""
    password: Annotated[str, Field(max_length=128)] | None = Field(default=None, repr=False)
    mac: Line = ""
    uuid: Line = ""
    pictures: bool = False
    watched: bool = True


@router.get("")
async def list_cameras(
    current: Reader,
    services: Has,
    *,
    zone: Annotated[Slug | None, Query()] = None,
    owner: Annotated[Owner | None, Query()] = None,
    health: Annotated[Health | None, Query()] = None,
    weak_login: Annotated[bool | None, Query()] = None,
) -> list[CameraOut]:
    """Danh mục camera, with how each is now. ``weak_login``: only for those who keep the registry."""
    room = services.cameras
    if weak_login is not None:
        expect(current.actor, Permission.KEEP_DEVICES)
    found = [
        camera
        for camera in room.registry.cameras.values()
        if (zone is None or camera.zone == zone)
        and (owner is None or camera.owner is owner)
        and (health is None or room.watcher.health(camera.id) is health)
        and (weak_login is None or (room.weak_login(camera.id) is not None) is weak_login)
    ]
    return [camera_out(camera, services, current) for camera in found]


@router.get("/counts")
async def count_cameras(_: Reader, services: Has, days: _Days = 30) -> CountsOut:
    """Đếm theo đơn vị sở hữu và khu phố, và tỷ lệ hoạt động."""
    room = services.cameras
    cameras = list(room.registry.cameras.values())
    groups = {"all": [camera.id for camera in cameras]}
    for camera in cameras:
        groups.setdefault(f"owner/{camera.owner}", []).append(camera.id)
        groups.setdefault(f"zone/{camera.zone}", []).append(camera.id)
    found = await room.watcher.uptimes(groups, days=days)
    health = [room.watcher.health(camera.id) for camera in cameras]
    return CountsOut(
        total=len(cameras),
        health={each: health.count(each) for each in Health},
        by_owner={each: UptimeOut.of(found[f"owner/{each}"]) for each in Owner if f"owner/{each}" in found},
        by_zone={name[5:]: UptimeOut.of(each) for name, each in sorted(found.items()) if name.startswith("zone/")},
        all=UptimeOut.of(found["all"]),
    )


@router.get("/poller")
async def read_poller(_: Reader, services: Has) -> PollOut:
    """Vòng kiểm tra có kịp không."""
    report = services.cameras.poller.report()
    return PollOut(
        cameras=report.cameras,
        waiting=report.waiting,
        in_flight=report.in_flight,
        every_s=report.every_s,
        real_every_s=report.real_every_s,
        stretched=report.stretched,
        oldest_s=report.oldest_s,
        events_live=services.cameras.listener.live,
        text_vi=report.words[0],
        text_en=report.words[1],
    )


@router.get("/found")
async def list_found(_: Keeper, services: Has) -> list[FoundOut]:
    """Lần tìm gần nhất, against the registry as it is now."""
    return [found_out(match) for match in services.cameras.finder.matches]


@router.post("/search")
async def search_cameras(current: Keeper, services: Has) -> list[FoundOut]:
    """Tìm camera trong mạng (WS-Discovery). Takes some seconds."""
    return [found_out(match) for match in await services.cameras.finder.search(by=current.actor)]


@router.get("/{camera}")
async def read_camera(camera: Slug, current: Reader, services: Has) -> CameraOut:
    """Một camera."""
    return camera_out(services.cameras.registry.get(CameraId(camera)), services, current)


@router.put("/{camera}")
async def save_camera(camera: Slug, body: CameraIn, current: Keeper, services: Has) -> CameraOut:
    """Thêm hoặc sửa. The whole entry, except that a password left out stays."""
    fields = body.model_dump(exclude={"password"})
    row = Camera(
        **{
            **fields,
            "id": CameraId(camera),
            "zone": ZoneId(body.zone),
            "cluster": None if body.cluster is None else ClusterId(body.cluster),
        }
    )
    kept = await services.cameras.registry.save(row, by=current.actor, password=body.password)
    return camera_out(kept, services, current)


@router.delete("/{camera}", status_code=204)
async def remove_camera(camera: Slug, current: Keeper, services: Has) -> None:
    """Xóa khỏi danh mục, with its password and history."""
    await services.cameras.registry.remove(CameraId(camera), by=current.actor)


@router.post("/{camera}/look", status_code=202)
async def look_at_camera(camera: Slug, _: Keeper, services: Has) -> None:
    """Kiểm tra ngay: it gets the next turn."""
    services.cameras.registry.get(CameraId(camera))
    services.cameras.poller.look_soon(CameraId(camera))


@router.post("/{camera}/baseline", status_code=202)
async def new_baseline(camera: Slug, _: Keeper, services: Has) -> None:
    """Lấy hình mẫu mới: it was turned on purpose; the next picture is what later ones are compared with."""
    services.cameras.registry.get(CameraId(camera))
    services.cameras.watcher.forget_picture(CameraId(camera))
    services.cameras.poller.look_soon(CameraId(camera))


@router.post("/{camera}/accept", status_code=202)
async def accept_replacement(camera: Slug, _: Keeper, services: Has) -> None:
    """Nhận camera thay thế: what hangs there now is the right one, with its serial number and its certificate."""
    services.cameras.registry.get(CameraId(camera))
    services.cameras.watcher.forget_identity(CameraId(camera))
    services.cameras.poller.look_soon(CameraId(camera))


@router.post("/{camera}/move")
async def accept_new_address(camera: Slug, current: Keeper, services: Has) -> CameraOut:
    """Nhận địa chỉ mới that the last search found it at."""
    moved = await services.cameras.finder.accept(CameraId(camera), by=current.actor)
    return camera_out(moved, services, current)


@router.get("/{camera}/history")
async def read_history(camera: Slug, _: Reader, services: Has, days: _Days = 1) -> HistoryOut:
    """Biểu đồ: five-minute slices of two days, hours before that, thirty days in all."""
    name = services.cameras.registry.get(CameraId(camera)).id
    slices = await services.cameras.watcher.history(name, days=days)
    return HistoryOut(
        camera=name,
        uptime=UptimeOut.of(await services.cameras.watcher.uptime([name], days=days)),
        slices=[slice_out(each) for each in slices],
    )


@router.get(
    "/{camera}/thumbnail",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "Ảnh nhỏ đã làm mờ"}},
)
async def read_thumbnail(camera: Slug, _: Keeper, services: Has) -> Response:
    """Ảnh nhỏ đã làm mờ, of a camera whose pictures are on; gone within a day."""
    name = services.cameras.registry.get(CameraId(camera)).id
    found = await services.cameras.pictures.thumbnail(name, now_ms=services.clock.now_ms())
    if found is None:
        raise NotFound("Không có ảnh.", "There is no picture.")
    return Response(found[1], media_type="image/jpeg", headers={"cache-control": "no-store"})
