"""Quy chế phát: when a ward may sound, how often, how long and how loud. Pure, and the same on gateway and pole.

The numbers are data (signed policy files); this module only applies them. Sources of the shipped numbers are
named in the files: Hà Nội's decision 1246/QĐ-UBND (2021) for its pack.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from devices.model.priority import Priority


class Refusal(StrEnum):
    """Why the rules say no. The value is what travels in ``why``."""

    QUIET_HOURS = "quiet_hours"
    WEEKDAY = "weekday"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many_sessions"
    NO_MUSIC = "no_music"
    NO_POLICY = "no_policy"


@dataclass(frozen=True, kw_only=True)
class Window:
    """Khung giờ cho phép: local hours in which sound may be heard, ``[start, end)``; never over midnight."""

    start: time
    end: time

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"a window must begin before it ends: {self.start}-{self.end}")


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """Trần âm lượng: from ``start`` to ``end`` (local) never louder than ``max_percent``."""

    start: time
    end: time
    max_percent: int


@dataclass(frozen=True, kw_only=True)
class AirRules:
    """One version of a ward's rules. An emergency is exempt from all but the kill switch."""

    name: str
    version: int
    zone: str
    windows: tuple[Window, ...]
    weekdays: frozenset[int] = frozenset(range(7))
    """Monday is 0, as in :meth:`datetime.date.weekday`."""
    sessions_per_day: int | None = None
    session_max_s: int | None = None
    music_allowed_from: time | None = None
    """Music only at or after this local time; ``None``: never restricted."""
    max_percent: int = 85
    ceilings: tuple[Ceiling, ...] = field(default=())
    emergency_min_percent: int = 0

    def _span(self, start: datetime, duration: timedelta) -> tuple[datetime, datetime]:
        zone = ZoneInfo(self.zone)
        return start.astimezone(zone), (start + duration).astimezone(zone)

    def may_sound(self, start: datetime, duration: timedelta, priority: Priority) -> Refusal | None:
        """Tell why a play at ``start`` (aware) for ``duration`` is refused, or ``None`` when it may sound.

        The whole play must lie inside one allowed window of an allowed local weekday.
        """
        if priority is Priority.EMERGENCY:
            return None
        begin, end = self._span(start, duration)
        if begin.weekday() not in self.weekdays:
            return Refusal.WEEKDAY
        inside = any(
            window.start <= begin.time() and _ends_by(begin.date(), end, window.end) for window in self.windows
        )
        if not inside:
            return Refusal.QUIET_HOURS
        if self.session_max_s is not None and duration > timedelta(seconds=self.session_max_s):
            return Refusal.TOO_LONG
        return None

    def ceiling_percent(self, at: datetime, priority: Priority) -> int:
        """Return the loudest volume allowed at ``at`` (aware), in percent."""
        if priority is Priority.EMERGENCY:
            return max(self.max_percent, self.emergency_min_percent)
        local = at.astimezone(ZoneInfo(self.zone)).time()
        caps = [cap.max_percent for cap in self.ceilings if cap.start <= local < cap.end]
        return min([self.max_percent, *caps])

    def may_play_music(self, at: datetime) -> bool:
        """Tell whether music may be heard at ``at`` (aware)."""
        return self.music_allowed_from is None or at.astimezone(ZoneInfo(self.zone)).time() >= self.music_allowed_from


def _ends_by(day: date, end: datetime, limit: time) -> bool:
    return end.date() == day and end.time() <= limit


NO_RULES_NO_SOUND = AirRules(name="none", version=0, zone="Asia/Ho_Chi_Minh", windows=(), max_percent=0)
"""What a cluster without a policy obeys: only an emergency may sound."""
