"""What became of each occurrence on this pole: the reason that none starts twice, however often it is ordered."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Self

from devices.model import Priority
from devices.wire.reports import JournalEntry

REMEMBERED_MS = timedelta(days=40) // timedelta(milliseconds=1)
"""Longer than any plan reaches and any command lives."""


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """One occurrence. ``att`` counts its starts: a second one only after a power cut in the middle."""

    want_ms: int
    att: int = 0
    finished: bool = False
    session: bool = True
    """Counts against the sessions of a day; an emergency does not."""

    @property
    def started(self) -> bool:
        return self.att > 0


class Memory:
    """Occurrence id to what is remembered."""

    def __init__(self, known: dict[str, Remembered] | None = None) -> None:
        self._known = dict(known or {})

    @classmethod
    def read(cls, payload: dict[str, dict[str, Any]]) -> Self:
        """Read what :meth:`payload` gave.

        Raises:
            TypeError, AttributeError: it is something else.
        """
        return cls({occ: Remembered(**known) for occ, known in payload.items()})

    def payload(self) -> dict[str, dict[str, Any]]:
        return {occ: asdict(known) for occ, known in self._known.items()}

    def note(self, entry: JournalEntry) -> None:
        """Learn from one journal entry."""
        session = entry.priority is not Priority.EMERGENCY
        known = self._known.get(entry.occ) or Remembered(want_ms=entry.want_ms, session=session)
        if entry.typ == "started":
            known = replace(known, att=max(known.att, entry.att))
        else:
            known = replace(known, finished=True)
        self._known[entry.occ] = known

    def get(self, occ: str) -> Remembered | None:
        return self._known.get(occ)

    def is_finished(self, occ: str) -> bool:
        """Tell whether the one outcome of ``occ`` has been written."""
        known = self._known.get(occ)
        return known is not None and known.finished

    def unfinished(self) -> Iterator[tuple[str, Remembered]]:
        """Yield what started and did not end: power was cut in the middle of it."""
        for occ, known in self._known.items():
            if known.started and not known.finished:
                yield occ, known

    def sessions(self, counted: Callable[[int], bool]) -> int:
        """Count the sessions that began, of those whose planned start ``counted`` accepts."""
        return sum(1 for known in self._known.values() if known.started and known.session and counted(known.want_ms))

    def recent(self) -> "Memory":
        """Return a copy without what is too old to be ordered again."""
        newest = max((known.want_ms for known in self._known.values()), default=0)
        return Memory(
            {
                occ: known
                for occ, known in self._known.items()
                if known.want_ms >= newest - REMEMBERED_MS or (known.started and not known.finished)
            }
        )
