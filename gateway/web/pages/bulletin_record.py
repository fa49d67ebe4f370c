"""Ghi âm: a person reads it out, with the phone's microphone or a file that was made elsewhere."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from gateway.domain.errors import BadInput, Stale, WrongState
from gateway.domain.ids import BulletinId
from gateway.domain.people import Permission
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.received_file import fields_in, file_in
from gateway.web.types import Id

router = APIRouter()

Author = Annotated[Visit, Depends(Door(Permission.WRITE_BULLETIN))]
MOST_BYTES = 60_000_000
"""Half an hour from a phone, or ten minutes of WAV."""


@router.get("/bulletins/{bulletin}/record")
async def record_page(visit: Author, bulletin: Id) -> Response:
    """Show the text to be read out and the microphone."""
    return await _show(visit, bulletin)


class Take(BaseModel):
    """What comes with the file."""

    take: Annotated[str, StringConstraints(pattern="^([0-9a-f]{24})?$")] = ""
    """Its name on the phone that made it: sent again, it is the same."""
    text_sha256: Annotated[str, StringConstraints(pattern="^([0-9a-f]{64})?$")] = ""
    """The text that was read out."""


@router.post("/bulletins/{bulletin}/record")
async def record(visit: Author, bulletin: Id) -> Response:
    """Gắn bản ghi âm: whoever reads may not approve. The same take twice is one."""
    request, services = visit.screen.request, visit.screen.services
    sent = await fields_in(request, Take)

    async def attach() -> str:
        async with file_in(request, "file", most_bytes=MOST_BYTES) as path:
            done = await services.editorial.record(
                BulletinId(bulletin), path, by=visit.user, text_sha256=sent.text_sha256
            )
        return str(done.id)

    try:
        await services.takes.once(sent.take, by=visit.user, do=attach)
    except (BadInput, Stale, WrongState) as error:
        said = visit.screen.t.pair(error.vi, error.en)
        return await _show(visit, bulletin, status=status_of(error), wrong=said)
    finally:
        await request.close()  # nobody reads the file of a take that came before
    return visit.go(f"/bulletins/{bulletin}/air", Flash("record.kept"))


async def _show(visit: Visit, bulletin: str, *, status: int = 200, wrong: str = "") -> Response:
    found = await visit.screen.services.editorial.get(BulletinId(bulletin))
    return visit.show("bulletin_record.html", status=status, bulletin=found, wrong=wrong)
