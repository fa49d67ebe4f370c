"""Đổi ngôn ngữ: one switch, kept by the browser."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from gateway.web.auth import expect_same_site
from gateway.web.pages.refusals import safe_path
from gateway.web.pages.screen import LANGUAGE_COOKIE, Anybody
from gateway.web.words import Language

router = APIRouter()
_A_YEAR_S = 365 * 24 * 3600


@router.post("/language")
async def choose_language(
    screen: Anybody, language: Annotated[Language, Form()], back: Annotated[str, Form(max_length=500)] = "/"
) -> Response:
    """Switch, and go back to where the switch was. Changes nothing but this browser's own cookie."""
    expect_same_site(screen.request)
    answer = screen.go(safe_path(back))
    answer.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=_A_YEAR_S,
        path="/",
        secure=screen.services.options.secure_cookies,
        httponly=True,
        samesite="strict",
    )
    return answer
