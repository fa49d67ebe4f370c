"""Người đọc: sentences to sound. Chooses the engine of each voice, keeps what was said, joins it with pauses."""

from collections.abc import Callable, Sequence

from tts import assemble
from tts.cache import cache_key
from tts.casting import cast
from tts.engines.port import Engine
from tts.errors import EngineAnswer, EngineUnavailable, PauseOutOfRange, SpeedOutOfRange, UnknownVoice
from tts.model import NormalizedText, Pcm, SpeechRequest, VoiceId, engine_of
from tts.sentences import SentenceCache

MIN_SPEED, MAX_SPEED = 0.8, 1.2
"""Past these a voice is no longer understood from across a street."""
MIN_PAUSE_MS, MAX_PAUSE_MS = 100, 3000
"""Shorter, and sentences run together; longer, and people think that it is over."""
SENTENCE_DEADLINE_S = 30.0


class Reader:
    """``between`` is called before each sentence, and raises to stop."""

    def __init__(
        self,
        engines: Sequence[Engine],
        sentences: SentenceCache,
        *,
        between: Callable[[], None],
        deadline_s: float = SENTENCE_DEADLINE_S,
    ) -> None:
        self.engines = {engine.id: engine for engine in engines}
        self._sentences = sentences
        self._between = between
        self._deadline_s = deadline_s

    def expect(self, request: SpeechRequest) -> None:
        """Check everything about a request but its text.

        Raises:
            UnknownVoice, SpeedOutOfRange, PauseOutOfRange
        """
        if not MIN_SPEED <= request.speed <= MAX_SPEED:
            raise SpeedOutOfRange(f"Tốc độ {request.speed:g} ngoài khoảng {MIN_SPEED:g}–{MAX_SPEED:g}.")
        for pause_ms in (request.pauses.sentence_ms, request.pauses.paragraph_ms):
            if not MIN_PAUSE_MS <= pause_ms <= MAX_PAUSE_MS:
                raise PauseOutOfRange(f"Quãng nghỉ {pause_ms} ms ngoài khoảng {MIN_PAUSE_MS}–{MAX_PAUSE_MS} ms.")
        for voice in request.voices:
            self.engine(voice)

    def engine(self, voice: VoiceId) -> Engine:
        """Return the engine of ``voice``.

        Raises:
            UnknownVoice: no engine offers it.
        """
        engine = self.engines.get(engine_of(voice))
        if engine is None or voice not in {known.id for known in engine.voices()}:
            raise UnknownVoice(f"Không có giọng “{voice}” (no such voice).")
        return engine

    def identity(self, voice: VoiceId, speed: float) -> list[object]:
        """Return what, beside the words, decides how a sentence sounds. Part of cache keys.

        Raises:
            UnknownVoice, EngineUnavailable: its data cannot be read.
        """
        engine = self.engine(voice)
        return [engine.id, engine.version, voice, engine.fingerprint(voice), speed]

    def roles(self, text: NormalizedText, request: SpeechRequest) -> tuple[VoiceId, ...]:
        """Return the voice of each sentence of ``text``."""
        return cast(text.sentences, request.voices)

    def read(self, text: NormalizedText, request: SpeechRequest) -> Pcm:
        """Say ``text``: every sentence, or none.

        Raises:
            EngineError: an engine gave no speech.
            CacheError: a sentence could not be kept.
        """
        roles = self.roles(text, request)
        for voice in dict.fromkeys(roles):
            status = self.engine(voice).available()
            if not status.available:
                raise EngineUnavailable(status.engine, f"Bộ đọc {status.engine} không dùng được: {status.reason}")
        parts: list[Pcm] = []
        speakers: list[VoiceId] = []
        pauses_ms: list[int] = []
        for sentence, voice in zip(text.sentences, roles, strict=True):
            self._between()
            if sentence.spoken:
                parts.append(self.sentence(sentence.spoken, voice, request.speed))
                speakers.append(voice)
                pauses_ms.append(request.pauses.sentence_ms)
            if sentence.ends_paragraph and pauses_ms:
                pauses_ms[-1] = request.pauses.paragraph_ms
        return assemble.join(assemble.alike(parts, speakers), pauses_ms)

    def sentence(self, spoken: str, voice: VoiceId, speed: float) -> Pcm:
        """Say one normalised sentence, or find it among those said before.

        Raises:
            EngineError, UnknownVoice, CacheError
        """
        engine = self.engine(voice)
        key = cache_key(["sentence", *self.identity(voice, speed), spoken])
        kept = self._sentences.get(key)
        if kept is not None:
            return kept
        said = assemble.trim(engine.synth(spoken, voice, speed, self._deadline_s))
        if not said.frames:
            raise EngineAnswer(engine.id, f"Bộ đọc {engine.id} im lặng ở câu: “{spoken[:80]}”.")
        self._sentences.put(key, said)
        return said
