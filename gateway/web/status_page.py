"""Trang tình trạng: one page without a script, Vietnamese first, in the look of all pages."""

from importlib import resources
from typing import Annotated

from fastapi import APIRouter, Cookie
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from devices.clock import instant
from gateway.domain.errors import NotSignedIn
from gateway.domain.people import Permission, expect
from gateway.web.auth import SESSION_COOKIE
from gateway.web.gzipped import squeeze, takes_gzip
from gateway.web.services import Has, Services
from gateway.web.status_html import render, render_closed
from gateway.web.status_picture import gather

router = APIRouter(include_in_schema=False)

_QUICK = 5  # a page is compressed while somebody waits
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@router.get("/status")
async def read_status(
    request: Request, services: Has, token: Annotated[str, Cookie(alias=SESSION_COOKIE, max_length=200)] = ""
) -> Response:
    """Show the ward at a glance; behind the session when the settings say so."""
    return await status_page(request, services, token)


async def status_page(request: Request, services: Services, token: str = "") -> Response:
    """Answer with the page, also to a stranger when the ward shows it."""
    if not services.options.public_status:
        try:
            expect((await services.sessions.who(token)).actor, Permission.READ)
        except NotSignedIn:
            return _html(request, render_closed(services.options), status=401)
    return _html(request, render(await gather(services, instant(services.clock.now_ms()))))


@router.get("/status.css")
async def stylesheet(request: Request) -> Response:
    """Hand out the page's only companion: the style of all pages, and the little that only this one has."""
    web = resources.files("gateway.web")
    style = b"".join(web.joinpath(name).read_bytes() for name in ("static/app.css", "status.css"))
    return _small(request, Response(style, media_type="text/css", headers={"cache-control": "public, max-age=3600"}))


def _html(request: Request, text: str, *, status: int = 200) -> Response:
    return _small(request, HTMLResponse(text, status_code=status, headers={"content-security-policy": POLICY}))


def _small(request: Request, answer: Response) -> Response:
    """Compress ``answer`` for whoever takes it so: a stranger's phone may be on the slowest network."""
    answer.headers["vary"] = "accept-encoding, cookie"
    if takes_gzip(request):
        answer.body = squeeze(bytes(answer.body), _QUICK)
        answer.headers["content-encoding"] = "gzip"
        answer.headers["content-length"] = str(len(answer.body))
    return answer
