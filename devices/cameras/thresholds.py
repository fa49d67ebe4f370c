"""Ngưỡng: from when on a picture is bad. Pure; measured on synthetic faults, so to be looked at again on real cameras.

| what | how it is seen | pictures in a row |
|---|---|---|
| frozen | at least 95 % of the 8x8 blocks, or of those in the middle, equal bit for bit to the last picture's: 1.00 frozen, at most 0.12 alive | 3, over 10 min |
| black | mean below 16, spread below 12 | 2, by night 4 |
| overexposed | mean above 240, spread below 12 | 2 |
| covered | likeness of edges below 0.6 (in other light 0.25), and spread below half or entropy a bit below the reference | 2 |
| moved | likeness below 0.6, spread and sharpness as usual, reference taken in the same light | 3 |
| view changed | likeness below 0.6 and none of these: a person has to look | 3 |
| blurred | sharpness below 0.4 of its own rolling mean in that light, likeness at least 0.6 | 3 |

Covered, moved and changed count as one in a row: a leaf in the wind looks now like the one, now like the other.
Nothing is learnt from a picture that looks bad, and infrared light alone is never a fault.
"""  # noqa: E501 - a table

from collections.abc import Mapping
from dataclasses import dataclass, replace

from devices.cameras.metrics import likeness, same_blocks
from devices.model.camera import Cause, Metrics, PictureMemory


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The numbers of the table above."""

    frozen_blocks: float = 0.95
    frozen_ms: int = 600_000
    dark: float = 16.0
    bright: float = 240.0
    flat: float = 12.0
    other_view: float = 0.25
    moved_view: float = 0.6
    covered_std: float = 0.5
    covered_entropy: float = 1.0
    usual_std: float = 0.5
    usual_sharpness: float = 0.5
    blurred: float = 0.4
    infrared: float = 3.0
    """Below this mean distance of red from blue the light is infrared."""
    learning: float = 0.1
    """How much of a new picture goes into the rolling means."""


PATIENCE: Mapping[Cause, int] = {
    Cause.FROZEN: 3,
    Cause.BLACK: 2,
    Cause.OVEREXPOSED: 2,
    Cause.COVERED: 2,
    Cause.VIEW_CHANGED: 3,
    Cause.MOVED: 3,
    Cause.BLURRED: 3,
}
VIEW = frozenset({Cause.COVERED, Cause.MOVED, Cause.VIEW_CHANGED})
NIGHT_PATIENCE = 2
"""By night it takes so many times as long until black is a fault."""


@dataclass(frozen=True, kw_only=True)
class PictureVerdict:
    """What a picture means, after those before it."""

    metrics: Metrics
    memory: PictureMemory
    cause: Cause | None = None
    suspect: Cause | None = None
    """What it looks like, but not yet for long enough."""
    count: int = 0


def judge_picture(
    metrics: Metrics,
    memory: PictureMemory | None,
    at_ms: int,
    *,
    night: bool = False,
    patience: int | None = None,
    table: Thresholds | None = None,
) -> PictureVerdict:
    """Compare a picture with what is remembered. ``patience`` replaces every number of pictures in a row, and times."""
    table = table or Thresholds()
    mono = metrics.colour < table.infrared
    if memory is not None:
        metrics = replace(
            metrics,
            same_blocks=same_blocks(metrics.blocks, memory.blocks) if memory.blocks else None,
            likeness=likeness(metrics.edges, memory.edges) if memory.edges else None,
        )
    before = memory or PictureMemory()
    looks = _looks(metrics, before, table, mono=mono)
    suspects: dict[str, tuple[int, int]] = {}
    if looks is not None:
        suspects[looks] = _more(before.suspects, looks, at_ms)
    after = replace(before, blocks=metrics.blocks, since_ms=at_ms, suspects=suspects)
    if looks is None:
        return PictureVerdict(metrics=metrics, memory=_learnt(after, metrics, table, mono=mono))
    count, since_ms = suspects[looks]
    needed = PATIENCE[looks] * (NIGHT_PATIENCE if night and looks is Cause.BLACK else 1)
    long_enough = looks is not Cause.FROZEN or patience is not None or at_ms - since_ms >= table.frozen_ms
    sure = count >= (needed if patience is None else patience) and long_enough
    return PictureVerdict(
        metrics=metrics, memory=after, cause=looks if sure else None, suspect=None if sure else looks, count=count
    )


def _looks(metrics: Metrics, before: PictureMemory, table: Thresholds, *, mono: bool) -> Cause | None:  # noqa: PLR0911
    """Return what one picture looks like. The order is that of certainty."""
    if metrics.std < table.flat and metrics.mean < table.dark:
        return Cause.BLACK
    if metrics.std < table.flat and metrics.mean > table.bright:
        return Cause.OVEREXPOSED
    if metrics.same_blocks is not None and metrics.same_blocks >= table.frozen_blocks:
        return Cause.FROZEN
    if metrics.likeness is None:
        return None
    usual_sharp = before.sharp_night if mono else before.sharp_day
    same_light = mono == before.infrared
    dull = metrics.std < table.covered_std * before.std or metrics.entropy < before.entropy - table.covered_entropy
    if metrics.likeness < table.moved_view and dull and (same_light or metrics.likeness < table.other_view):
        return Cause.COVERED
    if metrics.likeness < table.other_view and not same_light:
        return Cause.VIEW_CHANGED
    if metrics.likeness < table.moved_view and same_light:
        sharp = not usual_sharp or metrics.sharpness > table.usual_sharpness * usual_sharp
        return Cause.MOVED if sharp and metrics.std > table.usual_std * before.std else Cause.VIEW_CHANGED
    if usual_sharp and metrics.sharpness < table.blurred * usual_sharp:
        return Cause.BLURRED
    return None


def _more(before: Mapping[str, tuple[int, int]], looks: Cause, at_ms: int) -> tuple[int, int]:
    """Count one more picture in a row, and keep when the row began."""
    family = VIEW if looks in VIEW else {looks}
    row = next((before[each] for each in sorted(family) if each in before), None)
    return (1, at_ms) if row is None else (row[0] + 1, row[1])


def _learnt(memory: PictureMemory, metrics: Metrics, table: Thresholds, *, mono: bool) -> PictureMemory:
    """Let a good picture into the means; the first one is the reference."""
    if not memory.edges:
        memory = replace(memory, edges=metrics.edges, std=metrics.std, entropy=metrics.entropy, infrared=mono)

    def mean(old: float, new: float) -> float:
        return round(new if not old else old + table.learning * (new - old), 3)

    if mono:
        return replace(memory, sharp_night=mean(memory.sharp_night, metrics.sharpness))
    return replace(
        memory,
        sharp_day=mean(memory.sharp_day, metrics.sharpness),
        std=mean(memory.std, metrics.std) if not memory.infrared else memory.std,
        entropy=mean(memory.entropy, metrics.entropy) if not memory.infrared else memory.entropy,
    )
