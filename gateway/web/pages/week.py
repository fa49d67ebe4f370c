"""Bảy ngày tới: airtimes gathered by the ward's own days, empty days too."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.domain.plan import Broadcast


@dataclass(frozen=True, kw_only=True)
class Day:
    """One local day."""

    at: datetime
    """Its noon, aware: for saying which day it is."""
    broadcasts: tuple[Broadcast, ...]


def days_of(coming: Iterable[Broadcast], *, now: datetime, days: int, zone: ZoneInfo) -> list[Day]:
    """Return today and the days after it, ``days`` in all; ``now`` is aware. What is over is left out."""
    airing = [each for each in coming if each.end > now]
    today = now.astimezone(zone).replace(hour=12, minute=0, second=0, microsecond=0)
    found = []
    for ahead in range(days):
        noon = today + timedelta(days=ahead)
        mine = [each for each in airing if each.start.astimezone(zone).date() == noon.date()]
        found.append(Day(at=noon, broadcasts=tuple(sorted(mine, key=lambda each: (each.start, each.id)))))
    return found
