"""Ghi âm: a person reads it out, with the phone's microphone or a file that was made elsewhere."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway.domain.errors import BadInput, Stale, WrongState
from gateway.domain.ids import BulletinId
from gateway.domain.people import Permission
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.received_file import file_in
from gateway.web.types import Id

router = APIRouter()

Author = Annotated[Visit, Depends(Door(Permission.WRITE_BULLETIN))]
MOST_BYTES = 60_000_000
"""Half an hour from a phone, or ten minutes of WAV."""


@router.get("/bulletins/{bulletin}/record")
async def record_page(visit: Author, bulletin: Id) -> Response:
    """Show the text to be read out and the microphone."""
    return await _show(visit, bulletin)


@router.post("/bulletins/{bulletin}/record")
async def record(visit: Author, bulletin: Id) -> Response:
    """Gắn bản ghi âm: whoever reads may not approve."""
    try:
        async with file_in(visit.screen.request, "file", most_bytes=MOST_BYTES) as path:
            await visit.screen.services.editorial.record(BulletinId(bulletin), path, by=visit.user)
    except (BadInput, Stale, WrongState) as error:
        said = visit.screen.t.pair(error.vi, error.en)
        return await _show(visit, bulletin, status=status_of(error), wrong=said)
    return visit.go(f"/bulletins/{bulletin}/air", Flash("record.kept"))


async def _show(visit: Visit, bulletin: str, *, status: int = 200, wrong: str = "") -> Response:
    found = await visit.screen.services.editorial.get(BulletinId(bulletin))
    return visit.show("bulletin_record.html", status=status, bulletin=found, wrong=wrong)
