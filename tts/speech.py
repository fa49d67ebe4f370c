"""Phòng thu: the one door to this folder. Text, recordings and chimes in; mastered files out.

Everything slow happens on one low-priority thread, in order: rendering must never delay what is on the air. An engine
is what the operator chose or nothing: there is no falling back here, neither by sentence nor by bulletin.
"""

import asyncio
import contextlib
import dataclasses
import hashlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tts import assemble, master
from tts.cache import AudioCache, cache_key
from tts.engines.espeak import DEFAULT_VOICE, EspeakEngine
from tts.engines.gtts import GttsEngine
from tts.engines.port import Engine
from tts.engines.recorded import read_recording
from tts.errors import (
    AudioUnreadable,
    EngineAnswer,
    EngineUnavailable,
    NothingToSay,
    SpeedOutOfRange,
    StudioBusy,
    UnknownVoice,
)
from tts.model import (
    HORN,
    EngineStatus,
    LoudnessProfile,
    MasteredAudio,
    NormalizedText,
    Pcm,
    SpeechRequest,
    Voice,
    VoiceId,
    engine_of,
)
from tts.text.lexicon import Lexicon, national
from tts.text.normaliser import Normaliser
from tts.text.reading import NORTHERN, Reading

logger = logging.getLogger(__name__)

T = TypeVar("T")

MIN_SPEED, MAX_SPEED = 0.8, 1.2
"""Past these a voice is no longer understood from across a street."""
SENTENCE_DEADLINE_S = 30.0
MAX_WAITING = 256
"""Jobs waiting or in progress; one more is refused rather than forgotten."""

