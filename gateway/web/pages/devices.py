"""Loa và camera: one list and one map of everything, the way from a label to its device, and the labels."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from gateway.domain.counting import counting
from gateway.domain.device import Owner
from gateway.domain.people import Permission, expect, permissions_of
from gateway.domain.sheet import plain
from gateway.web.headers import SECURITY_HEADERS
from gateway.web.pages.device_map import device_map
from gateway.web.pages.device_rows import Filter, KindGroup, Which, counted, rows
from gateway.web.pages.door import Door, Visit
from gateway.web.types import Line

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Keeper = Annotated[Visit, Depends(Door(Permission.KEEP_DEVICES))]
Asked = Annotated[Filter, Depends(Filter.asked)]
PAGE = 40
_MOST_PAGES = 1_000
_SUGGESTED = 8
_WITH_CAMERA = SECURITY_HEADERS["permissions-policy"].replace("camera=()", "camera=(self)")


@router.get("/devices")
async def devices_page(visit: Reader, asked: Asked, page: Annotated[int, Query(ge=1, le=_MOST_PAGES)] = 1) -> Response:
    """Show the list or the map."""
    return visit.show("devices.html", **await _known(visit, asked, page))


@router.get("/devices/now")
async def devices_now(visit: Reader, asked: Asked, page: Annotated[int, Query(ge=1, le=_MOST_PAGES)] = 1) -> Response:
    """Return the part of it that changes, for htmx."""
    return visit.show("devices_now.html", **await _known(visit, asked, page))


@router.get("/devices/scan")
async def scan_page(visit: Reader, code: Annotated[Line, Query()] = "") -> Response:
    """Quét mã trên hộp, or type it: a code that is there leads to its device."""
    typed = code.strip().rsplit("/", 1)[-1].lower()
    found = await rows(visit.screen.services)
    exact = next((row for row in found if row.out.code == typed), None)
    if exact is not None:
        return visit.go(f"/devices/{exact.out.code}")
    near = [row for row in found if typed and plain(typed) in plain(f"{row.out.code} {row.out.name} {row.out.serial}")]
    answer = visit.show("scan.html", code=typed, near=near[:_SUGGESTED], codes=sorted(row.out.code for row in found))
    answer.headers["permissions-policy"] = _WITH_CAMERA  # nowhere else may a page look through the phone
    return answer


@router.get("/t/{code}")
async def from_label(visit: Reader, code: Line) -> Response:
    """Where the QR code of a label leads."""
    known = any(row.out.code == code.lower() for row in await rows(visit.screen.services))
    return visit.go(f"/devices/{code.lower()}") if known else await scan_page(visit, code)


@router.get("/devices/labels")
async def labels_page(visit: Keeper, asked: Asked) -> Response:
    """Choose which labels to print."""
    found = [row for row in asked.without_state(await rows(visit.screen.services)) if asked.state.means(row)]
    registry = visit.screen.services.fleet.registry
    return visit.show(
        "labels.html",
        rows=sorted(found, key=lambda row: row.out.code),
        asked=asked,
        kinds=list(KindGroup),
        zones=sorted(registry.zones.values(), key=lambda zone: counting(zone.name)),
    )


@router.get("/devices/found")
async def found_page(visit: Keeper) -> Response:
    """Show who answered the last search."""
    return visit.show("devices_found.html", matches=visit.screen.services.cameras.finder.matches, searched=False)


@router.post("/devices/found")
async def search(visit: Keeper) -> Response:
    """Tìm camera trong mạng; nothing is entered."""
    matches = await visit.screen.services.cameras.finder.search(by=visit.actor)
    return visit.show("devices_found.html", matches=matches, searched=True)


async def _known(visit: Visit, asked: Filter, page: int) -> dict[str, Any]:
    services = visit.screen.services
    keeps = Permission.KEEP_DEVICES in permissions_of(visit.actor)
    if asked.state is Which.WEAK:
        expect(visit.actor, Permission.KEEP_DEVICES)
    among = asked.without_state(await rows(services))
    found = [row for row in among if asked.state.means(row)]
    counts = counted(among)
    begin = (page - 1) * PAGE
    zones = sorted(services.fleet.registry.zones.values(), key=lambda zone: counting(zone.name))
    return {
        "asked": asked,
        "counts": counts,
        "states": [each for each in Which if each is not Which.WEAK or (keeps and counts[each])],
        "keeps": keeps,
        "kinds": list(KindGroup),
        "owners": list(Owner),
        "zones": zones,
        "zone_name": next((zone.name for zone in zones if zone.id == asked.zone), ""),
        "many": len(found),
        "rows": found[begin : begin + PAGE],
        "map": device_map(found, zones, zone=asked.zone) if asked.view == "map" else None,
        "page": page,
        "shown": (begin + 1, min(begin + PAGE, len(found))) if len(found) > PAGE else None,
        "earlier": asked.path(page=str(page - 1)) if page > 1 else "",
        "later": asked.path(page=str(page + 1)) if begin + PAGE < len(found) else "",
    }
