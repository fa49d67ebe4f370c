"""Việc của kỹ thuật viên: test tone, restart, repair mode, trims; and looking at a camera again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from devices.model import ClusterId
from gateway.domain.device import CameraId
from gateway.domain.errors import BadInput, NotFound
from gateway.domain.people import Permission
from gateway.services.commands import of
from gateway.services.technical import Settings
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash, Tone, Undo
from gateway.web.types import Reason, Slug

router = APIRouter(prefix="/devices/{code}")

Technician = Annotated[Visit, Depends(Door(Permission.TECHNICIAN))]
Controller = Annotated[Visit, Depends(Door(Permission.CONTROL_AIR))]
Keeper = Annotated[Visit, Depends(Door(Permission.KEEP_DEVICES))]
TONE_MS = 3_000


@router.post("/tone")
async def play_tone(visit: Technician, code: Slug) -> Response:
    """Phát âm thử, short and soft."""
    await visit.screen.services.commands.test_tone(of(ClusterId(code)), by=visit.actor, dur_ms=TONE_MS)
    return visit.go(f"/devices/{code}#orders", Flash("device.tone.sent"))


@router.post("/reboot")
async def restart(visit: Technician, code: Slug) -> Response:
    """Khởi động lại; refused by the cluster while it sounds."""
    await visit.screen.services.commands.reboot(of(ClusterId(code)), by=visit.actor)
    return visit.go(f"/devices/{code}#orders", Flash("device.reboot.sent"))


@router.post("/volume")
async def volume(visit: Controller, code: Slug, percent: Annotated[int | None, Form(ge=0, le=100)] = None) -> Response:
    """Âm lượng; empty puts the plan's own back."""
    await visit.screen.services.commands.volume(of(ClusterId(code)), percent, by=visit.actor)
    undo = None if percent is None else Undo(f"/devices/{code}/volume")
    return visit.go(f"/devices/{code}#orders", Flash("device.volume.sent", undo=undo))


@router.post("/maintenance")
async def enter_maintenance(visit: Technician, code: Slug, reason: Annotated[Reason, Form()] = "") -> Response:
    """Vào chế độ sửa chữa: nothing but a test tone sounds there until somebody ends it."""
    try:
        await visit.screen.services.workshop.enter_maintenance(ClusterId(code), by=visit.actor, reason=reason)
    except BadInput:
        return visit.go(f"/devices/{code}", Flash("device.repair.why", Tone.BAD))
    undo = Undo(f"/devices/{code}/maintenance/end")
    return visit.go(f"/devices/{code}", Flash("device.repair.on", undo=undo))


@router.post("/maintenance/end")
async def leave_maintenance(visit: Technician, code: Slug) -> Response:
    """Ra khỏi chế độ sửa chữa."""
    await visit.screen.services.workshop.leave_maintenance(ClusterId(code), by=visit.actor)
    return visit.go(f"/devices/{code}", Flash("device.repair.off"))


@router.get("/settings")
async def settings_page(visit: Technician, code: Slug) -> Response:
    """Show what this cluster is told about itself."""
    cluster = _cluster(visit, code)
    return visit.show(
        "device_settings.html",
        code=code,
        name=visit.screen.services.fleet.name(cluster),
        settings=visit.screen.services.workshop.get(cluster).settings,
        wrong={},
    )


@router.post("/settings")
async def save_settings(
    visit: Technician,
    code: Slug,
    *,
    default_percent: Annotated[int, Form()],
    max_percent: Annotated[int, Form()],
    dac_offset_ms: Annotated[int, Form()],
    amp_wake_ms: Annotated[int, Form()],
    cache_mb: Annotated[int, Form()],
) -> Response:
    """Chỉnh thông số: the cluster is told with its next configuration, at once."""
    cluster = _cluster(visit, code)
    typed = {
        "default_percent": default_percent,
        "max_percent": max_percent,
        "dac_offset_ms": dac_offset_ms,
        "amp_wake_ms": amp_wake_ms,
        "cache_mb": cache_mb,
    }
    try:
        settings = Settings(**typed)
    except BadInput as error:
        wrong = {problem.path: visit.screen.t.pair(problem.vi, problem.en) for problem in error.problems}
        name = visit.screen.services.fleet.name(cluster)
        return visit.show(
            "device_settings.html", status=status_of(error), code=code, name=name, settings=typed, wrong=wrong
        )
    await visit.screen.services.workshop.set(cluster, settings, by=visit.actor)
    return visit.go(f"/devices/{code}", Flash("device.settings.saved"))


@router.post("/look")
async def look(visit: Keeper, code: Slug) -> Response:
    """Kiểm tra ngay: this camera gets the next turn."""
    cameras = visit.screen.services.cameras
    cameras.poller.look_soon(cameras.registry.get(CameraId(code)).id)
    return visit.go(f"/devices/{code}", Flash("device.look.soon"))


@router.post("/baseline")
async def baseline(visit: Keeper, code: Slug) -> Response:
    """Lấy hình mẫu mới: it was turned on purpose."""
    cameras = visit.screen.services.cameras
    camera = cameras.registry.get(CameraId(code))
    cameras.watcher.forget_picture(camera.id)
    cameras.poller.look_soon(camera.id)
    return visit.go(f"/devices/{code}", Flash("device.baseline.new"))


@router.post("/accept")
async def accept_replacement(visit: Keeper, code: Slug) -> Response:
    """Nhận camera thay thế: what hangs there now is the right one."""
    cameras = visit.screen.services.cameras
    camera = cameras.registry.get(CameraId(code))
    cameras.watcher.forget_identity(camera.id)
    cameras.poller.look_soon(camera.id)
    return visit.go(f"/devices/{code}", Flash("device.accepted"))


@router.post("/move")
async def accept_address(visit: Keeper, code: Slug) -> Response:
    """Nhận địa chỉ mới that the last search found it at."""
    cameras = visit.screen.services.cameras
    moved = await cameras.finder.accept(CameraId(code), by=visit.actor)
    cameras.poller.look_soon(moved.id)
    return visit.go(f"/devices/{code}", Flash("device.moved", values={"host": moved.host}))


def _cluster(visit: Visit, code: str) -> ClusterId:
    if ClusterId(code) not in visit.screen.services.fleet.controllable:
        raise NotFound(f"Không có cụm loa “{code}”.", f"No cluster “{code}”.")
    return ClusterId(code)
