"""Ủy quyền duyệt: to whom, from which day to which, and taking it back."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.errors import BadInput
from gateway.domain.ids import UserId
from gateway.domain.people import Permission
from gateway.services.actor import lender
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.types import Day, Id, Line, Reason

router = APIRouter()

Judge = Annotated[Visit, Depends(Door(Permission.APPROVE))]
StrongJudge = Annotated[Visit, Depends(Door(Permission.APPROVE, strong=True))]


@router.get("/approvals/delegation")
async def delegation_page(visit: Judge) -> Response:
    """Show what stands, and offer a new one."""
    return visit.show("delegation.html", **await _known(visit))


@router.post("/approvals/delegation")
async def delegate(
    visit: StrongJudge,
    to: Annotated[Line, Form()] = "",
    since: Annotated[Day | None, Form()] = None,
    until: Annotated[Day | None, Form()] = None,
    reason: Annotated[Reason, Form()] = "",
) -> Response:
    """Ủy quyền, whole days of the ward."""
    services = visit.screen.services
    zone = ZoneInfo(services.options.timezone)
    today = visit.screen.now.astimezone(zone).date()
    first, last = since or today, until or since or today
    try:
        made = await services.delegations.give(
            UserId(to),
            since=max(_midnight(first, zone), visit.screen.now) if first == today else _midnight(first, zone),
            until=_midnight(last + timedelta(days=1), zone),
            reason=reason,
            by=visit.actor,
        )
    except BadInput as error:
        wrong = {each.path: visit.screen.t.pair(each.vi, each.en) for each in error.problems}
        typed = {"to": to, "since": first.isoformat(), "until": last.isoformat(), "reason": reason}
        return visit.show("delegation.html", status=422, **{**await _known(visit), "wrong": wrong, "typed": typed})
    names = await services.accounts.names()
    return visit.go("/approvals/delegation", Flash("delegation.given", values={"who": names.get(made.to, made.to)}))


@router.post("/approvals/delegation/end")
async def take_back(visit: Judge, delegation: Annotated[Id, Form()]) -> Response:
    """Thu lại, at once. Less power, so no code is asked for."""
    await visit.screen.services.delegations.take_back(delegation, by=visit.actor)
    return visit.go("/approvals/delegation", Flash("delegation.end.done"))


async def _known(visit: Visit) -> dict[str, Any]:
    services, now = visit.screen.services, visit.screen.now
    known = await services.delegations.all()
    today = now.astimezone(ZoneInfo(services.options.timezone)).date().isoformat()
    return {
        "standing": [each for each in known if not each.is_over(now)],
        "past": [each for each in known if each.is_over(now)][:10],
        "names": await services.accounts.names(),
        "people": await services.delegations.candidates(visit.actor),
        "lent": lender(visit.actor, Permission.APPROVE) is not None,
        "day_of_end": {each.id: each.until - timedelta(seconds=1) for each in known},
        "wrong": {},
        "typed": {"to": "", "since": today, "until": today, "reason": ""},
    }


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
