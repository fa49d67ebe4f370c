"""Phát ngoài giờ: asked for by one person with a reason, granted by another one with a second factor."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from gateway.domain.out_of_hours import OutOfHours
from gateway.domain.people import Permission
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Instant, Reason, Sent

router = APIRouter(prefix="/policy/out-of-hours", tags=["policy"])

Asker = Annotated[Current, Depends(May(Permission.BROADCAST_NOW))]
Granter = Annotated[Current, Depends(May(Permission.ADOPT_POLICY, strong=True))]
Ender = Annotated[Current, Depends(May(Permission.BROADCAST_NOW, Permission.ADOPT_POLICY))]


class AskIn(Sent):
    """Từ giờ nào đến giờ nào, và vì sao."""

    start: Instant
    end: Instant
    """At most four hours after ``start``."""
    reason: Reason


class OutOfHoursOut(BaseModel):
    """Đề nghị phát ngoài giờ; a permit once somebody granted it."""

    id: str
    start: datetime
    end: datetime
    reason: str
    asked_by: str
    asked_at: datetime
    granted: bool
    granted_by: str | None
    granted_at: datetime | None


@router.get("")
async def list_out_of_hours(_: Annotated[Current, Depends(May(Permission.READ))], services: Has) -> list[OutOfHoursOut]:
    """What stands and what waits, the first hour first."""
    return [_out(each) for each in await services.out_of_hours.all()]


@router.post("", status_code=201)
async def ask_out_of_hours(body: AskIn, current: Asker, services: Has) -> OutOfHoursOut:
    """Đề nghị. It changes nothing until another person grants it."""
    asked = await services.out_of_hours.ask(start=body.start, end=body.end, reason=body.reason, by=current.actor)
    return _out(asked)


@router.post("/{request}/grant")
async def grant_out_of_hours(request: str, current: Granter, services: Has) -> OutOfHoursOut:
    """Cho phép, as the second person and with a second factor, which here everybody must have."""
    await services.out_of_hours.get(request)
    services.second_factor.expect(current, always=True)
    return _out(await services.out_of_hours.grant(request, by=current.actor))


@router.delete("/{request}", status_code=204)
async def end_out_of_hours(request: str, current: Ender, services: Has) -> Response:
    """Từ chối, rút lại hoặc chấm dứt sớm. What sounds already falls silent."""
    await services.out_of_hours.end(request, by=current.actor)
    return Response(status_code=204)


def _out(each: OutOfHours) -> OutOfHoursOut:
    return OutOfHoursOut(
        id=each.id,
        start=each.start,
        end=each.end,
        reason=each.reason,
        asked_by=each.asked_by,
        asked_at=each.asked_at,
        granted=each.granted_by is not None,
        granted_by=each.granted_by,
        granted_at=each.granted_at,
    )
