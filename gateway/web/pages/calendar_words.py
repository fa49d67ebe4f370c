"""Giờ và ngày as people say them, in the ward's own time and the reader's language."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from devices.clock import instant
from gateway.web.words import Words

_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3_600, 60


class CalendarWords:
    """Says instants; ``now`` is aware."""

    def __init__(self, words: Words, zone: ZoneInfo, now: datetime) -> None:
        self._words = words
        self._zone = zone
        self._now = now

    def clock(self, at: datetime) -> str:
        """``05:30``."""
        return f"{at.astimezone(self._zone):%H:%M}"

    def weekday(self, at: datetime) -> str:
        """``thứ Năm``."""
        return self._words(f"time.weekday.{at.astimezone(self._zone).weekday()}")

    def day(self, at: datetime) -> str:
        """``hôm nay``, ``ngày mai``, or ``thứ Năm 08/10``; the year only when it is another one."""
        local, today = at.astimezone(self._zone), self._now.astimezone(self._zone)
        apart = (local.date() - today.date()).days
        if near := {0: "time.today", 1: "time.tomorrow", -1: "time.yesterday"}.get(apart):
            return self._words(near)
        date = f"{local:%d/%m}" if local.year == today.year else f"{local:%d/%m/%Y}"
        return f"{self.weekday(at)} {date}"

    def when(self, at: datetime) -> str:
        """``05:30 hôm nay``."""
        return f"{self.clock(at)} {self.day(at)}"

    def date(self, at: datetime) -> str:
        """``08/10/2026``: a day people put on paper."""
        return f"{at.astimezone(self._zone):%d/%m/%Y}"

    def length(self, ms: int) -> str:
        """``2:05``: how long a sound is, minutes and seconds."""
        return f"{ms // 60_000}:{ms % 60_000 // 1000:02}"

    def full(self, at: datetime) -> str:
        """``05:30:00 08/10/2026``: for logs."""
        return f"{at.astimezone(self._zone):%H:%M:%S %d/%m/%Y}"

    def ago(self, at: datetime) -> str:
        """``5 phút trước``."""
        seconds = (self._now - at).total_seconds()
        if seconds < _MINUTE_S:
            return self._words("time.just_now")
        for size, key in ((_DAY_S, "days"), (_HOUR_S, "hours"), (_MINUTE_S, "minutes")):
            if seconds >= size:
                return self._words(f"time.{key}_ago", n=int(seconds // size))
        return self._words("time.just_now")

    def when_ms(self, at_ms: int) -> str:
        """``05:30 hôm nay``, of epoch ms."""
        return self.when(instant(at_ms))

    def ago_ms(self, at_ms: int) -> str:
        """``5 phút trước``, of epoch ms."""
        return self.ago(instant(at_ms))

    def moment(self, at_ms: int) -> str:
        """``05:30:07``, of epoch ms."""
        return self.exact(instant(at_ms))

    def exact(self, at: datetime) -> str:
        """``05:30:07``: where seconds matter."""
        return f"{at.astimezone(self._zone):%H:%M:%S}"

    def left(self, until: datetime) -> str:
        """``còn 2 giờ 14 phút``; what a countdown shows before its script runs."""
        left = until - self._now
        return self._words("time.left", much=self.span(left)) if left > timedelta() else self._words("time.now")

    def span(self, length: timedelta) -> str:
        """``2 giờ 14 phút``: the two largest units."""
        seconds = max(0, int(length.total_seconds()))
        sizes = (("days", _DAY_S), ("hours", _HOUR_S), ("minutes", _MINUTE_S), ("seconds", 1))
        parts = []
        for key, size in sizes:
            many, seconds = divmod(seconds, size)
            if many:
                parts.append(self._words(f"time.{key}", n=many))
        return " ".join(parts[:2]) or self._words("time.seconds", n=0)
