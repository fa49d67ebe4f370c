"""Một lượt phát, từ lúc lên nòng đến kết quả: the life of one occurrence on this pole, told in order.

Wait, ask the rules, wait for one's turn, write ``started``, sound, and, when a louder one came between, go on or not.
Whatever happens it ends in exactly one outcome, unless the power goes; then the next boot writes it.
"""

import hashlib
import logging
from copy import copy
from enum import Enum, auto

from devices.agent.course import MS, Course
from devices.agent.evidence import evidence
from devices.agent.floor import Claim
from devices.agent.outcome import Cut, Result, judge
from devices.agent.ports import Job, Piece, Sounded
from devices.agent.slot import Slot
from devices.agent.studio import Studio
from devices.agent.waiting import event_or_sleep, sleep_until
from devices.agent.watched import play_watched
from devices.errors import CardFailed, DiskFailed
from devices.model import Outcome
from devices.wire.documents import AfterOverride, PlayItem

logger = logging.getLogger(__name__)

JOURNAL_EARLIEST_MS, JOURNAL_LATEST_MS = 5_000, 1_500
"""``started`` is written at a moment of this pole's own between these before the start: a ward does not sync at T."""
OVERRUN_NS = 30_000 * MS
LONGEST_PAUSE_NS = 1_800_000 * MS
TEND_S = 5.0
LAST_WORD_MS = 2_000
"""New rules do not cut off a last word for a late start; the old ones let it be said."""
RETRY_S = (1.0, 5.0, 15.0, 60.0)
TONE_HZ = 1000.0
_SHUT = {"silence", "maintenance"}


class Audio(Enum):
    """Whether there is anything to be heard."""

    READY = auto()
    CAME = auto()
    """It was waited for; the world may have changed meanwhile."""
    MISSING = auto()


