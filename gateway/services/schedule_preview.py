"""Xem trước: what saving a schedule would do, and which of two equals was said to go first with the same save."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from devices.model import AirRules
from gateway.domain.clash import Answer, Clash, Decision
from gateway.domain.ids import DecisionId, ScheduleId, UserId
from gateway.domain.plan import Broadcast, Ward, forecast
from gateway.domain.review import Review, review
from gateway.domain.schedule import Schedule, next_airtimes

LOOK_AHEAD = timedelta(days=28)
"""What a save is checked over, from its first airtime on: four weeks show every monthly rule at least once."""
NOBODY = UserId("nobody-yet")


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What changes if this is saved."""

    review: Review
    now: tuple[Broadcast, ...]
    """The airtimes of this schedule as they stand."""
    others_changed: tuple[tuple[Broadcast, Broadcast], ...]
    """``(before, after)`` of every other broadcast that would not stay as it is."""
    coming: tuple[Broadcast, ...] = ()
    """Everything that is on the air then, this schedule's airtimes among it, in order of start."""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """How it stands."""

    schedules: tuple[Schedule, ...]
    coming: tuple[Broadcast, ...]
    questions: tuple[Clash, ...]
    """As :meth:`Programming.questions`."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Which of two schedules goes first whenever they meet, and what becomes of the other: said with a save."""

    first: ScheduleId
    other: ScheduleId
    answer: Answer

    @property
    def pair(self) -> frozenset[ScheduleId]:
        """The two."""
        return frozenset({self.first, self.other})


def ordered(ward: Ward, orders: Sequence[Order], by: UserId, now: datetime) -> Ward:
    """Return the ward as it would be with ``orders`` decided by ``by``."""
    made = [
        Decision(id=DecisionId(f"qd-{n}"), first=each.first, other=each.other, answer=each.answer, by=by, at=now)
        for n, each in enumerate(orders)
    ]
    return replace(ward, decisions=(*ward.decisions, *made)) if made else ward


def preview(candidate: Schedule, ward: Ward, now: datetime) -> Preview:
    """Return what changes in ``ward`` if ``candidate`` is saved; ``now`` is aware."""
    begin, until = span(candidate, now)
    others = tuple(s for s in ward.schedules if s.id != candidate.id)
    before = {b.id: b for b in forecast(ward, begin, until)}
    after = {b.id: b for b in forecast(replace(ward, schedules=(*others, candidate)), begin, until)}
    return Preview(
        review=review(candidate, ward, begin, until),
        now=tuple(b for b in before.values() if b.schedule == candidate.id),
        others_changed=tuple(
            (before[name], after[name])
            for name in before.keys() & after.keys()
            if before[name] != after[name] and before[name].schedule != candidate.id
        ),
        coming=tuple(sorted(after.values(), key=lambda b: (b.start, b.id))),
    )


def under(rules: AirRules, ward: Ward, now: datetime) -> list[tuple[Broadcast, Broadcast]]:
    """Return ``(as it stands, as it would be)`` of every coming airtime that ``rules`` in force would change."""
    before = {b.id: b for b in forecast(ward, now, now + LOOK_AHEAD)}
    after = {b.id: b for b in forecast(replace(ward, rules=rules), now, now + LOOK_AHEAD)}
    met = sorted(before.keys() & after.keys(), key=lambda name: (before[name].start, name))
    return [(before[name], after[name]) for name in met if before[name] != after[name]]


def span(candidate: Schedule, now: datetime) -> tuple[datetime, datetime]:
    """Return what to look at: the coming weeks or, of what begins later, the weeks from its first day on."""
    first = next_airtimes(replace(candidate, enabled=True), now, 1)
    if first and first[0].start >= now + LOOK_AHEAD:
        begin = first[0].start - timedelta(days=1)  # rules count by the day
        return begin, begin + LOOK_AHEAD
    return now, now + LOOK_AHEAD
