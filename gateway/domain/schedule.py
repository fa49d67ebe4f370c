"""Lịch phát: the rule in wall-clock time and zone ("Thứ 5, thứ 7, 05:30 và 17:30"), and the airtimes it gives.

The rule is never stored in UTC, and an airtime never without its local date.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from devices.model import OccurrenceId, Priority, is_slug
from gateway.domain.calendar import holiday_name, is_tet
from gateway.domain.errors import BadInput, Problem
from gateway.domain.ids import ProgrammeId, ScheduleId, occurrence_id
from gateway.domain.local_time import instant_of, is_zone
from gateway.domain.rule import Rule
from gateway.domain.targets import Targets

WARD_ZONE = "Asia/Ho_Chi_Minh"
MAX_PLAYS = 1000
MAX_PERCENT = 100
_A_DAY = timedelta(days=1)


class LateMode(StrEnum):
    """What a cluster does that could not start on time."""

    SEEK = "seek"
    """Join in step with the others."""
    FROM_START = "from_start"
    SKIP = "skip"


@dataclass(frozen=True, kw_only=True)
class Late:
    """Trễ: how to start late, and how late is too late."""

    mode: LateMode = LateMode.SEEK
    max_ms: int = 120_000


class AfterOverride(StrEnum):
    """What becomes of an airtime that something higher interrupted."""

    SEEK = "seek"
    """It goes on where it would be by now."""
    RESTART = "restart"
    """It is said again from its beginning."""
    DROP = "drop"


class HolidayMode(StrEnum):
    """Vẫn phát / nghỉ / thay bằng chương trình khác."""

    PLAY = "play"
    SKIP = "skip"
    REPLACE = "replace"


@dataclass(frozen=True, kw_only=True)
class HolidayPolicy:
    """Ngày lễ: what a schedule does on one. ``tet_only`` leaves the other holidays as they are."""

    mode: HolidayMode = HolidayMode.PLAY
    programme: ProgrammeId | None = None
    """Aired instead, in mode ``replace``."""
    tet_only: bool = False

    def holiday(self, day: date) -> str | None:
        """Return the name of the holiday this policy acts on, if ``day`` is one."""
        if self.mode is HolidayMode.PLAY or (self.tet_only and not is_tet(day)):
            return None
        return holiday_name(day)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Lịch phát. Checked when made.

    Raises:
        BadInput: every mistake, with its field.
    """

    id: ScheduleId
    name: str
    programme: ProgrammeId
    targets: Targets
    rule: Rule
    times: tuple[time, ...]
    """Khung giờ: naive local wall-clock times, to the second."""
    zone: str = WARD_ZONE
    exceptions: frozenset[date] = field(default=frozenset())
    """Local dates on which it does not come round."""
    extra_dates: frozenset[date] = field(default=frozenset())
    """Local dates on which it does, whatever rule and holidays say (sao chép sang ngày khác)."""
    holidays: HolidayPolicy = field(default_factory=HolidayPolicy)
    plays: int | None = None
    """Phát lại n lần: how many airtimes it has in all. Those a holiday or an exception takes do not count."""
    priority: Priority | None = None
    """``None``: the programme's own."""
    volume_percent: int = 70
    late: Late = field(default_factory=Late)
    after_override: AfterOverride = AfterOverride.SEEK
    revision: int = 1
    enabled: bool = True

    def __post_init__(self) -> None:
        if problems := list(self._problems()):
            raise BadInput(problems)

    def _problems(self) -> Iterator[Problem]:
        if not is_slug(self.id):
            yield _bad(
                "id", "mã lịch chỉ gồm chữ thường, số và gạch nối", "an id of lower-case letters, digits, dashes"
            )
        if not self.name.strip():
            yield _bad("name", "cần tên lịch", "a name")
        if not self.targets.everywhere and not self.targets.clusters and not self.targets.zones:
            yield _bad("targets", "chưa chọn vùng phát", "somewhere to be heard")
        yield from self.rule.problems()
        yield from self._problems_of_times()
        for day in sorted(self.exceptions & self.extra_dates):
            yield _bad("extra_dates", f"ngày {day:%d/%m/%Y} vừa thêm vừa bỏ", f"{day} not both added and taken out")
        if (self.holidays.mode is HolidayMode.REPLACE) != (self.holidays.programme is not None):
            yield _bad(
                "holidays.programme",
                "chương trình thay thế đi cùng cách “thay bằng chương trình khác”",
                "a programme with mode replace, and only then",
            )
        if self.plays is not None and not 1 <= self.plays <= MAX_PLAYS:
            yield _bad("plays", f"số lần phát từ 1 đến {MAX_PLAYS}", f"1 to {MAX_PLAYS} plays")
        if self.priority is Priority.EMERGENCY:
            yield _bad(
                "priority",
                "khẩn cấp chỉ phát ngay, không đặt lịch",
                "another priority: an emergency obeys no quiet hours, so it is never scheduled",
            )
        if not 0 < self.volume_percent <= MAX_PERCENT:
            yield _bad("volume_percent", "âm lượng từ 1 đến 100", "a volume of 1 to 100")
        if self.late.max_ms < 0:
            yield _bad("late.max_ms", "thời gian trễ không được âm", "a lateness not below zero")

    def _problems_of_times(self) -> Iterator[Problem]:
        if not is_zone(self.zone):
            yield _bad("zone", f"không có múi giờ “{self.zone}”", "an IANA time zone")
        if not self.times:
            yield _bad("times", "cần ít nhất một giờ phát", "at least one time of day")
        if len(set(self.times)) != len(self.times):
            yield _bad("times", "giờ phát bị trùng", "different times")
        for index, at in enumerate(self.times):
            if at.tzinfo is not None or at.microsecond:
                yield _bad(f"times.{index}", "giờ phát là giờ địa phương, chẵn giây", "a local time in whole seconds")


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """Một lần đến giờ: one airtime of a schedule."""

    id: OccurrenceId
    schedule: ScheduleId
    programme: ProgrammeId
    start: datetime
    """Aware, UTC."""
    local_start: datetime
    """Aware, in the schedule's zone: what the clock on the wall shows."""
    day: date
    """The local date the rule gave."""
    holiday: str | None = None
    """The holiday that skips or replaces it."""
    skipped: bool = False
    """Shown, never played: a holiday."""


