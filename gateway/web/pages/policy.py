"""Quy chế phát: the rules in force in plain words, and the permit to broadcast out of hours, which takes two people."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.errors import BadInput, GatewayError, Problem, WrongState
from gateway.domain.out_of_hours import OutOfHours
from gateway.domain.people import Permission, permissions_of
from gateway.services.rulebook import PROPOSAL_LIVES
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.policy_words import in_words, is_open, span_in_words
from gateway.web.types import Day, Id, Line, Reason
from gateway.web.words.policy import WORDS

router = APIRouter(prefix="/policy")

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Asker = Annotated[Visit, Depends(Door(Permission.BROADCAST_NOW))]
Granter = Annotated[Visit, Depends(Door(Permission.ADOPT_POLICY, strong=True))]
Ender = Annotated[Visit, Depends(Door(Permission.BROADCAST_NOW, Permission.ADOPT_POLICY))]


@router.get("")
async def policy_page(visit: Reader) -> Response:
    """Say the rules, what is asked for and what is permitted."""
    return await _page(visit)


@router.get("/reached")
async def reached_part(visit: Reader) -> Response:
    """Say how many clusters have learnt of it: a broadcast before that is refused by the others."""
    return visit.show("policy_reached.html", reached=_reached(visit))


@router.post("/out-of-hours")
async def ask(
    visit: Asker,
    day: Annotated[Day | None, Form()] = None,
    start: Annotated[Line, Form()] = "",
    until: Annotated[Line, Form()] = "",
    reason: Annotated[Reason, Form()] = "",
) -> Response:
    """Đề nghị. Local time of the ward; an end before the start is on the next day."""
    typed = {"day": day.isoformat() if day else "", "start": start, "until": until, "reason": reason}
    try:
        begins, ends = _stretch(day, start, until, ZoneInfo(visit.screen.services.options.timezone))
        await visit.screen.services.out_of_hours.ask(start=begins, end=ends, reason=reason, by=visit.actor)
    except BadInput as error:
        wrong = {each.path: visit.screen.t.pair(each.vi, each.en) for each in error.problems}
        return await _page(visit, typed=typed, wrong=wrong, status=422)
    except WrongState as error:
        return await _page(visit, typed=typed, refused=error)
    return visit.go("/policy", Flash("hours.sent"))


@router.get("/out-of-hours/{request}")
async def look(visit: Granter, request: Id) -> Response:
    """Say once more what is asked for, to whoever may permit it and gave a code."""
    found = await visit.screen.services.out_of_hours.get(request)
    visit.screen.services.second_factor.expect(visit, always=True)
    return await _check(visit, found)


@router.post("/out-of-hours/{request}/grant")
async def grant(visit: Granter, request: Id) -> Response:
    """Cho phép, as the second person and with a second factor, which here everybody must have."""
    desk = visit.screen.services.out_of_hours
    found = await desk.get(request)
    visit.screen.services.second_factor.expect(visit, always=True)
    try:
        await desk.grant(request, by=visit.actor)
    except WrongState as error:
        return await _check(visit, found, refused=error)
    return visit.go("/policy", Flash("hours.permitted"))


@router.post("/out-of-hours/{request}/end")
async def end(visit: Ender, request: Id) -> Response:
    """Rút lại, từ chối hoặc thu hồi: less sound, so one person is enough and no code is asked for."""
    try:
        await visit.screen.services.out_of_hours.end(request, by=visit.actor)
    except WrongState as error:
        return await _page(visit, refused=error)
    return visit.go("/policy", Flash("hours.ended"))


def _stretch(day: date | None, start: str, until: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Read the three fields.

    Raises:
        BadInput
    """
    clocks = {name: _clock(text) for name, text in (("start", start), ("until", until))}
    problems = [_need(name, "hours.need.clock") for name, at in clocks.items() if at is None]
    problems += [_need("day", "hours.need.day")] if day is None else []
    first, last = clocks["start"], clocks["until"]
    if problems or day is None or first is None or last is None:
        raise BadInput(problems)
    ends = day if last > first else day + timedelta(days=1)
    return datetime.combine(day, first, zone), datetime.combine(ends, last, zone)


def _clock(text: str) -> time | None:
    try:
        at = time.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo is None else None


def _need(path: str, key: str) -> Problem:
    vi, en = WORDS[key]
    return Problem(code="invalid", vi=vi, en=en, path=path)


async def _page(
    visit: Visit,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    refused: GatewayError | None = None,
) -> Response:
    screen, services = visit.screen, visit.screen.services
    rulebook, rights = services.rulebook, permissions_of(visit.actor)
    proposal = rulebook.proposal
    today = screen.now.astimezone(ZoneInfo(services.options.timezone)).date().isoformat()
    said_wrong = dict(wrong or {})
    if "end" in said_wrong:
        said_wrong.setdefault("until", said_wrong["end"])  # as the page calls it
    return visit.show(
        "policy.html",
        status=status_of(refused) if refused else status,
        pack=rulebook.pack,
        lines=in_words(rulebook.rules, screen.t, screen.at),
        open_now=is_open(rulebook.rules, screen.now),
        proposal=proposal,
        proposal_until=proposal.at + PROPOSAL_LIVES if proposal else None,
        names=await services.accounts.names(),
        hours=[_row(visit, each) for each in await services.out_of_hours.all()],
        reached=_reached(visit),
        can_change=Permission.ADOPT_POLICY in rights and rulebook.pack is not None,
        can_ask=Permission.BROADCAST_NOW in rights and rulebook.pack is not None,
        typed=typed or {"day": today, "start": "", "until": "", "reason": ""},
        wrong=said_wrong,
        trouble=screen.t.pair(refused.vi, refused.en) if refused else "",
    )


def _reached(visit: Visit) -> tuple[int, int]:
    return visit.screen.services.out_of_hours.reached()


async def _check(visit: Visit, each: OutOfHours, *, refused: GatewayError | None = None) -> Response:
    screen = visit.screen
    return visit.show(
        "policy_hours.html",
        status=status_of(refused) if refused else 200,
        row=_row(visit, each),
        names=await screen.services.accounts.names(),
        trouble=screen.t.pair(refused.vi, refused.en) if refused else "",
    )


def _row(visit: Visit, each: OutOfHours) -> dict[str, Any]:
    """Return one request as this person sees it: what it is, and which of its buttons are theirs."""
    rights, now = permissions_of(visit.actor), visit.screen.now
    granted, mine = each.granted_by is not None, each.asked_by == visit.user.id
    return {
        "asked": each,
        "span": span_in_words(each, visit.screen.t, visit.screen.at),
        "granted": granted,
        "on": granted and each.start <= now < each.end,
        "own": mine and not granted,
        "can_grant": Permission.ADOPT_POLICY in rights and not granted and not mine,
        "can_end": bool(rights & {Permission.BROADCAST_NOW, Permission.ADOPT_POLICY}),
        "end": "hours.end.granted" if granted else "hours.end.waits" if mine else "hours.end.refuse",
    }
