"""Nhập từ bảng tính: a sheet of clusters or cameras goes in, and every row that is not right is named."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from gateway.domain.errors import BadInput
from gateway.domain.people import Permission
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.received_file import fields_in, file_in
from gateway.web.sheet_in import read_table

router = APIRouter(prefix="/devices/import")

Keeper = Annotated[Visit, Depends(Door(Permission.KEEP_DEVICES))]
MOST_BYTES = 10_000_000
_SHOWN_BAD = 200


class Asked(BaseModel):
    """Which sheet it is, and whether it is kept."""

    what: Literal["clusters", "cameras"]
    act: Literal["look", "keep"] = "look"


@router.get("")
async def import_page(visit: Keeper) -> Response:
    """Show the two forms."""
    return visit.show("device_import.html", what="", done=None, wrong="")


@router.post("")
async def take_in(visit: Keeper, request: Request) -> Response:
    """Xem thử, or take the good rows in. The same file once more changes nothing."""
    asked = await fields_in(request, Asked)
    room, dry, what = visit.screen.services.cameras, asked.act == "look", asked.what
    try:
        async with file_in(request, "file", most_bytes=MOST_BYTES) as path:
            table = await asyncio.to_thread(lambda: read_table(path.read_bytes()))
        done: Any
        if what == "cameras":
            done = await room.registry.import_(table, by=visit.actor, dry_run=dry)
        else:
            done = await room.sheets.import_(table, by=visit.actor, dry_run=dry)
    except BadInput as error:
        wrong = "; ".join(visit.screen.t.pair(each.vi, each.en) for each in error.problems)
        return visit.show("device_import.html", status=status_of(error), what=what, done=None, wrong=wrong)
    return visit.show(
        "device_import.html",
        what=what,
        wrong="",
        dry=dry,
        done=done,
        new_zones=getattr(done, "new_zones", 0),
        bad=done.rows.bad[:_SHOWN_BAD],
        weak=getattr(done, "weak", ()),
        more_bad=max(0, len(done.rows.bad) - _SHOWN_BAD),
    )
