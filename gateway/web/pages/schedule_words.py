"""Lịch bằng lời: a rule and its targets as a person would say them."""

from datetime import time

from gateway.domain.rule import Daily, MonthlyByDay, MonthlyByWeekday, Once, Weekly
from gateway.domain.schedule import Schedule
from gateway.domain.targets import Targets
from gateway.web.pages.door import Visit

_NAMED = 4
_WEEK = 7


def rule_in_words(visit: Visit, schedule: Schedule) -> str:
    """``05:30 và 17:30 thứ Năm, thứ Bảy``."""
    t = visit.screen.t
    hours = t("schedule.and").join(hour_in_words(at) for at in sorted(schedule.times))
    said = t("schedule.rule", hours=hours, days=_days(visit, schedule))
    if schedule.plays is not None:
        said = t("schedule.rule.plays", rule=said, n=schedule.plays)
    return said


def hour_in_words(at: time) -> str:
    """``05:30``, and the seconds of an hour that has some: a form that shows it sends it back."""
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def targets_in_words(visit: Visit, targets: Targets) -> str:
    """``Toàn phường``, or the first few names and how many more."""
    t, registry = visit.screen.t, visit.screen.services.fleet.registry
    if targets.everywhere:
        return t("where.all")
    names = [registry.zones[zone].name if zone in registry.zones else zone for zone in sorted(targets.zones)]
    names += [visit.screen.services.fleet.name(cluster) for cluster in sorted(targets.clusters)]
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} (+{len(names) - _NAMED})"


def _days(visit: Visit, schedule: Schedule) -> str:
    t = visit.screen.t
    match schedule.rule:
        case Once(day=day):
            return t("schedule.once", day=f"{t(f'time.weekday.{day.weekday()}')} {day:%d/%m/%Y}")
        case Weekly(weekdays=weekdays, last=last):
            named = ", ".join(t(f"time.weekday.{day}") for day in sorted(weekdays))
            said = t("schedule.every_day") if len(weekdays) == _WEEK else t("schedule.weekly", days=named)
            return t("schedule.until", rule=said, day=f"{last:%d/%m/%Y}") if last else said
        case Daily(first=first, last=last):
            return t("schedule.daily", first=f"{first:%d/%m}", last=f"{last:%d/%m/%Y}")
        case MonthlyByDay(days_of_month=days):
            named = ", ".join(t("schedule.last_day") if day < 0 else str(day) for day in sorted(days))
            return t("schedule.monthly", days=named)
        case MonthlyByWeekday(nth=nth, weekday=weekday):
            which = t("schedule.last") if nth < 0 else str(nth)
            return t("schedule.monthly_weekday", day=t(f"time.weekday.{weekday}"), nth=which)
