"""Đăng nhập: in, out, who am I, my sessions, my password."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Request, Response
from pydantic import BaseModel

from gateway.domain.people import Permission, Role, permissions_of
from gateway.services.sessions import Current, SignIn, public_id
from gateway.web.auth import (
    DEVICE_COOKIE,
    May,
    address_of,
    clear_session_cookie,
    expect_same_site,
    set_cookies,
)
from gateway.web.services import Has
from gateway.web.types import Id, Line, Secret, Sent

router = APIRouter(prefix="/auth", tags=["auth"])

Anyone = Annotated[Current, Depends(May(before_change=True))]


class Credentials(Sent):
    name: Line
    password: Secret


class NewPassword(Sent):
    old: Secret
    new: Secret


class Me(BaseModel):
    """Who is signed in. ``csrf`` goes into the header ``X-CSRF-Token`` of everything that changes something."""

    id: str
    name: str
    display_name: str
    roles: list[Role]
    permissions: list[Permission]
    must_change_password: bool
    csrf: str


class SessionOut(BaseModel):
    id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    user_agent: str
    current: bool


@router.post("/login")
async def login(
    body: Credentials,
    request: Request,
    response: Response,
    services: Has,
    device: Annotated[str, Cookie(alias=DEVICE_COOKIE, max_length=200)] = "",
) -> Me:
    """Đăng nhập. Sets the session cookie."""
    expect_same_site(request)
    signed_in = await services.sessions.sign_in(
        SignIn(
            name=body.name,
            password=body.password,
            address=address_of(request),
            user_agent=request.headers.get("user-agent", ""),
            device=device,
        )
    )
    set_cookies(response, signed_in, services)
    return _me(signed_in)


@router.post("/logout", status_code=204)
async def logout(current: Anyone, response: Response, services: Has) -> None:
    """Đăng xuất."""
    await services.sessions.sign_out(current)
    clear_session_cookie(response, services)


@router.get("/me")
async def me(current: Anyone) -> Me:
    """Tôi là ai, được làm gì."""
    return _me(current)


@router.post("/password", status_code=204)
async def change_password(body: NewPassword, current: Anyone, services: Has) -> None:
    """Đổi mật khẩu. Every other session of this person ends."""
    await services.sessions.change_password(current, old=body.old, new=body.new)


@router.get("/sessions")
async def my_sessions(current: Anyone, services: Has) -> list[SessionOut]:
    """Các phiên đang mở của tôi."""
    return [
        SessionOut(
            id=public_id(each),
            created_at=each.created_at,
            seen_at=each.seen_at,
            expires_at=each.expires_at,
            user_agent=each.user_agent,
            current=each.token_hash == current.session.token_hash,
        )
        for each in await services.sessions.mine(current)
    ]


@router.delete("/sessions/{session}", status_code=204)
async def end_session(session: Id, current: Anyone, services: Has) -> None:
    """Kết thúc một phiên của tôi, e.g. of a lost phone."""
    await services.sessions.end_mine(current, session)


def _me(current: Current) -> Me:
    user = current.user
    return Me(
        id=user.id,
        name=user.name,
        display_name=user.display_name,
        roles=sorted(user.roles),
        permissions=sorted(permissions_of(current.actor)),
        must_change_password=user.must_change_password,
        csrf=current.session.csrf,
    )
