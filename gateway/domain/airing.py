"""Một lần phát dự định: what policy and clashes look at, before anybody knows whether it will be heard."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from devices.model import ClusterId, OccurrenceId, Priority, Span
from gateway.domain.ids import ScheduleId
from gateway.domain.schedule import AfterOverride


@dataclass(frozen=True, kw_only=True)
class Airing:
    """One intended play: when, how long, where, how important."""

    occ: OccurrenceId
    schedule: ScheduleId
    title: str
    day: date
    """The local date its rule gave."""
    start: datetime
    """Aware, UTC."""
    duration_ms: int
    clusters: frozenset[ClusterId]
    priority: Priority
    level: int
    """On the ladder of :class:`devices.model.Level`; a decision may put it a step between two rungs."""
    volume_percent: int
    """As asked, before any ceiling."""
    music: bool = False
    after_override: AfterOverride = AfterOverride.SEEK

    @property
    def duration(self) -> timedelta:
        """``duration_ms`` as a timedelta."""
        return timedelta(milliseconds=self.duration_ms)

    @property
    def end(self) -> datetime:
        """When the last sound has gone, in UTC."""
        return self.start + self.duration

    @property
    def span(self) -> Span:
        """From when to when it sounds."""
        return Span(start=self.start, duration=self.duration)

    @property
    def rank(self) -> tuple[int, datetime, OccurrenceId]:
        """The one order in which airings are served: the higher level, then the earlier, then the name."""
        return (-self.level, self.start, self.occ)

    def meets(self, other: "Airing") -> frozenset[ClusterId]:
        """Return the clusters on which the two would sound at once; those that only touch do not meet."""
        if self.start < other.end and other.start < self.end:
            return self.clusters & other.clusters
        return frozenset()
