"""Bảng tính vào và ra: cameras, clusters and neighbourhoods, with a report of every row that is not right."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from gateway.domain import camera_sheet, cluster_sheet
from gateway.domain.camera_sheet import Cell
from gateway.domain.people import Permission
from gateway.domain.sheet import RowProblem
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.multipart import FILE_BODY, file_of
from gateway.web.services import Has
from gateway.web.sheet_in import read_table
from gateway.web.spreadsheet import to_csv, to_xlsx

router = APIRouter(prefix="/devices", tags=["devices"])

Keeper = Annotated[Current, Depends(May(Permission.KEEP_DEVICES))]
_DryRun = Annotated[bool, Query(description="Chỉ xem, không ghi / only look")]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/csv": {}, _XLSX: {}},
        "description": "Bảng tính / a spreadsheet",
    }
}
Form = Literal["csv", "xlsx"]


class ImportOut(BaseModel):
    """Kết quả nhập: good rows are kept, each bad one is named."""

    dry_run: bool
    new: int
    changed: int
    same: int
    new_zones: int
    bad: tuple[RowProblem, ...]
    unknown_columns: tuple[str, ...]
    """Headings that nobody understood; what stands under them was left out."""
    weak_logins: tuple[str, ...] = ()
    """Cameras of this file whose login everybody knows, or that have a user without a password."""


@dataclass(frozen=True)
class _Table:
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@router.post("/cameras/import", openapi_extra=FILE_BODY)
async def import_cameras(request: Request, current: Keeper, services: Has, dry_run: _DryRun = False) -> ImportOut:
    """Nhập camera từ CSV hoặc XLSX, the field ``file`` of a form. Again, the same file changes nothing."""
    table = await _table(request)
    done = await services.cameras.registry.import_(table, by=current.actor, dry_run=dry_run)
    return ImportOut(
        dry_run=dry_run,
        new=done.new,
        changed=done.changed,
        same=done.same,
        new_zones=0,
        bad=done.rows.bad,
        unknown_columns=done.rows.unknown_columns,
        weak_logins=done.weak,
    )


@router.post("/clusters/import", openapi_extra=FILE_BODY)
async def import_clusters(request: Request, current: Keeper, services: Has, dry_run: _DryRun = False) -> ImportOut:
    """Nhập cụm loa và khu phố, FM and wired points too."""
    table = await _table(request)
    done = await services.cameras.sheets.import_(table, by=current.actor, dry_run=dry_run)
    return ImportOut(
        dry_run=dry_run,
        new=done.new,
        changed=done.changed,
        same=done.same,
        new_zones=done.new_zones,
        bad=done.rows.bad,
        unknown_columns=done.rows.unknown_columns,
    )


@router.get("/cameras/export", response_class=Response, responses=_FILE)
async def export_cameras(_: Keeper, services: Has, form: Annotated[Form, Query()] = "csv") -> Response:
    """Xuất danh mục camera; reads back to the same. Without passwords."""
    room = services.cameras
    cameras = room.registry.cameras.values()
    weak = {camera.id: cause for camera in cameras if (cause := room.weak_login(camera.id)) is not None}
    return await _file(_Table(*camera_sheet.written(cameras, weak)), "camera", form)


@router.get("/clusters/export", response_class=Response, responses=_FILE)
async def export_clusters(_: Keeper, services: Has, form: Annotated[Form, Query()] = "csv") -> Response:
    """Xuất danh mục cụm loa; reads back to the same."""
    ward = services.cameras.registry.ward
    clusters = sorted(ward.clusters.values(), key=lambda each: each.id)
    written = cluster_sheet.written(clusters, ward.zones, services.cameras.registry.particulars)
    return await _file(_Table(*written), "cum-loa", form)


async def _table(request: Request) -> list[list[str]]:
    async with file_of(request) as path:
        return await asyncio.to_thread(lambda: read_table(path.read_bytes()))


async def _file(table: _Table, name: str, form: Form) -> Response:
    write = to_xlsx if form == "xlsx" else to_csv
    content = await asyncio.to_thread(write, table.header, table.rows)
    kind = _XLSX if form == "xlsx" else "text/csv; charset=utf-8"
    headers = {"content-disposition": f'attachment; filename="{name}.{form}"', "cache-control": "no-store"}
    return Response(content, media_type=kind, headers=headers)
