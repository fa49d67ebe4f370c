"""Ngày lễ: which local dates are Vietnamese public holidays. The ``holidays`` package knows Tết and the lunar dates."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays


@lru_cache(maxsize=64)  # pure: a year's holidays are the same for every schedule of the ward
def holidays_of(year: int) -> Mapping[date, str]:
    """Return the public holidays of a year with their Vietnamese names, days off in lieu included."""
    return MappingProxyType(dict(holidays.country_holidays("VN", years=year, language="vi").items()))


def holiday_name(day: date) -> str | None:
    """Return what holiday ``day`` is, in Vietnamese, or ``None``."""
    return holidays_of(day.year).get(day)


def is_tet(day: date) -> bool:
    """Tell whether ``day`` is one of the days off of Tết Nguyên Đán (not 1 January)."""
    name = holiday_name(day)
    return name is not None and "Tết" in name and "Dương lịch" not in name
