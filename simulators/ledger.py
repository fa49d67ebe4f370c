"""Đối soát: what the loudspeakers really sounded against what somebody stored. Pure; every lie has a name."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from devices.model import Outcome
from simulators.sound_card import SoundedSpan

NOT_PLAYS = frozenset({"test-tone"})
"""Jobs that sound and are nobody's play."""
_SOUNDED = frozenset({Outcome.PLAYED, Outcome.PARTIAL, Outcome.INTERRUPTED, Outcome.SILENT})


class Lie(StrEnum):
    """What can be wrong between truth and books."""

    UNRECORDED = "unrecorded"
    """It was heard, and there is no row of it, or one without an outcome."""
    RECORDED_TWICE = "recorded_twice"
    DENIED = "denied"
    """It was heard, and its row says that nobody heard anything."""
    INVENTED = "invented"
    """Its row says that it was heard, and nobody heard anything."""
    OVERSTATED = "overstated"
    """Its row claims more than was heard: ``played`` for a part, or more milliseconds."""
    STARTED_TWICE = "started_twice"
    """Its row knows of more than one start that was not declared as going on after a power cut."""
    SOUNDED_TWICE = "sounded_twice"
    """More of it left the loudspeaker than there is of it."""
    WRONG_START = "wrong_start"
    """Its row names another instant than it began at."""
    EARLY = "early"
    """It began before its hour."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What the books say of one occurrence on one cluster. Instants are epoch milliseconds."""

    cluster: str
    occ: str
    planned_ms: int
    outcome: str | None
    """A :class:`devices.model.Outcome`, or ``None`` while there is none."""
    dur_ms: int | None = None
    """Length of the programme; ``None`` when it is not known, e.g. of a repeated alarm."""
    quiet_ms: int = 0
    """How much of it is silence on purpose: pauses, and zeros at the ends of files."""
    start_ms: float | None = None
    start_unsure_ms: float = 0.0
    """How far ``start_ms`` may be off, as the pole itself said of its clock."""
    heard_ms: int | None = None
    starts: int = 1
    """First starts (``att`` 1) in the journal."""
    may_restart: bool = False
    """After an override it is said again from its beginning."""


@dataclass(frozen=True)
class Discrepancy:
    """One thing that does not agree."""

    lie: Lie
    cluster: str
    occ: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """How far books and truth may be apart, in milliseconds."""

    start_ms: float = 50.0
    """Both mean the first frame; the difference is the error of the pole's own clock, beyond what it said itself."""
    length_ms: float = 250.0
    unseen_ms: float = 2_500.0
    """A pole reads its mixer and amplifier every two seconds: a shorter silence can pass unseen."""


DEFAULT = Tolerance()

Truth = Mapping[str, Sequence[SoundedSpan]]
_Key = tuple[str, str]


def check(truth: Truth, stored: Iterable[Stored], tolerance: Tolerance = DEFAULT) -> list[Discrepancy]:
    """Compare everything; an empty list means that the books are true. Order does not matter."""
    sounded = _by_occurrence(truth)
    books: dict[_Key, list[Stored]] = defaultdict(list)
    for row in stored:
        books[row.cluster, row.occ].append(row)
    found: list[Discrepancy] = []
    for key in sorted(sounded.keys() | books.keys()):
        found += (Discrepancy(lie, *key, detail) for lie, detail in _lies(sounded[key], books[key], tolerance))
    return found


def start_errors_ms(truth: Truth, stored: Iterable[Stored]) -> dict[_Key, float]:
    """Return, for what is stored as ``played``, how late (or, negative, early) it truly began."""
    sounded = _by_occurrence(truth)
    return {
        (row.cluster, row.occ): spans[0].start_root_ms - row.planned_ms
        for row in stored
        if row.outcome == Outcome.PLAYED and (spans := sounded[row.cluster, row.occ])
    }


def _by_occurrence(truth: Truth) -> dict[_Key, list[SoundedSpan]]:
    sounded: dict[_Key, list[SoundedSpan]] = defaultdict(list)
    for cluster, spans in truth.items():
        for span in spans:
            if span.tag not in NOT_PLAYS:
                sounded[cluster, span.tag].append(span)
    return sounded


def _lies(spans: list[SoundedSpan], rows: list[Stored], tolerance: Tolerance) -> Iterator[tuple[Lie, str]]:
    heard_ms = _length_ms(span for span in spans if span.heard)
    if len(rows) > 1:
        yield Lie.RECORDED_TWICE, f"{len(rows)} rows"
    if heard_ms and not any(row.outcome for row in rows):
        yield Lie.UNRECORDED, f"{heard_ms:.0f} ms heard"
    for row in rows:
        if row.outcome is not None:
            yield from _about_outcome(spans, row, tolerance)
            yield from _about_starts(spans, row, tolerance)


def _about_outcome(spans: list[SoundedSpan], row: Stored, tolerance: Tolerance) -> Iterator[tuple[Lie, str]]:
    heard_ms = _length_ms(span for span in spans if span.heard)
    left_ms = _length_ms(spans)
    claimed_ms = row.heard_ms or 0 if row.outcome in _SOUNDED - {Outcome.SILENT} else 0
    all_heard = bool(spans) and all(span.heard for span in spans)
    if heard_ms and (row.outcome not in _SOUNDED or (row.outcome == Outcome.SILENT and all_heard)):
        yield Lie.DENIED, f"{heard_ms:.0f} ms heard, stored as {row.outcome}"
    if not heard_ms and (row.outcome == Outcome.PLAYED or claimed_ms > tolerance.length_ms):
        yield Lie.INVENTED, f"stored as {row.outcome}"
    elif row.outcome == Outcome.PLAYED and row.dur_ms is not None:
        missing_ms = row.dur_ms - row.quiet_ms - left_ms
        unheard_ms = left_ms - heard_ms
        if missing_ms > tolerance.length_ms or unheard_ms > tolerance.unseen_ms:
            yield Lie.OVERSTATED, f"{missing_ms:.0f} ms never left, {unheard_ms:.0f} ms nobody could hear"
    elif claimed_ms > left_ms + row.quiet_ms + tolerance.length_ms:
        yield Lie.OVERSTATED, f"{claimed_ms} ms claimed, {left_ms:.0f} ms left the loudspeaker"
    if row.dur_ms is not None and not row.may_restart and left_ms > row.dur_ms + tolerance.length_ms:
        yield Lie.SOUNDED_TWICE, f"{left_ms:.0f} ms of {row.dur_ms}"


def _about_starts(spans: list[SoundedSpan], row: Stored, tolerance: Tolerance) -> Iterator[tuple[Lie, str]]:
    if row.starts > 1:
        yield Lie.STARTED_TWICE, f"{row.starts} starts"
    if not spans:
        return
    early_ms = row.planned_ms - spans[0].start_root_ms
    if early_ms > tolerance.start_ms:
        yield Lie.EARLY, f"{early_ms:.0f} ms before its hour"
    if row.start_ms is not None:
        # After a power cut the books tell of the part since then.
        apart_ms = min(abs(span.start_root_ms - row.start_ms) for span in spans)
        if apart_ms > tolerance.start_ms + row.start_unsure_ms:
            yield Lie.WRONG_START, f"{apart_ms:.0f} ms apart"


def _length_ms(spans: Iterable[SoundedSpan]) -> float:
    return sum(span.end_root_ms - span.start_root_ms for span in spans)
