"""Tình trạng camera: what many looks say together, two of three, layer by layer; silence is never green."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from devices.model.camera import Layer
from gateway.domain.camera_look import Finding, Look
from gateway.domain.device import CameraId
from gateway.domain.identity import Marks

NEEDED, OF_LAST = 2, 3
"""One lost packet wakes nobody; a fault that shows every second time is a fault."""
STALE_AFTER = timedelta(minutes=20)
"""Longer than the longest back-off: after that nobody knows how it is."""
_A_DAY_MS = 86_400_000
UNSTABLE = 3
"""More reboots a day than this are a power that comes and goes."""


class Health(StrEnum):
    """Tình trạng, as screens show it."""

    UNKNOWN = "unknown"
    GOOD = "good"
    FAULTY = "faulty"
    """It answers, and something is wrong."""
    LOST = "lost"
    """It does not answer."""

    @property
    def words(self) -> tuple[str, str]:
        """What people call it: Vietnamese, English."""
        return _WORDS[self]


_WORDS: Mapping[Health, tuple[str, str]] = {
    Health.UNKNOWN: ("chưa rõ", "not known"),
    Health.GOOD: ("tốt", "good"),
    Health.FAULTY: ("có lỗi", "faulty"),
    Health.LOST: ("mất kết nối", "lost"),
}


@dataclass(frozen=True, kw_only=True)
class LayerWatch:
    """One layer: what holds, and the last findings it was decided by."""

    holds: Finding
    since_ms: int
    looked_ms: int
    recent: tuple[Finding, ...]

    @property
    def in_doubt(self) -> bool:
        """Whether the newest finding says otherwise than what holds: look again soon."""
        return _told(self.recent[-1]) != _told(self.holds)


@dataclass(frozen=True, kw_only=True)
class CameraWatch:
    """Everything the gateway remembers of one camera's health."""

    id: CameraId
    layers: Mapping[Layer, LayerWatch] = field(default_factory=dict)
    health: Health = Health.UNKNOWN
    since_ms: int | None = None
    """Since when :attr:`health` with its fault holds."""
    looked_ms: int | None = None
    unanswered: int = 0
    """Looks in a row that found nobody."""
    reboots_ms: tuple[int, ...] = ()
    """Of the last 24 hours."""
    clock_offset_s: float | None = None
    marks: Marks = field(default_factory=Marks)
    firmware: str = ""
    memory: Mapping[str, Any] = field(default_factory=dict)
    not_before_ms: int | None = None
    open_login: bool = False
    """Nobody needs a password to get in."""

    @property
    def fault(self) -> Finding | None:
        """What is wrong, the first thing to mend; ``None`` when nothing is known to be."""
        return next(iter(self.faults), None)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """Everything that is wrong, the gravest first; only that it is gone, when it is gone."""
        held = [self.layers[layer].holds for layer in Layer if layer in self.layers]
        wrong = [finding for finding in held if finding.ok is False]
        if wrong and wrong[0].layer is Layer.TCP:
            return (wrong[0],)
        return tuple(sorted(wrong, key=lambda finding: not finding.grave))

    @property
    def unstable(self) -> bool:
        """Whether its power comes and goes."""
        return len(self.reboots_ms) > UNSTABLE

    @property
    def in_doubt(self) -> bool:
        """Whether some layer's newest finding has not been confirmed yet."""
        return any(layer.in_doubt for layer in self.layers.values())

    def at(self, now_ms: int) -> Health:
        """Return how it is as far as anybody can know at ``now_ms``: what was not looked at lately is not known."""
        if self.looked_ms is None or now_ms - self.looked_ms > STALE_AFTER / timedelta(milliseconds=1):
            return Health.UNKNOWN
        return self.health

    def age_s(self, now_ms: int) -> float | None:
        """Return how long ago it was looked at: "kiểm tra 40 giây trước"."""
        return None if self.looked_ms is None else max(0.0, (now_ms - self.looked_ms) / 1000)


def after(watch: CameraWatch, look: Look) -> CameraWatch:
    """Return what is known after one more look."""
    layers = dict(watch.layers)
    for finding in look.findings:
        if finding.ok is not None:
            layers[finding.layer] = _decided(layers.get(finding.layer), finding, look.at_ms)
    tcp = look.finding(Layer.TCP)
    gone = tcp is not None and tcp.ok is False
    reboots = (*watch.reboots_ms, *((look.at_ms,) if look.rebooted else ()))
    fresh = replace(
        watch,
        layers=layers,
        looked_ms=look.at_ms,
        unanswered=watch.unanswered + 1 if gone else 0,
        reboots_ms=tuple(ms for ms in reboots if look.at_ms - ms < _A_DAY_MS),
        clock_offset_s=watch.clock_offset_s if look.clock_offset_s is None else look.clock_offset_s,
        marks=_merged(watch.marks, look.marks),
        firmware=look.firmware or watch.firmware,
        memory=look.memory,
        not_before_ms=look.not_before_ms,
        open_login=watch.open_login if look.open_login is None else look.open_login,
    )
    health = _health(fresh)
    same = health is watch.health and _cause(fresh) == _cause(watch)
    return replace(fresh, health=health, since_ms=watch.since_ms if same else look.at_ms)


def _health(watch: CameraWatch) -> Health:
    fault = watch.fault
    if fault is not None:
        return Health.LOST if fault.layer is Layer.TCP else Health.FAULTY
    seen = watch.layers.get(Layer.TCP)
    return Health.GOOD if seen is not None and seen.holds.ok else Health.UNKNOWN


def _cause(watch: CameraWatch) -> tuple[Layer, str] | None:
    fault = watch.fault
    return None if fault is None else (fault.layer, fault.cause)


def _decided(before: LayerWatch | None, finding: Finding, at_ms: int) -> LayerWatch:
    if before is None:
        return LayerWatch(holds=finding, since_ms=at_ms, looked_ms=at_ms, recent=(finding,))
    recent = (*before.recent, finding)[-OF_LAST:]
    alike = sum(each.ok == finding.ok for each in recent)
    same_cause = sum(_told(each) == _told(finding) for each in recent)
    changes = alike >= NEEDED and (finding.ok != before.holds.ok or same_cause >= NEEDED)
    if _told(finding) == _told(before.holds):
        return replace(before, holds=finding, looked_ms=at_ms, recent=recent)
    if changes:
        return LayerWatch(holds=finding, since_ms=at_ms, looked_ms=at_ms, recent=recent)
    return replace(before, looked_ms=at_ms, recent=recent)


def _told(finding: Finding) -> tuple[bool | None, str]:
    return finding.ok, finding.cause if finding.ok is False else ""


def _merged(before: Marks, seen: Marks) -> Marks:
    names = ("uuid", "mac", "serial", "maker", "model")
    return Marks(**{name: getattr(seen, name) or getattr(before, name) for name in names})
