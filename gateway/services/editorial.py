"""Biên tập: a bulletin's way from draft to approved. May be down without silencing anything that is approved.

The audio that an approver hears is the audio whose hash is approved; whatever is edited afterwards leaves the plans
at once.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Any

from devices.clock import Clock, instant
from devices.model import AssetId
from gateway.domain.bulletin import RECORDED_ENGINE, AudioRef, Bulletin, Content, State
from gateway.domain.errors import BadInput, GatewayError, NotAllowed, NotFound, Problem, Stale, WrongState
from gateway.domain.ids import BulletinId
from gateway.domain.people import Permission, expect
from gateway.domain.recording import Returned
from gateway.ports.records import AuditNote, StoredAudio
from gateway.ports.speech import Speech
from gateway.ports.store import Bulletins
from gateway.services.actor import Actor, lender, may
from gateway.services.bulletin_book import BulletinBook
from gateway.services.bus import Bus
from gateway.services.events import ContentChanged
from gateway.services.house_voice import AS_BUILT, HouseVoice
from gateway.services.library import Library
from gateway.services.questions import expect_sure, hash_of
from tts.errors import PauseOutOfRange, SpeechError, SpeedOutOfRange, TextError, UnknownVoice
from tts.model import NormalizedText, Voice

logger = logging.getLogger(__name__)

_OF_THE_PERSON = (TextError, UnknownVoice, SpeedOutOfRange, PauseOutOfRange)


class SpeechFailed(GatewayError):  # noqa: N818 - as all of them, see gateway.domain.errors
    """The engine gave no speech. The bulletin is as it was; the reason is the engine's, in Vietnamese."""

    code = "speech_failed"


class Unspeakable(BadInput):
    """The bulletin itself cannot be read out: what its person wrote or chose is at fault."""


