"""Kỳ báo cáo: the days a report is about. Half-years, quarters and months have names; any other days do too."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from gateway.domain.errors import BadInput, Problem

LONGEST_DAYS = 366
_MONTHS_OF_HALF, _MONTHS_OF_QUARTER, _MONTHS_OF_YEAR = 6, 3, 12
_ROMAN = ("I", "II", "III", "IV")


class Span(StrEnum):
    """Tháng / quý / 6 tháng / năm / ngày bất kỳ."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    DAYS = "days"


_MONTHS = {
    Span.MONTH: 1,
    Span.QUARTER: _MONTHS_OF_QUARTER,
    Span.HALF_YEAR: _MONTHS_OF_HALF,
    Span.YEAR: _MONTHS_OF_YEAR,
}


@dataclass(frozen=True, kw_only=True)
class Period:
    """From the first day to the last, both counted.

    Raises:
        BadInput: it ends before it begins, or is longer than a year.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if not 1 <= self.days <= LONGEST_DAYS:
            vi, en = f"kỳ báo cáo từ 1 đến {LONGEST_DAYS} ngày", f"needs 1 to {LONGEST_DAYS} days"
            raise BadInput([Problem(code="invalid", vi=vi, en=en, path="to")])

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def span(self) -> Span:
        """What it is called: whole months that begin a month, quarter, half-year or year; else just days."""
        for span, months in reversed(_MONTHS.items()):
            if (self.first.month - 1) % months == 0 and self == _months(self.first.replace(day=1), months):
                return span
        return Span.DAYS

    @property
    def name(self) -> tuple[str, str]:
        """As reports say it: Vietnamese, English."""
        year, month = self.first.year, self.first.month
        match self.span:
            case Span.YEAR:
                return f"năm {year}", f"the year {year}"
            case Span.HALF_YEAR:
                begins = month == 1
                half = "đầu" if begins else "cuối"
                return f"6 tháng {half} năm {year}", f"the {'first' if begins else 'second'} half of {year}"
            case Span.QUARTER:
                roman = _ROMAN[(month - 1) // _MONTHS_OF_QUARTER]
                return f"quý {roman} năm {year}", f"quarter {roman} of {year}"
            case Span.MONTH:
                return f"tháng {month} năm {year}", f"{calendar.month_name[month]} {year}"
            case Span.DAYS:
                return (
                    f"từ ngày {self.first:%d/%m/%Y} đến ngày {self.last:%d/%m/%Y}",
                    f"{self.first:%d/%m/%Y} to {self.last:%d/%m/%Y}",
                )

    def before(self) -> "Period | None":
        """Return the period it is compared with: the one of its kind before it, or as many days; ``None`` in year 1."""
        try:
            last = self.first - timedelta(days=1)
            if (months := _MONTHS.get(self.span)) is None:
                return Period(first=self.first - timedelta(days=self.days), last=last)
            back = self.first.year * _MONTHS_OF_YEAR + self.first.month - 1 - months
            return Period(first=date(back // _MONTHS_OF_YEAR, back % _MONTHS_OF_YEAR + 1, 1), last=last)
        except (OverflowError, ValueError):
            return None

    def since(self, zone: ZoneInfo) -> datetime:
        """Return its first instant: local midnight."""
        return datetime.combine(self.first, time(), zone)

    def until(self, zone: ZoneInfo) -> datetime:
        """Return the first instant after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), zone)


def period_of(span: Span, day: date) -> Period:
    """Return the month, quarter, half-year or year that ``day`` is in; of ``DAYS``, that day alone."""
    if span is Span.DAYS:
        return Period(first=day, last=day)
    months = _MONTHS[span]
    return _months(date(day.year, (day.month - 1) // months * months + 1, 1), months)


def _months(first: date, months: int) -> Period:
    month = first.month + months - 1
    year, month = first.year + (month - 1) // _MONTHS_OF_YEAR, (month - 1) % _MONTHS_OF_YEAR + 1
    return Period(first=first, last=date(year, month, calendar.monthrange(year, month)[1]))
