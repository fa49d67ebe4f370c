"""Ứng dụng trên màn hình chính: manifest, service worker, and today's programme for when there is no network."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway.domain.people import Permission
from gateway.web.pages import today
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.screen import Anybody

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
_MAIN, _GROUND = "#0d5c63", "#f4f6f5"
_SHELL = ("app.css", "bulletins.css", "takes.js", "countdown.js", "net.js", "icons/icon.svg")
"""What the offline page needs beside itself."""


@router.get("/manifest.webmanifest")
async def manifest(screen: Anybody) -> Response:
    """Say how it looks on a home screen."""
    url = screen.kit.assets.url
    body = {
        "name": f"{screen.t('app.name')} · {screen.services.options.ward_name}",
        "short_name": screen.t("app.name"),
        "lang": screen.language.value,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": _GROUND,
        "theme_color": _MAIN,
        "icons": [
            {"src": url("icons/icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": url("icons/icon-512.png"), "sizes": "512x512", "type": "image/png"},
            {"src": url("icons/maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }
    return Response(
        json.dumps(body, ensure_ascii=False),
        media_type="application/manifest+json",
        headers={"cache-control": "no-cache"},
    )


@router.get("/sw.js")
async def service_worker(screen: Anybody) -> Response:
    """Hand out the worker with the addresses of today's files in it: a new version of them is a new worker."""
    assets = screen.kit.assets
    known = {"version": assets.version, "shell": [assets.url(name) for name in _SHELL]}
    script = screen.kit.templates.get_template("sw.js").render(known=json.dumps(known))
    return Response(script, media_type="text/javascript", headers={"cache-control": "no-cache"})


@router.get("/offline/today")
async def offline_today(visit: Reader) -> Response:
    """The copy of today's programme that a phone keeps. Nothing in it is older than what its first line says."""
    return visit.show("offline_today.html", programme=today.programme_of_today(visit))
