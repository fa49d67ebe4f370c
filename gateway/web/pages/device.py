"""Một thiết bị: how it is, why, since when and what to do; its charts, its papers and what was done to it."""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from devices.clock import instant
from devices.model import ClusterId
from devices.model.camera import Cause, Layer
from gateway.domain.camera_login import weak_finding
from gateway.domain.camera_watch import CameraWatch
from gateway.domain.device import Camera, CameraId, Particulars
from gateway.domain.errors import NotFound
from gateway.domain.people import Permission, permissions_of
from gateway.domain.targets import Cluster
from gateway.ports.records import Alarm, CommandRow
from gateway.services.cameras.alerts import told
from gateway.services.diagnosis import checks
from gateway.web.pages.board import VOLUMES
from gateway.web.pages.device_charts import DAYS, Window, of_camera, of_cluster
from gateway.web.pages.device_rows import Row, rows, wrong_with
from gateway.web.pages.door import Door, Visit
from gateway.web.types import Slug
from gateway.web.words import Language

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
_ALARMS_READ, _ALARMS_SHOWN = 300, 8
_ORDERS_SHOWN = 4
_ORDERS_SINCE_MS = 3_600_000


@router.get("/devices/{code}")
async def device_page(visit: Reader, code: Slug, days: Annotated[Literal[1, 7, 30], Query()] = 30) -> Response:
    """Show one device, whatever it is."""
    row = await find(visit, code)
    if row.is_camera:
        return visit.show("camera.html", **await _camera(visit, row, days))
    return visit.show("cluster.html", **await _cluster(visit, row, days))


@router.get("/devices/{code}/now")
async def device_now(visit: Reader, code: Slug) -> Response:
    """Return the part of it that changes, for htmx."""
    row = await find(visit, code)
    if row.is_camera:
        return visit.show("camera_now.html", **_camera_now(visit, row))
    return visit.show("cluster_now.html", **await _cluster_now(visit, row))


async def find(visit: Visit, code: str) -> Row:
    """Return the device called ``code``.

    Raises:
        NotFound
    """
    found = next((row for row in await rows(visit.screen.services) if row.out.code == code), None)
    if found is None:
        raise NotFound(f"Không có thiết bị “{code}”.", f"No device “{code}”.")
    return found


async def _cluster(visit: Visit, row: Row, days: int) -> dict[str, Any]:
    services = visit.screen.services
    cluster = services.fleet.registry.clusters[ClusterId(row.out.code)]
    window = _window(visit, days)
    hours = await services.telemetry.history(cluster.id, since_ms=window.since_ms) if cluster.controllable else []
    return {
        **await _cluster_now(visit, row),
        **await _papers(visit, row, services.cameras.registry.particulars.get(cluster.id, Particulars())),
        "cameras": [each for each in services.cameras.registry.cameras.values() if each.cluster == cluster.id],
        "history": of_cluster(hours, window) if hours else None,
        "days": days,
        "all_days": DAYS,
        "volumes": VOLUMES,
        "past": await _alarms(visit, cluster),
    }


async def _cluster_now(visit: Visit, row: Row) -> dict[str, Any]:
    services = visit.screen.services
    cluster = services.fleet.registry.clusters[ClusterId(row.out.code)]
    live = services.monitor.get(cluster.id)
    return {
        "row": row,
        "cluster": cluster,
        "live": live,
        "enrolled": cluster.id in services.fleet.enrolled,
        "wrong": wrong_with(services, cluster.id),
        "checks": checks(live) if live.heard_ms is not None else (),
        "technical": services.workshop.get(cluster.id),
        "orders": await _orders(visit, cluster),
        "names": await services.accounts.names(),
    }


async def _camera(visit: Visit, row: Row, days: int) -> dict[str, Any]:
    services = visit.screen.services
    camera = services.cameras.registry.get(CameraId(row.out.code))
    window = _window(visit, days)
    slices = await services.cameras.watcher.history(camera.id, days=days)
    alerts = await services.cameras.alerts.history(limit=_ALARMS_SHOWN, camera=camera.id)
    keeps = Permission.KEEP_DEVICES in permissions_of(visit.actor)
    moved = next((m for m in services.cameras.finder.matches if m.moved and m.camera == camera), None)
    return {
        **_camera_now(visit, row),
        **await _papers(visit, row, camera),
        "speaker": None if camera.cluster is None else services.fleet.get(camera.cluster),
        "history": of_camera(slices, window) if slices else None,
        "days": days,
        "all_days": DAYS,
        "alerts": [(each, *told(each), instant(each.wrong.since_ms)) for each in alerts if keeps or not each.secret],
        "has_password": services.cameras.registry.has_password(camera.id),
        "moved": moved if keeps else None,
        # where it stands elsewhere, it was not replaced: accepting whoever has its address now would be wrong
        "replaced": keeps
        and moved is None
        and any(each.cause == Cause.REPLACED for each in _camera_now(visit, row)["wrong"]),
        "thumbnail": keeps and await _has_thumbnail(visit, camera),
    }


async def _has_thumbnail(visit: Visit, camera: Camera) -> bool:
    services = visit.screen.services
    now_ms = services.clock.now_ms()
    return camera.pictures and await services.cameras.pictures.thumbnail(camera.id, now_ms=now_ms) is not None


def _camera_now(visit: Visit, row: Row) -> dict[str, Any]:
    services = visit.screen.services
    camera = services.cameras.registry.get(CameraId(row.out.code))
    watch = services.cameras.watcher.watch(camera.id)
    keeps = Permission.KEEP_DEVICES in permissions_of(visit.actor)
    weak = services.cameras.weak_login(camera.id) if keeps else None
    return {
        "row": row,
        "camera": camera,
        "watch": watch,
        "layers": _layers(watch),
        "wrong": watch.faults if row.out.state in ("lost", "faulty") else (),
        "offset": watch.clock_offset_s,
        "listening": services.cameras.listener.listening(camera.id),
        "keeps": keeps,
        "weak": weak_finding(weak) if weak is not None else None,
    }


def _layers(watch: CameraWatch) -> list[tuple[Layer, Any]]:
    """Return every layer in the order in which one needs the one before; ``None``: nobody looked."""
    return [(layer, watch.layers.get(layer)) for layer in Layer]


async def _papers(visit: Visit, row: Row, known: Particulars) -> dict[str, Any]:
    services = visit.screen.services
    tickets = await services.cameras.tickets.all(device=row.out.code)
    return {
        "known": known,
        "tickets": tickets,
        "warning": services.cameras.tickets.warning(row.out.code) if any(each.open for each in tickets) else None,
        "in_warranty": known.in_warranty(services.cameras.tickets.today),
    }


async def _orders(visit: Visit, cluster: Cluster) -> list[CommandRow]:
    """Return what was ordered of this cluster in the last hour, the newest first."""
    services = visit.screen.services
    since = instant(services.clock.now_ms() - _ORDERS_SINCE_MS)
    found = await services.command_log.history(since=since, limit=2_000)
    return [each for each in found if each.cluster == cluster.id][:_ORDERS_SHOWN]


async def _alarms(visit: Visit, cluster: Cluster) -> list[Alarm]:
    found = await visit.screen.services.alarm_log.history(limit=_ALARMS_READ)
    return [alarm for alarm in found if alarm.cluster == cluster.id][:_ALARMS_SHOWN]


def _window(visit: Visit, days: int) -> Window:
    zone = ZoneInfo(visit.screen.services.options.timezone)
    point = "." if visit.screen.language is Language.EN else ","
    return Window(days=days, until_ms=visit.screen.services.clock.now_ms(), zone=zone, point=point)
