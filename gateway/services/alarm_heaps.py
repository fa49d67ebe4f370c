"""Cảnh báo cùng loại: what one storm raised two hundred times is told once. Pure.

The kind of an alarm is what stands before the first ``:`` of its key. Only the kinds named here are put together, all
of them of clusters; what tells of a person, an emergency or one broadcast is always read alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.ports.records import Alarm, Severity

SAFE_TOGETHER = frozenset(
    {"lost", "clock", "fault", "space", "power", "air", "unproven", "journal-lost", "journal-gap"}
)
"""Kinds one person may close at one tap: they come of power, network and cards, or come back by themselves."""
TOGETHER = SAFE_TOGETHER | {
    "mute",
    "stray",
    "rogue",
    "probing",
    "withdrawn",
    "wrong-hour",
    "chain",
    "journal-fork",
    "refused-plan",
    "refused-config",
    "refused-silence",
    "claims-newer",
}
"""Kinds that are shown together. Those that may be somebody's doing are closed one by one all the same."""
_GRAVITY = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True)
class Heap:
    """Alarms of one kind and one severity, the newest first; of most there is only one."""

    kind: str
    alarms: Sequence[Alarm]

    @property
    def newest(self) -> Alarm:
        """The alarm that began last."""
        return self.alarms[0]

    @property
    def severity(self) -> Severity:
        """How grave each of them is."""
        return self.newest.severity

    @property
    def many(self) -> bool:
        """Whether it is told as one: a single alarm stays as it is."""
        return len(self.alarms) > 1

    @property
    def first_at(self) -> datetime:
        """When the first of them began."""
        return self.alarms[-1].raised_at

    @property
    def unseen(self) -> Sequence[Alarm]:
        """Those nobody has taken on."""
        return [alarm for alarm in self.alarms if alarm.seen_at is None]

    @property
    def closes(self) -> bool:
        """Whether they may be closed at one tap."""
        return self.kind in SAFE_TOGETHER


def kind_of(key: str) -> str:
    """Return the kind of the alarm ``key``, or nothing when it is always told alone."""
    kind, colon, _ = key.partition(":")
    return kind if colon and kind in TOGETHER else ""


def heaps_of(alarms: Iterable[Alarm]) -> list[Heap]:
    """Put together what is of one kind and severity: the gravest first, then what began last."""
    found: dict[tuple[str, Severity], list[Alarm]] = {}
    for alarm in sorted(alarms, key=lambda alarm: alarm.raised_at, reverse=True):
        found.setdefault((kind_of(alarm.key) or alarm.key, alarm.severity), []).append(alarm)
    heaps = [Heap(kind_of(some[0].key), some) for some in found.values()]
    return sorted(heaps, key=lambda heap: _GRAVITY.index(heap.severity))
