"""Lịch phát, as bodies name it. Bounded here; whether it makes sense is the domain's to say."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from devices.model import Priority
from gateway.domain.ids import ProgrammeId, ScheduleId
from gateway.domain.rule import Daily, MonthlyByDay, MonthlyByWeekday, Once, Rule, Weekly
from gateway.domain.schedule import (
    MAX_PLAYS,
    WARD_ZONE,
    AfterOverride,
    HolidayMode,
    HolidayPolicy,
    Late,
    LateMode,
    Schedule,
)
from gateway.web.api.targets import TargetsIn
from gateway.web.types import Day, Line, Percent, Sent, Slug

_Interval = Annotated[int, Field(ge=1, le=52)]
_Weekday = Annotated[int, Field(ge=0, le=6)]
_HALF_A_DAY_MS = 12 * 3_600_000


class OnceIn(Sent):
    kind: Literal["once"]
    day: Day

    @property
    def rule(self) -> Rule:
        return Once(day=self.day)


class DailyIn(Sent):
    kind: Literal["daily"]
    first: Day
    last: Day
    interval: _Interval = 1

    @property
    def rule(self) -> Rule:
        return Daily(first=self.first, last=self.last, interval=self.interval)


class WeeklyIn(Sent):
    kind: Literal["weekly"]
    weekdays: Annotated[frozenset[_Weekday], Field(max_length=7)]
    """Monday is 0."""
    first: Day
    last: Day | None = None
    interval: _Interval = 1

    @property
    def rule(self) -> Rule:
        return Weekly(weekdays=self.weekdays, first=self.first, last=self.last, interval=self.interval)


class MonthlyByDayIn(Sent):
    kind: Literal["monthly_by_day"]
    days_of_month: Annotated[frozenset[Annotated[int, Field(ge=-1, le=31)]], Field(max_length=32)]
    """-1 is the last day."""
    first: Day
    last: Day | None = None
    interval: _Interval = 1

    @property
    def rule(self) -> Rule:
        return MonthlyByDay(days_of_month=self.days_of_month, first=self.first, last=self.last, interval=self.interval)


class MonthlyByWeekdayIn(Sent):
    kind: Literal["monthly_by_weekday"]
    nth: Annotated[int, Field(ge=-1, le=5)]
    weekday: _Weekday
    first: Day
    last: Day | None = None
    interval: _Interval = 1

    @property
    def rule(self) -> Rule:
        return MonthlyByWeekday(
            nth=self.nth, weekday=self.weekday, first=self.first, last=self.last, interval=self.interval
        )


RuleIn = Annotated[
    OnceIn | DailyIn | WeeklyIn | MonthlyByDayIn | MonthlyByWeekdayIn,
    Field(discriminator="kind"),
]


class HolidaysIn(Sent):
    mode: HolidayMode = HolidayMode.PLAY
    programme: Slug | None = None
    tet_only: bool = False


class LateIn(Sent):
    mode: LateMode = LateMode.SEEK
    max_ms: Annotated[int, Field(ge=0, le=_HALF_A_DAY_MS)] = 120_000


class ScheduleIn(Sent):
    name: Line
    programme: Slug
    targets: TargetsIn
    rule: RuleIn
    times: Annotated[list[time], Field(max_length=48)]
    """Local wall-clock times, to the second."""
    zone: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+\-/]{1,64}$")] = WARD_ZONE
    exceptions: Annotated[frozenset[Day], Field(max_length=1_000)] = frozenset()
    extra_dates: Annotated[frozenset[Day], Field(max_length=1_000)] = frozenset()
    holidays: HolidaysIn = HolidaysIn()
    plays: Annotated[int, Field(ge=1, le=MAX_PLAYS)] | None = None
    priority: Priority | None = None
    volume_percent: Percent = 70
    late: LateIn = LateIn()
    after_override: AfterOverride = AfterOverride.SEEK
    enabled: bool = True

    def schedule(self, name: ScheduleId, *, revision: int = 1) -> Schedule:
        """In the domain's words.

        Raises:
            BadInput: every mistake, with its field.
        """
        replaced = self.holidays.programme
        return Schedule(
            id=name,
            name=self.name,
            programme=ProgrammeId(self.programme),
            targets=self.targets.targets,
            rule=self.rule.rule,
            times=tuple(self.times),
            zone=self.zone,
            exceptions=self.exceptions,
            extra_dates=self.extra_dates,
            holidays=HolidayPolicy(
                mode=self.holidays.mode,
                programme=None if replaced is None else ProgrammeId(replaced),
                tet_only=self.holidays.tet_only,
            ),
            plays=self.plays,
            priority=self.priority,
            volume_percent=self.volume_percent,
            late=Late(mode=self.late.mode, max_ms=self.late.max_ms),
            after_override=self.after_override,
            revision=revision,
            enabled=self.enabled,
        )
