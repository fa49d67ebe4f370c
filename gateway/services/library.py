"""Kho âm thanh: brings finished sound into the folder where it is named by its hash and never overwritten."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from devices.clock import Clock, instant
from devices.model import AssetId, asset_id
from gateway.domain.bulletin import RECORDED_ENGINE
from gateway.domain.errors import BadInput, NotFound, Problem
from gateway.domain.people import Permission, expect
from gateway.domain.recording import CHIME_ENGINE, Recording
from gateway.ports.records import AuditNote, StoredAudio
from gateway.ports.speech import Speech
from gateway.ports.store import Audio
from gateway.services.actor import Actor, may
from tts.errors import SpeechError
from tts.model import MasteredAudio


class Library:
    """What may be played: rendered bulletins, recordings, chimes."""

    def __init__(self, *, audio: Audio, speech: Speech, clock: Clock) -> None:
        self._audio = audio
        self._speech = speech
        self._clock = clock

    async def all(self) -> Sequence[StoredAudio]:
        """Return what is there."""
        return await self._audio.all()

    async def get(self, asset: AssetId) -> StoredAudio:
        """Return one file's description.

        Raises:
            NotFound
        """
        found = await self._audio.get(asset)
        if found is None:
            raise NotFound("Không có âm thanh này.", "There is no such audio.")
        return found

    async def sent_in(self) -> list[StoredAudio]:
        """Return what people recorded for programmes, the newest first; but not for bulletins."""
        loose = [each for each in await self._audio.all() if each.engine == RECORDED_ENGINE and not each.of_bulletin]
        return sorted(loose, key=lambda each: each.made_at, reverse=True)

    async def recordings(self, assets: Iterable[AssetId]) -> dict[AssetId, Recording]:
        """Return what the rules know of ``assets``; what is not there is not in it."""
        found = [await self._audio.get(asset) for asset in sorted(set(assets))]
        return {audio.asset: audio.recording for audio in found if audio is not None}

    async def describe(self, audio: StoredAudio, *, note: AuditNote) -> None:
        """Keep what is now known of a file.

        Raises:
            StoreFailed
        """
        await self._audio.describe(audio, note=note)

    async def file(self, asset: AssetId) -> tuple[StoredAudio, Path]:
        """Return a file's description and where it lies, for poles and players.

        Raises:
            NotFound: it is not indexed, or its file is gone.
        """
        found = await self.get(asset)
        path = self._audio.path(asset)
        if not await asyncio.to_thread(path.is_file):
            raise NotFound(
                "Tệp âm thanh đã mất khỏi kho.", "The audio file is gone from the folder.", code="audio_lost"
            )
        return found, path

    async def upload(
        self,
        path: Path,
        *,
        title: str,
        by: Actor,
        music: bool = False,
        licence: str = "",
        usable_until: datetime | None = None,
    ) -> StoredAudio:
        """Master a recording and keep it, for programmes and emergencies; it waits until somebody else approves it.

        One that was returned, or recorded for a bulletin, waits (again) as it is described now.

        Raises:
            NotAllowed: neither an author nor an operator.
            BadInput: no title, or it cannot be read as sound.
        """
        if not may(by, Permission.SCHEDULE):
            expect(by, Permission.WRITE_BULLETIN)
        if not title.strip():
            raise BadInput([Problem(code="invalid", vi="cần tên", en="needs a title", path="title")])
        mastered = await self.record(path)
        kept = await self.keep(
            mastered,
            engine=RECORDED_ENGINE,
            actor=by.id,
            title=title.strip(),
            music=music,
            licence=licence,
            usable_until=usable_until,
        )
        if kept.release is not None or (kept.waits and by.id in kept.makers):
            return kept
        again = replace(kept, makers=kept.makers | {by.id})
        if not kept.waits:
            again = replace(
                again,
                title=title.strip(),
                music=music,
                licence=licence,
                usable_until=usable_until,
                returned=None,
                of_bulletin=False,
            )
        at = instant(self._clock.now_ms())
        detail = {"engine": kept.engine, "again": True}
        await self.describe(
            again, note=AuditNote(actor=by.id, action="audio.add", subject=kept.asset, at=at, detail=detail)
        )
        return again

    async def record(self, path: Path) -> MasteredAudio:
        """Master an uploaded recording.

        Raises:
            BadInput: it cannot be read as sound, in the studio's words.
        """
        try:
            return await self._speech.recorded(path)
        except SpeechError as error:
            raise _unusable(error) from error

    async def chime(self, priority: str) -> StoredAudio:
        """Return the chime (nhạc hiệu) of ``routine``, ``priority`` or ``emergency``, made when first asked for.

        Raises:
            BadInput: there is none of that name.
        """
        try:
            mastered = await self._speech.chime(priority)
        except SpeechError as error:
            raise _unusable(error) from error
        return await self.keep(mastered, engine=CHIME_ENGINE, actor="system", title=f"Nhạc hiệu ({priority})")

    async def keep(
        self,
        mastered: MasteredAudio,
        *,
        engine: str,
        actor: str,
        makers: frozenset[str] = frozenset(),
        title: str = "",
        music: bool = False,
        licence: str = "",
        usable_until: datetime | None = None,
        of_bulletin: bool = False,
    ) -> StoredAudio:
        """Keep a finished file; the same sound twice is one file, and keeps its first description.

        ``makers``: whoever had a hand in it beside ``actor``.
        """
        asset = asset_id(mastered.sha256)
        known = await self._audio.get(asset)
        if known is not None and await asyncio.to_thread(self._audio.path(asset).is_file):
            return known
        at = instant(self._clock.now_ms())
        audio = StoredAudio(
            asset=asset,
            bytes=mastered.bytes,
            mime=mastered.mime,
            duration_ms=mastered.duration_ms,
            lufs=mastered.loudness.integrated_lufs,
            true_peak_dbtp=mastered.loudness.true_peak_dbtp,
            engine=engine,
            made_at=at,
            title=title,
            music=music,
            licence=licence,
            usable_until=usable_until,
            makers=makers | {actor},
            remarks=mastered.remarks,
            of_bulletin=of_bulletin,
        )
        note = AuditNote(actor=actor, action="audio.add", subject=asset, at=at, detail={"engine": engine})
        # The store takes the file it is given; the studio's own copy stays in the studio's cache.
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="loa-audio-"))
        try:
            copy = Path(await asyncio.to_thread(shutil.copyfile, mastered.path, folder / mastered.sha256))
            await self._audio.add(copy, audio, note=note)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return audio


def _unusable(error: SpeechError) -> BadInput:
    words = str(error)
    return BadInput([Problem(code="unusable_audio", vi=words, en=words, path="audio")])
