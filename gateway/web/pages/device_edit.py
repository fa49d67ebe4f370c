"""Lý lịch thiết bị: what stands on the box, how a camera is reached; a new cluster, a new camera."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from devices.model import ClusterId, ZoneId
from gateway.domain.device import CameraId, Owner, Particulars
from gateway.domain.errors import BadInput, Problem, Stale
from gateway.domain.people import Permission
from gateway.domain.sheet import plain
from gateway.domain.targets import Cluster, ClusterKind
from gateway.web.errors import status_of
from gateway.web.pages import device_form
from gateway.web.pages.device import find
from gateway.web.pages.device_form import Typed
from gateway.web.pages.device_rows import Row
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash, Tone
from gateway.web.types import Slug

router = APIRouter(prefix="/devices")

_FROM_SEARCH = ("host", "port", "maker", "model")
"""What a search found of a camera stands in the form already."""

Keeper = Annotated[Visit, Depends(Door(Permission.KEEP_DEVICES))]
Enroller = Annotated[Visit, Depends(Door(Permission.ENROL))]


@router.get("/new/camera")
async def new_camera_page(visit: Keeper) -> Response:
    """Show the empty form of a camera."""
    known = {name: text for name, text in visit.screen.request.query_params.items() if name in _FROM_SEARCH}
    found = device_form.typed_of(Particulars()) | {name: text[: device_form.LONGEST] for name, text in known.items()}
    form = {"watched": "1", "port": "80", **found}
    return visit.show("device_edit.html", **_camera_form(visit, None, form))


@router.post("/new/camera")
async def new_camera(visit: Keeper, request: Request) -> Response:
    """Thêm camera."""
    form = device_form.typed(await request.form())
    code = form.get("code", "").lower()
    return await _save_camera(visit, None, code, form)


@router.get("/new/cluster")
async def new_cluster_page(visit: Enroller) -> Response:
    """Show the empty form of a cluster."""
    return visit.show("cluster_new.html", **_cluster_form(visit, {}))


@router.post("/new/cluster")
async def new_cluster(visit: Enroller, request: Request) -> Response:
    """Thêm cụm loa; one that can be controlled is enrolled next."""
    form = device_form.typed(await request.form())
    registry = visit.screen.services.fleet.registry
    code, kind = form.get("code", "").lower(), form.get("kind", ClusterKind.IP)
    try:
        if ClusterId(code) in registry.clusters:
            raise _taken()
        made = Cluster(
            id=ClusterId(code),
            name=form.get("name", "")[: device_form.LONGEST],
            zone=ZoneId(form.get("zone", "")),
            kind=ClusterKind(kind) if kind in set(ClusterKind) else ClusterKind.IP,
            address=form.get("address", "")[: device_form.LONGEST],
            near_quiet_place=bool(form.get("near_quiet_place")),
        )
        await visit.screen.services.inventory.save_cluster(made, by=visit.actor)
    except BadInput as error:
        return visit.show("cluster_new.html", status=status_of(error), **_cluster_form(visit, form, error))
    where = f"/devices/{code}/enrol" if made.controllable else f"/devices/{code}"
    return visit.go(where, Flash("device.added", values={"name": made.name}))


@router.get("/{code}/edit")
async def edit_page(visit: Keeper, code: Slug) -> Response:
    """Show what is written down of a box."""
    row = await find(visit, code)
    registry = visit.screen.services.cameras.registry
    if row.is_camera:
        form = device_form.typed_of(registry.get(CameraId(code)))
        return visit.show("device_edit.html", **_camera_form(visit, row, form))
    form = device_form.typed_of(registry.particulars.get(ClusterId(code), Particulars()))
    return visit.show("device_edit.html", **_form(visit, row, form))


@router.post("/{code}/edit")
async def save(visit: Keeper, request: Request, code: Slug) -> Response:
    """Lưu lý lịch."""
    row = await find(visit, code)
    form = device_form.typed(await request.form())
    if row.is_camera:
        return await _save_camera(visit, row, code, form)
    try:
        known = device_form.particulars(form)
        await visit.screen.services.cameras.registry.save_particulars(ClusterId(code), known, by=visit.actor)
    except BadInput as error:
        return visit.show("device_edit.html", status=status_of(error), **_form(visit, row, form, error))
    return visit.go(f"/devices/{code}", Flash("device.saved"))


@router.post("/{code}/remove")
async def remove_camera(visit: Keeper, code: Slug) -> Response:
    """Xóa camera khỏi danh mục, with its password and its history."""
    camera = visit.screen.services.cameras.registry.get(CameraId(code))
    await visit.screen.services.cameras.registry.remove(camera.id, by=visit.actor)
    return visit.go("/devices?kind=camera", Flash("device.removed", values={"name": camera.place}))


async def _save_camera(visit: Visit, row: Row | None, code: str, form: Typed) -> Response:
    cameras = visit.screen.services.cameras
    before = cameras.registry.cameras.get(CameraId(code)) if row is not None else None
    password = form.get("password") or None
    try:
        made = device_form.camera(code, form, before)
        await cameras.registry.save(made, by=visit.actor, password=password, new=row is None)
    except BadInput as error:
        return visit.show("device_edit.html", status=status_of(error), **_camera_form(visit, row, form, error))
    except Stale:
        taken = _taken()
        return visit.show("device_edit.html", status=status_of(taken), **_camera_form(visit, row, form, taken))
    cameras.poller.look_soon(made.id)
    told = Flash("device.saved.weak", Tone.WARN) if cameras.registry.has_factory_password(made.id) else None
    return visit.go(f"/devices/{made.id}", told or Flash("device.saved"))


def _form(visit: Visit, row: Row, form: Typed, error: BadInput | None = None) -> dict[str, Any]:
    return {"row": row, "camera": False, "form": form, "owners": list(Owner), "wrong": _wrong(visit, error)}


def _camera_form(visit: Visit, row: Row | None, form: Typed, error: BadInput | None = None) -> dict[str, Any]:
    services = visit.screen.services
    registry = services.fleet.registry
    return {
        "row": row,
        "camera": True,
        "form": {name: text for name, text in form.items() if name != "password"},
        "owners": list(Owner),
        "zones": sorted(registry.zones.values(), key=lambda zone: zone.id),
        "clusters": sorted(registry.clusters.values(), key=lambda each: plain(each.name)),
        "has_password": row is not None and services.cameras.registry.has_password(CameraId(row.out.code)),
        "wrong": _wrong(visit, error),
    }


def _cluster_form(visit: Visit, form: Typed, error: BadInput | None = None) -> dict[str, Any]:
    zones = sorted(visit.screen.services.fleet.registry.zones.values(), key=lambda zone: zone.id)
    return {"form": form, "zones": zones, "kinds": list(ClusterKind), "wrong": _wrong(visit, error)}


def _taken() -> BadInput:
    return BadInput([Problem(code="taken", vi="mã này đã có", en="this code is taken", path="id")])


def _wrong(visit: Visit, error: BadInput | None) -> dict[str, str]:
    problems = error.problems if error else ()
    return {problem.path: visit.screen.t.pair(problem.vi, problem.en) for problem in problems}