class Editorial:
    """Bản tin: who wrote it, who approved it, and exactly what."""

    def __init__(
        self,
        *,
        bulletins: Bulletins,
        library: Library,
        speech: Speech,
        changed: Callable[[str], None],
        bus: Bus,
        clock: Clock,
        usual: HouseVoice = AS_BUILT,
    ) -> None:
        """``changed`` is told after every step: plans may say something else now."""
        self._bulletins = bulletins
        self._book = BulletinBook(bulletins=bulletins, changed=changed, bus=bus, clock=clock)
        self._library = library
        self._speech = speech
        self._changed = changed
        self._bus = bus
        self._clock = clock
        self.usual = usual

    # -- asked -------------------------------------------------------------------------------------------------------

    async def get(self, bulletin: BulletinId) -> Bulletin:
        """Return one bulletin.

        Raises:
            NotFound
        """
        return await self._book.get(bulletin)

    async def all(self, *, state: State | None = None) -> Sequence[Bulletin]:
        """Return every bulletin, or those in one state."""
        return [found for found in await self._bulletins.all() if state is None or found.state is state]

    def spoken(self, text: str) -> NormalizedText:
        """Show how ``text`` will be read out, and what an author should look at.

        Raises:
            Unspeakable: it cannot be read at all.
            SpeechFailed: nobody can read now.
        """
        try:
            return self._speech.normalise(text)
        except SpeechError as error:
            raise _failed(error) from error

    def voices(self) -> list[Voice]:
        """Return the voices there are."""
        return self._speech.voices()

    async def audio(self, bulletin: BulletinId) -> tuple[StoredAudio, Path]:
        """Return the audio of a bulletin as it stands: what an approver listens to.

        Raises:
            NotFound: there is no such bulletin, or it has no audio yet.
        """
        found = await self.get(bulletin)
        if found.audio is None:
            raise NotFound("Bản tin chưa có âm thanh.", "The bulletin has no audio yet.", code="no_audio")
        return await self._library.file(found.audio.asset)

    # -- written -----------------------------------------------------------------------------------------------------

    async def create(self, content: Content, *, by: Actor, draft: str = "") -> Bulletin:
        """Soạn. ``draft`` names what was written on a phone: sent twice, it is one bulletin, as it was sent last.

        Raises:
            NotAllowed
        """
        expect(by, Permission.WRITE_BULLETIN)
        name = hashlib.sha256(f"{by.id}\n{draft}".encode()).hexdigest()[:10] if draft else token_hex(5)
        bulletin = Bulletin(id=BulletinId(f"bt-{name}"), author=by.id, content=content)
        before = await self._bulletins.get(bulletin.id) if draft else None
        if before is None:
            return await self._save(bulletin, None, "bulletin.create", by)
        if before.content == content:
            return before
        if before.state is State.DRAFT:
            return await self.edit(before.id, content, was_revision=before.revision, by=by)
        return await self._save(replace(bulletin, id=BulletinId(f"bt-{token_hex(5)}")), None, "bulletin.create", by)

    async def edit(self, bulletin: BulletinId, content: Content, *, was_revision: int, by: Actor) -> Bulletin:
        """Sửa. Voids an approval, and what was approved leaves the plans at once.

        Raises:
            NotAllowed, NotFound
            Stale: somebody changed it since the editor read revision ``was_revision``.
        """
        expect(by, Permission.WRITE_BULLETIN)
        before = await self._book.get(bulletin, was_revision=was_revision)
        return await self._save(before.edit(content, by=by.id), before, "bulletin.edit", by)

    async def render(self, bulletin: BulletinId, *, by: Actor) -> Bulletin:
        """Tạo giọng đọc of the text as it is now. Slow; never at air time.

        Raises:
            NotAllowed, NotFound
            SpeechFailed, Unspeakable: the bulletin is as it was.
            Stale, WrongState: the text was changed, or it was withdrawn, while the engine spoke; or another voice would
                have stood in after the approval.
        """
        expect(by, Permission.WRITE_BULLETIN)
        before = await self.get(bulletin)
        content = before.content
        said, asked = await self._said(content.text), self.usual.asked(content)
        try:
            mastered = await self._speech.speak(
                content.text,
                voice=asked.voice,
                second_voice=asked.second_voice,
                speed=content.speed,
                # nobody hears a voice that was not there when they said yes
                fallback=() if before.state is State.APPROVED else asked.fallback,
            )
        except SpeechError as error:
            logger.warning("bulletin %s could not be spoken: %s", bulletin, error)
            raise _failed(error) from error
        spoke = mastered.engine or _engine(content.voice)
        kept = await self._library.keep(mastered, engine=spoke, actor=by.id, makers=before.writers, title=before.title)
        audio = replace(
            _reference(kept, content, voice=asked.voice or "", spoken_sha256=said),
            voices=tuple(map(str, mastered.voices)),
            stood_in=mastered.fallback_reason,
        )
        now = await self.get(bulletin)  # minutes may have passed
        if not now.content.sounds_like(content) or await self._said(content.text) != said:
            raise Stale(
                "Nội dung đã đổi trong lúc tạo giọng đọc. Hãy tạo lại.",
                "The text changed while it was being spoken. Render it again.",
                code="audio_of_other_text",
            )
        if audio.stood_in and now.state is State.APPROVED:
            raise WrongState(
                "Bản tin đã duyệt trong lúc tạo giọng đọc: không thay bằng giọng dự phòng.",
                "It was approved meanwhile: no other voice stands in now.",
                code="approved_meanwhile",
            )
        detail = {"stood_in": audio.stood_in} if audio.stood_in else {}
        return await self._save(now.attach_audio(audio), now, "bulletin.render", by, **detail)

    async def _said(self, text: str) -> str:
        return hash_of(await asyncio.to_thread(self.spoken, text))

    async def record(self, bulletin: BulletinId, path: Path, *, by: Actor, text_sha256: str = "") -> Bulletin:
        """Gắn bản ghi âm. Whoever recorded it counts as a writer, and may not approve it.

        ``text_sha256``: what was read out; a recording may have waited on a phone while somebody changed the text.

        Raises:
            NotAllowed, NotFound
            BadInput: it is no usable sound.
            Stale: ``audio_of_other_text``: it says another text than the one here now.
        """
        expect(by, Permission.WRITE_BULLETIN)
        before = await self.get(bulletin)
        if text_sha256 and text_sha256 != before.text_sha256:
            raise Stale(
                "Lời bản tin đã đổi sau khi bạn ghi âm. Đọc lại lời mới rồi ghi lại.",
                "The text changed after you recorded it. Read the new one out.",
                code="audio_of_other_text",
            )
        mastered = await self._library.record(path)
        kept = await self._library.keep(
            mastered,
            engine=RECORDED_ENGINE,
            actor=by.id,
            makers=before.writers,
            title=before.title,
            of_bulletin=True,
        )
        audio = _reference(kept, before.content, voice="")
        now = await self.get(bulletin)
        return await self._save(now.attach_audio(audio, recorded_by=by.id), now, "bulletin.record", by)

    async def submit(self, bulletin: BulletinId, *, by: Actor) -> Bulletin:
        """Trình duyệt, with the audio; rendered first if there is none of this text yet.

        Raises:
            NotAllowed, NotFound, WrongState
            SpeechFailed, Unspeakable: it stays a draft.
        """
        expect(by, Permission.WRITE_BULLETIN)
        before = await self.get(bulletin)
        if before.audio is None and before.state is State.DRAFT:
            before = await self.render(bulletin, by=by)
        return await self._save(before.submit(), before, "bulletin.submit", by)

    # -- judged ------------------------------------------------------------------------------------------------------

    async def approve(self, bulletin: BulletinId, *, text_sha256: str, asset: AssetId, by: Actor) -> Bulletin:
        """Duyệt exactly the text and the audio named.

        Raises:
            NotAllowed: no right to, or ``by`` wrote some of it.
            NotFound
            WrongState: not submitted, or a word of it may be misread and nobody has answered for it.
            Stale: what is there now is not what the approver read and heard.
        """
        expect(by, Permission.APPROVE)
        before = await self.get(bulletin)
        after = before.approve(by=by.id, at=instant(self._clock.now_ms()), text_sha256=text_sha256, asset=asset)
        expect_sure(before, await asyncio.to_thread(self.spoken, before.content.text))
        await self._library.file(asset)  # what nobody can play, nobody heard
        detail = {"text_sha256": text_sha256, "asset": asset, **_lent(by)}
        return await self._save(after, before, "bulletin.approve", by, **detail)

    async def reject(self, bulletin: BulletinId, *, reason: str, by: Actor) -> Bulletin:
        """Trả lại.

        Raises:
            NotAllowed, NotFound, WrongState
            BadInput: no reason given.
        """
        expect(by, Permission.APPROVE)
        before = await self.get(bulletin)
        after = before.reject(by=by.id, at=instant(self._clock.now_ms()), reason=reason)
        return await self._save(after, before, "bulletin.reject", by, reason=reason, **_lent(by))

    async def withdraw(self, bulletin: BulletinId, *, reason: str, by: Actor) -> Bulletin:
        """Thu hồi: out of every plan at once. An approver may, and whoever wrote it.

        Raises:
            NotAllowed, NotFound, WrongState
            BadInput: no reason given.
        """
        before = await self.get(bulletin)
        if not may(by, Permission.APPROVE) and not (may(by, Permission.WRITE_BULLETIN) and by.id in before.writers):
            raise NotAllowed(
                "Chỉ người duyệt hoặc người soạn được thu hồi bản tin.",
                "Only an approver or its writers may withdraw a bulletin.",
                code="needs_approve",
            )
        after = before.withdraw(by=by.id, at=instant(self._clock.now_ms()), reason=reason)
        return await self._save(after, before, "bulletin.withdraw", by, reason=reason)

    # -- recordings --------------------------------------------------------------------------------------------------

    def sent_in(self, audio: StoredAudio) -> None:
        """Tell whoever may approve it that a recording waits."""
        self._bus.publish(ContentChanged(what="recording", id=audio.asset, state="submitted"))

    async def approve_recording(self, asset: AssetId, *, by: Actor) -> StoredAudio:
        """Duyệt ghi âm, for programmes. Its name is its hash: the sound that was heard is the one that is approved.

        Raises:
            NotAllowed: no right to, or ``by`` made it.
            NotFound: it is not there, or its file is gone.
        """
        expect(by, Permission.APPROVE)
        before, _ = await self._library.file(asset)  # what nobody can play, nobody heard
        if before.release is not None:
            return before
        release = before.recording.approve(by=by.id, at=instant(self._clock.now_ms()))
        return await self._describe(
            replace(before, release=release, returned=None), "recording.approve", by, **_lent(by)
        )

    async def return_recording(self, asset: AssetId, *, reason: str, by: Actor) -> StoredAudio:
        """Trả lại ghi âm to whoever sent it in, with what to mend.

        Raises:
            NotAllowed, NotFound
            BadInput: no reason given.
            WrongState: it does not wait: it is approved, returned already, or no recording of its own.
        """
        expect(by, Permission.APPROVE)
        said = _reason(reason)
        before = await self._library.get(asset)
        if not before.waits:
            raise WrongState(
                "Ghi âm này không chờ duyệt.", "This recording does not wait for approval.", code="not_waiting"
            )
        returned = Returned(by=by.id, at=instant(self._clock.now_ms()), reason=said)
        return await self._describe(
            replace(before, returned=returned), "recording.return", by, reason=said, **_lent(by)
        )

    async def withdraw_recording(self, asset: AssetId, *, reason: str, by: Actor) -> StoredAudio:
        """Thu hồi ghi âm: out of every plan at once, until it is approved again.

        Raises:
            NotAllowed, NotFound
            BadInput: no reason given.
        """
        expect(by, Permission.APPROVE)
        said = _reason(reason)
        before = await self._library.get(asset)
        if before.release is None:
            return before
        returned = Returned(by=by.id, at=instant(self._clock.now_ms()), reason=said)
        after = replace(before, release=None, returned=returned)
        return await self._describe(after, "recording.withdraw", by, reason=said)

    async def _describe(self, after: StoredAudio, action: str, by: Actor, **detail: Any) -> StoredAudio:
        at = instant(self._clock.now_ms())
        await self._library.describe(
            after, note=AuditNote(actor=by.id, action=action, subject=after.asset, at=at, detail=detail)
        )
        self._changed(action)
        self._bus.publish(ContentChanged(what="recording", id=after.asset))
        return after

    async def _save(self, after: Bulletin, before: Bulletin | None, action: str, by: Actor, **detail: Any) -> Bulletin:
        return await self._book.save(after, before, action, by.id, **detail)


def _reference(audio: StoredAudio, content: Content, *, voice: str, spoken_sha256: str = "") -> AudioRef:
    return AudioRef(
        asset=audio.asset,
        duration_ms=audio.duration_ms,
        lufs=audio.lufs,
        engine=audio.engine,
        voice=voice,
        text_sha256=content.text_sha256,
        spoken_sha256=spoken_sha256,
    )


def _reason(reason: str) -> str:
    if not reason.strip():
        raise BadInput([Problem(code="invalid", vi="cần ghi lý do", en="needs a reason", path="reason")])
    return reason.strip()


def _lent(by: Actor) -> dict[str, Any]:
    """Say in the log on whose behalf a deputy decides."""
    giver = lender(by, Permission.APPROVE)
    return {} if giver is None else {"on_behalf_of": giver}


def _engine(voice: str) -> str:
    return voice.partition(":")[0] if ":" in voice else "default"


def _failed(error: SpeechError) -> SpeechFailed | Unspeakable:
    words = str(error)
    if isinstance(error, _OF_THE_PERSON):
        return Unspeakable([Problem(code="unspeakable", vi=words, en=words, path="text")])
    return SpeechFailed(words, words)