class Airing:
    """One occurrence being aired. :meth:`live` is its whole life."""

    def __init__(self, studio: Studio, slot: Slot, *, attempt: int = 1) -> None:
        self.slot = slot
        self._studio = studio
        planned_ns = (
            studio.now_ns() if slot.at_once else studio.timebase.mono_ns_at(slot.start_ms) + studio.trim_ns
        )  # once: later steps of the wall clock do not move it
        self._course = Course(slot, planned_ns, attempt)
        self._planned_ms = studio.utc_ms_at(planned_ns)
        self._begun = False
        self._parts: list[Sounded] = []
        self.volume_percent = 0
        """How loud it is, once it sounds."""
        self._paused_ns: int | None = None
        self.committed = False
        """``started`` is being written: from here on no newer plan takes it back."""
        self.claim = Claim(
            occ=slot.occ,
            level=slot.level,
            start_ns=planned_ns,
            end_ns=planned_ns + slot.entry.dur_ms * MS,
            first_ns=planned_ns,
        )

    # -- life --------------------------------------------------------------------------------------------------------

    async def live(self) -> Result:
        """Air it and write its outcome; return it."""
        floor = self._studio.floor
        floor.enter(self.claim)
        try:
            result = await self._air()
        except Exception:
            logger.exception("%s: broke down", self.slot.occ)
            result = Result(outcome=Outcome.FAILED, why="fault")
            self._studio.faults.add("airing")
        finally:
            floor.leave(self.claim)
            self._studio.rest()
            self._studio.changed.ring()
        await self._close(result)
        return result

    async def _air(self) -> Result:
        floor = self._studio.floor
        await sleep_until(self._studio.board.clock, self._journal_at_ns())
        while True:
            blocker = await floor.turn(self.claim, lambda: self._course.give_up_ns)
            if self._is_cut() or blocker is not None:
                return self._gave_way(blocker)
            refused = self._refused()
            if refused is not None:
                return refused
            audio = await self._audio()
            if audio is Audio.MISSING:
                return self._without_audio()
            if audio is Audio.CAME or self._is_cut():
                continue
            unwritten = await self._begin()
            if unwritten is not None:
                return unwritten
            if not await floor.take(self.claim):
                continue
            try:
                ended = await self._sound()
            finally:
                floor.give(self.claim)
                self._studio.changed.ring()
            if ended is not None:
                return ended

    def _is_cut(self) -> bool:
        return self.claim.cut is not None

    def _journal_at_ns(self) -> int:
        name = f"{self._studio.cluster} {self.slot.occ}".encode()
        spread = int.from_bytes(hashlib.sha256(name).digest()[:4]) / 2**32
        before_ms = JOURNAL_LATEST_MS + spread * (JOURNAL_EARLIEST_MS - JOURNAL_LATEST_MS)
        return self._course.planned_ns - int(before_ms * MS)

    # -- not sounding ------------------------------------------------------------------------------------------------

    def _gave_way(self, blocker: str | None) -> Result:
        """Say what it comes to when its turn did not come (back), or was taken away before it sounded."""
        cut = self.claim.cut
        shut = cut.by if cut is not None and cut.by in _SHUT else self._studio.floor.shut
        if self._heard:
            return self._judged(cut or Cut(blocker or "late"))
        if shut is not None:
            return self._unheard(Outcome.REFUSED, shut, by=shut)
        if cut is not None:
            return self._unheard(Outcome.SKIPPED, "stopped", by=cut.by)
        return self._unheard(Outcome.SKIPPED, "lower_priority", by=blocker)

    def _refused(self) -> Result | None:
        """Ask time and rules; return the outcome when they say no."""
        studio, course = self._studio, self._course
        at_ns = max(studio.now_ns(), self.claim.start_ns)
        if at_ns > course.give_up_ns:
            if self._heard:
                return self._judged(Cut("late"))
            return self._unheard(Outcome.MISSED, studio.why_missed(self.slot.start_ms))
        at_ms = studio.utc_ms_at(at_ns)
        why = studio.refusal(
            self.slot, at_ms=at_ms, dur_ms=course.left_ms(at_ns), begun=self._begun or course.attempt > 1
        )
        if why is None:
            return None
        logger.warning("%s is refused: %s", self.slot.occ, why)
        return self._judged(Cut(why)) if self._heard else self._unheard(Outcome.REFUSED, why)

    def _unheard(self, outcome: Outcome, why: str, *, by: str | None = None) -> Result:
        """Name the outcome of a play that never sounded in this boot; before a power cut it may have."""
        if self._course.attempt > 1:
            return Result(outcome=Outcome.PARTIAL, why="power", by=by)
        return Result(outcome=outcome, why=why, by=by)

    def _without_audio(self) -> Result:
        return self._judged(Cut("late")) if self._heard else self._unheard(Outcome.FAILED, "asset_missing")

    @property
    def _heard(self) -> list[Sounded]:
        """What went over the card so far."""
        return self._parts

    def _judged(self, cut: Cut | None = None) -> Result:
        return judge(self._heard, cut=cut, attempt=self._course.attempt)

    # -- audio -------------------------------------------------------------------------------------------------------

    async def _audio(self) -> Audio:
        """Wait, off the floor, until something of the programme can be heard, but no longer than it is worth."""
        studio = self._studio
        rung = studio.shelf.bell.next
        if self._can_sound():
            return Audio.READY
        studio.faults.add("asset_missing")
        studio.floor.leave(self.claim)  # what cannot sound keeps nobody else silent
        try:
            left_ns = self._course.give_up_ns - studio.now_ns()
            came = left_ns > 0 and await event_or_sleep(rung, studio.board.clock, left_ns / 1e9)
        finally:
            studio.floor.enter(self.claim)
            studio.faults.discard("asset_missing")
        return Audio.CAME if came else Audio.MISSING

    def _can_sound(self) -> bool:
        needed = self.slot.asset_ids
        ready = [self._studio.shelf.is_ready(asset) for asset in needed]  # all are looked at: one may be written over
        return not needed or any(ready)

    def _piece(self, item: PlayItem) -> Piece:
        if item.asset is not None:
            return Piece(path=self._studio.shelf.path(item.asset), dur_ms=item.dur_ms, skip_ms=item.skip_ms or 0)
        return Piece(path=None, dur_ms=item.dur_ms, tone_hz=TONE_HZ if item.role == "tone" else None)

    # -- sound -------------------------------------------------------------------------------------------------------

    async def _begin(self) -> Result | None:
        """Write ``started``, once; return the failure when that cannot be kept, for then nothing may sound."""
        if self._begun:
            return None
        self.committed = True
        course = self._course
        start_ns, seek_ms = copy(course).aim(self._studio.now_ns())
        start_ms = self._studio.utc_ms_at(start_ns)  # not the planned one when late; the last word if the power goes
        draft = self._studio.entry(self.slot, "started", att=course.attempt, seek_ms=seek_ms, start_ms=start_ms)
        try:
            await self._studio.journal.start(draft, last_words=self.slot.exempt)
        except DiskFailed as error:
            logger.error("%s cannot begin: %s", self.slot.occ, error)  # noqa: TRY400 - the disk is known
            why = "disk_full" if error.full else "disk"
            self._studio.faults.add(why)
            if not self.slot.exempt:  # a warning heard twice does less harm than one not heard
                return self._unheard(Outcome.FAILED, why)
        self._begun = True
        return None

    async def _sound(self) -> Result | None:
        """Sound until the end or until stopped; return the outcome, or ``None`` to wait for another turn."""
        start_ns, seek_ms = self._course.aim(self._studio.now_ns())
        sounded = await self._play(tuple(map(self._piece, self.slot.entry.items)), start_ns, seek_ms)
        if sounded is None:
            return self._unheard(Outcome.FAILED, "no_card")
        self._parts.append(sounded)
        return self._after_sounding()

    def _after_sounding(self) -> Result | None:
        cut = self.claim.cut
        if cut is None or cut.final or self.slot.entry.after_override is AfterOverride.DROP:
            return self._judged(cut)
        logger.info("%s gives way to %s", self.slot.occ, cut.by)
        self.claim.cut = None
        self._course.interrupted = True
        return None

    async def _play(self, pieces: tuple[Piece, ...], start_ns: int, seek_ms: int) -> Sounded | None:
        """Hand one job to the player; ``None``: there is no sound card."""
        studio = self._studio
        whole_ms = sum(piece.dur_ms for piece in pieces)
        self.claim.start_ns, self.claim.end_ns = start_ns, start_ns + (whole_ms - seek_ms) * MS
        self.volume_percent = studio.volume_percent(self.slot, at_ms=studio.utc_ms_at(start_ns))
        job = Job(
            name=self.slot.occ,
            pieces=pieces,
            start_mono_ns=start_ns,
            seek_ms=seek_ms,
            volume_percent=self.volume_percent,
            wake_ms=max(0, min(studio.wake_ms, (start_ns - studio.now_ns()) // MS)),
        )
        studio.board.switch_amp(on=True)
        studio.changed.ring()
        try:
            sounded = await play_watched(studio, job, self.claim, self._tend)
        except CardFailed as error:
            logger.error("%s: no sound card: %s", self.slot.occ, error)  # noqa: TRY400 - the card is known
            studio.faults.add("no_card")
            return None
        finally:
            studio.rest(but=self.claim)
        studio.faults.discard("no_card")
        return sounded

    async def _between_looks(self) -> None:
        await self._studio.board.clock.sleep(TEND_S)

    async def _tend(self) -> None:
        studio = self._studio
        await sleep_until(studio.board.clock, self.claim.start_ns)
        studio.changed.ring()
        while True:
            await self._between_looks()
            self.trim_volume()
            cut = self._overdue(studio.now_ns())
            if cut is not None:
                logger.info("%s is stopped: %s", self.slot.occ, cut.by)
                studio.floor.cut(self.claim, cut)
                return

    def _overdue(self, now_ns: int) -> Cut | None:
        """Tell why it must stop although nobody said so, or ``None``."""
        if self.claim.paused:
            self._paused_ns = self._paused_ns or now_ns
            return Cut("paused", final=True) if now_ns - self._paused_ns > LONGEST_PAUSE_NS else None
        self._paused_ns = None
        if now_ns > self.claim.end_ns + OVERRUN_NS:
            self._studio.faults.add("player_stuck")
            return Cut("overrun", final=True)
        return None

    def obey_rules(self) -> None:
        """Fall silent when rules that came meanwhile forbid what is left; what waits for its turn asks them then."""
        studio = self._studio
        if studio.floor.holder is not self.claim:
            return
        at_ns = max(studio.now_ns(), self.claim.start_ns)
        left_ms = max(1, (self.claim.end_ns - at_ns) // MS - LAST_WORD_MS)
        why = studio.refusal(self.slot, at_ms=studio.utc_ms_at(at_ns), dur_ms=left_ms, begun=True)
        if why is not None:
            logger.warning("%s is stopped by new rules: %s", self.slot.occ, why)
            studio.floor.cut(self.claim, Cut(why, final=True))

    # -- a person's hand ---------------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Tạm dừng. A paused play yields to its equals."""
        self._studio.player.pause()
        self.claim.paused = True
        self._studio.floor.changed()
        self._studio.changed.ring()

    @property
    def _unheard_ms(self) -> int:
        return max(1, self.slot.programme_ms - self._studio.player.position_ms)

    def may_resume(self) -> str | None:
        """Return why it may not go on after a pause: the hours may be over by now."""
        now_ms = self._studio.timebase.utc_ms()
        return self._studio.refusal(self.slot, at_ms=now_ms, dur_ms=self._unheard_ms, begun=True)

    def resume(self) -> None:
        """Phát tiếp."""
        self.claim.paused = False
        self.claim.end_ns = self._studio.now_ns() + self._unheard_ms * MS
        self._studio.player.resume()
        self._studio.floor.changed()
        self._studio.changed.ring()

    def trim_volume(self) -> None:
        """Bring the volume to what it should be now: hours change their ceilings, people change their minds."""
        studio = self._studio
        wanted = studio.volume_percent(self.slot, at_ms=studio.timebase.utc_ms())
        if wanted != self.volume_percent:
            self.volume_percent = wanted
            studio.player.set_volume(wanted)
            studio.changed.ring()

    # -- the end -----------------------------------------------------------------------------------------------------

    def _utc_ms_at(self, mono_ns: int) -> int:
        """Say what the clock showed at ``mono_ns`` as it was known at arming: what was acted on is what is told.

        Asked anew after half an hour the same instant comes out milliseconds elsewhere, by the crystal's drift since.
        """
        return round(self._planned_ms + (mono_ns - self._course.planned_ns) / MS)

    async def _close(self, result: Result) -> None:
        """Write the outcome, however long the disk takes: what was aired must be answered for."""
        studio = self._studio
        said = evidence(
            result,
            self._heard,
            self._course,
            attempt=self._course.attempt if self._begun else max(1, self._course.attempt - 1),
            volume_percent=self.volume_percent,
            utc_ms_at=studio.utc_ms_at if self.slot.at_once else self._utc_ms_at,
        )
        draft = studio.entry(self.slot, "finished", **said)
        tries = 0
        while True:
            try:
                await studio.journal.write(draft)
            except DiskFailed as error:
                logger.error("%s: the outcome cannot be written: %s", self.slot.occ, error)  # noqa: TRY400 - known
                studio.faults.add("disk_full" if error.full else "disk")
                await studio.board.clock.sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
                tries += 1
            else:
                studio.faults -= {"disk_full", "disk"}
                if result.outcome.heard:
                    studio.faults -= {"airing", "player_stuck"}
                return
