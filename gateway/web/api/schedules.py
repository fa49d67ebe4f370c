"""Lịch phát: what saving would do is shown first, clashes are answered by a decision, the plan is what will air."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from gateway.domain.clash import MOST_SHIFT_MS, Answer, Decision
from gateway.domain.errors import Problem
from gateway.domain.ids import ScheduleId
from gateway.domain.people import Permission
from gateway.domain.schedule import Schedule
from gateway.services.programming import MOST_DAYS
from gateway.services.readiness import Lack
from gateway.services.sessions import Current
from gateway.web.api.broadcast_out import BroadcastOut, ClashOut, broadcast_out, clash_out
from gateway.web.api.schedule_in import ScheduleIn
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Day, Instant, Sent, Slug

router = APIRouter(prefix="/schedules", tags=["schedules"])
plan_router = APIRouter(prefix="/plan", tags=["schedules"])

Reader = Annotated[Current, Depends(May(Permission.READ))]
Scheduler = Annotated[Current, Depends(May(Permission.SCHEDULE))]


class NewSchedule(ScheduleIn):
    id: Slug | None = None
    """Drawn when not given. Part of every occurrence id, so it never changes."""


class ScheduleEdit(ScheduleIn):
    was_revision: Annotated[int, Field(ge=1, le=2**31)]


class DecisionIn(Sent):
    first: Slug
    other: Slug
    answer: Answer
    shift_ms: Annotated[int, Field(ge=-MOST_SHIFT_MS, le=MOST_SHIFT_MS)] = 0
    day: Day | None = None
    """Of the one that gives way; ``None``: every time they meet."""


class SkipIn(Sent):
    day: Day


class Change(BaseModel):
    before: BroadcastOut
    after: BroadcastOut


class PreviewOut(BaseModel):
    """Nếu lưu thì sao. May be saved when ``problems``, ``refusals`` and ``clashes`` are empty."""

    may_save: bool
    broadcasts: list[BroadcastOut]
    now: list[BroadcastOut]
    others_changed: list[Change]
    problems: tuple[Problem, ...]
    refusals: tuple[Problem, ...]
    clashes: list[ClashOut]
    questions: list[ClashOut]


class ReadinessOut(BaseModel):
    occ: str
    title: str
    start: datetime
    total: int
    ready: int
    will_play_alone: int
    """Ready, or ready when last heard: they would play with the whole network gone."""
    lacking: Mapping[Lack, list[str]]


@router.get("")
async def list_schedules(_: Reader, services: Has) -> list[Schedule]:
    return list(await services.programming.schedules())


@router.post("", status_code=201)
async def create_schedule(body: NewSchedule, current: Scheduler, services: Has) -> Schedule:
    """Đặt lịch. Refused with every reason at once, or asks for a decision (409 ``clash``)."""
    candidate = body.schedule(_name(body))
    return await services.programming.save_schedule(candidate, was_revision=None, by=current.user)


@router.post("/preview")
async def preview_schedule(body: NewSchedule, _: Scheduler, services: Has) -> PreviewOut:
    """Xem trước, without saving: new, or in place of the one of that id."""
    preview = await services.programming.preview(body.schedule(_name(body)))
    review = preview.review
    return PreviewOut(
        may_save=not (review.problems or review.refusals or review.clashes),
        broadcasts=[broadcast_out(each) for each in review.broadcasts],
        now=[broadcast_out(each) for each in preview.now],
        others_changed=[
            Change(before=broadcast_out(before), after=broadcast_out(after)) for before, after in preview.others_changed
        ],
        problems=review.problems,
        refusals=review.refusals,
        clashes=[clash_out(each) for each in review.clashes],
        questions=[clash_out(each) for each in review.questions],
    )


@router.get("/questions")
async def open_questions(_: Reader, services: Has) -> list[ClashOut]:
    """Chờ quyết định: meetings to be put in order; until then the upper level goes first, of equals the earlier."""
    return [clash_out(each) for each in await services.programming.questions()]


@router.get("/decisions")
async def list_decisions(_: Reader, services: Has) -> list[Decision]:
    return list(await services.programming.decisions())


@router.post("/decisions", status_code=201)
async def decide(body: DecisionIn, current: Scheduler, services: Has) -> Decision:
    """Quyết định which of two schedules goes first, and what becomes of the other."""
    return await services.programming.decide(
        ScheduleId(body.first),
        ScheduleId(body.other),
        body.answer,
        by=current.user,
        shift_ms=body.shift_ms,
        day=body.day,
    )


@router.get("/{schedule}")
async def read_schedule(schedule: Slug, _: Reader, services: Has) -> Schedule:
    return await services.programming.schedule(ScheduleId(schedule))


@router.put("/{schedule}")
async def edit_schedule(schedule: Slug, body: ScheduleEdit, current: Scheduler, services: Has) -> Schedule:
    """Sửa lịch. Plans in hand change at once."""
    name = ScheduleId(schedule)
    await services.programming.schedule(name)
    candidate = body.schedule(name, revision=body.was_revision)
    return await services.programming.save_schedule(candidate, was_revision=body.was_revision, by=current.user)


@router.delete("/{schedule}", status_code=204)
async def delete_schedule(schedule: Slug, current: Scheduler, services: Has) -> None:
    """Xóa lịch. What it already aired stays in the proofs."""
    await services.programming.delete_schedule(ScheduleId(schedule), by=current.user)


@router.post("/{schedule}/skip")
async def skip_date(schedule: Slug, body: SkipIn, current: Scheduler, services: Has) -> Schedule:
    """Bỏ một ngày."""
    return await services.programming.skip_date(ScheduleId(schedule), body.day, by=current.user)


@plan_router.get("")
async def read_plan(
    _: Reader,
    services: Has,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 14,
    since: Annotated[Instant | None, Query()] = None,
) -> list[BroadcastOut]:
    """Sẽ phát gì: what airs, and what does not and why, by the function that plans are made from."""
    return [broadcast_out(each) for each in await services.programming.forecast(days, since=since)]


@plan_router.get("/readiness")
async def read_readiness(
    _: Reader, services: Has, hours: Annotated[int, Query(ge=1, le=24 * 14)] = 24
) -> list[ReadinessOut]:
    """47/50 cụm sẽ phát dù mất mạng: how each coming airtime stands, and what keeps whom from it."""
    return [
        ReadinessOut(
            occ=report.broadcast.id,
            title=report.broadcast.title,
            start=report.broadcast.start,
            total=report.total,
            ready=len(report.ready),
            will_play_alone=report.will_play_alone,
            lacking={lack: sorted(names) for lack, names in report.lacking.items()},
        )
        for report in services.readiness.coming(timedelta(hours=hours))
    ]


def _name(body: NewSchedule) -> ScheduleId:
    return ScheduleId(body.id or f"lich-{secrets.token_hex(5)}")
