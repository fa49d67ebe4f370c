"""Dự báo phát: what will be heard, where and when, and what will not and why.

:func:`forecast` is the one function behind the preview on the page, the API and the plans sent to clusters: none of
them can show another hour than the one that is played.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from devices.model import AirRules, AssetId, ClusterId, Level, OccurrenceId, Priority, level_of
from gateway.domain.airing import Airing
from gateway.domain.bulletin import Bulletin
from gateway.domain.clash import Decision
from gateway.domain.errors import Problem
from gateway.domain.ids import BulletinId, ProgrammeId, ScheduleId
from gateway.domain.local_time import day_bounds
from gateway.domain.policy import refusal_in_words, refused_alone
from gateway.domain.programme import Item, Programme
from gateway.domain.recording import Recording
from gateway.domain.schedule import AfterOverride, Late, Occurrence, Schedule, expand
from gateway.domain.settle import Effect, Loss, Settled, settle
from gateway.domain.targets import Registry


class Status(StrEnum):
    """Sẽ phát / chưa sẵn sàng / bị từ chối / nhường giờ / nghỉ lễ."""

    WILL_AIR = "will_air"
    """On every cluster of ``airs_on``; ``losses`` and ``notes`` say what is not as asked."""
    NOT_READY = "not_ready"
    """A bulletin or recording is not approved, not rendered, not valid; or nobody is in reach. Mend it and it airs."""
    REFUSED = "refused"
    """Quy chế says no."""
    LOSES_TO = "loses_to"
    """Everywhere it gives way to another."""
    SKIPPED = "skipped"
    """Nghỉ lễ."""


@dataclass(frozen=True, kw_only=True)
class Broadcast:
    """Lượt phát: one airtime, with everything a plan, a page or an alarm needs to know of it."""

    id: OccurrenceId
    """Of the slot: the same however often it is planned again, also when a decision moves it."""
    schedule: ScheduleId
    programme: ProgrammeId
    title: str
    day: date
    start: datetime
    """Aware, UTC."""
    local_start: datetime
    """Aware, in the schedule's zone."""
    duration_ms: int
    items: tuple[Item, ...]
    priority: Priority
    level: int
    volume_percent: int
    """With every ceiling of the hours it sounds in applied."""
    late: Late
    after_override: AfterOverride
    clusters: frozenset[ClusterId]
    """Where it is meant to be heard."""
    airs_on: frozenset[ClusterId]
    """Where it will be: what goes into plans."""
    status: Status
    why: tuple[Problem, ...] = ()
    """Why it does not air, or not everywhere; empty when all is well."""
    notes: tuple[Problem, ...] = ()
    """What differs from what was asked although it airs: lowered volume, left-out bulletin, moved hour."""
    losses: tuple[Loss, ...] = ()
    moved_from: datetime | None = None
    holiday: str | None = None

    @property
    def end(self) -> datetime:
        """When the last sound has gone, in UTC."""
        return self.start + timedelta(milliseconds=self.duration_ms)

    @property
    def loses_to(self) -> tuple[OccurrenceId, ...]:
        """The airtimes it gives way to, somewhere or everywhere."""
        return tuple(dict.fromkeys(loss.to for loss in self.losses))


@dataclass(frozen=True, kw_only=True)
class Ward:
    """Everything a forecast looks at, as it stands now. A page that previews an edit replaces a part of it."""

    schedules: tuple[Schedule, ...]
    programmes: Mapping[ProgrammeId, Programme]
    bulletins: Mapping[BulletinId, Bulletin]
    recordings: Mapping[AssetId, Recording]
    registry: Registry
    rules: AirRules
    decisions: tuple[Decision, ...] = ()


