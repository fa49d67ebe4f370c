"""Giờ địa phương: a naive wall-clock time and a zone become one instant, exactly once a day, in every zone and year.

Adding a zone to a naive time and only then converting is the whole trick: a rule expanded in UTC moved by an hour
after every clock change in the systems we studied, and put Thursday 05:30 in Vietnam on Wednesday.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_A_DAY = timedelta(days=1)
_FINEST = timedelta(seconds=1)  # no zone ever moved its clocks at a fraction of a second


def is_zone(name: str) -> bool:
    """Tell whether ``name`` is an IANA time zone this machine knows, e.g. ``Asia/Ho_Chi_Minh``."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the database, such as "Asia"
        return False
    return True


def instant_of(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """Return the UTC instant at which the clocks of ``zone`` show ``at`` (naive) on ``day``.

    In a gap (the hour a clock jumps over) it is the first instant after it, even if that is the next midnight; in a
    fold (the hour shown twice), the first pass. ``None`` when the whole day does not exist: Samoa had no 30 December
    2011.
    """
    local = datetime.combine(day, at)
    first = local.replace(tzinfo=zone, fold=0)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local:
        return first.astimezone(UTC)
    # In a gap, fold 0 counts with the offset from before it and fold 1 with the one from after: the jump lies between.
    after = first.astimezone(UTC)
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return None if after - before >= _A_DAY else _jump(before, after, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find the instant in ``(before, after]`` at which the offset of ``zone`` changes."""
    old = before.astimezone(zone).utcoffset()
    while after - before > _FINEST:
        middle = before + timedelta(seconds=(after - before) // _FINEST // 2)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the UTC instants at which a local day begins and ends; 23 or 25 hours apart now and then."""
    return _midnight(day, zone), _midnight(day + _A_DAY, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    begin = instant_of(day, time(), zone)
    return begin if begin is not None else _midnight(day + _A_DAY, zone)
