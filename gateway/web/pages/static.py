"""Tệp tĩnh over HTTP."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.domain.errors import NotFound
from gateway.web.pages.assets import FOR_EVER, answer
from gateway.web.pages.screen import Kit

router = APIRouter()
_SIGN = "icons/icon-192.png"


@router.get("/favicon.ico")
async def favicon(request: Request) -> Response:
    """Hand out the sign of the radio: browsers ask for it of pages that name none."""
    kit: Kit = request.app.state.kit
    asset = kit.assets.get(_SIGN)
    if asset is None:
        raise NotFound("Không có tệp này.", "No such file.")
    return answer(asset, request, cache="max-age=86400")


@router.get("/static/{mark}/{name:path}")
async def static_file(mark: str, name: str, request: Request) -> Response:
    """Hand out a file. Under an old mark, of a page from before an upgrade: today's file, not to be kept."""
    kit: Kit = request.app.state.kit
    asset = kit.assets.get(name)
    if asset is None:
        raise NotFound("Không có tệp này.", "No such file.")
    return answer(asset, request, cache=FOR_EVER if mark == asset.mark else "no-store")
