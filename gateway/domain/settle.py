"""Xếp giờ: who is heard where, when airings meet. By level, by decision, then by start and name; never by luck."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from devices.model import AirRules, ClusterId, OccurrenceId, Refusal
from gateway.domain.airing import Airing
from gateway.domain.clash import Answer, ClashKind, Decision, decision_on, find_clashes, kind_of
from gateway.domain.policy import DayLimits, refused_alone
from gateway.domain.schedule import AfterOverride

_BETWEEN_RUNGS = 9  # the ladder's rungs are ten or more apart


class Effect(StrEnum):
    """What the loser of a clash comes to on a cluster."""

    LOST = "lost"
    """Not heard there."""
    CUT = "cut"
    """Heard in part: before the winner, or on from where it would be after it."""
    LATER = "later"
    """Said whole, from its beginning, when the winner has ended."""


@dataclass(frozen=True, kw_only=True)
class Loss:
    """On some clusters an airing gives way to another."""

    to: OccurrenceId
    effect: Effect
    clusters: frozenset[ClusterId]


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What becomes of one airing."""

    airing: Airing
    """As it will air: moved, or a step higher, where a decision says so."""
    airs_on: frozenset[ClusterId]
    """Where any of it is to be heard; empty when nowhere."""
    losses: tuple[Loss, ...]
    refusals: tuple[Refusal, ...]
    """Rules that take it off some or all clusters."""
    undecided_with: tuple[OccurrenceId, ...]
    """Equals it met without a decision; somebody must be told."""
    moved_from: datetime | None


@dataclass
class _Case:
    """An airing while it is being settled."""

    airing: Airing
    on: set[ClusterId]
    losses: list[Loss] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    undecided: list[OccurrenceId] = field(default_factory=list)
    moved_from: datetime | None = None
    winners: dict[ClusterId, list[Airing]] = field(default_factory=lambda: defaultdict(list))

    def move(self, start: datetime) -> None:
        self.moved_from = self.moved_from or self.airing.start
        self.airing = replace(self.airing, start=start)

    def lose(self, to: Airing, effect: Effect, where: Iterable[ClusterId]) -> None:
        clusters = frozenset(where)
        # Each of two winners may leave it a part, and both together nothing.
        smothered = {c for c in clusters if effect is Effect.CUT and self._smothered(c, to)}
        for what, lost_on in ((effect, clusters - smothered), (Effect.LOST, frozenset(smothered))):
            if lost_on:
                self.losses.append(Loss(to=to.occ, effect=what, clusters=lost_on))
            if what is Effect.LOST:
                self.on -= lost_on

    def _smothered(self, cluster: ClusterId, winner: Airing) -> bool:
        self.winners[cluster].append(winner)
        heard_from = self.airing.start
        for other in sorted(self.winners[cluster], key=lambda a: a.start):
            if other.start > heard_from:
                return False
            heard_from = max(heard_from, other.end)
        return heard_from >= self.airing.end

    def settled(self) -> Settled:
        return Settled(
            airing=self.airing,
            airs_on=frozenset(self.on),
            losses=tuple(self.losses),
            refusals=tuple(sorted(set(self.refusals))),
            undecided_with=tuple(self.undecided),
            moved_from=self.moved_from,
        )


def settle(airings: Iterable[Airing], decisions: Sequence[Decision], rules: AirRules) -> list[Settled]:
    """Answer every clash among ``airings`` (each alone allowed by ``rules``), and every limit on a day.

    The answer depends on nothing but the arguments, and not on their order.
    """
    desk = _Desk(decisions, rules)
    for airing in _served(list(airings), decisions):
        desk.serve(airing)
    return [case.settled() for case in desk.served]


def _served(airings: list[Airing], decisions: Sequence[Decision]) -> list[Airing]:
    """Put airings in the order they are served: by rank, but what a decision puts first comes first."""
    waits: dict[OccurrenceId, int] = defaultdict(int)
    frees: dict[OccurrenceId, list[Airing]] = defaultdict(list)
    for clash in find_clashes(airings):
        decision = decision_on(clash.first, clash.other, decisions)
        if decision is None:
            continue
        one, two = clash.first, clash.other
        first, other = (one, two) if one.schedule == decision.first else (two, one)
        waits[other.occ] += 1
        frees[first.occ].append(other)
    ready = [airing.rank for airing in airings if not waits[airing.occ]]
    heapq.heapify(ready)
    by_name = {airing.occ: airing for airing in airings}
    order: list[Airing] = []
    while by_name:
        # Decisions that bite their own tail leave nobody ready: then rank alone counts.
        rank = heapq.heappop(ready) if ready else min(airing.rank for airing in by_name.values())
        airing = by_name.pop(rank[-1], None)
        if airing is None:
            continue
        order.append(airing)
        for other in frees[airing.occ]:
            waits[other.occ] -= 1
            if not waits[other.occ]:
                heapq.heappush(ready, other.rank)
    return order


