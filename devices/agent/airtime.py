"""Giờ phát: opens each occurrence ten seconds before its hour, and answers for those whose hour passed unheard.

The plan on this pole is all it needs: gateway and broker may both be dead.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from devices.agent.airing import Airing
from devices.agent.alarm import Alarm
from devices.agent.course import Course
from devices.agent.outcome import Result
from devices.agent.slot import ARM_MS, Slot, planned_slot
from devices.agent.studio import Studio
from devices.agent.waiting import Bell, event_or_sleep
from devices.errors import DiskFailed
from devices.model import Outcome
from devices.wire.documents import PlanBody

logger = logging.getLogger(__name__)

LONGEST_LOOK_AWAY_S = 30.0
MOST_ATTEMPTS = 2

Over = Callable[[Slot, Result], Awaitable[None]]


@dataclass
class _OnAir:
    airing: Airing
    task: "asyncio.Task[None]"


class Airtime:
    """All occurrences of one pole. :meth:`run` airs them."""

    def __init__(self, studio: Studio, over: Over) -> None:
        """``over`` is told of every occurrence that was opened here and has its outcome."""
        self._studio = studio
        self._over = over
        self._ordered: dict[str, Slot] = {}
        self._on_air: dict[str, _OnAir] = {}
        self._plan: PlanBody | None = None
        self._planned: dict[str, Slot] = {}
        self.bell = Bell()
        """Ring it when plan, orders or trust in the clock changed."""

    # -- what there is -----------------------------------------------------------------------------------------------

    def order(self, slot: Slot) -> None:
        """Air ``slot``, which stands in no plan."""
        self._ordered[slot.occ] = slot
        self.bell.ring()

    def knows(self, occ: str) -> bool:
        """Tell whether ``occ`` is planned, ordered, on the air or done."""
        return occ in self._slots() or occ in self._on_air or self._studio.journal.memory.get(occ) is not None

    def airing(self, occ: str | None) -> Airing | None:
        """Return the airing of ``occ``, or, without one, of whoever has the air."""
        occ = occ or self._studio.occ
        on_air = self._on_air.get(occ) if occ is not None else None
        return on_air.airing if on_air is not None else None

    def obey_rules(self) -> None:
        """New rules came: what sounds and is no longer allowed falls silent."""
        for each in list(self._on_air.values()):
            each.airing.obey_rules()

    async def withdraw(self, occ: str, *, why: str, by: str) -> bool:
        """Take back an occurrence, ordered or planned, that has not been opened; tell whether there was one.

        Raises:
            DiskFailed: its outcome could not be written, and it stands.
        """
        slot, known = self._slots().get(occ), self._studio.journal.memory.get(occ)
        if slot is None or occ in self._on_air or (known is not None and known.finished):
            return False
        if known is not None and known.started:  # before a power cut it was heard
            await self._answer(slot, Result(outcome=Outcome.PARTIAL, why="power", by=by), att=known.att)
            return True
        await self._answer(slot, Result(outcome=Outcome.SKIPPED, why=why, by=by))
        return True

    def _slots(self) -> dict[str, Slot]:
        plan = self._studio.documents.plan
        if plan is not self._plan:
            self._plan = plan
            entries = plan.entries if plan is not None else ()
            self._planned = {entry.occ: planned_slot(entry, plan.rev if plan else 0) for entry in entries}
        return {**self._planned, **self._ordered} if self._ordered else self._planned

    def readiness(self) -> tuple[int, int]:
        """Return how many entries of the plan lie ahead with all their audio here, and how many lie ahead."""
        now_ms = self._studio.timebase.utc_ms()
        self._slots()
        ahead = [slot for slot in self._planned.values() if slot.start_ms + slot.entry.dur_ms > now_ms]
        here = set(filter(self._studio.shelf.is_ready, {asset for slot in ahead for asset in slot.asset_ids}))
        return sum(here.issuperset(slot.asset_ids) for slot in ahead), len(ahead)

    # -- airing ------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Open what is due, until cancelled; then everything falls silent without an outcome, as in a power cut."""
        async with asyncio.TaskGroup() as group:
            while True:
                rung = self.bell.next
                try:
                    wait_s = await self._look(group)
                except DiskFailed as error:
                    logger.error("outcomes cannot be written: %s", error)  # noqa: TRY400 - the disk is known
                    self._studio.faults.add("disk_full" if error.full else "disk")
                    wait_s = LONGEST_LOOK_AWAY_S
                await event_or_sleep(rung, self._studio.board.clock, wait_s)

    async def _look(self, group: asyncio.TaskGroup) -> float:
        """Open what is due; return after how many seconds to look again."""
        await self._take_back()
        trusted = self._studio.timebase.state().trusted
        self._note_trust(trusted=trusted)
        slots = self._slots()
        if not trusted:
            for slot in [slot for slot in slots.values() if slot.at_once]:
                await self._open(slot, group)
            return LONGEST_LOOK_AWAY_S
        await self._answer_for_the_past(slots)
        now_ms = self._studio.timebase.utc_ms()
        wait_ms = LONGEST_LOOK_AWAY_S * 1000
        for slot in list(slots.values()):
            ahead_ms = slot.start_ms - ARM_MS - now_ms
            if ahead_ms <= 0:
                await self._open(slot, group)
            else:
                wait_ms = min(wait_ms, ahead_ms)
        return wait_ms / 1000

    def _note_trust(self, *, trusted: bool) -> None:
        if not trusted:
            self._studio.trusted_since_ms = None
        elif self._studio.trusted_since_ms is None:
            self._studio.trusted_since_ms = self._studio.timebase.utc_ms()

    async def _take_back(self) -> None:
        """Cancel what a newer plan no longer holds, or holds otherwise, unless it has begun."""
        slots = self._slots()
        for occ, on_air in list(self._on_air.items()):
            slot = on_air.airing.slot
            stands = occ in slots and slots[occ].entry == slot.entry
            if slot.planned and not stands and not on_air.airing.committed:
                logger.info("%s is taken back by a newer plan", occ)
                on_air.task.cancel()
                await asyncio.gather(on_air.task, return_exceptions=True)

    async def _open(self, slot: Slot, group: asyncio.TaskGroup) -> None:
        studio = self._studio
        known = studio.journal.memory.get(slot.occ)
        if slot.occ in self._on_air:
            return
        if known is not None and known.finished:
            self._ordered.pop(slot.occ, None)
            return
        attempt = known.att + 1 if known is not None else 1
        if attempt > 1 and (attempt > MOST_ATTEMPTS or self._too_late(slot, attempt)):
            await self._answer(slot, Result(outcome=Outcome.PARTIAL, why="power"), att=attempt - 1)
            return
        before_boot = slot.start_ms < studio.utc_ms_at(studio.booted_ns) + ARM_MS
        if studio.journal.damaged and attempt == 1 and before_boot and not slot.exempt:
            # it may have begun before the journal was lost; a warning heard twice does less harm than one not heard
            await self._answer(slot, Result(outcome=Outcome.MISSED, why="journal_lost"))
            return
        airing = self._airing_of(slot, attempt)
        life = self._live(airing)
        try:
            task = group.create_task(life, name=f"airing {slot.occ}")
        except RuntimeError:  # the group is falling apart; the supervisor builds a new one
            life.close()
            raise
        self._on_air[slot.occ] = _OnAir(airing, task)

    def _airing_of(self, slot: Slot, attempt: int) -> Airing:
        if slot.alarm is not None:
            return Alarm(self._studio, slot, slot.alarm, attempt=attempt)
        return Airing(self._studio, slot, attempt=attempt)

    def _too_late(self, slot: Slot, attempt: int) -> bool:
        planned_ns = self._studio.timebase.mono_ns_at(slot.start_ms)
        return self._studio.now_ns() > Course(slot, planned_ns, attempt).give_up_ns

    async def _live(self, airing: Airing) -> None:
        occ = airing.slot.occ
        try:
            result = await airing.live()
            self._ordered.pop(occ, None)
            logger.info("%s: %s %s", occ, result.outcome, result.why or result.by or "")
            await self._tell(airing.slot, result)
        finally:
            self._on_air.pop(occ, None)
            self.bell.ring()

    async def _tell(self, slot: Slot, result: Result) -> None:
        try:
            await self._over(slot, result)
        except DiskFailed as error:
            logger.warning("%s is over, and that was not kept: %s", slot.occ, error)

    # -- what nobody heard -------------------------------------------------------------------------------------------

    async def _answer_for_the_past(self, slots: dict[str, Slot]) -> None:
        """Write the outcome of what a power cut ended and what an older plan still owed."""
        studio = self._studio
        memory = studio.journal.memory
        for occ, known in list(memory.unfinished()):
            if occ not in slots and occ not in self._on_air:
                await self._write(occ, known.want_ms, Outcome.PARTIAL, "power", att=known.att)
        for occ, want_ms in studio.documents.left_over.items():
            if occ not in self._on_air and occ not in slots and not memory.is_finished(occ):
                await self._write(occ, want_ms, Outcome.MISSED, studio.why_missed(want_ms))

    async def _answer(self, slot: Slot, result: Result, *, att: int = 1) -> None:
        draft = self._studio.entry(slot, "finished", att=att, result=result.outcome, why=result.why, by=result.by)
        await self._studio.journal.write(draft)
        self._ordered.pop(slot.occ, None)
        await self._tell(slot, result)

    async def _write(self, occ: str, want_ms: int, result: Outcome, why: str, *, att: int = 1) -> None:
        draft = self._studio.bare_entry(occ, want_ms, "finished", att=att, result=result, why=why)
        await self._studio.journal.write(draft)
