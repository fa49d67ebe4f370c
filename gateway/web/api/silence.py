"""IM LẶNG: the kill switch of the whole ward."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from gateway.domain.people import Permission
from gateway.domain.silence import SilenceState
from gateway.services.sessions import Current
from gateway.services.silence import SilenceReport
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Reason, Sent

router = APIRouter(prefix="/silence", tags=["silence"])

Switcher = Annotated[Current, Depends(May(Permission.KILL_SWITCH, hurried=True))]


class Why(Sent):
    reason: Reason


class SilenceOut(BaseModel):
    """Ai đã im, ai chưa, ai không liên lạc được."""

    state: SilenceState
    kept: bool
    """Whether it would survive a restart of the gateway; poles keep it themselves."""
    delivered: bool
    agree: list[str]
    differ: list[str]
    unreachable: list[str]


@router.get("")
async def read_silence(_: Annotated[Current, Depends(May(Permission.READ))], services: Has) -> SilenceOut:
    return _out(services.silence.report())


@router.post("/on")
async def silence_ward(body: Why, current: Switcher, services: Has) -> SilenceOut:
    """Bật IM LẶNG: nothing sounds anywhere, emergencies included, until a person ends it."""
    return _out(await services.silence.engage(by=current.actor, reason=body.reason))


@router.post("/off")
async def rearm_ward(body: Why, current: Switcher, services: Has) -> SilenceOut:
    """Cho phát trở lại."""
    return _out(await services.silence.rearm(by=current.actor, reason=body.reason))


def _out(report: SilenceReport) -> SilenceOut:
    return SilenceOut(
        state=report.state,
        kept=report.kept,
        delivered=report.delivered,
        agree=sorted(report.agree),
        differ=sorted(report.differ),
        unreachable=sorted(report.unreachable),
    )