class _Desk:
    """Takes airings one by one; what it has let in stands, unless something of a higher level comes."""

    def __init__(self, decisions: Sequence[Decision], rules: AirRules) -> None:
        self.served: list[_Case] = []
        self._decisions = decisions
        self._rules = rules
        self._limits = DayLimits(rules)
        self._by_day: dict[int, list[_Case]] = defaultdict(list)

    def serve(self, airing: Airing) -> None:
        case = _Case(airing=airing, on=set(airing.clusters))
        self.served.append(case)
        self._move_as_decided(case)
        if case.moved_from is not None and (refusal := refused_alone(case.airing, self._rules)) is not None:
            case.refusals.append(refusal)
            case.on.clear()
        self._give_way(case)
        beside = self._limits.refused_beside(case.airing, frozenset(case.on))
        case.refusals += set(beside.values())
        case.on -= beside.keys()
        self._limits.take(case.airing, frozenset(case.on))
        for day in _days(case.airing):
            self._by_day[day].append(case)

    def _meeting(self, case: _Case) -> list[_Case]:
        """Return what is let in and meets ``case`` somewhere, in order of rank."""
        near = {id(c): c for day in _days(case.airing) for c in self._by_day[day]}.values()
        return sorted((c for c in near if case.airing.meets(c.airing) & case.on & c.on), key=lambda c: c.airing.rank)

    def _move_as_decided(self, case: _Case) -> None:
        used: set[OccurrenceId] = set()
        while True:
            for other in self._meeting(case):
                answer, shift = self._answer(first=other.airing, other=case.airing)
                if answer in (Answer.AFTER, Answer.SHIFT) and other.airing.occ not in used:
                    used.add(other.airing.occ)  # each may move it once, so this ends
                    case.move(other.airing.end if answer is Answer.AFTER else case.airing.start + shift)
                    break
            else:
                return

    def _give_way(self, case: _Case) -> None:
        for other in self._meeting(case):
            where = case.airing.meets(other.airing) & case.on & other.on
            if not where:
                continue
            answer, _ = self._answer(first=other.airing, other=case.airing)
            if answer is Answer.CUT:
                case.airing = replace(case.airing, level=_a_step_above(other.airing, case.airing))
                other.lose(case.airing, self._effect(other.airing, case.airing), where)
            elif answer is not None:
                case.lose(other.airing, Effect.LOST, where)  # cancelled, or moved and still in the way
            elif other.airing.level > case.airing.level:
                case.lose(other.airing, self._effect(case.airing, other.airing), where)
            elif other.airing.level < case.airing.level:
                other.lose(case.airing, self._effect(other.airing, case.airing), where)
            else:
                case.lose(other.airing, Effect.LOST, where)
                case.undecided.append(other.airing.occ)

    def _answer(self, *, first: Airing, other: Airing) -> tuple[Answer | None, timedelta]:
        decision = decision_on(first, other, self._decisions)
        if decision is not None and decision.first == first.schedule:
            return decision.answer, timedelta(milliseconds=decision.shift_ms)
        if decision is None and kind_of(first, other) is ClashKind.ASK_OPERATOR and first.level > other.level:
            return Answer.AFTER, timedelta()
        return None, timedelta()

    def _effect(self, loser: Airing, winner: Airing) -> Effect:
        begun = loser.start < winner.start
        if loser.after_override is AfterOverride.RESTART:
            again = replace(loser, start=winner.end)
            if refused_alone(again, self._rules) is None:
                return Effect.LATER
        elif loser.after_override is AfterOverride.SEEK and loser.end > winner.end:
            return Effect.CUT
        return Effect.CUT if begun else Effect.LOST


def _a_step_above(cut: Airing, cutter: Airing) -> int:
    rung = cutter.level - cutter.level % 10
    return min(max(cutter.level, cut.level + 1), rung + _BETWEEN_RUNGS)


def _days(airing: Airing) -> range:
    """Return the UTC days it touches."""
    return range(airing.start.toordinal(), airing.end.toordinal() + 1)