def occurrences(schedule: Schedule, after: datetime, until: datetime) -> list[Occurrence]:
    """Return the airtimes of ``schedule`` in ``[after, until)`` (aware), in order, without those a holiday skips.

    A start that equals ``after`` is in: a plan made on the very second must not cancel it.
    """
    return [found for found in expand(schedule, after, until) if not found.skipped]


def expand(schedule: Schedule, after: datetime, until: datetime) -> list[Occurrence]:
    """Return what :func:`occurrences` does, with the airtimes a holiday skips among them, marked."""
    if after.tzinfo is None or until.tzinfo is None:
        raise ValueError("the span needs aware instants")
    if not schedule.enabled or until <= after:
        return []
    zone = ZoneInfo(schedule.zone)
    # A gap can carry an airtime over midnight: one day more on each side.
    lo, hi = after.astimezone(zone).date() - _A_DAY, until.astimezone(zone).date() + _A_DAY
    if schedule.plays is not None:
        lo = min([schedule.rule.first, *schedule.extra_dates])
    return [found for found in _counted(schedule, _airtimes(schedule, lo, hi, zone)) if after <= found.start < until]


def next_airtimes(schedule: Schedule, after: datetime, count: int, *, horizon_days: int = 800) -> list[Occurrence]:
    """Return the next ``count`` airtimes from ``after`` (aware): the preview a person sees before saving.

    Fewer when the rule ends, or when it gives no more within ``horizon_days``.
    """
    found: list[Occurrence] = []
    begin, step = after, timedelta(days=8)
    end = after + timedelta(days=horizon_days)
    while len(found) < count and begin < end:
        found += occurrences(schedule, begin, min(begin + step, end))
        begin, step = begin + step, step * 2
    return found[:count]


def _airtimes(schedule: Schedule, lo: date, hi: date, zone: ZoneInfo) -> Iterator[Occurrence]:
    """Yield every airtime of the local dates ``lo`` to ``hi``, in order, each instant once."""
    days = {day for day in schedule.rule.days(lo, hi) if day not in schedule.exceptions}
    days |= {day for day in schedule.extra_dates if lo <= day <= hi}
    seen: set[datetime] = set()
    for day in sorted(days):
        holiday = None if day in schedule.extra_dates else schedule.holidays.holiday(day)
        for at in sorted(schedule.times):
            start = instant_of(day, at, zone)
            # Two times inside one gap come to the same instant: one play, not two.
            if start is None or start in seen:
                continue
            seen.add(start)
            yield _occurrence(schedule, day, start, zone, holiday)


def _occurrence(schedule: Schedule, day: date, start: datetime, zone: ZoneInfo, holiday: str | None) -> Occurrence:
    local = start.astimezone(zone)
    replaced = schedule.holidays.programme if holiday is not None else None
    return Occurrence(
        id=occurrence_id(schedule.id, local),
        schedule=schedule.id,
        programme=replaced or schedule.programme,
        start=start.astimezone(UTC),
        local_start=local,
        day=day,
        holiday=holiday,
        skipped=holiday is not None and schedule.holidays.mode is HolidayMode.SKIP,
    )


def _counted(schedule: Schedule, airtimes: Iterator[Occurrence]) -> Iterator[Occurrence]:
    left = schedule.plays
    for airtime in airtimes:
        if left == 0:
            return
        if left is not None and airtime.holiday is None:
            left -= 1
        yield airtime


def _bad(path: str, vi: str, en: str) -> Problem:
    return Problem(code="invalid", vi=vi, en=f"needs {en}", path=path)
