"""Phát ngay: an approved bulletin, on the loudspeakers chosen, now; the air rules hold as on a schedule."""

from dataclasses import dataclass
from secrets import token_hex
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.bulletin import Bulletin
from gateway.domain.errors import BadInput, GatewayError, PolicyRefusal, Problem, WrongState
from gateway.domain.ids import BulletinId
from gateway.domain.people import Permission
from gateway.domain.targets import EVERYWHERE, Targets
from gateway.web.errors import status_of
from gateway.web.pages.board import VOLUMES
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.targets_form import picker, targets
from gateway.web.types import Id

router = APIRouter(prefix="/bulletins/{bulletin}/now")

Speaker = Annotated[Visit, Depends(Door(Permission.BROADCAST_NOW))]
USUAL_PERCENT = 75


@dataclass(frozen=True)
class Asked:
    """What the form says beside where."""

    percent: int
    tap: str
    anyway: bool


def asked(
    percent: Annotated[int, Form(ge=1, le=100)] = USUAL_PERCENT,
    tap: Annotated[str, Form(max_length=32)] = "",
    anyway: Annotated[bool, Form()] = False,
) -> Asked:
    """Read it."""
    return Asked(percent=percent, tap=tap, anyway=anyway)


@router.get("")
async def now_page(visit: Speaker, bulletin: Id) -> Response:
    """Ask where and how loud; nothing sounds yet."""
    return _show(visit, await visit.screen.services.editorial.get(BulletinId(bulletin)), EVERYWHERE)


@router.post("")
async def play_now(
    visit: Speaker,
    bulletin: Id,
    where: Annotated[Targets, Depends(targets)],
    how: Annotated[Asked, Depends(asked)],
) -> Response:
    """Phát ngay, and go to its board; what refuses it is said on the same page."""
    services = visit.screen.services
    found = await services.editorial.get(BulletinId(bulletin))
    try:
        ordered = await services.broadcast_now.play_bulletins(
            [found.id], where, by=visit.user, volume_percent=how.percent, tap=how.tap, anyway=how.anyway
        )
    except (BadInput, PolicyRefusal, WrongState) as error:
        return _show(visit, found, where, percent=how.percent, error=error)
    return visit.go(f"/board/{quote(ordered.occ, safe='')}", Flash("now.ordered", values={"title": found.title}))


def _show(
    visit: Visit,
    bulletin: Bulletin,
    where: Targets,
    *,
    percent: int = USUAL_PERCENT,
    error: GatewayError | None = None,
) -> Response:
    services = visit.screen.services
    reasons: tuple[Problem, ...] = tuple(getattr(error, "problems", ()))
    return visit.show(
        "bulletin_now.html",
        status=status_of(error) if error else 200,
        bulletin=bulletin,
        picker=picker(services.fleet.registry, where),
        volumes=VOLUMES,
        percent=percent,
        tap=token_hex(8),
        refused=error,
        reasons=[visit.screen.t.pair(each.vi, each.en) for each in reasons],
    )
