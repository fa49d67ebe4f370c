"""Phòng thu: the one door to this folder. Text, recordings and chimes in; mastered files out.

Everything slow happens on low-priority threads, in order: rendering must never delay what is on the air. The voice is
what the operator chose; another is taken only where the caller names it, for the whole bulletin, and the result says
so.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tts import assemble
from tts.cache import AudioCache
from tts.engines.espeak import DEFAULT_VOICE, EspeakEngine
from tts.engines.gtts import GttsEngine
from tts.engines.piper import PiperEngine
from tts.engines.port import Engine
from tts.errors import NothingToSay
from tts.framing import Framing
from tts.jobs import MAX_WAITING, Jobs, Lane
from tts.maker import Maker
from tts.model import (
    HORN,
    Codec,
    EngineStatus,
    LoudnessProfile,
    MasteredAudio,
    NormalizedText,
    Pauses,
    SpeechRequest,
    Voice,
    VoiceId,
)
from tts.phrases import PHRASES, PHRASES_CODEC, PhraseSheet
from tts.reader import MAX_SPEED, MIN_SPEED, SENTENCE_DEADLINE_S, Reader
from tts.sentences import SentenceCache
from tts.text.lexicon import Lexicon
from tts.text.lexicon_file import national
from tts.text.normaliser import Normaliser
from tts.text.reading import NORTHERN, Reading
from tts.voices.folder import VoiceFolder

__all__ = ["MAX_SPEED", "MAX_WAITING", "MIN_SPEED", "Studio", "local_studio"]

USUAL_PAUSES = Pauses()


class Studio:
    """Owns the engines and the folder of rendered audio. ``async with`` it, or :meth:`start` and :meth:`stop`."""

    def __init__(
        self,
        *,
        engines: Sequence[Engine],
        cache: AudioCache,
        lexicon: Lexicon,
        reading: Reading = NORTHERN,
        default_voice: VoiceId = DEFAULT_VOICE,
        default_speed: float = 1.0,
        default_pauses: Pauses = USUAL_PAUSES,
        sentence_deadline_s: float = SENTENCE_DEADLINE_S,
    ) -> None:
        self._jobs = Jobs()
        self._cache = cache
        self._sentences = SentenceCache(cache.folder / "sentences")
        self._reader = Reader(
            engines, self._sentences, between=self._jobs.expect_running, deadline_s=sentence_deadline_s
        )
        self._engines = self._reader.engines
        self._reading = reading
        self._normaliser = Normaliser(lexicon, reading)
        self._maker = Maker(
            cache=cache, reader=self._reader, normaliser=self._normaliser, between=self._jobs.expect_running
        )
        self._default_voice = default_voice
        self._default_speed = default_speed
        self._default_pauses = default_pauses

    async def start(self) -> None:
        """Open the folder and the threads.

        Raises:
            CacheError: the folder cannot be used.
        """
        await asyncio.to_thread(self._cache.open)
        await asyncio.to_thread(self._sentences.open)
        self._jobs.start()

    async def stop(self) -> None:
        """End what is being rendered (nothing half-made is kept) and the engines' processes."""
        self._jobs.close()
        for engine in self._engines.values():
            await asyncio.to_thread(engine.close)
        await self._jobs.drain()
        for engine in self._engines.values():  # one that was started again by the sentence in progress
            await asyncio.to_thread(engine.close)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def normalise(self, text: str, by: Lexicon | None = None) -> NormalizedText:
        """Return ``text`` as it will be spoken. Quick and pure. ``by``: as it would be, by another lexicon.

        Raises:
            TextError: too long, or not human text.
        """
        return (self._normaliser if by is None else Normaliser(by, self._reading)).normalise(text)

    def use_lexicon(self, lexicon: Lexicon) -> None:
        """Read by ``lexicon`` from now on; what is being rendered is finished by the one before."""
        self._normaliser = Normaliser(lexicon, self._reading)
        self._maker.read_by(self._normaliser)

    def voices(self) -> list[Voice]:
        """Return the voices of all engines, the default first."""
        known = [voice for engine in self._engines.values() for voice in engine.voices()]
        return sorted(known, key=lambda voice: voice.id != self._default_voice)

    async def engines(self) -> list[EngineStatus]:
        """Tell of each engine whether it can be used now, and why not."""
        # not behind what is being rendered: a status page cannot wait for a bulletin
        return [await asyncio.to_thread(engine.available) for engine in self._engines.values()]

    async def speak(
        self,
        text: str,
        *,
        voice: str | None = None,
        second_voice: str | None = None,
        speed: float | None = None,
        pauses: Pauses | None = None,
        profile: LoudnessProfile = HORN,
        codec: Codec = Codec.MP3,
        fallback: Sequence[str] = (),
        urgent: bool = False,
    ) -> MasteredAudio:
        """Render ``text``. The same words in the same voice are rendered once. What is not asked for is as usual here.

        ``second_voice`` takes turns with the first in a long text. ``fallback``: voices to try in this order, each for
        the whole text, should the chosen one give no speech; :attr:`MasteredAudio.voices` says who spoke and
        :attr:`MasteredAudio.fallback_reason` why. ``urgent`` does not wait behind other bulletins.

        Raises:
            TextError: nothing to say, too long.
            UnknownVoice, SpeedOutOfRange, PauseOutOfRange: the request is at fault.
            EngineError: the chosen engine gave no speech, nor any fallback; the error is the chosen one's.
            AudioError, CacheError: the sound could not be finished or kept.
            StudioBusy: the queue is full or the studio stopped.
        """
        request = SpeechRequest(
            text=text,
            voice=VoiceId(voice) if voice else self._default_voice,
            second_voice=VoiceId(second_voice) if second_voice else None,
            speed=self._default_speed if speed is None else float(speed),
            pauses=pauses or self._default_pauses,
            profile=profile,
            codec=codec,
        )
        return await self._jobs.run(
            lambda: self._maker.first_that_speaks(request, fallback, self._maker.speak),
            Lane.URGENT if urgent else Lane.BULLETINS,
        )

    async def preview(
        self,
        text: str,
        sentence: int,
        *,
        voice: str | None = None,
        second_voice: str | None = None,
        speed: float | None = None,
        profile: LoudnessProfile = HORN,
    ) -> MasteredAudio:
        """Nghe thử: render one sentence of ``text`` (the first is 0) in the voice it will have, ahead of the queue.

        What was said for a preview is not said again for the bulletin.

        Raises:
            NothingToSay: there is no such sentence, or it is not spoken.
            SpeechError: as :meth:`speak`.
        """
        request = SpeechRequest(
            text=text,
            voice=VoiceId(voice) if voice else self._default_voice,
            second_voice=VoiceId(second_voice) if second_voice else None,
            speed=self._default_speed if speed is None else float(speed),
            profile=profile,
        )
        return await self._jobs.run(lambda: self._maker.preview(request, sentence), Lane.URGENT)

    async def compose(
        self,
        text: str,
        framing: Framing,
        *,
        voice: str | None = None,
        second_voice: str | None = None,
        speed: float | None = None,
        pauses: Pauses | None = None,
        profile: LoudnessProfile = HORN,
        codec: Codec = Codec.MP3,
        fallback: Sequence[str] = (),
        urgent: bool = False,
    ) -> MasteredAudio:
        """Make one file of the chime, the opening, the text as often as ``framing`` says, and the sign-off.

        A fallback voice speaks all of it.

        Raises:
            UnknownChime, SpeechError: as :meth:`speak`.
        """
        request = SpeechRequest(
            text=text,
            voice=VoiceId(voice) if voice else self._default_voice,
            second_voice=VoiceId(second_voice) if second_voice else None,
            speed=self._default_speed if speed is None else float(speed),
            pauses=pauses or self._default_pauses,
            profile=profile,
            codec=codec,
        )
        return await self._jobs.run(
            lambda: self._maker.first_that_speaks(request, fallback, lambda one: self._maker.compose(one, framing)),
            Lane.URGENT if urgent else Lane.BULLETINS,
        )

    async def chime(self, priority: str, *, profile: LoudnessProfile = HORN, codec: Codec = Codec.MP3) -> MasteredAudio:
        """Return the chime of ``routine``, ``priority`` or ``emergency``.

        Raises:
            UnknownChime: no such priority.
            SpeechError: as :meth:`speak`.
        """
        return await self._jobs.run(lambda: self._maker.chime(priority, profile, codec))

    async def phrases(
        self,
        texts: Sequence[str],
        *,
        voice: str | None = None,
        speed: float = 1.0,
        profile: LoudnessProfile = PHRASES,
        codec: Codec = PHRASES_CODEC,
        urgent: bool = False,
    ) -> PhraseSheet:
        """Say each of ``texts`` in one breath, into one file at one level; ``urgent`` waits behind no bulletin.

        There is no fallback here: a message in two voices sounds like two messages, so the caller decides.

        Raises:
            NothingToSay: no texts, or one of them holds no words.
            SpeechError: as :meth:`speak`.
        """
        if not texts:
            raise NothingToSay("Không có cụm từ nào để đọc (no phrases).")
        chosen = VoiceId(voice) if voice else self._default_voice
        request = SpeechRequest(text="", voice=chosen, speed=float(speed), profile=profile, codec=codec)
        lane = Lane.URGENT if urgent else Lane.BULLETINS
        return await self._jobs.run(lambda: self._maker.phrases(texts, request), lane)

    async def recorded(self, path: Path, *, profile: LoudnessProfile = HORN, codec: Codec = Codec.MP3) -> MasteredAudio:
        """Check, trim and master an uploaded recording. The same file is mastered once.

        :attr:`MasteredAudio.recording` says what was found and done.

        Raises:
            AudioError: unreadable, too short, too long, silent or clipped.
            SpeechError: as :meth:`speak`.
        """
        return await self._jobs.run(lambda: self._maker.recorded(path, profile, codec))

    async def programme(
        self,
        parts: Sequence[MasteredAudio],
        *,
        pause_ms: int = assemble.PARAGRAPH_PAUSE_MS,
        profile: LoudnessProfile = HORN,
        codec: Codec = Codec.MP3,
    ) -> MasteredAudio:
        """Join finished parts (chime, greeting, bulletins, sign-off) into one file at the profile's level.

        Raises:
            SpeechError: as :meth:`speak`.
        """
        return await self._jobs.run(lambda: self._maker.programme(parts, pause_ms, profile, codec))


def local_studio(
    folder: Path,
    *,
    online: bool = False,
    ca_bundle: Path | None = None,
    lexicon: Lexicon | None = None,
    reading: Reading = NORTHERN,
    default_voice: VoiceId = DEFAULT_VOICE,
    default_speed: float = 1.0,
    default_pauses: Pauses = USUAL_PAUSES,
    voices: Path | None = None,
) -> Studio:
    """Build a studio of the engines that ship with the product over ``folder``.

    ``online`` switches gtts on; ``voices`` is the folder of Piper voices, by default ``folder/voices``.
    """
    piper = PiperEngine(VoiceFolder(voices or folder / "voices"))
    return Studio(
        engines=(EspeakEngine(), piper, GttsEngine(enabled=online, ca_bundle=ca_bundle)),
        cache=AudioCache(folder),
        lexicon=lexicon or national(),
        reading=reading,
        default_voice=default_voice,
        default_speed=default_speed,
        default_pauses=default_pauses,
    )
