"""Xác nhận hai lớp: turning it on by QR code, giving a code, turning it off."""

from typing import Annotated
from urllib.parse import quote

import segno
from fastapi import APIRouter, Depends, Form
from markupsafe import Markup
from starlette.responses import Response

from gateway.domain.errors import BadInput, GatewayError, NotSignedIn, TryLater
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.refusals import safe_path

router = APIRouter()

Anyone = Annotated[Visit, Depends(Door())]
Code = Annotated[str, Form(max_length=40)]
Next = Annotated[str, Form(alias="next", max_length=500)]


@router.get("/me/factor")
async def factor_page(visit: Anyone, next: str = "") -> Response:  # noqa: A002 - the word in the address
    """Show the QR code while it is off; the way to turn it off while it is on."""
    if visit.user.factor:
        return visit.show("factor_off.html", wrong="")
    return await _offer(visit, back=_back(next))


@router.post("/me/factor")
async def confirm_factor(visit: Anyone, code: Code = "", next_path: Next = "") -> Response:
    """Turn it on; the recovery codes are in this answer and in no other, with the way back to what asked for it."""
    back = _back(next_path)
    try:
        codes = await visit.screen.services.second_factor.confirm(visit, code)
    except BadInput as error:
        wrong = visit.screen.t.pair(error.problems[0].vi, error.problems[0].en)
        return await _offer(visit, wrong, status=422, back=back)
    except TryLater as error:
        return await _offer(visit, visit.screen.t.pair(error.vi, error.en), status=429, back=back)
    return visit.show("factor_codes.html", codes=codes, next_path=back)


@router.post("/me/factor/off")
async def turn_off(
    visit: Annotated[Visit, Depends(Door(strong=True))], password: Annotated[str, Form(max_length=256)] = ""
) -> Response:
    """Turn it off."""
    try:
        await visit.screen.services.second_factor.turn_off(visit, password)
    except (NotSignedIn, TryLater) as error:
        wrong = visit.screen.t.pair(error.vi, error.en)
        return visit.show("factor_off.html", status=_status(error), wrong=wrong)
    return visit.go("/me", Flash("factor.off"))


@router.get("/step-up")
async def step_up_page(visit: Anyone, next: str = "/") -> Response:  # noqa: A002 - the word in the address
    """Ask for a code."""
    if not visit.user.factor:
        return _turn_on_first(visit, next)
    return visit.show("step_up.html", next_path=safe_path(next), wrong="")


@router.post("/step-up")
async def step_up(visit: Anyone, code: Code = "", next_path: Next = "/") -> Response:
    """Take the code, and go back to where it was asked for."""
    back = safe_path(next_path)
    if not visit.user.factor:
        return _turn_on_first(visit, back)
    try:
        await visit.screen.services.second_factor.step_up(visit, code)
    except (NotSignedIn, TryLater) as error:
        wrong = visit.screen.t.pair(error.vi, error.en)
        return visit.show("step_up.html", status=_status(error), next_path=back, wrong=wrong)
    return visit.go(back, Flash("step.done"))


def _turn_on_first(visit: Visit, back: str) -> Response:
    return visit.go(f"/me/factor?next={quote(safe_path(back), safe='/')}", Flash("step.not"))


def _back(text: str) -> str:
    """Return where to go on afterwards: where it was asked for, else one's own account."""
    return "/me" if safe_path(text) in {"/", "/me/factor"} else text


async def _offer(visit: Visit, wrong: str = "", *, status: int = 200, back: str) -> Response:
    offer = await visit.screen.services.second_factor.begin(visit)
    svg = segno.make(offer.uri, error="m").svg_inline(border=0, omitsize=True, svgclass=None, lineclass=None)
    groups = " ".join(offer.secret[at : at + 4] for at in range(0, len(offer.secret), 4))
    return visit.show("factor.html", status=status, qr=Markup(svg), secret=groups, wrong=wrong, next_path=back)  # noqa: S704 - drawn by us


def _status(error: GatewayError) -> int:
    """A wrong code is a mistake in a form, not a session that is over."""
    return 422 if isinstance(error, NotSignedIn) else status_of(error)
