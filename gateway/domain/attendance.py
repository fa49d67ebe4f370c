"""Chuyên cần của cụm loa: how much of the time a cluster was there, day by day. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from devices.model import ClusterId

GOOD_PERCENT = 95.0
"""From here on a cluster is said to work well."""


@dataclass(frozen=True, kw_only=True)
class Attended:
    """One cluster on one local day."""

    day: date
    cluster: ClusterId
    watched_s: int
    """How long anybody could have noticed: while the gateway ran."""
    online_s: int
    """How long of that it was there."""


@dataclass(frozen=True, kw_only=True)
class Working:
    """Tỷ lệ hoạt động of some clusters over some days."""

    watched_s: int
    online_s: int
    clusters: int
    """Of which anything is known."""
    good: int
    """Of them, how many were there at least 95 % of the time."""

    @property
    def percent(self) -> float | None:
        """0..100; ``None`` when nobody watched."""
        return 100 * self.online_s / self.watched_s if self.watched_s else None


def working(attended: Iterable[Attended]) -> Working:
    """Add days and clusters up."""
    seconds: dict[ClusterId, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for each in attended:
        watched, online = seconds[each.cluster]
        seconds[each.cluster] = watched + each.watched_s, online + each.online_s
    known = [(watched, online) for watched, online in seconds.values() if watched]
    return Working(
        watched_s=sum(watched for watched, _ in known),
        online_s=sum(online for _, online in known),
        clusters=len(known),
        good=sum(100 * online >= GOOD_PERCENT * watched for watched, online in known),
    )
