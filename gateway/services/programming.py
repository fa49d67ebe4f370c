"""Lịch phát sóng: programmes and schedules. Saving checks everything at once and shows what it will do first.

What is shown is :func:`gateway.domain.plan.forecast`, the function that plans are made from.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from secrets import token_hex

from devices.clock import Clock, instant
from devices.model import AirRules
from gateway.domain.addresses import SCHEDULES, expect_free
from gateway.domain.airtime import LOOK_DAYS, Slot, Usual, Wish, free_slots, schedule_of, usual
from gateway.domain.bulletin import Bulletin
from gateway.domain.clash import Answer, Clash, ClashKind, Decision, decision_on, find_clashes
from gateway.domain.errors import BadInput, NotFound, Problem, Stale
from gateway.domain.ids import DecisionId, ProgrammeId, ScheduleId
from gateway.domain.people import Permission, expect
from gateway.domain.plan import Broadcast, Status, Ward, draft_airing, forecast, intended
from gateway.domain.programme import BulletinItem, Clip, Programme
from gateway.domain.review import review
from gateway.domain.schedule import Schedule
from gateway.domain.targets import Targets
from gateway.ports.records import AuditNote
from gateway.ports.store import Audio, Programmes, Schedules
from gateway.services.actor import Actor
from gateway.services.bus import Bus
from gateway.services.events import ContentChanged
from gateway.services.schedule_preview import (
    LOOK_AHEAD,
    NOBODY,
    Order,
    Outlook,
    Preview,
    ordered,
    preview,
    span,
    under,
)
from gateway.services.ward_view import WardView

MOST_DAYS = 92


class Programming:
    """Chương trình and lịch phát."""

    def __init__(
        self,
        *,
        programmes: Programmes,
        schedules: Schedules,
        audio: Audio,
        view: WardView,
        changed: Callable[[str], None],
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._programmes = programmes
        self._schedules = schedules
        self._audio = audio
        self._view = view
        self._changed = changed
        self._bus = bus
        self._clock = clock

    # -- asked -------------------------------------------------------------------------------------------------------

    async def programmes(self) -> Sequence[Programme]:
        """Return every programme."""
        return await self._programmes.all()

    async def programme(self, programme: ProgrammeId) -> Programme:
        """Return one programme.

        Raises:
            NotFound
        """
        found = await self._programmes.get(programme)
        if found is None:
            raise NotFound(f"Không có chương trình “{programme}”.", f"No programme “{programme}”.")
        return found

    async def schedules(self) -> Sequence[Schedule]:
        """Return every schedule."""
        return await self._schedules.all()

    async def schedule(self, schedule: ScheduleId) -> Schedule:
        """Return one schedule.

        Raises:
            NotFound
        """
        found = await self._schedules.get(schedule)
        if found is None:
            raise NotFound(f"Không có lịch “{schedule}”.", f"No schedule “{schedule}”.")
        return found

    async def decisions(self) -> Sequence[Decision]:
        """Return every decision on clashes."""
        return await self._schedules.decisions()

    async def forecast(self, days: int, *, since: datetime | None = None) -> list[Broadcast]:
        """Return what will be heard, and what will not and why, for the coming ``days``.

        Raises:
            BadInput: fewer than one day, or more than a quarter of a year.
        """
        _expect_days(days)
        start = since if since is not None else self._now()
        return await asyncio.to_thread(forecast, await self._view.now(), start, start + timedelta(days=days))

    async def outlook(self, days: int) -> Outlook:
        """Return the coming ``days`` and what waits for a decision, of one and the same moment.

        Raises:
            BadInput: as :meth:`forecast`.
        """
        _expect_days(days)
        ward, now = await self._view.now(), self._now()
        return await asyncio.to_thread(_outlook, ward, now, days)

    async def questions(self) -> list[Clash]:
        """Return the meetings of two in one class that nobody ordered yet.

        Until somebody does, the upper level goes first; of equals, the earlier.
        """
        ward, now = await self._view.now(), self._now()
        return await asyncio.to_thread(_questions, ward, now)

    async def preview(
        self, candidate: Schedule, programme: Programme | None = None, *, orders: Sequence[Order] = ()
    ) -> Preview:
        """Show what saving ``candidate`` would do, without saving it.

        ``programme``: saved with it, new or in place of the one with its id; ``orders``: decided with it.

        Raises:
            BadInput: its id is reserved.
        """
        expect_free(SCHEDULES, candidate.id)
        now = self._now()
        ward = ordered(await self._view.now(programme), orders, NOBODY, now)
        return await asyncio.to_thread(preview, candidate, ward, now)

    async def under(self, rules: AirRules) -> list[tuple[Broadcast, Broadcast]]:
        """Return ``(as it stands, as it would be)`` of what other air rules would change in the coming four weeks."""
        return await asyncio.to_thread(under, rules, await self._view.now(), self._now())

    async def usual(self) -> Usual:
        """Return the weekdays and hours at which this ward usually speaks."""
        ward = await self._view.now()
        return usual(ward.schedules, ward.rules)

    async def free_slots(
        self, bulletin: Bulletin, targets: Targets, *, duration_ms: int, at_most: int = 4
    ) -> list[Slot]:
        """Return the next usual airtimes that are free on ``targets``; what ``bulletin`` holds already counts as free.

        Raises:
            StoreFailed
        """
        ward, now = await self._view.now(), self._now()
        others = replace(ward, schedules=tuple(s for s in ward.schedules if s.id != schedule_of(bulletin.id)))
        coming = await asyncio.to_thread(forecast, others, now, now + timedelta(days=LOOK_DAYS + 2))
        return free_slots(
            usual(others.schedules, ward.rules),
            coming,
            ward.rules,
            clusters=targets.reach(ward.registry),
            duration_ms=duration_ms,
            priority=bulletin.content.priority,
            now=now,
            at_most=at_most,
        )

    # -- written -----------------------------------------------------------------------------------------------------

    async def save_programme(self, programme: Programme, *, by: Actor) -> Programme:
        """Keep a programme, new or in place of the one with its id; its revision is counted here.

        Raises:
            NotAllowed
            BadInput: a bulletin or an audio file it names does not exist, or is not as long as it says.
            Stale: somebody changed it since ``programme.revision``.
        """
        expect(by, Permission.SCHEDULE)
        before = await self._programmes.get(programme.id)
        if before is not None and before.revision != programme.revision:
            raise _stale()
        problems = [problem for index, item in enumerate(programme.items) for problem in await self._check(index, item)]
        if problems:
            raise BadInput(problems)
        after = replace(programme, revision=before.revision + 1) if before is not None else programme
        await self._programmes.save(after, note=self._note("programme.save", after.id, by, revision=after.revision))
        self._tell("programme", after.id, "programme saved")
        return after

    async def save_schedule(
        self, candidate: Schedule, *, was_revision: int | None, by: Actor, orders: Sequence[Order] = ()
    ) -> Schedule:
        """Keep a schedule, if nothing stands against it. ``was_revision``: the one it was changed from; ``None``: new.

        Of ``orders``, those that answer a meeting with an equal are kept with it.

        Raises:
            NotAllowed, Stale
            BadInput: it names what does not exist, or would never air; everything that is wrong.
            PolicyRefusal: the air rules refuse it, on whatever date of its first four weeks; all refusals.
            Clash: it meets an equal and nobody has decided; all such meetings.
        """
        expect(by, Permission.SCHEDULE)
        before = await self._schedules.get(candidate.id)
        if before is not None and was_revision is None:
            raise Stale("Mã lịch này đã có.", "There is a schedule of that name already.", code="name_taken")
        if was_revision is None:
            expect_free(SCHEDULES, candidate.id)
        if (before.revision if before is not None else None) != was_revision:
            raise _stale()
        if candidate.enabled:
            ward, now = await self._view.now(), self._now()
            found = await asyncio.to_thread(review, candidate, ward, *span(candidate, now))
            met = {frozenset({each.first.schedule, each.other.schedule}) for each in found.clashes}
            if orders := [each for each in orders if each.pair in met]:
                decided = ordered(ward, orders, by.id, now)
                found = await asyncio.to_thread(review, candidate, decided, *span(candidate, now))
            found.expect_allowed()
            for each in orders:  # before the schedule: two that meet with nobody's decision are never kept
                await self.decide(each.first, each.other, each.answer, by=by)
        after = replace(candidate, revision=was_revision + 1 if was_revision is not None else 1)
        note = self._note("schedule.save", after.id, by, revision=after.revision, enabled=after.enabled)
        await self._schedules.save(after, was_revision=was_revision, note=note)
        self._tell("schedule", after.id, "schedule saved")
        return after

    async def book(self, wish: Wish, bulletin: Bulletin, *, by: Actor, orders: Sequence[Order] = ()) -> Schedule:
        """Đặt giờ phát for one bulletin: its own programme and its own schedule, in place of an earlier wish.

        Nothing is kept when anything stands against it.

        Raises:
            NotAllowed, Stale
            BadInput, PolicyRefusal, Clash: as :meth:`save_schedule`.
        """
        expect(by, Permission.SCHEDULE)
        programme, candidate = wish.programme(bulletin), await self.wished(wish, bulletin)
        (await self.preview(candidate, programme, orders=orders)).review.expect_allowed()
        before = await self._programmes.get(programme.id)
        await self.save_programme(replace(programme, revision=before.revision if before else 1), by=by)
        kept = await self._schedules.get(candidate.id)
        was_revision = kept.revision if kept else None
        return await self.save_schedule(candidate, was_revision=was_revision, by=by, orders=orders)

    async def wished(self, wish: Wish, bulletin: Bulletin) -> Schedule:
        """Return the schedule ``wish`` comes to.

        Raises:
            BadInput: nobody is meant to hear it.
        """
        ward = await self._view.now()
        return wish.schedule(bulletin, usual(ward.schedules, ward.rules), zone=ward.rules.zone)

    async def take_back_skip(self, schedule: ScheduleId, day: date, *, by: Actor) -> Schedule:
        """Phát lại ngày đã bỏ: what :meth:`skip_date` did is undone.

        Raises:
            NotAllowed, NotFound, Stale
            PolicyRefusal, Clash: meanwhile something else stands there.
        """
        before = await self.schedule(schedule)
        after = replace(before, exceptions=before.exceptions - {day})
        return await self.save_schedule(after, was_revision=before.revision, by=by)

    async def skip_date(self, schedule: ScheduleId, day: date, *, by: Actor) -> Schedule:
        """Bỏ một ngày: one-tap stop of a coming airtime.

        Raises:
            NotAllowed, NotFound, Stale
        """
        before = await self.schedule(schedule)
        after = replace(before, exceptions=before.exceptions | {day}, extra_dates=before.extra_dates - {day})
        return await self.save_schedule(after, was_revision=before.revision, by=by)

    async def delete_schedule(self, schedule: ScheduleId, *, by: Actor) -> None:
        """Xóa lịch. What it already aired stays in the proofs.

        Raises:
            NotAllowed, NotFound
        """
        expect(by, Permission.SCHEDULE)
        await self.schedule(schedule)
        await self._schedules.delete(schedule, note=self._note("schedule.delete", schedule, by))
        self._tell("schedule", schedule, "schedule deleted")

    async def decide(
        self,
        first: ScheduleId,
        other: ScheduleId,
        answer: Answer,
        *,
        by: Actor,
        shift_ms: int = 0,
        day: date | None = None,
    ) -> Decision:
        """Quyết định which of two schedules goes first, and what becomes of the other; on one date, or always.

        Raises:
            NotAllowed
            BadInput: a schedule against itself, or a shift that moves nothing.
        """
        expect(by, Permission.SCHEDULE)
        decision = Decision(
            id=DecisionId(f"qd-{token_hex(5)}"),
            first=first,
            other=other,
            answer=answer,
            by=by.id,
            at=self._now(),
            shift_ms=shift_ms,
            day=day,
        )
        note = self._note("clash.decide", decision.id, by, first=first, other=other, answer=answer.value)
        await self._schedules.decide(decision, note=note)
        self._tell("decision", decision.id, "clash decided")
        return decision

    async def _check(self, index: int, item: object) -> list[Problem]:
        match item:
            case Clip():
                audio = await self._audio.get(item.asset)
                path = f"items.{index}"
                if audio is None:
                    return [Problem(code="no_audio", vi="không có âm thanh này", en="no such audio", path=path)]
                if audio.duration_ms != item.duration_ms:
                    vi, en = "thời lượng khác với tệp", "another duration than the file's"
                    return [Problem(code="wrong_duration", vi=vi, en=en, path=f"{path}.duration_ms")]
            case BulletinItem():
                if not item.bulletin:
                    return [Problem(code="no_bulletin", vi="chưa chọn bản tin", en="no bulletin chosen")]
            case _:
                pass
        return []

    def _note(self, action: str, subject: str, by: Actor, **detail: object) -> AuditNote:
        return AuditNote(actor=by.id, action=action, subject=subject, at=self._now(), detail=dict(detail))

    def _tell(self, what: str, name: str, why: str) -> None:
        self._changed(why)
        self._bus.publish(ContentChanged(what=what, id=name))

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())


def _expect_days(days: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        vi, en = f"số ngày từ 1 đến {MOST_DAYS}", f"needs 1 to {MOST_DAYS} days"
        raise BadInput([Problem(code="invalid", vi=vi, en=en, path="days")])


def _outlook(ward: Ward, now: datetime, days: int) -> Outlook:
    coming = forecast(ward, now, now + timedelta(days=days))
    return Outlook(schedules=ward.schedules, coming=tuple(coming), questions=tuple(_questions(ward, now)))


def _questions(ward: Ward, now: datetime) -> list[Clash]:
    drafts = intended(ward, now, now + LOOK_AHEAD)
    airings = [draft_airing(draft) for draft in drafts if draft.status is Status.WILL_AIR]
    return [
        clash
        for clash in find_clashes(airings)
        if clash.kind in (ClashKind.ASK_OPERATOR, ClashKind.MUST_DECIDE)
        and decision_on(clash.first, clash.other, ward.decisions) is None
    ]


def _stale() -> Stale:
    return Stale("Đã có người sửa trong lúc này. Hãy tải lại.", "Somebody changed it meanwhile. Load it again.")
