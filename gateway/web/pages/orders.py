"""Lịch nào phát trước: the answers to meetings with equals, sent with the form that would make them meet.

Nothing is chosen beforehand: what nobody chose is a clash, and is not saved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form

from devices.model import is_slug
from gateway.domain.clash import Answer, ClashKind
from gateway.domain.clash import Clash as Meeting
from gateway.domain.errors import Problem
from gateway.domain.ids import ScheduleId
from gateway.services.schedule_preview import Order

AT_MOST = 6
"""Whoever meets more schedules than these should take another hour."""
WAYS = {
    "ours-after": (True, Answer.AFTER),
    "theirs-after": (False, Answer.AFTER),
    "ours-cancel": (True, Answer.CANCEL),
    "theirs-cancel": (False, Answer.CANCEL),
}
"""Who goes first (whether the one on the form), and what becomes of the other."""

_Answer = Annotated[str, Form(max_length=80)]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One schedule that the one on the form meets."""

    field: str
    other: ScheduleId
    title: str
    problem: Problem
    chosen: str = ""
    """One of :data:`WAYS`, or nothing."""

    def value(self, way: str) -> str:
        """Return what the form sends for ``way``."""
        return f"{way}:{self.other}"


def sent(  # six fields, because a form has no lists of exclusive choices
    *,
    order0: _Answer = "",
    order1: _Answer = "",
    order2: _Answer = "",
    order3: _Answer = "",
    order4: _Answer = "",
    order5: _Answer = "",
) -> dict[ScheduleId, str]:
    """Take the answers in: the way by the schedule that is met. What is none of ours is no answer."""
    found = (each.partition(":") for each in (order0, order1, order2, order3, order4, order5))
    return {ScheduleId(other): way for way, _, other in found if way in WAYS and is_slug(other)}


def orders(ours: ScheduleId, answers: dict[ScheduleId, str]) -> list[Order]:
    """Return them in the services' words."""
    made = []
    for other, way in answers.items():
        ahead, answer = WAYS[way]
        first, second = (ours, other) if ahead else (other, ours)
        if first != second:
            made.append(Order(first=first, other=second, answer=answer))
    return made


def questions(ours: ScheduleId, met: Sequence[Meeting], answers: dict[ScheduleId, str]) -> list[Question]:
    """Return what is to be asked of ``met``, with what was answered already; nothing where there is no choice."""
    found: list[Question] = []
    for clash in met:
        if clash.kind is not ClashKind.MUST_DECIDE:
            return []
        theirs = clash.other if clash.first.schedule == ours else clash.first
        found.append(
            Question(
                field=f"order{len(found)}",
                other=theirs.schedule,
                title=theirs.title,
                problem=clash.problem,
                chosen=answers.get(theirs.schedule, ""),
            )
        )
    return found if len(found) <= AT_MOST else []
