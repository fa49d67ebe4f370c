"""Ghi âm: what people sent in for programmes; its sound, its measures, and yes or no. The reason reaches its sender."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from devices.model import AssetId
from gateway.domain.errors import BadInput, NotAllowed, WrongState
from gateway.domain.people import Permission, permissions_of
from gateway.ports.records import StoredAudio
from gateway.web.errors import status_of
from gateway.web.pages import dossier
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.types import Id, Reason

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Judge = Annotated[Visit, Depends(Door(Permission.APPROVE))]
StrongJudge = Annotated[Visit, Depends(Door(Permission.APPROVE, strong=True))]


@router.get("/recordings")
async def recordings_page(visit: Reader) -> Response:
    """List them: whoever sent one in reads here what became of it."""
    services = visit.screen.services
    rights = permissions_of(visit.actor)
    return visit.show(
        "recordings.html",
        found=await services.library.sent_in(),
        names=await services.accounts.names(),
        can_send=bool(rights & {Permission.WRITE_BULLETIN, Permission.SCHEDULE}),
    )


@router.get("/recordings/{recording}")
async def recording_page(visit: Reader, recording: Id) -> Response:
    """Show one: to listen to, with what was measured and found."""
    return await _show(visit, recording)


@router.post("/recordings/{recording}/approve")
async def approve_recording(visit: StrongJudge, recording: Id) -> Response:
    """Duyệt the sound on the page: its name is its hash."""
    try:
        done = await visit.screen.services.editorial.approve_recording(_asset(recording), by=visit.actor)
    except NotAllowed as error:
        return await _show(visit, recording, status=status_of(error), wrong=visit.screen.t.pair(error.vi, error.en))
    return visit.go("/approvals", Flash("approval.done", values={"title": done.title}))


@router.post("/recordings/{recording}/return")
async def return_recording(visit: Judge, recording: Id, reason: Annotated[Reason, Form()] = "") -> Response:
    """Trả lại, with what the sender can act on."""
    t = visit.screen.t
    try:
        done = await visit.screen.services.editorial.return_recording(_asset(recording), reason=reason, by=visit.actor)
    except BadInput:
        return await _show(visit, recording, status=422, no_reason=t("recording.return.need"))
    except WrongState as error:
        return await _show(visit, recording, status=status_of(error), wrong=t.pair(error.vi, error.en))
    return visit.go("/approvals", Flash("approval.returned", values={"title": done.title}))


@router.post("/recordings/{recording}/withdraw")
async def withdraw_recording(visit: Judge, recording: Id, reason: Annotated[Reason, Form()] = "") -> Response:
    """Thu hồi: out of every plan at once, until it is approved again."""
    try:
        done = await visit.screen.services.editorial.withdraw_recording(
            _asset(recording), reason=reason, by=visit.actor
        )
    except BadInput:
        return await _show(visit, recording, status=422, no_reason=visit.screen.t("recording.withdraw.need"))
    return visit.go(f"/recordings/{recording}", Flash("recording.withdrew", values={"title": done.title}))


async def waiting(visit: Visit) -> list[StoredAudio]:
    """Return what waits for this person, the oldest first."""
    found = await visit.screen.services.library.sent_in()
    return [each for each in reversed(found) if each.waits and visit.user.id not in each.makers]


async def _show(visit: Visit, recording: str, *, status: int = 200, **said: str) -> Response:
    services = visit.screen.services
    sound = await services.library.get(_asset(recording))
    known: dict[str, Any] = {"wrong": "", "no_reason": "", **said}
    return visit.show(
        "recording.html",
        status=status,
        sound=sound,
        names=await services.accounts.names(),
        own=visit.user.id in sound.makers,
        needs_code=dossier.needs_code(visit),
        **known,
    )


def _asset(name: str) -> AssetId:
    return AssetId(f"sha256:{name}")
