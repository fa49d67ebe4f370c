"""Kiểu lặp: on which local dates a schedule comes round. Dates only; hours and zones are ``schedule``'s business.

The rules are RFC 5545's, expanded by python-dateutil on naive dates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Literal

from dateutil.rrule import DAILY, MO, MONTHLY, WEEKLY, rrule, weekday

from gateway.domain.errors import Problem

MAX_INTERVAL = 52
DAYS_IN_WEEK = 7
LONGEST_MONTH = 31
MOST_WEEKS_IN_MONTH = 5


@dataclass(frozen=True, kw_only=True)
class Once:
    """Một lần, or on the few days named."""

    day: date
    kind: Literal["once"] = "once"

    @property
    def first(self) -> date:
        """The first day it may come round."""
        return self.day

    def days(self, lo: date, hi: date) -> Iterator[date]:
        """Yield its dates from ``lo`` to ``hi``, both included, in order."""
        if lo <= self.day <= hi:
            yield self.day

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with it: nothing can be."""
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Daily:
    """Khoảng ngày: every day, or every ``interval``-th, from ``first`` to ``last``."""

    first: date
    last: date
    interval: int = 1
    kind: Literal["daily"] = "daily"

    def days(self, lo: date, hi: date) -> Iterator[date]:
        """Yield its dates from ``lo`` to ``hi``, both included, in order."""
        ahead = max(0, (lo - self.first).days // self.interval * self.interval)
        start = _midnight(self.first + timedelta(days=ahead))
        rule = rrule(DAILY, dtstart=start, interval=self.interval, until=_midnight(min(hi, self.last)))
        return _from(lo, rule)

    def problems(self) -> Iterator[Problem]:
        """Yield every mistake."""
        yield from chain(_interval(self.interval), _ends_after(self.first, self.last))


@dataclass(frozen=True, kw_only=True)
class Weekly:
    """Hằng tuần, T2…CN: on these weekdays (Monday is 0) of every week, or of every ``interval``-th."""

    weekdays: frozenset[int]
    first: date
    last: date | None = None
    interval: int = 1
    kind: Literal["weekly"] = "weekly"

    def days(self, lo: date, hi: date) -> Iterator[date]:
        """Yield its dates from ``lo`` to ``hi``, both included, in order."""
        monday = self.first - timedelta(days=self.first.weekday())
        weeks = max(0, (lo - monday).days // DAYS_IN_WEEK // self.interval * self.interval)
        rule = rrule(
            WEEKLY,
            dtstart=_midnight(max(self.first, monday + timedelta(weeks=weeks))),
            interval=self.interval,
            byweekday=sorted(self.weekdays),
            wkst=MO,
            until=_midnight(_earlier(hi, self.last)),
        )
        return _from(lo, rule)

    def problems(self) -> Iterator[Problem]:
        """Yield every mistake."""
        if not self.weekdays or not self.weekdays <= set(range(DAYS_IN_WEEK)):
            yield _bad("weekdays", "chọn ít nhất một thứ trong tuần", "weekdays, Monday is 0")
        yield from chain(_interval(self.interval), _ends_after(self.first, self.last))


@dataclass(frozen=True, kw_only=True)
class MonthlyByDay:
    """Hằng tháng, by day of the month; -1 is the last day. A month without a 31st has no airtime for 31."""

    days_of_month: frozenset[int]
    first: date
    last: date | None = None
    interval: int = 1
    kind: Literal["monthly_by_day"] = "monthly_by_day"

    def days(self, lo: date, hi: date) -> Iterator[date]:
        """Yield its dates from ``lo`` to ``hi``, both included, in order."""
        rule = rrule(
            MONTHLY,
            dtstart=_midnight(self.first),
            interval=self.interval,
            bymonthday=sorted(self.days_of_month),
            until=_midnight(_earlier(hi, self.last)),
        )
        return _from(lo, rule)

    def problems(self) -> Iterator[Problem]:
        """Yield every mistake."""
        allowed = {-1, *range(1, LONGEST_MONTH + 1)}
        if not self.days_of_month or not self.days_of_month <= allowed:
            yield _bad("days_of_month", "chọn ngày từ 1 đến 31, hoặc ngày cuối tháng", "days from 1 to 31, or -1")
        yield from chain(_interval(self.interval), _ends_after(self.first, self.last))


@dataclass(frozen=True, kw_only=True)
class MonthlyByWeekday:
    """Hằng tháng, by weekday: e.g. the first Saturday (``nth=1, weekday=5``); ``nth=-1`` is the last one."""

    nth: int
    weekday: int
    first: date
    last: date | None = None
    interval: int = 1
    kind: Literal["monthly_by_weekday"] = "monthly_by_weekday"

    def days(self, lo: date, hi: date) -> Iterator[date]:
        """Yield its dates from ``lo`` to ``hi``, both included, in order."""
        rule = rrule(
            MONTHLY,
            dtstart=_midnight(self.first),
            interval=self.interval,
            byweekday=weekday(self.weekday, self.nth),
            until=_midnight(_earlier(hi, self.last)),
        )
        return _from(lo, rule)

    def problems(self) -> Iterator[Problem]:
        """Yield every mistake."""
        if self.nth not in {-1, *range(1, MOST_WEEKS_IN_MONTH + 1)}:
            yield _bad("nth", "chọn tuần thứ 1 đến 5, hoặc tuần cuối", "the 1st to 5th, or -1 for the last")
        if self.weekday not in range(DAYS_IN_WEEK):
            yield _bad("weekday", "chọn một thứ trong tuần", "a weekday, Monday is 0")
        yield from chain(_interval(self.interval), _ends_after(self.first, self.last))


Rule = Once | Daily | Weekly | MonthlyByDay | MonthlyByWeekday


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _from(lo: date, rule: rrule) -> Iterator[date]:
    return (found.date() for found in rule if found.date() >= lo)


def _earlier(hi: date, last: date | None) -> date:
    return hi if last is None else min(hi, last)


def _interval(interval: int) -> Iterator[Problem]:
    if not 1 <= interval <= MAX_INTERVAL:
        yield _bad("interval", f"khoảng lặp từ 1 đến {MAX_INTERVAL}", f"an interval of 1 to {MAX_INTERVAL}")


def _ends_after(first: date, last: date | None) -> Iterator[Problem]:
    if last is not None and last < first:
        yield _bad("last", "ngày cuối phải từ ngày đầu trở đi", "a last day not before the first")


def _bad(path: str, vi: str, en: str) -> Problem:
    return Problem(code="invalid", vi=vi, en=f"needs {en}", path=f"rule.{path}")
