"""Nghe lại: the public pages. No sign-in, no cookie, nobody named; kept for minutes, and paced by address.

They answer 404 while the ward has not opened them (``[public] enabled``), as if they did not exist.
"""

import hashlib
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from gateway.domain.aired import Aired
from gateway.domain.errors import NotFound
from gateway.domain.ids import BulletinId
from gateway.services.listen_again import ListenAgain, Offer
from gateway.web.auth import address_of
from gateway.web.files import audio_file
from gateway.web.gzipped import squeeze, takes_gzip
from gateway.web.pages.podcast import feed, file_name
from gateway.web.pages.screen import Screen
from gateway.web.services import Has, Services
from gateway.web.types import Id
from gateway.web.words import Language

router = APIRouter(prefix="/listen")

_KEPT = "public, max-age=120"
_OPEN = {"cross-origin-resource-policy": "cross-origin"}
"""Podcast players on other sites may fetch feed and sound."""
_QUICK = 5


class OpenDoor:
    """Lets strangers in, while the ward has opened the page, and not too fast."""

    async def __call__(self, request: Request, services: Has) -> ListenAgain:
        """Return what is offered.

        Raises:
            NotFound: the ward has not opened it.
            TryLater: too fast.
        """
        request.app.state.public_pace.take(address_of(request))
        if services.listening is None:
            raise NotFound("Phường chưa mở trang nghe lại.", "This ward has not opened the page to listen again.")
        return services.listening


Listening = Annotated[ListenAgain, Depends(OpenDoor())]


@router.get("")
async def listen_page(request: Request, services: Has, listening: Listening) -> Response:
    """List what was heard, the newest first."""
    offer = await listening.offer()
    return _page(request, services, "listen.html", offer, None)


@router.get("/feed.xml")
async def podcast_feed(request: Request, services: Has, listening: Listening) -> Response:
    """The same for podcast players."""
    offer = await listening.offer()
    icon = request.app.state.kit.assets.url("icons/icon-512.png")
    body = feed(offer, ward=services.options.ward_name, base=services.options.base_url, icon=icon)
    return _kept(request, body, "application/rss+xml; charset=utf-8", _OPEN)


@router.get("/audio/{name}")
async def listen_to(
    name: Annotated[str, Path(pattern=r"^[0-9a-f]{64}\.(?:mp3|ogg)$")], services: Has, listening: Listening
) -> Response:
    """Hand out the sound, with Range; only of what is offered now."""
    offer = await listening.offer()
    if name not in {file_name(each, offer) for each in offer.aired}:
        raise NotFound("Không có bản tin này để nghe lại.", "There is no such bulletin to listen to.")
    answer = await audio_file(services, name.partition(".")[0], public=True)
    answer.headers.update({**_OPEN, "cache-control": "public, max-age=3600"})  # what is withdrawn must go some day
    return answer


@router.get("/{bulletin}")
async def listen_to_one(bulletin: Id, request: Request, services: Has, listening: Listening) -> Response:
    """One bulletin: its text and its sound."""
    offer = await listening.offer()
    return _page(request, services, "listen_one.html", offer, offer.get(BulletinId(bulletin)))


def _page(request: Request, services: Services, template: str, offer: Offer, one: Aired | None) -> Response:
    """Answer with a page that is the same for everybody: no cookie is read, and none is set."""
    language = Language.EN if request.query_params.get("lang") == Language.EN else Language.VI
    screen = Screen(request, services, request.app.state.kit, language, services.bus.last_id)
    text = screen.render(
        template,
        offer=offer,
        days=_days(screen, offer),
        one=one,
        zone_names=[offer.zones[zone] for zone in one.zones if zone in offer.zones] if one else [],
        file_name=file_name,
        lasting=lambda each: timedelta(milliseconds=each.duration_ms),
    )
    return _kept(request, text.encode(), "text/html; charset=utf-8", {"content-language": language.value})


def _days(screen: Screen, offer: Offer) -> list[tuple[str, list[Aired]]]:
    """Group by the day it was last heard."""
    found: dict[str, list[Aired]] = {}
    for each in offer.aired:
        found.setdefault(screen.at.day(each.last_at), []).append(each)
    return list(found.items())


def _kept(request: Request, body: bytes, mime: str, more: dict[str, str]) -> Response:
    headers = {"cache-control": _KEPT, "vary": "accept-encoding", **more}
    headers["etag"] = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    if takes_gzip(request):
        body, headers["content-encoding"] = squeeze(body, _QUICK), "gzip"
    return Response(body, media_type=mime, headers=headers)