def forecast(ward: Ward, after: datetime, until: datetime) -> list[Broadcast]:
    """Return every airtime that sounds or would have sounded within ``[after, until)`` (aware), in order of start.

    One that began before ``after`` and has not ended is in: a plan made meanwhile must still hold it. The answer for
    an airtime does not depend on the window it is asked for in: whole days around it are always looked at.
    """
    drafts = intended(ward, *_whole_days(after, until, ward.rules))
    airings = [draft_airing(draft) for draft in drafts if draft.status is Status.WILL_AIR]
    settled = {case.airing.occ: case for case in settle(airings, ward.decisions, ward.rules)}
    titles = {draft.id: draft.title for draft in drafts}
    done = [_finish(draft, settled.get(draft.id), ward.rules, titles) for draft in drafts]
    inside = [b for b in done if b.start < until and (b.start >= after or b.end > after)]
    return sorted(inside, key=lambda b: (b.start, -b.level, b.id))


def intended(ward: Ward, after: datetime, until: datetime) -> list[Broadcast]:
    """Return each airtime that starts in ``[after, until)`` by itself, before any meets another."""
    drafts: list[Broadcast] = []
    for schedule in ward.schedules:
        reach = schedule.targets.reach(ward.registry)
        lost = schedule.targets.problems(ward.registry)
        for occurrence in expand(schedule, after, until):
            bare = _bare(schedule, occurrence, ward.programmes.get(occurrence.programme), reach)
            drafts.append(_with_sound(bare, ward, lost))
    return drafts


def draft_airing(broadcast: Broadcast) -> Airing:
    """Reduce a broadcast to what policy and clashes look at."""
    return Airing(
        occ=broadcast.id,
        schedule=broadcast.schedule,
        title=broadcast.title,
        day=broadcast.day,
        start=broadcast.start,
        duration_ms=broadcast.duration_ms,
        clusters=broadcast.clusters,
        priority=broadcast.priority,
        level=broadcast.level,
        volume_percent=broadcast.volume_percent,
        music=any(item.music for item in broadcast.items),
        after_override=broadcast.after_override,
    )


def _whole_days(after: datetime, until: datetime, rules: AirRules) -> tuple[datetime, datetime]:
    zone = ZoneInfo(rules.zone)
    a_day = timedelta(days=1)
    lo, _ = day_bounds(after.astimezone(zone).date() - a_day, zone)
    _, hi = day_bounds(until.astimezone(zone).date() + a_day, zone)
    return lo, hi


def _bare(
    schedule: Schedule, occurrence: Occurrence, programme: Programme | None, reach: frozenset[ClusterId]
) -> Broadcast:
    """Say when and where, before anything is known of the sound."""
    priority, level = _standing(schedule, programme)
    return Broadcast(
        id=occurrence.id,
        schedule=schedule.id,
        programme=occurrence.programme,
        title=programme.title if programme else schedule.name,
        day=occurrence.day,
        start=occurrence.start,
        local_start=occurrence.local_start,
        duration_ms=0,
        items=(),
        priority=priority,
        level=level,
        volume_percent=schedule.volume_percent,
        late=schedule.late,
        after_override=schedule.after_override,
        clusters=reach,
        airs_on=frozenset(),
        status=Status.SKIPPED if occurrence.skipped else Status.WILL_AIR,
        holiday=occurrence.holiday,
    )


def _with_sound(bare: Broadcast, ward: Ward, lost: tuple[Problem, ...]) -> Broadcast:
    """Look up what is to be heard, and what can be said against it alone. ``lost``: targets that do not exist."""
    if bare.status is Status.SKIPPED:
        vi, en = f"Nghỉ lễ: {bare.holiday}", f"Holiday: {bare.holiday}"
        return replace(bare, why=(Problem(code="holiday", vi=vi, en=en, path=bare.id),))
    programme = ward.programmes.get(bare.programme)
    if programme is None:
        vi, en = f"Không có chương trình “{bare.programme}”", f"No programme “{bare.programme}”"
        gone = Problem(code="no_programme", vi=vi, en=en, path=bare.programme)
        return replace(bare, status=Status.NOT_READY, why=(gone,))
    sound = programme.resolve(ward.bulletins, ward.recordings, bare.start)
    known, nobody = (lost, ()) if bare.clusters else ((), lost)
    full = replace(bare, items=sound.items, duration_ms=sound.duration_ms, notes=(*known, *sound.left_out))
    return _allowed_alone(full, ward.rules, unready=(*sound.unready, *nobody))


