"""Hôm nay cần làm gì? What airs next, what waits for this person, what is wrong."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends
from starlette.responses import Response

from gateway.domain.errors import NotAllowed, NotSignedIn
from gateway.domain.people import Permission
from gateway.web import status_page
from gateway.web.auth import SESSION_COOKIE
from gateway.web.pages import account_news, today
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.screen import Anybody
from gateway.web.services import Has

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
_READER = Door(Permission.READ)


@router.get("/")
async def home_page(
    screen: Anybody, services: Has, token: Annotated[str, Cookie(alias=SESSION_COOKIE, max_length=200)] = ""
) -> Response:
    """Show the day of whoever is signed in; a stranger sees the status page, if the ward shows it."""
    try:
        visit = await _READER(screen.request, services, token)
    except NotSignedIn:
        return await status_page.status_page(screen.request, services)
    except NotAllowed as error:
        if error.code != "must_change_password":
            raise
        return screen.go("/password")
    return visit.show(
        "home.html",
        today=await today.gather(visit),
        programme=today.programme_of_today(visit),
        account_news=await account_news.about_me(visit),
    )


@router.get("/home/now")
async def home_now(visit: Reader) -> Response:
    """Return the part of the page that goes stale, for htmx."""
    return visit.show("home_now.html", today=await today.gather(visit), programme=today.programme_of_today(visit))
