"""Lịch phát on a form: what was typed, as it was typed, and the schedule it comes to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Annotated, Any

from fastapi import Depends, Form

from gateway.domain.errors import BadInput, Problem
from gateway.domain.ids import ProgrammeId, ScheduleId
from gateway.domain.rule import Daily, MonthlyByDay, MonthlyByWeekday, Once, Rule, Weekly
from gateway.domain.schedule import HolidayMode, HolidayPolicy, Schedule
from gateway.domain.targets import EVERYWHERE, Targets
from gateway.web.pages.schedule_words import hour_in_words
from gateway.web.pages.targets_form import targets
from gateway.web.types import Line, Percent, Slug, day_of_this_century

KINDS = ("weekly", "once", "daily", "monthly_by_day", "monthly_by_weekday")
NTHS = (1, 2, 3, 4, 5, -1)
HOLIDAYS = ("play", "skip", "skip_tet")
_LAST_DAY = {"cuối", "cuoi", "cuối tháng", "last", "-1"}
_Short = Annotated[str, Form(max_length=10)]
_Chosen = Annotated[str, Form(max_length=20)]


@dataclass(frozen=True, kw_only=True)
class Typed:
    """The form as it was sent."""

    id: str
    revision: int = 0
    """0: a new one."""
    name: str = ""
    programme: str = ""
    kind: str = "weekly"
    weekdays: Sequence[int] = ()
    monthdays: str = ""
    nth: int = 1
    onday: int = 0
    first: str = ""
    last: str = ""
    every: str = "1"
    plays: str = ""
    times: str = ""
    holidays: str = "play"
    volume: int = 70
    targets: Targets = EVERYWHERE

    def schedule(self, before: Schedule | None) -> Schedule:
        """Return what it comes to; what no form has stays as it was ``before``.

        Raises:
            BadInput: every mistake.
        """
        wrong: list[Problem] = []
        made: dict[str, Any] = {}
        parts = {"times": self._times, "rule": self._rule, "plays": self._plays, "holidays": self._holidays(before)}
        for name, part in parts.items():
            try:
                made[name] = part()
            except BadInput as error:
                wrong += error.problems
        if wrong:
            raise BadInput(wrong)
        made |= {"name": self.name, "volume_percent": self.volume, "targets": self.targets}
        if before is not None:
            return replace(before, **made)
        return Schedule(id=ScheduleId(self.id), programme=ProgrammeId(self.programme), **made)

    def _times(self) -> tuple[time, ...]:
        return tuple(sorted(_hour(part) for part in _parts(self.times)))

    def _rule(self) -> Rule:
        first = _day(self.first, "rule.first")
        if self.kind == "once":
            return Once(day=first)
        last = _day(self.last, "rule.last") if self.last or self.kind == "daily" else None
        every = _number(self.every, "rule.interval")
        if self.kind == "daily" and last is not None:
            return Daily(first=first, last=last, interval=every)
        if self.kind == "monthly_by_day":
            days = frozenset(_month_day(part) for part in _parts(self.monthdays))
            return MonthlyByDay(days_of_month=days, first=first, last=last, interval=every)
        if self.kind == "monthly_by_weekday":
            return MonthlyByWeekday(nth=self.nth, weekday=self.onday, first=first, last=last, interval=every)
        return Weekly(weekdays=frozenset(self.weekdays), first=first, last=last, interval=every)

    def _plays(self) -> int | None:
        return _number(self.plays, "plays") if self.plays.strip() else None

    def _holidays(self, before: Schedule | None) -> Any:
        def read() -> HolidayPolicy:
            if self.holidays == "replace" and before is not None:
                return before.holidays
            mode = HolidayMode.SKIP if self.holidays in {"skip", "skip_tet"} else HolidayMode.PLAY
            return HolidayPolicy(mode=mode, tet_only=self.holidays == "skip_tet")

        return read


def typed(  # the fields of one form
    *,
    aim: Annotated[Targets, Depends(targets)],
    id: Annotated[Slug, Form()],  # noqa: A002 - the field's name
    name: Annotated[Line, Form()] = "",
    times: Annotated[Line, Form()] = "",
    revision: Annotated[int, Form(ge=0)] = 0,
    programme: Annotated[str, Form(max_length=48)] = "",
    kind: _Chosen = "weekly",
    weekday: Annotated[Sequence[int], Form(max_length=7)] = (),
    monthdays: Annotated[Line, Form()] = "",
    nth: Annotated[int, Form(ge=-1, le=5)] = 1,
    onday: Annotated[int, Form(ge=0, le=6)] = 0,
    first: _Short = "",
    last: _Short = "",
    every: _Short = "1",
    plays: _Short = "",
    holidays: _Chosen = "play",
    volume: Annotated[Percent, Form()] = 70,
) -> Typed:
    """Take the form in."""
    return Typed(
        id=id,
        revision=revision,
        name=name,
        programme=programme,
        kind=kind if kind in KINDS else "weekly",
        weekdays=weekday,
        monthdays=monthdays,
        nth=nth,
        onday=onday,
        first=first,
        last=last,
        every=every,
        plays=plays,
        times=times,
        holidays=holidays if holidays in {*HOLIDAYS, "replace"} else "play",
        volume=volume,
        targets=aim,
    )


def as_typed(schedule: Schedule, last_day: str) -> Typed:
    """Return the form as ``schedule`` fills it; ``last_day``: the word for a month's last day."""
    rule = schedule.rule
    found = Typed(
        id=schedule.id,
        revision=schedule.revision,
        name=schedule.name,
        programme=schedule.programme,
        kind=rule.kind,
        first=rule.first.isoformat(),
        plays="" if schedule.plays is None else str(schedule.plays),
        times=", ".join(map(hour_in_words, schedule.times)),
        holidays=_holiday_word(schedule.holidays),
        volume=schedule.volume_percent,
        targets=schedule.targets,
    )
    if isinstance(rule, Once):
        return found
    found = replace(found, last=rule.last.isoformat() if rule.last else "", every=str(rule.interval))
    match rule:
        case Weekly(weekdays=weekdays):
            return replace(found, weekdays=tuple(sorted(weekdays)))
        case MonthlyByDay(days_of_month=days):
            said = (last_day if day < 0 else str(day) for day in sorted(days, key=lambda day: day % 32))
            return replace(found, monthdays=", ".join(said))
        case MonthlyByWeekday(nth=nth, weekday=weekday):
            return replace(found, nth=nth, onday=weekday)
        case _:
            return found


