"""Đăng nhập, đăng xuất, mật khẩu."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Form
from starlette.responses import Response

from gateway.domain.errors import BadInput, GatewayError, NotSignedIn, TryLater
from gateway.services.sessions import SignIn
from gateway.web.auth import (
    DEVICE_COOKIE,
    SESSION_COOKIE,
    address_of,
    clear_session_cookie,
    expect_same_site,
    set_cookies,
)
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.refusals import safe_path
from gateway.web.pages.screen import Anybody, Screen
from gateway.web.types import Line

router = APIRouter()

Anyone = Annotated[Visit, Depends(Door(before_change=True))]
Next = Annotated[str, Form(alias="next", max_length=500)]
Typed = Annotated[str, Form(max_length=256)]


@router.get("/sign-in")
async def sign_in_page(
    screen: Anybody,
    token: Annotated[str, Cookie(alias=SESSION_COOKIE, max_length=200)] = "",
    next: str = "/",  # noqa: A002
) -> Response:
    """Ask for name and password; whoever is signed in goes on at once."""
    try:
        await screen.services.sessions.who(token)
    except NotSignedIn:
        return _ask(screen, next_path=safe_path(next))
    return screen.go(safe_path(next))


@router.post("/sign-in")
async def sign_in(
    screen: Anybody,
    name: Annotated[Line, Form()] = "",
    password: Typed = "",
    next_path: Next = "/",
    device: Annotated[str, Cookie(alias=DEVICE_COOKIE, max_length=200)] = "",
) -> Response:
    """Let somebody in, or say why not and what to do."""
    request, services = screen.request, screen.services
    expect_same_site(request)
    try:
        signed_in = await services.sessions.sign_in(
            SignIn(
                name=name,
                password=password,
                address=address_of(request),
                user_agent=request.headers.get("user-agent", ""),
                device=device,
            )
        )
    except (NotSignedIn, TryLater) as error:
        return _ask(screen, next_path=safe_path(next_path), name=name, error=error)
    first = signed_in.user.must_change_password
    answer = screen.go("/password" if first else safe_path(next_path))
    set_cookies(answer, signed_in, services)
    return answer


@router.post("/sign-out")
async def sign_out(visit: Anyone) -> Response:
    """Đăng xuất."""
    await visit.screen.services.sessions.sign_out(visit)
    answer = visit.go("/sign-in", Flash("in.signed_out"))
    clear_session_cookie(answer, visit.screen.services)
    answer.headers["clear-site-data"] = '"cache"'
    return answer


@router.get("/password")
async def password_page(visit: Anyone) -> Response:
    """Ask for a new password: the first time, or whenever one likes."""
    return visit.show("password.html", problems={})


@router.post("/password")
async def change_password(visit: Anyone, old: Typed = "", new: Typed = "", again: Typed = "") -> Response:
    """Đổi mật khẩu."""
    first = visit.user.must_change_password
    if new != again:
        return visit.show("password.html", status=422, problems={"again": visit.screen.t("pw.differ")})
    try:
        await visit.screen.services.sessions.change_password(visit, old=old, new=new)
    except BadInput as error:
        said = "; ".join(visit.screen.t.pair(each.vi, each.en) for each in error.problems)
        return visit.show("password.html", status=422, problems={"new": said})
    except (NotSignedIn, TryLater) as error:
        said = visit.screen.t.pair(error.vi, error.en)
        return visit.show("password.html", status=status_of(error), problems={"old": said})
    return visit.go("/" if first else "/me", Flash("pw.done"))


def _ask(screen: Screen, *, next_path: str, name: str = "", error: GatewayError | None = None) -> Response:
    wait_s = error.retry_after_s if isinstance(error, TryLater) else 0
    answer = screen.show(
        "sign_in.html",
        status=200 if error is None else status_of(error),
        next_path=next_path,
        name=name,
        wrong=screen.t.pair(error.vi, error.en) if error else "",
        wait_s=wait_s,
        public_status=screen.services.options.public_status,
    )
    if wait_s:
        answer.headers["retry-after"] = str(wait_s)
    return answer
