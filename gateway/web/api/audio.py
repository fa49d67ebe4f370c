"""Kho âm thanh: recordings for programmes and emergencies."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field
from starlette.responses import FileResponse, Response

from devices.model import asset_id
from gateway.domain.people import Permission
from gateway.ports.records import StoredAudio
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.files import audio_file
from gateway.web.services import Has
from gateway.web.types import SHA256_PATTERN, Instant, Line, Reason, Sent
from gateway.web.uploads import AUDIO_BODY, received

router = APIRouter(prefix="/audio", tags=["audio"])

Reader = Annotated[Current, Depends(May(Permission.READ))]
Approver = Annotated[Current, Depends(May(Permission.APPROVE))]
StrongApprover = Annotated[Current, Depends(May(Permission.APPROVE, strong=True))]
Name = Annotated[str, Path(pattern=SHA256_PATTERN)]


class About(Sent):
    """What a recording is, beside its sound."""

    title: Annotated[Line, Field(min_length=1)]
    licence: Line = ""
    usable_until: Instant | None = None
    music: bool = False


class Why(Sent):
    reason: Reason


@router.get("")
async def list_audio(_: Reader, services: Has) -> list[StoredAudio]:
    """Các tệp âm thanh, the newest first."""
    return sorted(await services.library.all(), key=lambda audio: audio.made_at, reverse=True)


@router.post("", status_code=201, openapi_extra=AUDIO_BODY)
async def upload_audio(
    request: Request,
    current: Annotated[Current, Depends(May(Permission.WRITE_BULLETIN, Permission.SCHEDULE))],
    services: Has,
    about: Annotated[About, Query()],
) -> StoredAudio:
    """Tải lên bản ghi âm: the body is the file. Mastered to the loudspeakers' level before it is kept."""
    async with received(request) as path:
        kept = await services.library.upload(
            path,
            title=about.title,
            by=current.user,
            music=about.music,
            licence=about.licence,
            usable_until=about.usable_until,
        )
    services.editorial.sent_in(kept)
    return kept


@router.get("/{sha256}")
async def describe_audio(sha256: Name, _: Reader, services: Has) -> StoredAudio:
    return await services.library.get(asset_id(sha256))


@router.get("/{sha256}/file", response_class=FileResponse, responses={200: {"content": {"audio/mpeg": {}}}})
async def listen_to_audio(sha256: Name, _: Reader, services: Has) -> Response:
    """Nghe, with Range."""
    return await audio_file(services, sha256, public=False)


@router.post("/{sha256}/approve")
async def approve_audio(sha256: Name, current: StrongApprover, services: Has) -> StoredAudio:
    """Duyệt ghi âm for programmes; by somebody who did not make it."""
    return await services.editorial.approve_recording(asset_id(sha256), by=current.actor)


@router.post("/{sha256}/return")
async def return_audio(sha256: Name, body: Why, current: Approver, services: Has) -> StoredAudio:
    """Trả lại ghi âm that waits, with what its sender has to mend."""
    return await services.editorial.return_recording(asset_id(sha256), reason=body.reason, by=current.actor)


@router.post("/{sha256}/withdraw")
async def withdraw_audio(sha256: Name, body: Why, current: Approver, services: Has) -> StoredAudio:
    """Thu hồi ghi âm: out of every plan at once."""
    return await services.editorial.withdraw_recording(asset_id(sha256), reason=body.reason, by=current.actor)
