"""Phòng máy: what every play on this pole works with, and the rules it asks before it opens its mouth."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from devices.agent.disk import Disk
from devices.agent.documents import Documents
from devices.agent.floor import Claim, Floor
from devices.agent.journal import NO_HASH, Journal
from devices.agent.marks import Marks
from devices.agent.ports import Board, Player
from devices.agent.slot import Slot, alarm_percent
from devices.agent.timing import Timebase
from devices.agent.waiting import Bell
from devices.clock import instant
from devices.errors import DiskFailed
from devices.model import ClusterId, Priority
from devices.wire.reports import Activity, JournalEntry

logger = logging.getLogger(__name__)


class Shelf(Protocol):
    """Where verified audio stands."""

    bell: Bell
    """Rung when a file became ready."""

    def is_ready(self, asset: str) -> bool: ...

    def path(self, asset: str) -> Path:
        """Return where the file is, or will be."""
        ...


@dataclass(kw_only=True)
class Studio:
    """Shared by all plays of one pole."""

    cluster: ClusterId
    disk: Disk
    folder: Path
    board: Board
    player: Player
    timebase: Timebase
    floor: Floor
    journal: Journal
    documents: Documents
    marks: Marks
    shelf: Shelf
    sid: Callable[[], str]
    """The present session's id, for the journal."""
    changed: Bell = field(default_factory=Bell)
    """Rung when what this pole is doing changes, so that its state is told."""
    faults: set[str] = field(default_factory=set)
    """What is wrong now, in the contract's words."""
    booted_ns: int = 0
    trusted_since_ms: int | None = None
    marks_due: bool = False
    """The marks changed and are not written; what they say is kept elsewhere until then."""

    # -- time --------------------------------------------------------------------------------------------------------

    def now_ns(self) -> int:
        return self.board.clock.mono_ns()

    def utc_ms_at(self, mono_ns: int) -> int:
        """Turn the board's monotonic time into UTC, by what is known now."""
        return self.timebase.utc_ms() - (self.now_ns() - mono_ns) // 1_000_000

    def why_missed(self, start_ms: int) -> str:
        """Say why nothing sounded at ``start_ms``."""
        if start_ms < self.utc_ms_at(self.booted_ns):
            return "power"
        if self.trusted_since_ms is None or start_ms < self.trusted_since_ms:
            return "clock"
        return "late"

    @property
    def trim_ns(self) -> int:
        """Return what the configuration adds to every start on this pole."""
        config = self.documents.config
        return config.dac_offset_ms * 1_000_000 if config else 0

    @property
    def wake_ms(self) -> int:
        config = self.documents.config
        return config.amp_wake_ms if config else 0

    # -- rules -------------------------------------------------------------------------------------------------------

    def refusal(self, slot: Slot, *, at_ms: int, dur_ms: int, begun: bool) -> str | None:
        """Tell why ``slot`` may not sound at ``at_ms`` for ``dur_ms``, or ``None``. Asked again whenever it goes on."""
        if slot.exempt:
            return None
        rules = self.documents.rules
        if rules.version == 0:
            return "no_policy"
        at = instant(at_ms)
        refused = rules.may_sound(at, timedelta(milliseconds=dur_ms), slot.rules_as)
        if refused is not None:
            return refused.value
        if any(item.music for item in slot.entry.items) and not rules.may_play_music(at):
            return "no_music"
        if not begun and self._sessions_left(slot) is False:
            return "too_many_sessions"
        return None

    def _sessions_left(self, slot: Slot) -> bool:
        rules = self.documents.rules
        if rules.sessions_per_day is None:
            return True
        zone = ZoneInfo(rules.zone)
        day = instant(slot.start_ms).astimezone(zone).date()
        held = self.journal.memory.sessions(lambda want_ms: instant(want_ms).astimezone(zone).date() == day)
        return held < rules.sessions_per_day

    def volume_percent(self, slot: Slot, *, at_ms: int) -> int:
        """Return how loud ``slot`` is at ``at_ms``, under every ceiling."""
        rules = self.documents.rules
        ceiling = rules.ceiling_percent(instant(at_ms), slot.rules_as)
        if slot.exempt and slot.alarm is not None:
            return alarm_percent(slot.alarm, rules, ceiling)
        override = self.marks.volume_percent
        wanted = slot.entry.volume_percent if override is None else override
        config = self.documents.config
        return min(wanted, ceiling, config.volume.max_percent if config else 0)

    def ceiling_percent(self) -> int:
        """Return the loudest an ordinary sound may be now."""
        config = self.documents.config
        rules = self.documents.rules
        ceiling = rules.ceiling_percent(instant(self.timebase.utc_ms()), Priority.ROUTINE)
        return min(ceiling, config.volume.max_percent if config else 0)

    def rest(self, *, but: Claim | None = None) -> None:
        """Let the amplifier rest, unless somebody besides ``but`` needs it in a moment: relays wear, and click."""
        if not self.floor.wanted(but):
            self.board.switch_amp(on=False)

    def set_volume(self, percent: int | None) -> None:
        """Have ``percent`` stand instead of the plan's volume. It is written before the changed state is told."""
        self.marks.volume_percent = percent
        self.marks_due = True
        self.changed.ring()

    async def save_marks(self) -> None:
        """Keep the marks; a disk that fails is said, and what is in memory holds."""
        self.marks_due = False
        try:
            await self.disk.run(lambda: self.marks.save(self.disk, self.folder))
        except DiskFailed as error:
            logger.error("the marks were not kept: %s", error)  # noqa: TRY400 - the disk is known
            self.faults.add("disk_full" if error.full else "disk")

    # -- what is going on --------------------------------------------------------------------------------------------

    def shut(self) -> None:
        """Let the kill switch and the maintenance mode of the documents rule the floor, and the amplifier with it."""
        config = self.documents.config
        why = (
            "silence" if self.documents.silent else "maintenance" if config is not None and config.maintenance else None
        )
        if why != self.floor.shut:
            logger.warning("the loudspeaker is %s", f"shut: {why}" if why else "open again")
            self.floor.shut_for(why)
        if why is not None:
            self.board.switch_amp(on=False)
        self.changed.ring()

    @property
    def activity(self) -> Activity:
        holder = self.floor.holder
        if self.floor.shut == "silence":
            return Activity.SILENCED
        if self.floor.shut is not None:
            return Activity.MAINTENANCE
        if holder is None:
            return Activity.IDLE if self.floor.idle else Activity.ARMED
        if holder.paused:
            return Activity.PAUSED
        return Activity.PLAYING if holder.start_ns <= self.now_ns() else Activity.ARMED

    @property
    def occ(self) -> str | None:
        holder = self.floor.holder
        return holder.occ if holder is not None else None

    def entry(self, slot: Slot, typ: str, **more: object) -> JournalEntry:
        """Draft a journal entry about ``slot``; the journal numbers it."""
        return self.bare_entry(slot.occ, slot.start_ms, typ, priority=slot.rules_as, plan_rev=slot.plan_rev, **more)

    def bare_entry(self, occ: str, want_ms: int, typ: str, **more: object) -> JournalEntry:
        """Draft one about an occurrence of which only the id and the hour are left."""
        return JournalEntry.model_validate(
            {
                "n": 1,
                "prev": NO_HASH,
                "sid": self.sid(),
                "typ": typ,
                "occ": occ,
                "at_ms": max(0, self.timebase.utc_ms()),
                "want_ms": want_ms,
                "clock": self.timebase.state(),
                **more,
            }
        )
