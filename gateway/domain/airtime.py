"""Chọn giờ phát: the hours a ward usually speaks at, which of them are free, and a bulletin's wish for one of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from devices.model import AirRules, AssetId, ClusterId, Priority, is_slug
from gateway.domain.bulletin import Bulletin
from gateway.domain.errors import BadInput, Problem
from gateway.domain.ids import BulletinId, ProgrammeId, ScheduleId
from gateway.domain.local_time import instant_of
from gateway.domain.plan import Broadcast, Status
from gateway.domain.programme import BulletinItem, Clip, ItemRole, Programme
from gateway.domain.rule import Once, Rule, Weekly
from gateway.domain.schedule import Schedule
from gateway.domain.targets import Targets

USUAL_WEEKDAYS = frozenset({3, 5})
"""Thứ Năm, thứ Bảy: what a ward without a schedule of its own is offered."""
USUAL_TIMES = (time(5, 30), time(17, 30))
LOOK_DAYS = 14
MOST_PLAYS = 20
_SOON = timedelta(minutes=5)
"""Nearer than this nothing can be approved and carried to the poles."""
_A_MINUTE = timedelta(minutes=1)
_FORGONE = (Status.SKIPPED, Status.REFUSED, Status.LOSES_TO)


@dataclass(frozen=True, kw_only=True)
class Usual:
    """Khung giờ quen thuộc of a ward."""

    weekdays: frozenset[int]
    """Monday is 0."""
    times: tuple[time, ...]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One free airtime to choose."""

    start: datetime
    """Aware, in the ward's zone."""
    behind: str = ""
    """The title of what airs right before it, when the usual minute is taken."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """When and where somebody wants one bulletin to be heard. Its programme and schedule are its own.

    Booked again, it takes the place of the first wish: the names are made of the bulletin's.

    Raises:
        BadInput: a count of plays nobody can mean, or an hour with a zone.
    """

    bulletin: BulletinId
    day: date
    at: time
    """Local, to the minute."""
    targets: Targets
    plays: int | None = 1
    """How many times, at the same hour of the coming usual days; ``None``: every week until somebody ends it."""
    chime: tuple[AssetId, int] | None = None
    """Nhạc hiệu before it, and its length in ms."""
    volume_percent: int = 70

    def __post_init__(self) -> None:
        problems = []
        if self.plays is not None and not 1 <= self.plays <= MOST_PLAYS:
            vi, en = f"phát từ 1 đến {MOST_PLAYS} lần", f"needs 1 to {MOST_PLAYS} plays"
            problems.append(Problem(code="invalid", vi=vi, en=en, path="plays"))
        if self.at.tzinfo is not None or self.at.second or self.at.microsecond:
            vi, en = "giờ phát là giờ địa phương, chẵn phút", "needs a local time in whole minutes"
            problems.append(Problem(code="invalid", vi=vi, en=en, path="at"))
        if not is_slug(f"lich-{self.bulletin}"):
            problems.append(Problem(code="invalid", vi="mã bản tin lạ", en="a strange bulletin id", path="bulletin"))
        if problems:
            raise BadInput(problems)

    @property
    def programme_id(self) -> ProgrammeId:
        """Of the programme that holds this bulletin alone."""
        return programme_of(self.bulletin)

    @property
    def schedule_id(self) -> ScheduleId:
        """Of the schedule that airs it."""
        return schedule_of(self.bulletin)

    def programme(self, bulletin: Bulletin) -> Programme:
        """Return what is heard: the chime, if wanted, then the bulletin."""
        opening = () if self.chime is None else (_chime(*self.chime),)
        return Programme(
            id=self.programme_id,
            title=bulletin.title,
            items=(*opening, BulletinItem(bulletin=bulletin.id)),
            priority=bulletin.content.priority,
            source=bulletin.content.source,
        )

    def schedule(self, bulletin: Bulletin, usual: Usual, *, zone: str) -> Schedule:
        """Return the rule that airs it.

        Raises:
            BadInput: nobody is meant to hear it, or the volume is none.
        """
        return Schedule(
            id=self.schedule_id,
            name=bulletin.title,
            programme=self.programme_id,
            targets=self.targets,
            rule=self._rule(usual),
            times=(self.at,),
            zone=zone,
            plays=None if self.plays == 1 else self.plays,
            volume_percent=self.volume_percent,
        )

    def _rule(self, usual: Usual) -> Rule:
        if self.plays == 1:
            return Once(day=self.day)
        if self.plays is None:
            return Weekly(weekdays=frozenset({self.day.weekday()}), first=self.day)
        return Weekly(weekdays=usual.weekdays | {self.day.weekday()}, first=self.day)


def programme_of(bulletin: BulletinId) -> ProgrammeId:
    """Name the programme of a bulletin that has one of its own."""
    return ProgrammeId(f"ct-{bulletin}")


def schedule_of(bulletin: BulletinId) -> ScheduleId:
    """Name the schedule of a bulletin that has one of its own."""
    return ScheduleId(f"lich-{bulletin}")


def usual(schedules: Iterable[Schedule], rules: AirRules) -> Usual:
    """Tell when this ward usually speaks: the weekdays and hours of its weekly schedules, else Thursday and Saturday.

    A ward that speaks on most days still gets Thursday and Saturday offered first, if its rules allow them.
    """
    weekly = [(each.rule, each.times) for each in schedules if each.enabled and isinstance(each.rule, Weekly)]
    weekdays = frozenset(day for rule, _ in weekly if isinstance(rule, Weekly) for day in rule.weekdays)
    times = {time(at.hour, at.minute) for _, hours in weekly for at in hours}
    if not weekdays or len(weekdays) > len(USUAL_WEEKDAYS) + 1:
        weekdays = USUAL_WEEKDAYS
    allowed = weekdays & rules.weekdays or rules.weekdays
    return Usual(weekdays=allowed, times=tuple(sorted(times or USUAL_TIMES)))


def free_slots(
    usual_hours: Usual,
    coming: Iterable[Broadcast],
    rules: AirRules,
    *,
    clusters: frozenset[ClusterId],
    duration_ms: int,
    priority: Priority,
    now: datetime,
    at_most: int,
) -> list[Slot]:
    """Return the next usual airtimes, soonest first, each moved behind whatever sounds on ``clusters`` already.

    One that the rules refuse by its hour is left out. ``now`` is aware.
    """
    zone = ZoneInfo(rules.zone)
    length = timedelta(milliseconds=max(1, duration_ms))
    taken = sorted(
        (each for each in coming if each.status not in _FORGONE and each.clusters & clusters),
        key=lambda each: each.start,
    )
    found: list[Slot] = []
    today = now.astimezone(zone).date()
    for ahead in range(LOOK_DAYS + 1):
        day = today + timedelta(days=ahead)
        if day.weekday() not in usual_hours.weekdays:
            continue
        for at in usual_hours.times:
            start = instant_of(day, at, zone)
            if start is None or start < now + _SOON:
                continue
            slot = _behind(start.astimezone(zone), length, taken)
            if rules.may_sound(slot.start, length, priority) is None and slot.start not in {s.start for s in found}:
                found.append(slot)
    return found[:at_most]


def _behind(start: datetime, length: timedelta, taken: list[Broadcast]) -> Slot:
    behind = ""
    for each in taken:
        if each.start < start + length and _end(each) > start:
            start, behind = _next_minute(_end(each)).astimezone(start.tzinfo), each.title
    return Slot(start=start, behind=behind)


def _end(broadcast: Broadcast) -> datetime:
    """Say when it is over; what is not made yet keeps its minute."""
    return max(broadcast.end, broadcast.start + _A_MINUTE)


def _next_minute(at: datetime) -> datetime:
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + _A_MINUTE


def _chime(asset: AssetId, duration_ms: int) -> Clip:
    return Clip(role=ItemRole.CHIME, asset=asset, duration_ms=duration_ms, title="Nhạc hiệu")
