"""Rounds that count: on a machine others use too, a round says something only when they left it alone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bench.process import foreign

T = TypeVar("T")

QUIET_PERCENT = 15.0
"""Of one core, used by others."""


@dataclass(frozen=True)
class Rounds(Generic[T]):
    """What was found in the rounds that count."""

    found: list[T]
    quiet: bool
    """Others left the machine alone; if not, these are all rounds, for what they are worth."""
    foreign_percent: float
    """What they took of one core in the worst of these rounds."""

    def __str__(self) -> str:
        return f"{len(self.found)} rounds, others on the machine took up to {self.foreign_percent:.0f} % of a core"


async def rounds(work: Callable[[], Awaitable[T]], *, wanted: int, at_most: int) -> Rounds[T]:
    """Repeat ``work`` until ``wanted`` rounds were quiet, ``at_most`` times."""
    found: list[tuple[T, float]] = []
    while len(found) < at_most and sum(percent <= QUIET_PERCENT for _, percent in found) < wanted:
        with foreign() as others:
            value = await work()
        found.append((value, others.percent))
    quiet = [(value, percent) for value, percent in found if percent <= QUIET_PERCENT]
    counted = quiet if 2 * len(quiet) >= wanted else found
    return Rounds([value for value, _ in counted], counted is quiet, max(percent for _, percent in counted))
