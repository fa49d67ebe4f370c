"""Trùng giờ: which airings would sound at once on a cluster, and the decision (quyết định) that answers it.

A clash is found when a schedule is edited. The level settles what it can; the rest asks a person. Nothing is left to
the order in which rows come out of a database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from devices.model import ClusterId, Priority
from gateway.domain.airing import Airing
from gateway.domain.errors import BadInput, Problem
from gateway.domain.ids import DecisionId, ScheduleId, UserId

ASK_FOR = timedelta(minutes=10)
"""How long the operator is asked before the upper level goes first by default (domain.md 6.1)."""

MOST_SHIFT_MS = 12 * 3_600_000  # further away it is another airtime, not a shifted one

SYSTEM = UserId("system")


class ClashKind(StrEnum):
    """Who answers."""

    LEVEL_SETTLES = "level_settles"
    """Another class, or an upper level's routine programme: the higher is heard, the lower gives way."""
    ASK_OPERATOR = "ask_operator"
    """Ưu tiên cấp trên gặp ưu tiên của phường: the operator orders them; the upper goes first if nobody does."""
    MUST_DECIDE = "must_decide"
    """Equals: the edit is refused until somebody decides."""
    WITH_ITSELF = "with_itself"
    """A schedule whose next airtime comes before the last one has ended: it must be mended."""


class Answer(StrEnum):
    """What becomes of the one that does not go first."""

    AFTER = "after"
    """It airs as soon as the first has ended."""
    SHIFT = "shift"
    """It airs ``shift_ms`` away from its hour."""
    CANCEL = "cancel"
    """It does not air."""
    CUT = "cut"
    """It starts on its minute, and cuts the first short."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Quyết định: between two schedules, on one local date or whenever they meet. Kept, and applied by every forecast.

    Raises:
        BadInput: a schedule against itself, or a shift that moves nothing.
    """

    id: DecisionId
    first: ScheduleId
    """Goes first."""
    other: ScheduleId
    """Gives way, as ``answer`` says."""
    answer: Answer
    by: UserId
    at: datetime
    shift_ms: int = 0
    day: date | None = None
    """Local date of the one that gives way; ``None``: every time."""

    def __post_init__(self) -> None:
        problems = []
        if self.first == self.other:
            problems.append(_bad("other", "cần hai lịch khác nhau", "two different schedules"))
        if (self.answer is Answer.SHIFT) != (self.shift_ms != 0):
            problems.append(_bad("shift_ms", "thời gian dời đi cùng cách “dời giờ”", "a shift with answer shift"))
        if abs(self.shift_ms) > MOST_SHIFT_MS:
            problems.append(_bad("shift_ms", "dời tối đa 12 giờ", "a shift of at most 12 hours"))
        if self.at.tzinfo is None:
            problems.append(_bad("at", "thời điểm thiếu múi giờ", "an instant with its time zone"))
        if problems:
            raise BadInput(problems)


@dataclass(frozen=True, kw_only=True)
class Clash:
    """Two airings that meet. ``first`` is the one served first unless a decision says otherwise."""

    kind: ClashKind
    first: Airing
    other: Airing
    clusters: frozenset[ClusterId]

    @property
    def problem(self) -> Problem:
        """Say it to people."""
        many = len(self.clusters)
        return Problem(
            code=self.kind.value,
            vi=f"“{self.other.title}” trùng giờ với “{self.first.title}” ngày {self.other.day:%d/%m/%Y} ở {many} cụm",
            en=f"“{self.other.title}” meets “{self.first.title}” on {self.other.day} on {many} cluster(s)",
            path=self.other.occ,
        )


def find_clashes(airings: Iterable[Airing]) -> list[Clash]:
    """Return every pair of airings that would sound at once somewhere, in order of time."""
    found: list[Clash] = []
    sounding: list[Airing] = []
    for airing in sorted(airings, key=lambda a: (a.start, a.rank)):
        sounding = [other for other in sounding if other.end > airing.start]
        for other in sounding:
            if where := airing.meets(other):
                first, second = sorted((airing, other), key=lambda a: a.rank)
                found.append(Clash(kind=kind_of(first, second), first=first, other=second, clusters=where))
        sounding.append(airing)
    return found


def kind_of(first: Airing, other: Airing) -> ClashKind:
    """Tell who answers when these two meet."""
    if first.schedule == other.schedule:
        return ClashKind.WITH_ITSELF
    if first.priority is other.priority and first.level == other.level:
        return ClashKind.MUST_DECIDE
    if first.priority is other.priority is Priority.PRIORITY:
        return ClashKind.ASK_OPERATOR
    return ClashKind.LEVEL_SETTLES


def decision_on(one: Airing, two: Airing, decisions: Sequence[Decision]) -> Decision | None:
    """Return the decision that holds between two airings: for its very date first, then the newest.

    Within one class only: no decision puts thông thường before ưu tiên.
    """
    if one.priority is not two.priority:
        return None
    named = {one.schedule: one, two.schedule: two}
    holding = [
        decision
        for decision in decisions
        if {decision.first, decision.other} == named.keys() and decision.day in (None, named[decision.other].day)
    ]
    return max(holding, key=lambda d: (d.day is not None, d.at, d.id), default=None)


def undecided(clashes: Iterable[Clash], decisions: Sequence[Decision]) -> list[Clash]:
    """Return the clashes that nothing answers yet: equals without a decision, and schedules against themselves."""
    return [
        clash
        for clash in clashes
        if clash.kind is ClashKind.WITH_ITSELF
        or (clash.kind is ClashKind.MUST_DECIDE and decision_on(clash.first, clash.other, decisions) is None)
    ]


def default_decision(clash: Clash, *, asked_at: datetime, now: datetime) -> Decision | None:
    """Return what holds when the operator was asked at ``asked_at`` and has not answered: the upper level first.

    ``None`` while there is still time to answer, or when it is not the operator who answers.
    """
    if clash.kind is not ClashKind.ASK_OPERATOR or now < asked_at + ASK_FOR:
        return None
    return Decision(
        id=DecisionId(f"default-{clash.first.schedule}-{clash.other.schedule}-{clash.other.day}"),
        first=clash.first.schedule,
        other=clash.other.schedule,
        answer=Answer.AFTER,
        by=SYSTEM,
        at=asked_at + ASK_FOR,
        day=clash.other.day,
    )


def _bad(path: str, vi: str, en: str) -> Problem:
    return Problem(code="invalid", vi=vi, en=f"needs {en}", path=path)
