"""Phát khẩn cấp: its own key, opened with a PIN for each use. Only the kill switch is above it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

from devices.clock import Clock, instant
from devices.errors import LinkError, NotDelivered, SealBroken
from devices.model import ClusterId, OccurrenceId, Priority
from devices.wire.commands import Command, EmergencyEnd
from gateway.domain.errors import (
    BadInput,
    NotAllowed,
    NotFound,
    PolicyRefusal,
    Problem,
    StoreFailed,
    TryLater,
    WrongState,
)
from gateway.domain.ids import BroadcastId, occurrence_id
from gateway.domain.people import Permission, expect
from gateway.domain.targets import Targets
from gateway.ports.clusters import EmergencyVoice
from gateway.ports.records import AuditNote, StoredAudio
from gateway.ports.speech import Speech
from gateway.ports.store import Audit, Bulletins
from gateway.services.actor import Actor
from gateway.services.command_log import CommandLog
from gateway.services.commands import new_jti
from gateway.services.emergency_checked import Checked, CheckedBook, hear_again, sent_already
from gateway.services.emergency_message import Active, Message, body_of, promised
from gateway.services.emergency_watch import EmergencyWatch
from gateway.services.fleet import Fleet
from gateway.services.library import Library
from gateway.services.promises import Promises
from gateway.services.rulebook import Rulebook
from gateway.services.silence import SilenceSwitch
from gateway.services.throttle import Patience, Throttle
from tts.errors import SpeechError
from tts.model import Quality

logger = logging.getLogger(__name__)

SPEAK_WITHIN_S = 8.0
"""An emergency does not wait longer for the engine: the siren goes first, and the text is on the record."""
_WHY = 200


class EmergencyDesk:
    """Bàn phát khẩn cấp: begins and ends emergencies."""

    def __init__(
        self,
        *,
        voice: EmergencyVoice,
        watch: EmergencyWatch,
        bulletins: Bulletins,
        library: Library,
        speech: Speech,
        promises: Promises,
        audit: Audit,
        log: CommandLog,
        fleet: Fleet,
        rulebook: Rulebook,
        silence: SilenceSwitch,
        epoch: Callable[[], int],
        clock: Clock,
        expect_charge: Callable[[], None] = lambda: None,
    ) -> None:
        """``expect_charge`` raises WrongState while another gateway of this ward is in charge."""
        self._expect_charge = expect_charge
        self._voice = voice
        self._watch = watch
        self._bulletins = bulletins
        self._library = library
        self._speech = speech
        self._promises = promises
        self._audit = audit
        self._log = log
        self._fleet = fleet
        self._rulebook = rulebook
        self._silence = silence
        self._epoch = epoch
        self._clock = clock
        self._pins = Throttle(clock, Patience(free=5, first_s=10, limit_s=120))
        self._heard = CheckedBook(clock)

    async def start(self, message: Message, targets: Targets, *, pin: str, by: Actor) -> Active:
        """Phát khẩn cấp, now.

        Raises:
            NotAllowed: no right to, or ``wrong_pin``.
            TryLater: too many wrong PINs.
            NotFound, BadInput: nobody is meant, or the bulletin or recording cannot be used.
            PolicyRefusal: a drill outside the allowed hours.
            WrongState: the ward is silenced; ``stands_by``: another gateway of this ward is in charge.
            LinkError: nobody knows that it went out; nothing is repeated.

        A disk that keeps nothing holds nobody up: an alarm says that it is not in the log yet.
        """
        clusters = self._clusters(message, targets, by)
        return await self._go(message, targets, clusters, await self._clip(message, by), pin=pin, by=by)

    async def send(self, checked: Checked, *, pin: str, by: Actor, tap: str = "") -> Active:
        """Phát đúng bản đã nghe: nothing is spoken or put together anew, so it goes at once, and once.

        ``tap``: the name under which it was heard, if that was forgotten and ``checked`` made anew since. The same tap
        again waits for the first and is told the same.

        Raises:
            WrongState: ``hear_again``: the bulletin or the sound is not what was heard any more; ``sent_already``: and
                it is over by now; or as :meth:`start`.
            NotAllowed, TryLater, NotFound, BadInput, PolicyRefusal, LinkError: as :meth:`start`.
        """
        tap = tap or checked.id
        if (first := self._heard.tapped(tap, by=by.id)) is not None:
            active = await asyncio.shield(first)
            if not self._is_on(active):
                raise sent_already()
            return active
        going = self._heard.claim(tap, by=by.id)
        try:
            active = await self._send_heard(checked, pin=pin, by=by)
        except BaseException as error:
            self._heard.release(tap, by=by.id)
            going.set_exception(error if isinstance(error, Exception) else NotDelivered("emergency"))
            going.exception()  # mostly nobody tapped twice, and nobody asks
            raise
        going.set_result(active)
        self._heard.forget(checked.id)
        return active

    def sounding(self, name: str, *, by: Actor) -> bool:
        """Tell whether what ``by`` heard under ``name`` went out and is not over."""
        first = self._heard.tapped(name, by=by.id)
        return first is not None and first.done() and self._is_on(first.result())

    def _is_on(self, active: Active) -> bool:
        return any(each.em == active.em for each in self._watch.active)

    async def _send_heard(self, checked: Checked, *, pin: str, by: Actor) -> Active:
        message = checked.message
        clusters = self._clusters(message, checked.targets, by)
        if checked.by != by.id:
            raise hear_again()
        if message.bulletin is not None or message.recording is not None:  # it may have been taken back since
            clip = await self._clip(message, by)
            if clip is not None and (checked.clip is None or clip.asset != checked.clip.asset):
                raise hear_again()
        return await self._go(message, checked.targets, clusters, checked.clip, pin=pin, by=by)

    async def check(self, message: Message, targets: Targets, *, by: Actor) -> Checked:
        """Nghe trước: make it as it would go out, and keep it for whoever hears it. Nothing goes out.

        Words that no voice can say are kept without sound: then the siren goes alone, as whoever hears it is told.

        Raises:
            NotAllowed
            NotFound, BadInput: nobody is meant, or the bulletin or recording cannot be used.
        """
        expect(by, Permission.EMERGENCY)
        targets.resolve(self._fleet.registry)
        return self._heard.keep(message, targets, await self._clip(message, by), by=by.id)

    def heard(self, name: str, *, by: Actor) -> Checked | None:
        """Return what :meth:`check` kept for ``by`` under ``name``; ``None`` when it is forgotten."""
        return self._heard.find(name, by=by.id)

    def _clusters(self, message: Message, targets: Targets, by: Actor) -> frozenset[ClusterId]:
        expect(by, Permission.EMERGENCY)
        self._expect_charge()
        if self._silence.state.silent:
            raise WrongState("Toàn phường đang IM LẶNG.", "The whole ward is silenced.", code="silenced")
        clusters = targets.resolve(self._fleet.registry) & self._fleet.enrolled
        self._expect_hour(message)
        return clusters

    async def _go(
        self,
        message: Message,
        targets: Targets,
        clusters: frozenset[ClusterId],
        clip: StoredAudio | None,
        *,
        pin: str,
        by: Actor,
    ) -> Active:
        self._expect_patience(by)
        now_ms = self._clock.now_ms()
        body = body_of(message, targets, clip, em=self._name(now_ms), now_ms=now_ms)
        em, jti = OccurrenceId(body.em), new_jti()
        action = "emergency.drill" if message.drill else "emergency.start"
        note = self._note(action, em, by, body.payload())
        plays = promised(body, message, clusters)
        await self._record("emergency", jti, clusters, by=by, exp_ms=body.end_by_ms, body={"em": em}, note=note)
        try:
            sealed = await self._send("emergency", body, clusters, pin=pin, jti=jti, exp_ms=body.end_by_ms, by=by)
        except NotDelivered:
            await self._promises.promise(plays)  # it may be sounding: then nobody shall take it for a stranger's voice
            raise
        active = Active(
            em=em,
            jti=jti,
            sealed=sealed,
            clusters=clusters,
            by=by.id,
            started_ms=now_ms,
            end_by_ms=body.end_by_ms,
            drill=message.drill,
            text=body.text,
        )
        await self._watch.began(active)
        await self._promises.promise(plays)
        await self._say_unkept()
        return active

    async def end(self, em: OccurrenceId, *, pin: str, by: Actor, why: str = "") -> Active:
        """Hết báo động.

        Raises:
            NotAllowed, TryLater: as :meth:`start`.
            NotFound: it is over already.
            LinkError: nobody knows that it went out; the ordinary stop, or IM LẶNG, ends it too.
        """
        expect(by, Permission.EMERGENCY)
        active = self._watch.get(em)
        self._expect_charge()
        self._expect_patience(by)
        body, jti = EmergencyEnd(em=em, why=why[:_WHY]), new_jti()
        note = self._note("emergency.end", em, by, {"why": why})
        exp_ms = active.end_by_ms
        await self._record("emergency_end", jti, active.clusters, by=by, exp_ms=exp_ms, body={}, note=note)
        sealed = await self._send("emergency_end", body, active.clusters, pin=pin, jti=jti, exp_ms=exp_ms, by=by)
        ended = replace(active, end_sealed=sealed, ended_ms=self._clock.now_ms())
        await self._watch.began(ended)
        await self._say_unkept()
        return ended

    # -- inside ------------------------------------------------------------------------------------------------------

    def _name(self, now_ms: int) -> OccurrenceId:
        zone = ZoneInfo(self._rulebook.rules.zone)
        return occurrence_id(BroadcastId(f"em-{token_hex(4)}"), instant(now_ms).astimezone(zone))

    def _expect_patience(self, by: Actor) -> None:
        if wait_s := self._pins.attempt(by.id):  # whoever guesses keeps nobody else from warning the ward
            raise TryLater(
                f"Sai mã PIN quá nhiều lần. Chờ {wait_s:.0f} giây.",
                f"Too many wrong PINs. Wait {wait_s:.0f} s.",
                retry_after_s=wait_s,
                code="too_many_failures",
            )

    def _expect_hour(self, message: Message) -> None:
        if not message.drill:
            return
        now = instant(self._clock.now_ms())
        refusal = self._rulebook.rules.may_sound(now, message.lasts, Priority.PRIORITY)
        if refusal is not None:
            vi, en = "diễn tập không phát ngoài khung giờ", "a drill keeps to the allowed hours"
            raise PolicyRefusal([Problem(code=refusal.value, vi=vi, en=en)])

    async def _say_unkept(self) -> None:
        if self._log.unkept:
            await self._promises.not_in_the_log()

    async def _clip(self, message: Message, by: Actor) -> StoredAudio | None:
        try:
            return await self._words(message, by)
        except StoreFailed as error:
            logger.error("the words of the emergency cannot be read, the siren goes alone: %s", error.en)  # noqa: TRY400 - a known disk
            return None

    async def _words(self, message: Message, by: Actor) -> StoredAudio | None:
        if message.pieces:
            return None  # put together from what lies on the poles
        if message.recording is not None:
            return (await self._library.file(message.recording))[0]
        if message.bulletin is None:
            return await self._spoken(message.text.strip(), by) if message.text.strip() else None
        bulletin = await self._bulletins.get(message.bulletin)
        if bulletin is None:
            raise NotFound(f"Không có bản tin “{message.bulletin}”.", f"No bulletin “{message.bulletin}”.")
        refusal = bulletin.airable(instant(self._clock.now_ms()))
        if refusal is not None:
            raise BadInput([refusal])
        return (await self._library.file(bulletin.audio.asset))[0] if bulletin.audio is not None else None

    async def _spoken(self, text: str, by: Actor) -> StoredAudio | None:
        try:
            async with asyncio.timeout(SPEAK_WITHIN_S):
                # a rough voice that needs nothing is better than a siren alone
                rough = [voice.id for voice in self._speech.voices() if voice.quality is Quality.BASIC]
                mastered = await self._speech.speak(text, fallback=rough[:1], urgent=True)
            engine = mastered.engine or "default"
            return await self._library.keep(mastered, engine=engine, actor=by.id, title="Khẩn cấp")
        except (TimeoutError, SpeechError) as error:
            logger.error("the emergency text could not be spoken, the siren goes alone: %s", error)  # noqa: TRY400
            return None

    async def _record(
        self,
        typ: str,
        jti: str,
        clusters: frozenset[ClusterId],
        *,
        by: Actor,
        exp_ms: int,
        body: dict[str, Any],
        note: AuditNote,
    ) -> None:
        await self._log.record(typ, [(jti, clusters)], by=by.id, exp_ms=exp_ms, body=body, note=note, urgent=True)

    async def _send(
        self, typ: str, body: Command, clusters: frozenset[ClusterId], *, pin: str, jti: str, exp_ms: int, by: Actor
    ) -> bytes:
        try:
            sealed = await self._voice.send(
                typ, body, pin=pin, jti=jti, now_ms=self._clock.now_ms(), exp_ms=exp_ms, epoch=self._epoch()
            )
        except SealBroken as error:
            self._log.not_sent(jti, clusters, "wrong_pin")
            await self._note_wrong_pin(typ, by)
            raise NotAllowed("Sai mã PIN khẩn cấp.", "Wrong emergency PIN.", code=error.reason) from error
        except NotDelivered:
            self._pins.passed(by.id)
            raise
        except LinkError:
            self._pins.passed(by.id)
            self._log.not_sent(jti, clusters, "link_down")
            raise
        self._pins.passed(by.id)
        return sealed

    async def _note_wrong_pin(self, typ: str, by: Actor) -> None:
        failures = self._pins.failures(by.id)
        try:
            await self._audit.add(self._note("emergency.wrong_pin", typ, by, {"failures": failures}))
        except StoreFailed as error:
            logger.error("wrong emergency PIN of %s (%d), and the log cannot tell: %s", by.id, failures, error.en)  # noqa: TRY400 - a known disk

    def _note(self, action: str, subject: str, by: Actor, detail: dict[str, Any]) -> AuditNote:
        return AuditNote(actor=by.id, action=action, subject=subject, at=instant(self._clock.now_ms()), detail=detail)
