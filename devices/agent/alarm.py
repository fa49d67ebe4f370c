"""Phát khẩn cấp: an emergency on the air. The clip if it is here; the siren until it is; an end whatever happens."""

from devices.agent.airing import TEND_S, Airing
from devices.agent.course import MS
from devices.agent.outcome import Cut, Result
from devices.agent.ports import Piece, Sounded
from devices.agent.slot import Slot
from devices.agent.studio import Studio
from devices.agent.waiting import event_or_sleep
from devices.model import Outcome
from devices.wire.commands import Emergency

SIREN_MS = 20_000
"""One round of the siren. Long enough to open a window and listen, short enough to hear what is said next."""
_CLIP_CAME = Cut("clip")


class Alarm(Airing):
    """One emergency being aired."""

    def __init__(self, studio: Studio, slot: Slot, alarm: Emergency, *, attempt: int = 1) -> None:
        super().__init__(studio, slot, attempt=attempt)
        self._alarm = alarm
        self._end_ns = self._course.planned_ns + (alarm.end_by_ms - alarm.start_at_ms) * MS
        self._course.not_after_ns = self._end_ns
        self._wails: list[Sounded] = []
        self._wailing = False

    @property
    def _heard(self) -> list[Sounded]:
        return self._parts or self._wails

    @property
    def _clip_is_here(self) -> bool:
        return bool(self.slot.asset_ids) and all(map(self._studio.shelf.is_ready, self.slot.asset_ids))

    def _can_sound(self) -> bool:
        return self._clip_is_here or (self._alarm.siren and not self._wails)

    def _without_audio(self) -> Result:
        if self._wails:
            return Result(outcome=Outcome.PARTIAL, why="asset_missing")  # the siren was heard, the words were not
        return super()._without_audio()

    async def _sound(self) -> Result | None:
        if self._clip_is_here:
            return await super()._sound()
        self._wailing = True
        try:
            return await self._wail()
        finally:
            self._wailing = False

    async def _wail(self) -> Result | None:
        """Sound the siren as often as the message would be, or until its clip arrives."""
        start_ns, _ = self._course.aim(self._studio.now_ns())
        sounded = await self._play(self._rounds(max(1, (self._end_ns - start_ns) // MS)), start_ns, 0)
        if sounded is None:
            return self._unheard(Outcome.FAILED, "no_card")
        cut = self.claim.cut
        if cut is not None and not cut.final and cut is not _CLIP_CAME:
            return self._after_sounding()  # a greater alarm; afterwards this one begins anew
        self._wails.append(sounded)
        if cut is _CLIP_CAME:
            self.claim.cut = None
        elif cut is not None or not self.slot.asset_ids:
            return self._judged(cut)
        return None

    def _rounds(self, room_ms: int) -> tuple[Piece, ...]:
        wail = Piece(path=None, dur_ms=min(SIREN_MS, room_ms), siren=True)
        pieces = [wail]
        spent_ms = wail.dur_ms
        repeat = self._alarm.repeat
        for _ in range(repeat.times - 1):
            spent_ms += repeat.gap_ms + SIREN_MS
            if spent_ms > room_ms:
                break
            pieces += [Piece(path=None, dur_ms=repeat.gap_ms), wail] if repeat.gap_ms else [wail]
        return tuple(pieces)

    async def _between_looks(self) -> None:
        studio = self._studio
        rung = studio.shelf.bell.next
        if not (self._wailing and self._clip_is_here):
            left_s = max(0.0, (self._end_ns - studio.now_ns()) / 1e9)
            await event_or_sleep(rung, studio.board.clock, min(TEND_S, left_s) or TEND_S)

    def _overdue(self, now_ns: int) -> Cut | None:
        if now_ns >= self._end_ns:
            return Cut("time_limit", final=True)
        if self._wailing and self._clip_is_here:
            return _CLIP_CAME
        return super()._overdue(now_ns)
