"""Làm ra tệp: a request to a finished file, through the cache. Blocking: :class:`tts.speech.Studio` calls it."""

import dataclasses
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tts import assemble, master
from tts.cache import AudioCache, cache_key
from tts.engines.recorded import VERSION as RECORDED_VERSION
from tts.engines.recorded import check_recording
from tts.errors import AudioUnreadable, EngineError, NothingToSay, UnknownVoice
from tts.framing import Framing
from tts.model import Codec, LoudnessProfile, MasteredAudio, Pcm, SpeechRequest, VoiceId
from tts.phrases import PhraseSheet, lay_out, name_of_sound
from tts.reader import Reader
from tts.text.normaliser import Normaliser

logger = logging.getLogger(__name__)

_EDGE_MS = 250  # around a sentence that is listened to by itself


class Maker:
    """Every method returns the kept file when the same was asked before, and raises a :class:`SpeechError` else."""

    def __init__(
        self, *, cache: AudioCache, reader: Reader, normaliser: Normaliser, between: Callable[[], None]
    ) -> None:
        self._between = between
        self._cache = cache
        self._reader = reader
        self._normaliser = normaliser

    def read_by(self, normaliser: Normaliser) -> None:
        """Read by ``normaliser`` from the next request on; what is being made is finished as it was begun."""
        self._normaliser = normaliser

    def first_that_speaks(
        self, request: SpeechRequest, fallback: Sequence[str], make: Callable[[SpeechRequest], MasteredAudio]
    ) -> MasteredAudio:
        """Make the whole of it with the chosen voice, else with the first fallback that gives speech."""
        try:
            return make(request)
        except (EngineError, UnknownVoice) as error:
            why = error
        for voice in map(VoiceId, fallback):
            try:
                made = make(replace(request, voice=voice, second_voice=None))
            except (EngineError, UnknownVoice) as error:
                logger.warning("fallback voice %s gave no speech either: %s", voice, error)
                continue
            logger.warning("voice %s gave no speech, %s was taken: %s", request.voice, voice, why)
            return replace(
                made, fallback_reason=f"Đã dùng giọng dự phòng {voice} vì giọng {request.voice} không đọc được: {why}"
            )
        raise why

    def speak(self, request: SpeechRequest) -> MasteredAudio:
        self._reader.expect(request)
        text = self._normaliser.normalise(request.text)
        if not text.spoken.strip():
            raise NothingToSay("Văn bản không có gì để đọc (nothing to say).")
        voices = tuple(dict.fromkeys(self._reader.roles(text, request)))
        key = [
            *("speech", [self._reader.identity(voice, request.speed) for voice in voices]),
            *(text.version, [[part.spoken, part.ends_paragraph] for part in text.sentences]),
            *(dataclasses.asdict(request.pauses), master.VERSION, dataclasses.asdict(request.profile), request.codec),
        ]
        made = self._finish(key, lambda: self._reader.read(text, request), request.profile, request.codec)
        return replace(made, voices=voices)

    def preview(self, request: SpeechRequest, place: int) -> MasteredAudio:
        self._reader.expect(request)
        text = self._normaliser.normalise(request.text)
        if not 0 <= place < len(text.sentences) or not text.sentences[place].spoken:
            raise NothingToSay(f"Văn bản không có câu thứ {place + 1} để đọc (no such sentence).")
        voice, spoken = self._reader.roles(text, request)[place], text.sentences[place].spoken
        key = [
            *("preview", self._reader.identity(voice, request.speed), spoken),
            *(master.VERSION, dataclasses.asdict(request.profile)),
        ]

        def say() -> Pcm:
            said = self._reader.sentence(spoken, voice, request.speed)
            edge = assemble.silence(_EDGE_MS, said.rate_hz)
            return Pcm(edge.data + said.data + edge.data, said.rate_hz)

        return replace(self._finish(key, say, request.profile, Codec.MP3), voices=(voice,))

    def compose(self, request: SpeechRequest, framing: Framing) -> MasteredAudio:
        plain = replace(request, codec=Codec.MP3)
        parts = [self.chime(framing.priority, request.profile, Codec.MP3)]
        if framing.opening:
            parts.append(self.speak(replace(plain, text=framing.opening)))
        parts += [self.speak(plain)] * framing.repeats
        if framing.sign_off.strip():
            parts.append(self.speak(replace(plain, text=framing.sign_off)))
        made = self.programme(parts, request.pauses.paragraph_ms, request.profile, request.codec)
        return replace(made, voices=tuple(dict.fromkeys(voice for part in parts for voice in part.voices)))

    def chime(self, priority: str, profile: LoudnessProfile, codec: Codec) -> MasteredAudio:
        key = ["chime", priority, master.VERSION, dataclasses.asdict(profile), codec]
        return self._finish(key, lambda: assemble.chime(priority), profile, codec)

    def phrases(self, texts: Sequence[str], request: SpeechRequest) -> PhraseSheet:
        """Say each of ``texts`` in one breath, in the voice of ``request``, into one file."""
        self._reader.expect(request)
        said: list[Pcm] = []
        for text in texts:
            self._between()
            spoken = " ".join(one.spoken for one in self._normaliser.normalise(text).sentences if one.spoken)
            if not spoken:
                raise NothingToSay(f"Cụm từ “{text[:80]}” không có gì để đọc (nothing to say).")
            said.append(self._reader.sentence(spoken, request.voice, request.speed))
        sound, cuts = lay_out(said)
        # by the sound itself, not by the words: what an engine says twice may differ, and the cuts would not fit
        key = [
            *("phrases", name_of_sound(sound)),
            *(master.VERSION, dataclasses.asdict(request.profile), request.codec),
        ]
        made = self._finish(key, lambda: sound, request.profile, request.codec)
        return PhraseSheet(audio=replace(made, voices=(request.voice,)), cuts=cuts)

    def recorded(self, path: Path, profile: LoudnessProfile, codec: Codec) -> MasteredAudio:
        key = cache_key(
            ["recorded", _content(path), RECORDED_VERSION, master.VERSION, dataclasses.asdict(profile), codec]
        )
        kept = self._cache.get(key)
        if kept is not None:
            return kept
        sound, report = check_recording(path)
        return self._cache.put(key, master.master(sound, profile, self._cache.work, codec), report)

    def programme(
        self, parts: Sequence[MasteredAudio], pause_ms: int, profile: LoudnessProfile, codec: Codec
    ) -> MasteredAudio:
        # the parts are shaped already; once more would only squash them
        level = replace(profile, low_cut_hz=None, high_cut_hz=None, presence_db=0.0, compression_ratio=1.0)

        def make() -> Pcm:
            return assemble.join([master.read(part.path) for part in parts], [pause_ms] * len(parts))

        key = ["programme", [part.sha256 for part in parts], pause_ms, master.VERSION, dataclasses.asdict(level), codec]
        return self._finish(key, make, level, codec)

    def _finish(
        self, parts: Sequence[object], make: Callable[[], Pcm], profile: LoudnessProfile, codec: Codec
    ) -> MasteredAudio:
        """Return the kept file for this request, or make, master and keep it."""
        key = cache_key(parts)
        kept = self._cache.get(key)
        if kept is not None:
            return kept
        sound = make()
        self._between()
        return self._cache.put(key, master.master(sound, profile, self._cache.work, codec))


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AudioUnreadable(f"Không đọc được tệp {path.name}: {error}.") from error
