"""Giờ phát và gửi duyệt: when and where, what stands against it, the week as it will air, and off to the approver."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.airtime import Slot, Wish, schedule_of
from gateway.domain.bulletin import Bulletin, State
from gateway.domain.errors import BadInput, Clash, GatewayError, PolicyRefusal, Problem, Stale, WrongState
from gateway.domain.ids import BulletinId, ScheduleId
from gateway.domain.people import Permission, permissions_of
from gateway.domain.rule import Once, Weekly
from gateway.domain.schedule import Schedule
from gateway.domain.targets import EVERYWHERE, Targets
from gateway.services.editorial import SpeechFailed
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.orders import orders, sent
from gateway.web.pages.targets_form import picker, targets
from gateway.web.pages.verdict import Verdict, verdict_on
from gateway.web.pages.week import days_of
from gateway.web.types import Id

router = APIRouter()

Sender = Annotated[Visit, Depends(Door(Permission.WRITE_BULLETIN, Permission.SCHEDULE))]
Scheduler = Annotated[Visit, Depends(Door(Permission.SCHEDULE))]
OTHER, LATER = "other", "later"
WEEKLY = "weekly"
_DAYS = 7
_A_LETTER_MS = 75
"""How long speech takes a letter, before there is any: for offers only."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The form as it was sent."""

    slot: str = ""
    day: str = ""
    at: str = ""
    plays: str = "1"
    chime: bool = False
    targets: Targets = EVERYWHERE
    answers: dict[ScheduleId, str] = field(default_factory=dict)
    """To the equals that it meets."""

    @property
    def later(self) -> bool:
        """Whether no airtime is asked for now."""
        return self.slot in {"", LATER}

    def moment(self) -> tuple[date, time]:
        """Return the local date and hour that are meant.

        Raises:
            BadInput: one is missing, or none.
        """
        text = f"{self.day}T{self.at}" if self.slot == OTHER else self.slot
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            vi, en = "chọn ngày và giờ phát", "needs a date and an hour"
            raise BadInput([Problem(code="invalid", vi=vi, en=en, path="at")]) from error
        return found.date(), found.time().replace(second=0, microsecond=0, tzinfo=None)

    def wish(self, bulletin: BulletinId, chime: Any) -> Wish:
        """Return it in the domain's words.

        Raises:
            BadInput
        """
        day, at = self.moment()
        plays = None if self.plays == WEEKLY else int(self.plays) if self.plays.isdecimal() else 0
        return Wish(bulletin=bulletin, day=day, at=at, targets=self.targets, plays=plays, chime=chime)


def chosen(
    *,
    aim: Annotated[Targets, Depends(targets)],
    answers: Annotated[dict[ScheduleId, str], Depends(sent)],
    slot: Annotated[str, Form(max_length=32)] = "",
    day: Annotated[str, Form(max_length=10)] = "",
    at: Annotated[str, Form(max_length=8)] = "",
    plays: Annotated[str, Form(max_length=8)] = "1",
    chime: Annotated[str, Form(max_length=2)] = "",
) -> Chosen:
    """Take the form in."""
    return Chosen(slot=slot, day=day, at=at, plays=plays, chime=bool(chime), targets=aim, answers=answers)


Choice = Annotated[Chosen, Depends(chosen)]


@router.get("/bulletins/{bulletin}/air")
async def air_page(visit: Sender, bulletin: Id) -> Response:
    """Show what can be chosen; the first free airtime is chosen already. Whom nothing is left for sees the bulletin."""
    services = visit.screen.services
    found = await services.editorial.get(BulletinId(bulletin))
    if found.state is not State.DRAFT and Permission.SCHEDULE not in permissions_of(visit.actor):
        return visit.go(f"/bulletins/{found.id}")
    kept = {each.id: each for each in await services.programming.schedules()}.get(schedule_of(found.id))
    return await _show(visit, found, _kept(kept) if kept else None)


@router.post("/bulletins/{bulletin}/air/check")
async def check(visit: Scheduler, bulletin: Id, form: Choice) -> Response:
    """Return what the choice comes to, for htmx; nothing is saved."""
    found = await visit.screen.services.editorial.get(BulletinId(bulletin))
    return visit.show("bulletin_verdict.html", verdict=await _verdict(visit, found, form), bulletin=found, part=True)


@router.post("/bulletins/{bulletin}/air")
async def send(visit: Sender, bulletin: Id, form: Choice) -> Response:
    """Đặt giờ and, for whoever may, gửi duyệt: one tap."""
    services, rights = visit.screen.services, permissions_of(visit.actor)
    found = await services.editorial.get(BulletinId(bulletin))
    writes, schedules = Permission.WRITE_BULLETIN in rights, Permission.SCHEDULE in rights
    try:
        if writes and found.audio is None:
            found = await services.editorial.render(found.id, by=visit.user)
        booked = None
        if schedules and not form.later:
            wish = form.wish(found.id, await _chime(visit, found) if form.chime else None)
            decided = orders(schedule_of(found.id), form.answers)
            booked = await services.programming.book(wish, found, by=visit.user, orders=decided)
        if writes and found.state is State.DRAFT:
            found = await services.editorial.submit(found.id, by=visit.user)
    except (BadInput, PolicyRefusal, Clash):
        return await _show(visit, found, form, status=422, said=True)
    except (Stale, WrongState, SpeechFailed) as error:
        return await _show(visit, found, form, status=status_of(error), error=error)
    key = "air.sent" if found.state is State.SUBMITTED else "air.booked"
    if found.state is State.SUBMITTED and booked is None:
        key = "air.sent.later"
    return visit.go(f"/bulletins/{bulletin}", Flash(key, values={"title": found.title}))


