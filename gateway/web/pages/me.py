"""Tài khoản của tôi: roles, language, password, sessions, second factor."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.services.sessions import public_id
from gateway.web.pages.browsers import device_name
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.types import Id

router = APIRouter()

Anyone = Annotated[Visit, Depends(Door())]


@router.get("/me")
async def me_page(visit: Anyone) -> Response:
    """Show what is mine."""
    open_now = await visit.screen.services.sessions.mine(visit)
    sessions = [
        {
            "id": public_id(each),
            "device": device_name(each.user_agent) or visit.screen.t("me.session.unknown"),
            "seen_at": each.seen_at,
            "this": each.token_hash == visit.session.token_hash,
        }
        for each in open_now
    ]
    return visit.show("me.html", sessions=sorted(sessions, key=lambda each: not each["this"]))


@router.post("/me/sessions/end")
async def end_session(visit: Anyone, session: Annotated[Id, Form()]) -> Response:
    """Đăng xuất một thiết bị khác, e.g. a lost phone."""
    await visit.screen.services.sessions.end_mine(visit, session)
    return visit.go("/me", Flash("me.session.ended"))
