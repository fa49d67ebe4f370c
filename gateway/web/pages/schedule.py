"""Lịch phát: the week, every schedule in words, one date left out or taken back, paused, deleted, two put in order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query
from starlette.responses import Response

from devices.model import OccurrenceId
from gateway.domain.airing import Airing
from gateway.domain.clash import MOST_SHIFT_MS, Answer
from gateway.domain.clash import Clash as Meeting
from gateway.domain.errors import BadInput, Clash, PolicyRefusal, Problem, Stale
from gateway.domain.ids import ScheduleId
from gateway.domain.people import Permission, permissions_of
from gateway.domain.schedule import Schedule
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash, Tone, Undo
from gateway.web.pages.schedule_words import rule_in_words, targets_in_words
from gateway.web.pages.week import days_of
from gateway.web.types import Day, Id, Slug

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Scheduler = Annotated[Visit, Depends(Door(Permission.SCHEDULE))]
_DAYS = 7
_SHOWN = 10
_MINUTE_MS = 60_000


@router.get("/schedule")
async def schedule_page(visit: Reader, days: Annotated[int, Query(ge=1, le=31)] = _DAYS) -> Response:
    """Show the coming days as they will air, and the rules behind them."""
    services, now = visit.screen.services, visit.screen.now
    outlook = await services.programming.outlook(days)
    return visit.show(
        "schedule.html",
        week=days_of(outlook.coming, now=now, days=days, zone=_zone(visit)),
        days=days,
        schedules=[_row(visit, each) for each in outlook.schedules],
        questions=outlook.questions,
        waiting=_waiting(outlook.questions),
        can_schedule=Permission.SCHEDULE in permissions_of(visit.actor),
    )


@router.post("/schedule/decide")
async def decide(  # the fields of one form
    *,
    visit: Scheduler,
    one: Annotated[Id, Form()],
    two: Annotated[Id, Form()],
    first: Annotated[Id, Form()],
    answer: Annotated[Answer, Form()],
    minutes: Annotated[int, Form(ge=1, le=MOST_SHIFT_MS // _MINUTE_MS)] = 30,
) -> Response:
    """Quyết định, for the one date on which the airings ``one`` and ``two`` meet; a question already gone says so."""
    programming = visit.screen.services.programming
    for clash in await programming.questions():
        meeting: dict[str, Airing] = {clash.first.occ: clash.first, clash.other.occ: clash.other}
        if meeting.keys() != {one, two} or first not in meeting:
            continue
        ahead = meeting.pop(OccurrenceId(first))
        (behind,) = meeting.values()
        await programming.decide(
            ahead.schedule,
            behind.schedule,
            answer,
            by=visit.user,
            shift_ms=minutes * _MINUTE_MS if answer is Answer.SHIFT else 0,
            day=behind.day,
        )
        values = {"first": ahead.title, "other": behind.title, "n": str(minutes)}
        return visit.go("/schedule", Flash(f"clash.decided.{answer.value}", values=values))
    return visit.go("/schedule", Flash("clash.gone", Tone.WARN))


@router.get("/schedule/{schedule}")
async def one_schedule_page(visit: Reader, schedule: Slug) -> Response:
    """Show one: what it airs, when, where, and its next dates."""
    return await _show(visit, schedule)


@router.post("/schedule/{schedule}/skip")
async def skip(visit: Scheduler, schedule: Slug, day: Annotated[Day, Form()]) -> Response:
    """Bỏ một ngày; the message has the way back."""
    return await _dated(visit, schedule, day, skipping=True)


@router.post("/schedule/{schedule}/unskip")
async def unskip(visit: Scheduler, schedule: Slug, day: Annotated[Day, Form()]) -> Response:
    """Phát lại ngày đã bỏ."""
    return await _dated(visit, schedule, day, skipping=False)


@router.post("/schedule/{schedule}/switch")
async def switch(visit: Scheduler, schedule: Slug, revision: Annotated[int, Form(ge=1)]) -> Response:
    """Tạm dừng the whole schedule, or let it run again."""
    programming = visit.screen.services.programming
    before = await programming.schedule(ScheduleId(schedule))
    try:
        after = await programming.save_schedule(
            replace(before, enabled=not before.enabled), was_revision=revision, by=visit.user
        )
    except (BadInput, PolicyRefusal, Clash, Stale) as error:
        return await _show(visit, schedule, status=status_of(error), problems=_problems(error), title="schedule.not")
    return visit.go(f"/schedule/{schedule}", Flash("schedule.on" if after.enabled else "schedule.off"))


@router.post("/schedule/{schedule}/delete")
async def delete(visit: Scheduler, schedule: Slug) -> Response:
    """Xóa lịch; what was heard stays in the proofs."""
    programming = visit.screen.services.programming
    found = await programming.schedule(ScheduleId(schedule))
    await programming.delete_schedule(found.id, by=visit.user)
    return visit.go("/schedule", Flash("schedule.deleted", values={"name": found.name}))


async def _show(
    visit: Visit, schedule: str, *, status: int = 200, problems: tuple[Problem, ...] = (), title: str = ""
) -> Response:
    services, now = visit.screen.services, visit.screen.now
    found = await services.programming.schedule(ScheduleId(schedule))
    outlook = await services.programming.outlook(60)
    coming = [each for each in outlook.coming if each.schedule == found.id and each.end > now]
    programmes = {each.id: each for each in await services.programming.programmes()}
    return visit.show(
        "schedule_one.html",
        status=status,
        schedule=found,
        row=_row(visit, found),
        programme=programmes.get(found.programme),
        coming=coming[:_SHOWN],
        waiting=_waiting(outlook.questions),
        skipped=_skipped(found, visit),
        problems=problems,
        trouble=title,
        can_schedule=Permission.SCHEDULE in permissions_of(visit.actor),
    )


async def _dated(visit: Visit, schedule: str, day: date, *, skipping: bool) -> Response:
    programming = visit.screen.services.programming
    name = ScheduleId(schedule)
    try:
        if skipping:
            await programming.skip_date(name, day, by=visit.user)
        else:
            await programming.take_back_skip(name, day, by=visit.user)
    except (PolicyRefusal, Clash, BadInput) as error:
        return await _show(visit, schedule, status=status_of(error), problems=_problems(error), title="schedule.not")
    except Stale:
        return visit.go(f"/schedule/{schedule}", Flash("bulletin.changed", Tone.WARN))
    back = Undo(action=f"/schedule/{schedule}/{'unskip' if skipping else 'skip'}", fields={"day": day.isoformat()})
    key = "schedule.skipped" if skipping else "schedule.unskipped"
    return visit.go(
        f"/schedule/{schedule}", Flash(key, values={"day": f"{day:%d/%m}"}, undo=back if skipping else None)
    )


def _waiting(questions: Sequence[Meeting]) -> dict[OccurrenceId, int]:
    """Return which question each airtime waits for, from 1: the place where it is decided."""
    return {each.occ: n for n, asked in enumerate(questions, 1) for each in (asked.first, asked.other)}


def _row(visit: Visit, schedule: Schedule) -> dict[str, Any]:
    return {
        "id": schedule.id,
        "name": schedule.name,
        "enabled": schedule.enabled,
        "rule": rule_in_words(visit, schedule),
        "where": targets_in_words(visit, schedule.targets),
    }


def _skipped(schedule: Schedule, visit: Visit) -> list[date]:
    today = visit.screen.now.astimezone(_zone(visit)).date()
    return [day for day in sorted(schedule.exceptions) if day >= today][:_SHOWN]


def _problems(error: BadInput | PolicyRefusal | Clash | Stale) -> tuple[Problem, ...]:
    if isinstance(error, Stale):
        return (Problem(code=error.code, vi=error.vi, en=error.en),)
    return tuple(error.problems)


def _zone(visit: Visit) -> ZoneInfo:
    return ZoneInfo(visit.screen.services.options.timezone)