def _holiday_word(policy: HolidayPolicy) -> str:
    return "skip_tet" if policy.mode is HolidayMode.SKIP and policy.tet_only else policy.mode.value


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in text.replace(";", ",").split(",") if part.strip())


def _hour(part: str) -> time:
    hour, _, rest = part.lower().replace("h", ":").partition(":")
    minute, _, second = rest.partition(":")
    try:
        return time(int(hour), int(minute or 0), int(second or 0))
    except (ValueError, OverflowError) as error:
        said = part[:20]
        raise _bad("times", f"“{said}” không phải giờ, ví dụ 05:30", f"“{said}” is no hour, e.g. 05:30") from error


def _month_day(part: str) -> int:
    if part.lower() in _LAST_DAY:
        return -1
    try:
        return int(part)
    except ValueError as error:
        said = part[:20]
        vi, en = f"“{said}” không phải ngày trong tháng, ví dụ 15", f"“{said}” is no day of a month, e.g. 15"
        raise _bad("rule.days_of_month", vi, en) from error


def _day(text: str, path: str) -> date:
    try:
        return day_of_this_century(date.fromisoformat(text))
    except ValueError as error:
        first = ("cần ngày đầu, từ năm 2000 đến 2099", "needs a first day, 2000 to 2099")
        last = ("cần ngày cuối, từ năm 2000 đến 2099", "needs a last day, 2000 to 2099")
        words = first if path == "rule.first" else last
        raise _bad(path, *words) from error


def _number(text: str, path: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        said = text[:20]
        raise _bad(path, f"“{said}” không phải số", f"“{said}” is no number") from error


def _bad(path: str, vi: str, en: str) -> BadInput:
    return BadInput([Problem(code="invalid", vi=vi, en=en, path=path)])
