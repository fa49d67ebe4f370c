"""Duyệt bản tin: what waits, what it says and sounds like, and yes or no."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from devices.model import asset_id, asset_sha256
from gateway.domain.bulletin import State
from gateway.domain.errors import BadInput, Stale, WrongState
from gateway.domain.ids import BulletinId
from gateway.domain.people import Permission
from gateway.services.actor import lender
from gateway.web.errors import status_of
from gateway.web.pages import dossier, recordings
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash, Tone
from gateway.web.types import Id, Line, Reason, Sha256

router = APIRouter()

Judge = Annotated[Visit, Depends(Door(Permission.APPROVE))]
StrongJudge = Annotated[Visit, Depends(Door(Permission.APPROVE, strong=True))]


@router.get("/approvals")
async def approvals_page(visit: Judge) -> Response:
    """List what waits; apart from it what others have to approve."""
    services = visit.screen.services
    submitted = await services.editorial.all(state=State.SUBMITTED)
    return visit.show(
        "approvals.html",
        waiting=await dossier.waiting(visit),
        recordings=await recordings.waiting(visit),
        own=[each for each in submitted if visit.user.id in each.writers],
        names=await services.accounts.names(),
        behalf=await _behalf(visit),
    )


@router.get("/approvals/count")
async def approvals_count(visit: Judge) -> Response:
    """Return how many wait, for the bar."""
    return visit.show(
        "approvals_count.html", n=len(await dossier.waiting(visit)) + len(await recordings.waiting(visit))
    )


@router.get("/approvals/next")
async def next_approval(visit: Judge) -> Response:
    """Open the one that airs first: one tap less."""
    found = await dossier.waiting(visit)
    if found:
        return visit.go(f"/approvals/{found[0].bulletin.id}")
    heard = await recordings.waiting(visit)
    return visit.go(f"/recordings/{asset_sha256(heard[0].asset)}" if heard else "/approvals")


@router.get("/approvals/{bulletin}")
async def approval_page(visit: Judge, bulletin: Id) -> Response:
    """Show one: its text as read, its audio, what the machine checked."""
    return visit.show("approval.html", **await _known(visit, bulletin))


@router.post("/approvals/{bulletin}/approve")
async def approve(
    visit: StrongJudge,
    bulletin: Id,
    text_sha256: Annotated[Sha256, Form()],
    asset: Annotated[Sha256, Form()],
) -> Response:
    """Duyệt exactly what the page showed, and go on to the next."""
    name = BulletinId(bulletin)
    try:
        done = await visit.screen.services.editorial.approve(
            name, text_sha256=text_sha256, asset=asset_id(asset), by=visit.actor
        )
    except (WrongState, Stale) as error:
        said = visit.screen.t.pair(error.vi, error.en)
        return visit.show("approval.html", status=status_of(error), **{**await _known(visit, bulletin), "wrong": said})
    left = await dossier.waiting(visit)
    if left:
        next_one = Flash("approval.done.next", values={"title": done.title, "n": str(len(left))})
        return visit.go(f"/approvals/{left[0].bulletin.id}", next_one)
    return visit.go("/approvals", Flash("approval.done", values={"title": done.title}))


@router.post("/approvals/{bulletin}/return")
async def return_it(visit: Judge, bulletin: Id, reason: Annotated[Reason, Form()] = "") -> Response:
    """Trả lại, with what the author can act on."""
    try:
        done = await visit.screen.services.editorial.reject(BulletinId(bulletin), reason=reason, by=visit.actor)
    except BadInput:
        known = {**await _known(visit, bulletin), "no_reason": visit.screen.t("approval.return.need")}
        return visit.show("approval.html", status=422, **known)
    except WrongState as error:
        known = {**await _known(visit, bulletin), "wrong": visit.screen.t.pair(error.vi, error.en)}
        return visit.show("approval.html", status=status_of(error), **known)
    return visit.go("/approvals", Flash("approval.returned", values={"title": done.title}))


@router.post("/approvals/{bulletin}/accept")
async def accept_reading(
    visit: Judge,
    bulletin: Id,
    n: Annotated[int, Form(ge=0, le=100_000)],
    token: Annotated[Line, Form()],
    revision: Annotated[int, Form(ge=1)],
) -> Response:
    """Đọc thế này là đúng: one doubt less."""
    try:
        await visit.screen.services.wording.spoken.accept(
            BulletinId(bulletin), n, token=token, was_revision=revision, by=visit.actor
        )
    except Stale:
        return visit.go(f"/approvals/{bulletin}", Flash("approval.changed", Tone.WARN))
    return visit.go(f"/approvals/{bulletin}", Flash("approval.doubt.accepted"))


async def _known(visit: Visit, bulletin: str) -> dict[str, Any]:
    found = await dossier.gather(visit, BulletinId(bulletin))
    return {"found": found, "behalf": await _behalf(visit), "wrong": "", "no_reason": ""}


async def _behalf(visit: Visit) -> str:
    giver = lender(visit.actor, Permission.APPROVE)
    return "" if giver is None else (await visit.screen.services.accounts.names()).get(giver, giver)
