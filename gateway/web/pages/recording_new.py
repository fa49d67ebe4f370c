"""Gửi ghi âm: a greeting, a sign-off, music or a reading for programmes, by the phone's microphone or as a file."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from pydantic import BaseModel, BeforeValidator, StringConstraints
from starlette.responses import Response

from devices.model import AssetId, asset_sha256
from gateway.domain.errors import BadInput
from gateway.domain.people import Permission
from gateway.web.pages.bulletin_record import MOST_BYTES
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.received_file import fields_in, file_in
from gateway.web.types import Line

router = APIRouter()

Sender = Annotated[Visit, Depends(Door(Permission.WRITE_BULLETIN, Permission.SCHEDULE))]
_FIELDS = frozenset({"title", "until"})


class About(BaseModel):
    """What a recording is, beside its sound."""

    take: Annotated[str, StringConstraints(pattern="^([0-9a-f]{24})?$")] = ""
    title: Line = ""
    licence: Line = ""
    until: Annotated[date | None, BeforeValidator(lambda text: text or None)] = None
    """The last day on which it may be heard."""
    music: bool = False


@router.get("/recordings/new")
async def new_page(visit: Sender) -> Response:
    """Show the microphone and the form."""
    return _show(visit, About())


@router.post("/recordings/new")
async def send_in(visit: Sender) -> Response:
    """Gửi ghi âm: it waits until somebody else listened and approved. The same take twice is one."""
    request, services = visit.screen.request, visit.screen.services
    about = await fields_in(request, About)

    async def upload() -> str:
        async with file_in(request, "file", most_bytes=MOST_BYTES) as path:
            kept = await services.library.upload(
                path,
                title=about.title,
                by=visit.user,
                music=about.music,
                licence=about.licence,
                usable_until=_end_of(about.until, services.options.timezone),
            )
        services.editorial.sent_in(kept)
        return kept.asset

    try:
        asset = await services.takes.once(about.take, by=visit.user, do=upload)
    except BadInput as error:
        return _show(visit, about, status=422, wrong=_said(visit, error))
    finally:
        await request.close()  # nobody reads the file of a take that came before
    return visit.go(f"/recordings/{asset_sha256(AssetId(asset))}", Flash("recording.sent"))


def _said(visit: Visit, error: BadInput) -> dict[str, str]:
    said = {each.path if each.path in _FIELDS else "file": (each.vi, each.en) for each in error.problems}
    words = {name: visit.screen.t.pair(*pair) for name, pair in said.items()}
    return {name: text[:1].upper() + text[1:] for name, text in words.items()}


def _end_of(day: date | None, zone: str) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def _show(visit: Visit, about: About, *, status: int = 200, wrong: dict[str, Any] | None = None) -> Response:
    return visit.show("recording_new.html", status=status, about=about, wrong=wrong or {})
