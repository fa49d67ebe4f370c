"""Tạo và sửa lịch phát: every kind of repeat by thumb, with what it would do said before it is saved."""

from dataclasses import replace
from secrets import token_hex
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway.domain.errors import BadInput, Clash, PolicyRefusal, Problem, Stale
from gateway.domain.ids import ScheduleId
from gateway.domain.people import Permission
from gateway.domain.schedule import Schedule
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash, Tone
from gateway.web.pages.orders import orders, sent
from gateway.web.pages.schedule_form import HOLIDAYS, KINDS, NTHS, Typed, as_typed, typed
from gateway.web.pages.targets_form import picker
from gateway.web.pages.verdict import Verdict, verdict_on
from gateway.web.types import Slug

router = APIRouter()

Scheduler = Annotated[Visit, Depends(Door(Permission.SCHEDULE))]
Form = Annotated[Typed, Depends(typed)]
Answers = Annotated[dict[ScheduleId, str], Depends(sent)]


@router.get("/schedule/new")
async def new_page(visit: Scheduler) -> Response:
    """Show the form, filled as this ward usually speaks."""
    usual = await visit.screen.services.programming.usual()
    form = Typed(
        id=_new_id(),
        weekdays=tuple(sorted(usual.weekdays)),
        times=", ".join(f"{at:%H:%M}" for at in usual.times),
        first=visit.screen.now.astimezone(ZoneInfo(visit.screen.services.options.timezone)).date().isoformat(),
    )
    return await _form(visit, form)


@router.post("/schedule/new")
async def make(visit: Scheduler, form: Form, answers: Answers) -> Response:
    """Tạo lịch, if nothing stands against it."""
    return await _save(visit, None, form, answers)


@router.post("/schedule/check")
async def check(visit: Scheduler, form: Form, answers: Answers) -> Response:
    """Return what the form comes to, for htmx; nothing is saved."""
    before = await _before(visit, form)
    return visit.show("bulletin_verdict.html", verdict=await _verdict(visit, before, form, answers), part=True)


@router.get("/schedule/{schedule}/edit")
async def edit_page(visit: Scheduler, schedule: Slug) -> Response:
    """Show the form."""
    found = await visit.screen.services.programming.schedule(ScheduleId(schedule))
    return await _form(visit, as_typed(found, visit.screen.t("schedule.last")), found)


@router.post("/schedule/{schedule}/edit")
async def edit(visit: Scheduler, schedule: Slug, form: Form, answers: Answers) -> Response:
    """Lưu, if nothing stands against it; else everything that does, with the form as it was sent."""
    found = await visit.screen.services.programming.schedule(ScheduleId(schedule))
    return await _save(visit, found, replace(form, id=schedule), answers)


async def _save(visit: Visit, before: Schedule | None, form: Typed, answers: dict[ScheduleId, str]) -> Response:
    programming = visit.screen.services.programming
    was = form.revision if before is not None else None
    try:
        after = form.schedule(before)
        decided = orders(after.id, answers)
        await programming.save_schedule(after, was_revision=was, by=visit.user, orders=decided)
    except Stale as error:
        problem = Problem(code=error.code, vi=error.vi, en=error.en)
        if error.code == "name_taken":
            kept = await programming.schedule(after.id)
            if replace(after, revision=kept.revision) == kept:  # the same tap a second time
                return visit.go(f"/schedule/{form.id}", Flash("schedule.saved", Tone.WARN))
            form, problem = replace(form, id=_new_id()), _made_already(kept)
        return await _form(visit, form, before, status=status_of(error), problems=(problem,))
    except (BadInput, PolicyRefusal, Clash) as error:
        said = await _verdict(visit, before, form, answers)
        return await _form(visit, form, before, status=status_of(error), problems=tuple(error.problems), said=said)
    key = "schedule.saved" if before is not None else "schedule.new.made"
    return visit.go(f"/schedule/{after.id}", Flash(key, values={"name": after.name}))


def _new_id() -> str:
    return f"lich-{token_hex(4)}"


def _made_already(kept: Schedule) -> Problem:
    return Problem(
        code="name_taken",
        vi=f"Biểu mẫu này đã tạo lịch “{kept.name}”. Bấm lưu lần nữa là thêm một lịch khác.",
        en=f"This form made “{kept.name}” already. Saving once more adds another schedule.",
    )


async def _before(visit: Visit, form: Typed) -> Schedule | None:
    if not form.revision:
        return None
    return await visit.screen.services.programming.schedule(ScheduleId(form.id))


async def _verdict(visit: Visit, before: Schedule | None, form: Typed, answers: dict[ScheduleId, str]) -> Verdict:
    # The hour is looked at before anybody thought of a name; saving asks for one.
    named = form if form.name.strip() else replace(form, name=visit.screen.t("schedule.new"))
    try:
        return await verdict_on(visit, named.schedule(before), None, answers)
    except BadInput as error:
        return Verdict(problems=tuple(error.problems))


async def _form(
    visit: Visit,
    form: Typed,
    before: Schedule | None = None,
    *,
    status: int = 200,
    problems: tuple[Problem, ...] = (),
    said: Verdict | None = None,
) -> Response:
    services = visit.screen.services
    holidays = HOLIDAYS if form.holidays in HOLIDAYS else (*HOLIDAYS, form.holidays)
    return visit.show(
        "schedule_edit.html",
        status=status,
        schedule=before,
        form=form,
        programmes=await services.programming.programmes() if before is None else (),
        kinds=KINDS,
        nths=NTHS,
        holidays=holidays,
        picker=picker(services.fleet.registry, form.targets),
        problems=problems,
        verdict=said,
    )