def _standing(schedule: Schedule, programme: Programme | None) -> tuple[Priority, int]:
    if programme is None:
        return schedule.priority or Priority.ROUTINE, Level.ROUTINE_WARD
    priority = schedule.priority or programme.priority
    return priority, level_of(priority, programme.source)


def _allowed_alone(draft: Broadcast, rules: AirRules, *, unready: tuple[Problem, ...]) -> Broadcast:
    """Apply what can be said of an airtime without looking at the others. A refusal outweighs being unready."""
    if draft.priority is Priority.EMERGENCY:
        return replace(draft, status=Status.REFUSED, why=(_emergency(draft),))
    airing = draft_airing(draft)
    # Quiet hours hold for an airtime whose sound is not made yet: the editor is told now, not on the day.
    refusal = refused_alone(airing, rules)
    if refusal is not None:
        return replace(draft, status=Status.REFUSED, why=(refusal_in_words(refusal, airing, rules), *unready))
    if unready:
        return replace(draft, status=Status.NOT_READY, why=unready)
    return replace(draft, airs_on=draft.clusters)


def _finish(draft: Broadcast, case: Settled | None, rules: AirRules, titles: Mapping[OccurrenceId, str]) -> Broadcast:
    if case is None:
        return draft
    airing = case.airing
    ceiling = rules.ceiling_over(airing.start, airing.duration, airing.priority)
    notes = [*draft.notes]
    if ceiling < draft.volume_percent:
        notes.append(_note(draft, "volume_lowered", f"âm lượng hạ xuống {ceiling}", f"volume lowered to {ceiling}"))
    local = airing.start.astimezone(draft.local_start.tzinfo)
    if case.moved_from is not None:
        notes.append(_note(draft, "moved", f"dời sang {local:%H:%M:%S}", f"moved to {local:%H:%M:%S}"))
    why = [refusal_in_words(refusal, airing, rules) for refusal in case.refusals]
    why += [_loss(draft, loss, titles) for loss in case.losses]
    why += [
        _note(draft, "undecided", f"trùng giờ “{titles[occ]}”, chưa ai quyết định", f"meets “{titles[occ]}”, undecided")
        for occ in case.undecided_with
    ]
    return replace(
        draft,
        start=airing.start,
        local_start=local,
        level=airing.level,
        volume_percent=min(draft.volume_percent, ceiling),
        airs_on=case.airs_on,
        status=_status(case),
        why=tuple(why),
        notes=tuple(notes),
        losses=case.losses,
        moved_from=case.moved_from,
    )


def _status(case: Settled) -> Status:
    if case.airs_on:
        return Status.WILL_AIR
    return Status.LOSES_TO if case.losses and not case.refusals else Status.REFUSED


def _loss(draft: Broadcast, loss: Loss, titles: Mapping[OccurrenceId, str]) -> Problem:
    vi = {Effect.LOST: "nhường giờ cho", Effect.CUT: "bị chèn một phần bởi", Effect.LATER: "phát sau"}[loss.effect]
    en = {Effect.LOST: "gives way to", Effect.CUT: "is cut by", Effect.LATER: "is said after"}[loss.effect]
    other, many = titles[loss.to], len(loss.clusters)
    return _note(draft, loss.effect.value, f"{vi} “{other}” ở {many} cụm", f"{en} “{other}” on {many} cluster(s)")


def _emergency(draft: Broadcast) -> Problem:
    return _note(
        draft,
        "emergency_not_scheduled",
        "khẩn cấp chỉ phát ngay, không đặt lịch",
        "an emergency is sent at once, never scheduled",
    )


def _note(draft: Broadcast, code: str, vi: str, en: str) -> Problem:
    return Problem(code=code, vi=f"“{draft.title}”: {vi}", en=f"“{draft.title}”: {en}", path=draft.id)
