"""Lưu thì sao: what a new airtime comes to, in words, before it is saved. For a bulletin's hour and for a schedule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.domain.airtime import Slot
from gateway.domain.errors import Problem
from gateway.domain.ids import ScheduleId
from gateway.domain.programme import Programme
from gateway.domain.schedule import Schedule
from gateway.services.schedule_preview import Preview
from gateway.web.pages.door import Visit
from gateway.web.pages.orders import Question, orders, questions
from gateway.web.pages.week import Day, days_of

DAYS = 7
_NOTED = 8


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What saving this would do."""

    refusals: tuple[Problem, ...] = ()
    clashes: tuple[Problem, ...] = ()
    """Meetings that nobody answered."""
    orders: Sequence[Question] = ()
    """Meetings with equals that can be answered here, answered or not."""
    problems: tuple[Problem, ...] = ()
    questions: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    others: tuple[Problem, ...] = ()
    """What changes for other airtimes."""
    instead: Slot | None = None
    """A free airtime near the one that was refused."""
    week: Sequence[Day] = ()
    mine: str = ""
    """The schedule whose airtimes are the new ones."""
    clusters: int = 0
    later: bool = False
    first: datetime | None = None
    """Its first airtime."""

    @property
    def ok(self) -> bool:
        """Whether it may be saved."""
        return not (self.refusals or self.clashes or self.problems)


async def verdict_on(
    visit: Visit, candidate: Schedule, programme: Programme | None, answers: dict[ScheduleId, str]
) -> Verdict:
    """Say what saving ``candidate`` would do, with ``answers`` to the equals it meets."""
    programming = visit.screen.services.programming
    found = await programming.preview(candidate, programme)
    asked = questions(candidate.id, found.review.clashes, answers)
    decided = orders(candidate.id, answers)
    if asked and decided:
        found = await programming.preview(candidate, programme, orders=decided)
    review = found.review
    return Verdict(
        refusals=review.refusals,
        clashes=tuple(clash.problem for clash in review.clashes),
        orders=asked,
        problems=review.problems,
        questions=tuple(clash.problem for clash in review.questions),
        notes=_notes(found),
        others=_changed(found),
        week=days_of(
            found.coming,
            now=visit.screen.now,
            days=DAYS,
            zone=ZoneInfo(visit.screen.services.options.timezone),
        ),
        mine=candidate.id,
        first=review.broadcasts[0].start if review.broadcasts else None,
        clusters=len(candidate.targets.reach(visit.screen.services.fleet.registry)),
    )


def _notes(found: Preview) -> tuple[Problem, ...]:
    """Say each thing once, however many airtimes it holds for."""
    notes = (note for each in found.review.broadcasts[:_NOTED] for note in each.notes if note.code != "not_approved")
    return tuple({note.vi: note for note in notes}.values())


def _changed(found: Preview) -> tuple[Problem, ...]:
    """Say of every other airtime that would not stay as it is what becomes of it."""
    said = []
    for before, after in found.others_changed:
        news = [each for each in (*after.why, *after.notes) if each not in (*before.why, *before.notes)]
        said += news or [Problem(code="changed", vi=f"“{after.title}” thay đổi", en=f"“{after.title}” changes")]
    return tuple(dict.fromkeys(said))