async def _show(
    visit: Visit,
    bulletin: Bulletin,
    form: Chosen | None,
    *,
    status: int = 200,
    said: bool = False,
    error: GatewayError | None = None,
) -> Response:
    services, rights = visit.screen.services, permissions_of(visit.actor)
    can_schedule = Permission.SCHEDULE in rights
    aim = form.targets if form else EVERYWHERE
    slots = await _slots(visit, bulletin, EVERYWHERE) if can_schedule else []
    offered = [_value(slot) for slot in slots]
    if form is None:
        form = Chosen(slot=offered[0] if offered else LATER, chime=True)
    elif form.slot not in {*offered, OTHER, LATER}:
        day, _, at = form.slot.partition("T")
        form = replace(form, slot=OTHER, day=day, at=at[:5])
    return visit.show(
        "bulletin_air.html",
        status=status,
        bulletin=bulletin,
        form=form,
        slots=list(zip(offered, slots, strict=True)),
        picker=picker(services.fleet.registry, aim),
        verdict=await _verdict(visit, bulletin, form) if said else None,
        wrong=visit.screen.t.pair(error.vi, error.en) if error else "",
        can_schedule=can_schedule,
        can_write=Permission.WRITE_BULLETIN in rights,
        today=visit.screen.now.astimezone(_zone(visit)).date().isoformat(),
        open_doubts=await _open_doubts(visit, bulletin),
        length_ms=_length_ms(bulletin),
    )


async def _verdict(visit: Visit, bulletin: Bulletin, form: Chosen) -> Verdict:
    programming, now = visit.screen.services.programming, visit.screen.now
    zone = _zone(visit)
    if form.later:
        coming = await programming.forecast(_DAYS)
        return Verdict(later=True, week=days_of(coming, now=now, days=_DAYS, zone=zone))
    try:
        wish = form.wish(bulletin.id, await _chime(visit, bulletin) if form.chime else None)
        candidate = await programming.wished(wish, bulletin)
    except BadInput as error:
        return Verdict(problems=tuple(error.problems))
    said = await verdict_on(visit, candidate, wish.programme(bulletin), form.answers)
    refused = bool(said.refusals or said.clashes)
    return replace(said, instead=await _instead(visit, bulletin, form) if refused else None)


async def _instead(visit: Visit, bulletin: Bulletin, form: Chosen) -> Slot | None:
    """Look for a free airtime on the day that was meant, else the soonest."""
    day, at = form.moment()
    slots = await _slots(visit, bulletin, form.targets, at_most=20)
    same = [slot for slot in slots if slot.start.date() == day]
    near = sorted(same, key=lambda slot: abs(_minutes(slot.start.time()) - _minutes(at)))
    return next(iter(near or slots), None)


async def _slots(visit: Visit, bulletin: Bulletin, aim: Targets, *, at_most: int = 4) -> list[Slot]:
    return await visit.screen.services.programming.free_slots(
        bulletin, aim, duration_ms=_length_ms(bulletin) + _CHIME_MS, at_most=at_most
    )


_CHIME_MS = 6_000
"""What a chime takes at most."""


async def _chime(visit: Visit, bulletin: Bulletin) -> Any:
    made = await visit.screen.services.library.chime(bulletin.content.priority.value)
    return made.asset, made.duration_ms


async def _open_doubts(visit: Visit, bulletin: Bulletin) -> int:
    if Permission.WRITE_BULLETIN not in permissions_of(visit.actor):
        return 0
    try:
        return len((await visit.screen.services.wording.spoken.show(bulletin.id)).open)
    except BadInput:
        return 0


def _kept(schedule: Schedule) -> Chosen:
    """Fill the form with the airtime there is."""
    day = schedule.rule.first
    plays = "1"
    if isinstance(schedule.rule, Weekly):
        plays = WEEKLY if schedule.plays is None else str(schedule.plays)
    if isinstance(schedule.rule, Once):
        day = schedule.rule.day
    return Chosen(
        slot=f"{day.isoformat()}T{schedule.times[0]:%H:%M}", plays=plays, chime=True, targets=schedule.targets
    )


def _length_ms(bulletin: Bulletin) -> int:
    if bulletin.audio is not None:
        return bulletin.audio.duration_ms
    return len(bulletin.content.text) * _A_LETTER_MS


def _value(slot: Slot) -> str:
    return f"{slot.start:%Y-%m-%dT%H:%M}"


def _minutes(at: time) -> int:
    return int(timedelta(hours=at.hour, minutes=at.minute).total_seconds()) // 60


def _zone(visit: Visit) -> ZoneInfo:
    return ZoneInfo(visit.screen.services.options.timezone)
