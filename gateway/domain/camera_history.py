"""Lịch sử camera: how long it was seen to be well, in slices short enough for a chart and few enough to keep. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from devices.model.camera import Cause, Layer
from gateway.domain.camera_watch import STALE_AFTER, CameraWatch, Health
from gateway.domain.device import CameraId

FINE_MS, COARSE_MS = 300_000, 3_600_000
"""Slices of five minutes; after two days they are melted into hours."""
FINE_KEPT_MS, KEPT_MS = 2 * 86_400_000, 30 * 86_400_000


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One stretch of one camera. What is missing of ``width_ms`` is not known: nobody looked."""

    camera: CameraId
    start_ms: int
    width_ms: int = FINE_MS
    good_ms: int = 0
    """A picture was coming, as far as was looked."""
    faulty_ms: int = 0
    lost_ms: int = 0
    looks: int = 0
    answered: int = 0
    answer_ms: float = 0.0
    """All answers together; the mean is this over ``answered``."""

    @property
    def known_ms(self) -> int:
        return self.good_ms + self.faulty_ms + self.lost_ms

    @property
    def mean_answer_ms(self) -> float | None:
        return self.answer_ms / self.answered if self.answered else None


@dataclass(frozen=True, kw_only=True)
class Uptime:
    """Tỷ lệ hoạt động over some time of some cameras."""

    cameras: int
    good_ms: int
    known_ms: int
    asked_ms: int

    @property
    def percent(self) -> float | None:
        """Of what is known; ``None`` when nothing is."""
        return round(100 * self.good_ms / self.known_ms, 2) if self.known_ms else None

    @property
    def known_percent(self) -> float:
        """How much of the time anybody knew."""
        return round(100 * min(1.0, self.known_ms / self.asked_ms), 2) if self.asked_ms else 0.0


_ONLY_THE_CLOCK = frozenset({Cause.CLOCK_DRIFT, Cause.CLOCK_WRONG, Cause.CLOCK_INVALID})


def sees(watch: CameraWatch) -> bool:
    """Tell whether a picture is coming: it is well, or only its clock is wrong."""
    fault = watch.fault
    return watch.health is Health.GOOD or (fault is not None and fault.cause in _ONLY_THE_CLOCK)


def credited(before: CameraWatch, now: CameraWatch) -> Iterator[Slice]:
    """Yield what one more look adds: the time since the look before belongs to what held until now.

    Longer than anybody may go unlooked at is nobody's: it stays unknown.
    """
    if now.looked_ms is None:
        return
    tcp = now.layers.get(Layer.TCP)
    answer_ms = tcp.recent[-1].ms if tcp is not None and tcp.recent[-1].ok else None
    yield Slice(
        camera=now.id,
        start_ms=now.looked_ms // FINE_MS * FINE_MS,
        looks=1,
        answered=int(answer_ms is not None),
        answer_ms=answer_ms or 0.0,
    )
    if before.looked_ms is None or not 0 < now.looked_ms - before.looked_ms <= STALE_AFTER.total_seconds() * 1000:
        return
    good, lost = sees(before), before.health is Health.LOST
    at_ms = before.looked_ms
    while at_ms < now.looked_ms:
        start_ms = at_ms // FINE_MS * FINE_MS
        until_ms = min(now.looked_ms, start_ms + FINE_MS)
        part_ms = until_ms - at_ms
        yield Slice(
            camera=now.id,
            start_ms=start_ms,
            good_ms=part_ms if good else 0,
            lost_ms=part_ms if lost and not good else 0,
            faulty_ms=0 if good or lost else part_ms,
        )
        at_ms = until_ms


def added(one: Slice, other: Slice) -> Slice:
    """Put two parts of the same slice together."""
    return replace(
        one,
        good_ms=one.good_ms + other.good_ms,
        faulty_ms=one.faulty_ms + other.faulty_ms,
        lost_ms=one.lost_ms + other.lost_ms,
        looks=one.looks + other.looks,
        answered=one.answered + other.answered,
        answer_ms=one.answer_ms + other.answer_ms,
    )


def uptime(slices: Iterable[Slice], *, cameras: int, since_ms: int, until_ms: int) -> Uptime:
    """Sum up ``slices`` of ``cameras`` cameras."""
    good = known = 0
    for each in slices:
        good += each.good_ms
        known += each.known_ms
    return Uptime(cameras=cameras, good_ms=good, known_ms=known, asked_ms=cameras * max(0, until_ms - since_ms))
