"""Ghi danh cụm loa: the one-time code on a screen and as a QR code, and taking a stolen controller's identity away."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from devices.model import ClusterId
from gateway.domain.people import Permission
from gateway.services.enrolment import Offer
from gateway.web.labels import qr_svg
from gateway.web.pages.device import find
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.types import Reason, Slug

router = APIRouter(prefix="/devices/{code}/enrol")

Enroller = Annotated[Visit, Depends(Door(Permission.ENROL))]


@router.get("")
async def enrol_page(visit: Enroller, code: Slug) -> Response:
    """Say what a code is for."""
    return visit.show("enrol.html", **await _known(visit, code))


@router.post("")
async def offer(visit: Enroller, code: Slug) -> Response:
    """Tạo mã ghi danh: shown now and never again."""
    made = await visit.screen.services.enrolment.offer(visit.actor, ClusterId(code))
    return visit.show("enrol.html", **await _known(visit, code, made))


@router.get("/now")
async def enrol_now(visit: Enroller, code: Slug) -> Response:
    """Return whether it has happened, for htmx."""
    return visit.show("enrol_now.html", **await _known(visit, code))


@router.post("/revoke")
async def revoke(visit: Enroller, code: Slug, why: Annotated[Reason, Form()] = "") -> Response:
    """Thu hồi: what it says is believed no longer, and the broker shuts it out."""
    await visit.screen.services.enrolment.revoke(visit.actor, ClusterId(code), why=why)
    return visit.go(f"/devices/{code}", Flash("enrol.revoked"))


def _command(visit: Visit, made: Offer) -> str:
    options = visit.screen.services.options
    gateway = options.base_url or str(visit.screen.request.base_url).rstrip("/")
    return f"loa agent --data /var/lib/loa --gateway {gateway} --code {made.code} --sink alsa:default"


async def _known(visit: Visit, code: str, made: Offer | None = None) -> dict[str, Any]:
    row = await find(visit, code)
    services = visit.screen.services
    mine = [each for each in await services.enrolment.identities(visit.actor) if each.cluster == code]
    return {
        "row": row,
        "offer": made,
        "qr": "" if made is None else qr_svg(made.code),
        "command": "" if made is None else _command(visit, made),
        "identity": next((each for each in mine if each.revoked_at is None), None),
        "presence": services.monitor.get(ClusterId(code)).presence.value,
    }
