"""Quy chế phát: when a ward may sound, how often, how long and how loud. Pure, and the same on gateway and pole.

The numbers are data (signed policy files); this module only applies them. Sources of the shipped numbers are
named in the files: Hà Nội's decision 1246/QĐ-UBND (2021) for its pack.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from devices.model.permit import PERMITS_AT_MOST, Permit
from devices.model.priority import Priority

SESSION_GAP = timedelta(minutes=5)
"""Plays closer together than this are one session (buổi phát): a pause between two of them makes no second session."""

_DAYS_IN_WEEK = 7
_FULL_PERCENT = 100


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

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"a ceiling must begin before it ends: {self.start}-{self.end}")
        _expect_percent(self.max_percent)


@dataclass(frozen=True, kw_only=True)
class Span:
    """From when to when something sounds on one cluster."""

    start: datetime
    """Aware."""
    duration: timedelta

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError(f"naive time: {self.start!r}")

    @property
    def end(self) -> datetime:
        """In UTC: adding hours to a local time is an hour wrong on two nights of the year."""
        return self.start.astimezone(UTC) + self.duration


@dataclass(frozen=True, kw_only=True)
class AirRules:
    """One version of a ward's rules. An emergency is exempt from all but the kill switch.

    Raises:
        ValueError: a number is out of its range; a rule that could never hold must not look like one.
    """

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
    permits: tuple[Permit, ...] = ()
    """Giấy phép phát ngoài giờ: stretches in which windows and weekdays do not refuse. All other limits hold."""
    permits_rev: int = 0
    """Grows with every permit given or taken back under one ``version``."""

    def __post_init__(self) -> None:
        if not self.weekdays <= set(range(_DAYS_IN_WEEK)):
            raise ValueError(f"weekdays are 0 to 6: {sorted(self.weekdays)}")
        for limit in (self.sessions_per_day, self.session_max_s):
            if limit is not None and limit < 1:
                raise ValueError(f"a limit is at least 1: {limit}")
        _expect_percent(self.max_percent)
        _expect_percent(self.emergency_min_percent)
        if len(self.permits) > PERMITS_AT_MOST:
            raise ValueError(f"{len(self.permits)} permits are a rule and not an exception")
        ZoneInfo(self.zone)

    def _span(self, start: datetime, duration: timedelta) -> tuple[datetime, datetime]:
        zone = ZoneInfo(self.zone)
        span = Span(start=start, duration=duration)
        return start.astimezone(zone), span.end.astimezone(zone)

    def may_sound(self, start: datetime, duration: timedelta, priority: Priority) -> Refusal | None:
        """Tell why a play at ``start`` (aware) for ``duration`` is refused, or ``None`` when it may sound.

        The whole play must lie inside one allowed window of an allowed local weekday, or inside one permit.
        """
        if priority is Priority.EMERGENCY:
            return None
        refusal = None if self._permitted(start, duration) else self._refused_by_the_hour(start, duration)
        if refusal is not None:
            return refusal
        if self.ceiling_over(start, duration, priority) == 0:
            return Refusal.QUIET_HOURS  # a ceiling of nothing is an hour of quiet, not a play that nobody can hear
        if self.session_max_s is not None and duration > timedelta(seconds=self.session_max_s):
            return Refusal.TOO_LONG
        return None

    def _permitted(self, start: datetime, duration: timedelta) -> bool:
        return any(permit.covers(start, duration) for permit in self.permits)

    def _refused_by_the_hour(self, start: datetime, duration: timedelta) -> Refusal | None:
        begin, end = self._span(start, duration)
        if begin.weekday() not in self.weekdays:
            return Refusal.WEEKDAY
        inside = any(
            window.start <= begin.time() and _ends_by(begin.date(), end, window.end) for window in self.windows
        )
        return None if inside else Refusal.QUIET_HOURS

    def may_join(self, others: Iterable[Span], wanted: Span, priority: Priority) -> Refusal | None:
        """Tell why ``wanted`` would break the limits of its local day beside ``others``, or ``None``.

        ``others`` are the other plays of the same cluster, heard or planned, in any order; those of other days and
        emergencies do not matter and need not be given. Plays less than ``SESSION_GAP`` apart are one session, from
        the first sound to the last.
        """
        if priority is Priority.EMERGENCY or (self.sessions_per_day is None and self.session_max_s is None):
            return None
        zone = ZoneInfo(self.zone)
        today = wanted.start.astimezone(zone).date()
        beside = [span for span in others if span.start.astimezone(zone).date() == today]
        before, after = _sessions(beside), _sessions([*beside, wanted])
        if self.sessions_per_day is not None and len(after) > max(self.sessions_per_day, len(before)):
            return Refusal.TOO_MANY
        if self.session_max_s is not None:
            mine = next(session for session in after if session.start <= wanted.start <= session.end)
            if mine.duration > timedelta(seconds=self.session_max_s):
                return Refusal.TOO_LONG
        return None

    def ceiling_over(self, start: datetime, duration: timedelta, priority: Priority) -> int:
        """Return the loudest volume allowed through a whole play from ``start`` (aware), in percent."""
        begin, end = self._span(start, duration)
        # a play under a permit may go over midnight; whichever ceiling begins on either day is looked at
        edges = [
            datetime.combine(day, cap.start, begin.tzinfo)
            for cap in self.ceilings
            for day in {begin.date(), end.date()}
        ]
        return min(self.ceiling_percent(at, priority) for at in [begin, *(at for at in edges if begin < at < end)])

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


def _sessions(spans: list[Span]) -> list[Span]:
    """Join plays that are less than ``SESSION_GAP`` apart."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.duration)):
        if joined and span.start - joined[-1].end < SESSION_GAP:
            last = joined.pop()
            end = max(last.end, span.end)
            joined.append(Span(start=last.start, duration=end - last.start.astimezone(UTC)))
        else:
            joined.append(span)
    return joined


def _expect_percent(percent: int) -> None:
    if not 0 <= percent <= _FULL_PERCENT:
        raise ValueError(f"a percentage is 0 to 100: {percent}")


def _ends_by(day: date, end: datetime, limit: time) -> bool:
    return end.date() == day and end.time() <= limit


NO_RULES_NO_SOUND = AirRules(
    name="none", version=0, zone="Asia/Ho_Chi_Minh", windows=(), max_percent=0, emergency_min_percent=85
)
"""What a cluster without a policy obeys: only an emergency may sound, and that one must be heard."""
