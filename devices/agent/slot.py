"""Một lượt phát trên cụm này: what is to be aired, whether it stands in the plan or was ordered for now."""

from dataclasses import dataclass
from functools import cached_property

from devices.model import AirRules, Level, Priority
from devices.wire.commands import Emergency, Play
from devices.wire.documents import AfterOverride, AssetEntry, LatePolicy, PlanEntry, PlayItem

ARM_MS = 10_000
"""When the start is turned into the monotonic clock; wall-clock steps after that do not move it."""
MAX_SKIP_LATE_MS = 3_000
"""``late.mode`` skip never joins late; this much is a start, not a late one."""
LONGEST_PLAY_MS = 14_400_000


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One occurrence. ``planned`` ones disappear when a newer plan no longer names them."""

    entry: PlanEntry
    planned: bool
    plan_rev: int = 0
    jti: str | None = None
    """The command that ordered it, answered again when it is over."""
    assets: tuple[AssetEntry, ...] = ()
    alarm: Emergency | None = None
    at_once: bool = False
    """Without a trusted clock an emergency cannot be timed: it sounds when it is heard."""

    @property
    def occ(self) -> str:
        return self.entry.occ

    @property
    def start_ms(self) -> int:
        return self.entry.start_at_ms

    @property
    def rules_as(self) -> Priority:
        """Return the class the rules see. Only the emergency key makes an emergency, and a drill is none."""
        if self.alarm is not None:
            return Priority.PRIORITY if self.alarm.drill else Priority.EMERGENCY
        return min(self.entry.priority, Priority.PRIORITY, key=list(Priority).index)

    @property
    def level(self) -> int:
        """Return its rung on the ladder: the gateway's key does not reach those of an emergency."""
        return self.entry.level if self.alarm is not None else min(self.entry.level, Level.EMERGENCY_WARD - 1)

    @property
    def exempt(self) -> bool:
        """Whether only the kill switch may keep it silent."""
        return self.rules_as is Priority.EMERGENCY

    @cached_property
    def asset_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.asset for item in self.entry.items if item.asset is not None))

    @property
    def programme_ms(self) -> int:
        """Return how long its items are together."""
        return sum(item.dur_ms for item in self.entry.items)

    @property
    def late_limit_ms(self) -> int:
        """Return how late it may still begin."""
        late = self.entry.late
        return min(late.max_ms, MAX_SKIP_LATE_MS) if late.mode == "skip" else late.max_ms


def planned_slot(entry: PlanEntry, rev: int) -> Slot:
    return Slot(entry=entry, planned=True, plan_rev=rev)


def ordered_slot(play: Play, jti: str) -> Slot:
    """Make the slot of a play that stands in no plan."""
    return Slot(entry=play.entry, planned=False, jti=jti, assets=play.assets)


def alarm_slot(alarm: Emergency, jti: str, *, at_once: bool = False) -> Slot:
    """Make the slot of an emergency: its clip as often as ordered, within the time it may last."""
    room_ms = max(1, min(alarm.end_by_ms - alarm.start_at_ms, LONGEST_PLAY_MS))
    round_ms = sum(item.dur_ms for item in alarm.items)
    items = _repeated(alarm, round_ms, room_ms) or (PlayItem(role="pause", dur_ms=room_ms),)
    entry = PlanEntry(
        occ=alarm.em,
        start_at_ms=alarm.start_at_ms,
        dur_ms=min(room_ms, max(1, sum(item.dur_ms for item in items))),
        priority=Priority.EMERGENCY,
        level=alarm.level,
        items=items,
        volume_percent=alarm.min_percent,
        late=LatePolicy(mode="from_start", max_ms=room_ms),
        after_override=AfterOverride.RESTART,
        title=alarm.text[:200],
    )
    return Slot(entry=entry, planned=False, jti=jti, assets=alarm.assets, alarm=alarm, at_once=at_once)


def _repeated(alarm: Emergency, round_ms: int, room_ms: int) -> tuple[PlayItem, ...]:
    if not alarm.items:
        return ()
    pause = PlayItem(role="pause", dur_ms=alarm.repeat.gap_ms)
    items = list(alarm.items)
    spent_ms = round_ms
    for _ in range(alarm.repeat.times - 1):
        spent_ms += alarm.repeat.gap_ms + round_ms
        if spent_ms > room_ms:
            break
        items += [pause, *alarm.items] if alarm.repeat.gap_ms else [*alarm.items]
    return tuple(items)


def alarm_percent(alarm: Emergency, rules: AirRules, ceiling: int) -> int:
    """Return how loud an emergency is: as loud as asked or demanded, under the policy's own ceiling for it."""
    wanted = max(alarm.min_percent, rules.emergency_min_percent)
    return wanted if rules.version == 0 else min(wanted, ceiling)
