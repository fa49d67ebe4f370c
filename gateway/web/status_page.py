"""Trang tình trạng: one plain page, Vietnamese first, that needs no script and fits the smallest phone."""

from importlib import resources
from typing import Annotated

from fastapi import APIRouter, Cookie
from starlette.responses import HTMLResponse, Response

from devices.clock import instant
from gateway.domain.errors import NotSignedIn
from gateway.domain.people import Permission, expect
from gateway.web.auth import SESSION_COOKIE
from gateway.web.services import Has, Services
from gateway.web.status_html import render, render_closed
from gateway.web.status_picture import gather

router = APIRouter(include_in_schema=False)

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@router.get("/status")
async def read_status(
    services: Has, token: Annotated[str, Cookie(alias=SESSION_COOKIE, max_length=200)] = ""
) -> Response:
    """Show the ward at a glance; behind the session when the settings say so."""
    return await status_page(services, token)


async def status_page(services: Services, token: str = "") -> Response:
    """Answer with the page, also to a stranger when the ward shows it."""
    headers = {"content-security-policy": POLICY}
    if not services.options.public_status:
        try:
            expect((await services.sessions.who(token)).actor, Permission.READ)
        except NotSignedIn:
            return HTMLResponse(render_closed(services.options), status_code=401, headers=headers)
    return HTMLResponse(render(await gather(services, instant(services.clock.now_ms()))), headers=headers)


@router.get("/status.css")
async def stylesheet() -> Response:
    """Hand out the page's only companion."""
    style = resources.files("gateway.web").joinpath("status.css").read_bytes()
    return Response(style, media_type="text/css", headers={"cache-control": "public, max-age=3600"})