_POLITENESS = 10  # nice: below the gateway itself and everything on the air


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
        sentence_deadline_s: float = SENTENCE_DEADLINE_S,
    ) -> None:
        self._engines = {engine.id: engine for engine in engines}
        self._cache = cache
        self._normaliser = Normaliser(lexicon, reading)
        self._default_voice = default_voice
        self._deadline_s = sentence_deadline_s
        self._executor: ThreadPoolExecutor | None = None
        self._stopping = threading.Event()
        self._waiting = 0

    async def start(self) -> None:
        """Open the folder and the thread.

        Raises:
            CacheError: the folder cannot be used.
        """
        await asyncio.to_thread(self._cache.open)
        self._stopping.clear()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="speech", initializer=_be_polite)

    async def stop(self) -> None:
        """End what is being rendered (nothing half-made is kept) and the engines' processes."""
        executor, self._executor = self._executor, None
        self._stopping.set()
        for engine in self._engines.values():
            await asyncio.to_thread(engine.close)
        if executor is not None:
            await asyncio.to_thread(executor.shutdown, wait=True, cancel_futures=True)
        for engine in self._engines.values():  # one that was started again by the sentence in progress
            await asyncio.to_thread(engine.close)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def normalise(self, text: str) -> NormalizedText:
        """Return ``text`` as it will be spoken. Quick and pure.

        Raises:
            TextError: too long, or not human text.
        """
        return self._normaliser.normalise(text)

    def voices(self) -> list[Voice]:
        """Return the voices of all engines, the default first."""
        known = [voice for engine in self._engines.values() for voice in engine.voices()]
        return sorted(known, key=lambda voice: voice.id != self._default_voice)

    async def engines(self) -> list[EngineStatus]:
        """Tell of each engine whether it can be used now, and why not."""
        # not behind what is being rendered: a status page cannot wait for a bulletin
        return [await asyncio.to_thread(engine.available) for engine in self._engines.values()]

    async def speak(
        self, text: str, *, voice: str | None = None, speed: float = 1.0, profile: LoudnessProfile = HORN
    ) -> MasteredAudio:
        """Render ``text``. The same words in the same voice are rendered once.

        Raises:
            TextError: nothing to say, too long.
            UnknownVoice, SpeedOutOfRange: the request is at fault.
            EngineError: the chosen engine gave no speech. No other is tried.
            AudioError, CacheError: the sound could not be finished or kept.
            StudioBusy: the queue is full or the studio stopped.
        """
        chosen = VoiceId(voice) if voice else self._default_voice
        request = SpeechRequest(text=text, voice=chosen, speed=float(speed), profile=profile)
        return await self._run(lambda: self._speak(request))

    async def chime(self, priority: str, *, profile: LoudnessProfile = HORN) -> MasteredAudio:
        """Return the chime of ``routine``, ``priority`` or ``emergency``.

        Raises:
            UnknownChime: no such priority.
            SpeechError: as :meth:`speak`.
        """
        key = ["chime", priority, master.VERSION, dataclasses.asdict(profile)]
        return await self._run(lambda: self._finish(key, lambda: assemble.chime(priority), profile))

    async def recorded(self, path: Path, *, profile: LoudnessProfile = HORN) -> MasteredAudio:
        """Check and master an uploaded recording. The same file is mastered once.

        Raises:
            AudioError: unreadable, too short, too long, silent or clipped.
            SpeechError: as :meth:`speak`.
        """

        def work() -> MasteredAudio:
            key = ["recorded", _content(path), master.VERSION, dataclasses.asdict(profile)]
            return self._finish(key, lambda: assemble.trim(read_recording(path)), profile)

        return await self._run(work)

    async def programme(
        self,
        parts: Sequence[MasteredAudio],
        *,
        pause_ms: int = assemble.PARAGRAPH_PAUSE_MS,
        profile: LoudnessProfile = HORN,
    ) -> MasteredAudio:
        """Join finished parts (chime, greeting, bulletins, sign-off) into one file at the profile's level.

        Raises:
            SpeechError: as :meth:`speak`.
        """
        # the parts are shaped already; once more would only squash them
        level = dataclasses.replace(profile, low_cut_hz=None, high_cut_hz=None, presence_db=0.0, compression_ratio=1.0)

        def make() -> Pcm:
            return assemble.join([master.read(part.path) for part in parts], [pause_ms] * len(parts))

        key = ["programme", [part.sha256 for part in parts], pause_ms, master.VERSION, dataclasses.asdict(level)]
        return await self._run(lambda: self._finish(key, make, level))

    async def _run(self, work: Callable[[], T]) -> T:
        """Do ``work`` on the studio's thread, after what was asked before."""
        if self._executor is None:
            raise StudioBusy("Bộ phận đọc chưa chạy hoặc đã dừng (speech is not running).")
        if self._waiting >= MAX_WAITING:
            raise StudioBusy(f"Đang có {self._waiting} việc chờ đọc, hãy thử lại sau (queue full).")
        self._waiting += 1
        try:
            future = asyncio.get_running_loop().run_in_executor(self._executor, self._guarded, work)
        except RuntimeError as error:
            self._waiting -= 1
            raise StudioBusy("Bộ phận đọc đang dừng (speech is stopping).") from error
        future.add_done_callback(self._done)
        # shielded: an impatient caller goes away, the work is finished and kept for the next one
        return await asyncio.shield(future)

    def _done(self, future: "asyncio.Future[T]") -> None:
        self._waiting -= 1
        if not future.cancelled() and future.exception() is not None:
            logger.debug("speech job failed: %s", future.exception())

    def _guarded(self, work: Callable[[], T]) -> T:
        if self._stopping.is_set():
            raise StudioBusy("Bộ phận đọc đang dừng (speech is stopping).")
        return work()

    def _engine_of(self, voice: VoiceId) -> Engine:
        engine = self._engines.get(engine_of(voice))
        if engine is None or voice not in {known.id for known in engine.voices()}:
            raise UnknownVoice(f"Không có giọng “{voice}” (no such voice).")
        return engine

    def _speak(self, request: SpeechRequest) -> MasteredAudio:
        if not MIN_SPEED <= request.speed <= MAX_SPEED:
            raise SpeedOutOfRange(f"Tốc độ {request.speed:g} ngoài khoảng {MIN_SPEED:g}–{MAX_SPEED:g}.")
        engine = self._engine_of(request.voice)
        text = self._normaliser.normalise(request.text)
        if not text.spoken.strip():
            raise NothingToSay("Văn bản không có gì để đọc (nothing to say).")
        key = [
            *("speech", engine.id, engine.version, request.voice, engine.fingerprint(request.voice), request.speed),
            *(text.version, [[part.spoken, part.ends_paragraph] for part in text.sentences]),
            *(master.VERSION, dataclasses.asdict(request.profile)),
        ]
        return self._finish(key, lambda: self._say(engine, request, text), request.profile)

    def _say(self, engine: Engine, request: SpeechRequest, text: NormalizedText) -> Pcm:
        status = engine.available()
        if not status.available:
            raise EngineUnavailable(engine.id, f"Bộ đọc {engine.id} không dùng được: {status.reason}")
        parts: list[Pcm] = []
        pauses_ms: list[int] = []
        for sentence in text.sentences:
            if self._stopping.is_set():
                raise StudioBusy("Bộ phận đọc đang dừng (speech is stopping).")
            if sentence.spoken:
                said = assemble.trim(engine.synth(sentence.spoken, request.voice, request.speed, self._deadline_s))
                if not said.frames:
                    raise EngineAnswer(engine.id, f"Bộ đọc {engine.id} im lặng ở câu: “{sentence.written[:80]}”.")
                parts.append(said)
                pauses_ms.append(assemble.SENTENCE_PAUSE_MS)
            if sentence.ends_paragraph and pauses_ms:
                pauses_ms[-1] = assemble.PARAGRAPH_PAUSE_MS
        return assemble.join(parts, pauses_ms)

    def _finish(self, parts: Sequence[object], make: Callable[[], Pcm], profile: LoudnessProfile) -> MasteredAudio:
        """Return the kept file for this request, or make, master and keep it."""
        key = cache_key(parts)
        kept = self._cache.get(key)
        return kept or self._cache.put(key, master.master(make(), profile, self._cache.work))


def _be_polite() -> None:
    """Lower this thread's priority; the processes it starts inherit it."""
    with contextlib.suppress(OSError, AttributeError):  # not Linux: nothing to lower
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _POLITENESS)


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AudioUnreadable(f"Không đọc được tệp {path.name}: {error}.") from error


def local_studio(
    folder: Path,
    *,
    online: bool = False,
    ca_bundle: Path | None = None,
    lexicon: Lexicon | None = None,
    reading: Reading = NORTHERN,
    default_voice: VoiceId = DEFAULT_VOICE,
) -> Studio:
    """Build a studio of the engines that ship with the product over ``folder``; ``online`` switches gtts on."""
    return Studio(
        engines=(EspeakEngine(), GttsEngine(enabled=online, ca_bundle=ca_bundle)),
        cache=AudioCache(folder),
        lexicon=lexicon or national(),
        reading=reading,
        default_voice=default_voice,
    )
