"""Bàn nhận lệnh: what each command needs, does and is answered with. The answer is on disk before the deed.

A command is done at most once: its ``jti`` is remembered, and a repetition gets the earlier answer.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from devices.agent.airtime import Airtime
from devices.agent.floor import Claim
from devices.agent.gate import Admitted, Gate
from devices.agent.outcome import Cut, Result
from devices.agent.seen import Order, Seen
from devices.agent.slot import Slot, alarm_slot, ordered_slot
from devices.agent.sound_first import SoundFirst
from devices.agent.studio import Studio
from devices.agent.tone import ToneTest
from devices.errors import BadMessage, DiskFailed
from devices.wire.base import Wire
from devices.wire.commands import (
    Emergency,
    EmergencyEnd,
    Next,
    Pause,
    Play,
    Reboot,
    Resume,
    Stop,
    TestTone,
    Volume,
)
from devices.wire.documents import AssetEntry
from devices.wire.reports import Ack, AckState

logger = logging.getLogger(__name__)

FURTHEST_AHEAD_MS = 86_400_000
"""What is to sound later than tomorrow belongs in the plan."""
ALARM_ASSET_LEVEL = 255

C = TypeVar("C", bound=Wire)
Acted = Callable[[], Awaitable[None]]


class Answers(Protocol):
    """Where answers and reports go."""

    def draft(self, ref: str, typ: str, st: AckState, **more: object) -> Ack: ...

    def send(self, ack: Ack) -> None: ...

    def ack(self, ref: str, typ: str, st: AckState, **more: object) -> Ack: ...

    async def flush(self) -> None:
        """Wait a little until what was said has left."""
        ...


class Wanted(Protocol):
    """Who fetches the files of an order."""

    def want(self, source: str, entries: tuple[AssetEntry, ...], *, level: int | None = None) -> None: ...

    def unwant(self, source: str) -> None: ...

    def used(self, assets: tuple[str, ...]) -> None: ...


@dataclass(frozen=True)
class Deed:
    """What a command comes to: refused with ``why``, or answered with ``st`` before ``act`` does it."""

    why: str | None = None
    st: AckState = AckState.DONE
    act: Acted | None = None
    occ: str | None = None
    keep: bool = False
    """Keep the sealed command itself: its play must survive a power cut."""
    volume_percent: int | None = None
    """The volume that was ordered, for the answer: that is where a power cut leaves it."""


_HARMLESS_TWICE = frozenset({"stop", "pause", "emergency", "emergency_end"})
"""Silence and warnings are obeyed although they cannot be remembered. Anything else might be done again and again."""
_NOT_FOR_US = Deed(st=AckState.SUPERSEDED)


class Desk:
    """Obeys commands on one pole."""

    def __init__(
        self,
        *,
        studio: Studio,
        airtime: Airtime,
        gate: Gate,
        seen: Seen,
        answers: Answers,
        wanted: Wanted,
        sound_first: SoundFirst,
    ) -> None:
        self._studio = studio
        self._airtime = airtime
        self._gate = gate
        self._seen = seen
        self._answers = answers
        self._wanted = wanted
        self._sound_first = sound_first
        self._tone = ToneTest(studio)
        self._ended: set[str] = set()
        self._deeds: dict[type[Wire], Callable[[Admitted], Deed]] = {
            Play: self._play,
            Stop: self._stop,
            Pause: self._pause,
            Resume: self._resume,
            Next: self._next,
            Volume: self._volume,
            TestTone: self._test_tone,
            Reboot: self._reboot,
            Emergency: self._emergency,
            EmergencyEnd: self._emergency_end,
        }

    async def obey(self, order: Admitted) -> None:
        """Do one proven command and answer it."""
        typ = order.opened.typ
        deed = self._deeds[type(order.body)](order)
        if deed is _NOT_FOR_US:
            return
        if deed.why is not None:
            self._gate.reject(order.jti, typ, deed.why)
        answer = self._answers.draft(
            order.jti,
            typ,
            AckState.REJECTED if deed.why is not None else deed.st,
            why=deed.why,
            occ=deed.occ,
            volume_percent=deed.volume_percent,
            activity=self._studio.activity,
        )
        warns = deed.why is None and deed.act is not None and isinstance(order.body, Emergency)
        if warns and deed.act is not None:
            await deed.act()  # a warning does not wait for a slow card, nor for its own receipt
        unkept = await self._remember(order, answer, keep=deed.keep and deed.why is None)
        if unkept is not None and typ not in _HARMLESS_TWICE:
            self._gate.reject(order.jti, typ, unkept)
            self._answers.ack(order.jti, typ, AckState.REJECTED, why=unkept)
            return
        self._answers.send(answer)
        if deed.why is None and deed.act is not None and not warns:
            await deed.act()

    async def _remember(self, order: Admitted, answer: Ack, *, keep: bool) -> str | None:
        """Keep the answer on the medium; return why it could not be kept."""
        envelope = order.opened.envelope
        note = Order(
            jti=order.jti,
            exp_ms=envelope.exp_ms or 0,
            answer=answer.payload(),
            token=order.sealed.decode() if keep else None,
        )
        try:
            await self._seen.remember(note)
            if self._seen.is_long:
                await self._seen.forget(now_ms=self._studio.timebase.utc_ms(), over=frozenset())
        except DiskFailed as error:
            logger.error("%s cannot be remembered: %s", order.opened.typ, error)  # noqa: TRY400 - the disk is known
            why = "disk_full" if error.full else "disk"
            self._studio.faults.add(why)
            return why
        return None

    def repeat(self, jti: str) -> None:
        """Give the earlier answer again."""
        known = self._seen.get(jti)
        if known is not None:
            answer = dict(known.answer)
            self._answers.ack(answer.pop("ref"), answer.pop("typ"), AckState(answer.pop("st")), **answer)

    async def over(self, slot: Slot, result: Result) -> None:
        """Answer the command that ordered ``slot``, now that it has its outcome."""
        self._wanted.used(slot.asset_ids)
        self._wanted.unwant(slot.occ)
        if slot.jti is None:
            return
        typ = "emergency" if slot.alarm is not None else "play"
        said = self._answers.ack(slot.jti, typ, AckState.DONE, why=result.outcome.value, occ=slot.occ)
        self._seen.answered(slot.jti, said.payload())
        await self._seen.forget(now_ms=self._studio.timebase.utc_ms(), over=frozenset({slot.jti}))

    def recall_volume(self) -> None:
        """After a power cut, hold the volume that was ordered last: its answer is kept at once, the marks follow."""
        ordered = self._seen.newest_done("volume")
        if ordered is not None:
            self._studio.marks.volume_percent = ordered.get("volume_percent")

    def recall(self, open_token: Callable[[bytes], Admitted | None]) -> None:
        """After a power cut, take up the ordered plays without an outcome. ``open_token`` checks the seal again."""
        for order in self._seen.kept():
            admitted = open_token((order.token or "").encode())
            if admitted is None:
                logger.error("a kept command no longer holds and is dropped: %s", order.jti)
                continue
            slot = _slot_of(admitted)
            if slot is not None and not self._studio.journal.memory.is_finished(slot.occ):
                self._take_up(slot)

    def _take_up(self, slot: Slot) -> None:
        self._wanted.want(slot.occ, slot.assets, level=ALARM_ASSET_LEVEL if slot.alarm else slot.level)
        self._airtime.order(slot)

    # -- plays -------------------------------------------------------------------------------------------------------

    def _play(self, order: Admitted) -> Deed:
        slot = _slot_of(order)
        if slot is None:
            return Deed(why="malformed")
        why = self._why_no_play(slot)
        return Deed(why=why, st=AckState.ACCEPTED, occ=slot.occ, keep=True, act=self._taking_up(slot))

    def _taking_up(self, slot: Slot) -> Acted:
        async def act() -> None:
            self._take_up(slot)

        return act

    def _why_no_play(self, slot: Slot) -> str | None:
        studio = self._studio
        if studio.floor.shut is not None:
            return studio.floor.shut
        if not studio.timebase.state().trusted:
            return "clock_unsynced"
        if self._airtime.knows(slot.occ):
            return "dup_occurrence"
        now_ms = studio.timebase.utc_ms()
        if slot.start_ms > now_ms + FURTHEST_AHEAD_MS:
            return "too_far_ahead"
        if slot.start_ms + max(slot.late_limit_ms, 2_000) < now_ms:
            return "expired"
        return studio.refusal(slot, at_ms=max(now_ms, slot.start_ms), dur_ms=slot.programme_ms, begun=False)

    def _stop(self, order: Admitted) -> Deed:
        body = _as(Stop, order)
        airing = self._airtime.airing(body.occ)
        holder = self._studio.floor.holder
        if airing is None:
            if body.occ is None and holder is not None:
                return Deed(act=self._cutting(holder, "person"))
            if body.occ is None or not self._airtime.knows(body.occ):
                return Deed(why="not_playing")
            return Deed(act=self._withdrawing(body.occ), occ=body.occ)
        if airing.slot.exempt:
            return Deed(why="emergency")  # ended by its own key, or by the kill switch
        return Deed(act=self._cutting(airing.claim, "person"), occ=airing.slot.occ)

    def _cutting(self, claim: Claim, by: str) -> Acted:
        async def act() -> None:
            self._studio.floor.cut(claim, Cut(by, final=True))

        return act

    def _withdrawing(self, occ: str) -> Acted:
        async def act() -> None:
            await self._airtime.withdraw(occ, why="stopped", by="person")

        return act

    def _emergency(self, order: Admitted) -> Deed:
        body = _as(Emergency, order)
        documents, studio = self._studio.documents, self._studio
        everywhere = not body.zones and not body.clusters
        if not everywhere and studio.cluster not in body.clusters and not set(body.zones) & set(documents.zones):
            return _NOT_FOR_US
        if self._airtime.knows(body.em) or body.em in self._ended:
            return Deed(st=AckState.DUPLICATE, occ=body.em)
        trusted = studio.timebase.state().trusted
        slot = alarm_slot(body, order.jti, at_once=not trusted)
        why = studio.floor.shut
        if why is None and trusted and body.end_by_ms <= studio.timebase.utc_ms():
            why = "expired"
        if why is None and not body.siren and not slot.asset_ids:
            why = "nothing_to_play"
        if why is None and trusted and not slot.exempt:
            why = self._why_no_play(slot)
        return Deed(why=why, st=AckState.ACCEPTED, occ=body.em, keep=True, act=self._warning(slot))

    def _warning(self, slot: Slot) -> Acted:
        async def act() -> None:
            left_ms = 0 if slot.at_once else slot.start_ms - self._studio.timebase.utc_ms()
            self._sound_first.starts_in(left_ms)
            self._take_up(slot)

        return act

    def _emergency_end(self, order: Admitted) -> Deed:
        body = _as(EmergencyEnd, order)
        self._ended.add(body.em)
        airing = self._airtime.airing(body.em)
        if airing is None:
            if not self._airtime.knows(body.em):
                return _NOT_FOR_US
            return Deed(act=self._withdrawing(body.em), occ=body.em)
        return Deed(act=self._cutting(airing.claim, "emergency_end"), occ=body.em)

    # -- what is on the air ------------------------------------------------------------------------------------------

    def _pause(self, _: Admitted) -> Deed:
        airing = self._airtime.airing(None)
        if airing is None or airing.claim.paused:
            return Deed(why="not_playing")
        if airing.slot.exempt:
            return Deed(why="emergency")

        async def act() -> None:
            airing.pause()

        return Deed(act=act, occ=airing.slot.occ)

    def _resume(self, _: Admitted) -> Deed:
        airing = self._airtime.airing(None)
        if airing is None or not airing.claim.paused:
            return Deed(why="not_paused")
        why = airing.may_resume()

        async def act() -> None:
            airing.resume()

        return Deed(why=why, act=act, occ=airing.slot.occ)

    def _next(self, _: Admitted) -> Deed:
        airing = self._airtime.airing(None)
        if airing is None:
            return Deed(why="not_playing")
        if airing.slot.exempt:
            return Deed(why="emergency")

        async def act() -> None:
            self._studio.player.next()

        return Deed(act=act, occ=airing.slot.occ)

    def _volume(self, order: Admitted) -> Deed:
        percent = _as(Volume, order).percent

        async def act() -> None:
            self._studio.set_volume(percent)
            airing = self._airtime.airing(None)
            if airing is not None:
                airing.trim_volume()

        return Deed(act=act, volume_percent=percent)

    # -- the board ---------------------------------------------------------------------------------------------------

    def _test_tone(self, order: Admitted) -> Deed:
        body = _as(TestTone, order)

        async def report(word: str) -> None:
            said = self._answers.ack(order.jti, "test_tone", AckState.DONE, why=word)
            self._seen.answered(order.jti, said.payload())

        async def act() -> None:
            self._tone.sound(body, report)

        return Deed(why=self._tone.why_not(body), st=AckState.ACCEPTED, act=act)

    def _reboot(self, _: Admitted) -> Deed:
        async def act() -> None:
            await self._answers.flush()
            self._studio.board.reboot()

        return Deed(why=None if self._studio.floor.idle else "playing", act=act)

    async def run(self) -> None:
        """Sound the test tones that were ordered."""
        await self._tone.run()


def _as(model: type[C], order: Admitted) -> C:
    """Return the body as what its ``typ`` made it."""
    if not isinstance(order.body, model):
        raise BadMessage(f"not a {model.__name__}")
    return order.body


def _slot_of(order: Admitted) -> Slot | None:
    body = order.body
    if isinstance(body, Emergency):
        return alarm_slot(body, order.jti)
    return ordered_slot(body, order.jti) if isinstance(body, Play) else None
