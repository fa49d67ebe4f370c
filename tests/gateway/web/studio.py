"""A studio that reads text as the product does and "speaks" at once; its sound is made of the words."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tts.errors import AudioUnreadable, EngineCrashed, NothingToSay, UnknownChime
from tts.model import EngineId, Gender, Loudness, MasteredAudio, NormalizedText, Quality, Region, Voice, VoiceId
from tts.phrases import Cut, PhraseSheet
from tts.text.lexicon import Lexicon
from tts.text.lexicon_file import national
from tts.text.normaliser import Normaliser
from tts.text.reading import NORTHERN

SPEECH_MS = 60_000


class FakeStudio:
    """Fits :class:`gateway.ports.speech.Speech`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._normaliser = Normaliser(national(), NORTHERN)
        self.broken = False
        self.mute: set[str | None] = set()

    def normalise(self, text: str, by: Lexicon | None = None) -> NormalizedText:
        return (self._normaliser if by is None else Normaliser(by, NORTHERN)).normalise(text)

    def use_lexicon(self, lexicon: Lexicon) -> None:
        self._normaliser = Normaliser(lexicon, NORTHERN)

    def voices(self) -> list[Voice]:
        return [
            Voice(
                id=VoiceId("fake:an"),
                label="An",
                gender=Gender.FEMALE,
                region=Region.NORTH,
                engine=EngineId("fake"),
                quality=Quality.BASIC,
                licence="CC0",
            )
        ]

    async def speak(
        self,
        text: str,
        *,
        voice: str | None = None,
        second_voice: str | None = None,
        speed: float | None = None,
        fallback: Sequence[str] = (),
        urgent: bool = False,
    ) -> MasteredAudio:
        if self.broken:
            raise EngineCrashed("fake", "giọng đọc hỏng hai lần liền")
        made = self._master(f"{voice}|{second_voice}|{speed}|{text}".encode(), SPEECH_MS)
        if voice in self.mute and fallback:
            why = f"Đã dùng giọng dự phòng {fallback[0]} vì giọng {voice} không đọc được: hỏng"
            return replace(made, voices=(VoiceId(fallback[0]),), fallback_reason=why)
        return replace(made, voices=tuple(VoiceId(each) for each in (voice, second_voice) if each))

    async def preview(
        self,
        text: str,
        sentence: int,
        *,
        voice: str | None = None,
        second_voice: str | None = None,
        speed: float | None = None,
    ) -> MasteredAudio:
        said = self.normalise(text).sentences
        if not 0 <= sentence < len(said):
            raise NothingToSay(f"không có câu thứ {sentence + 1}")
        return self._master(f"{voice}|{second_voice}|{speed}|{said[sentence].spoken}".encode(), 3_000)

    async def phrases(
        self, texts: Sequence[str], *, voice: str | None = None, speed: float = 1.0, urgent: bool = False
    ) -> PhraseSheet:
        if self.broken:
            raise EngineCrashed("fake", "giọng đọc hỏng hai lần liền")
        cuts = tuple(Cut(from_ms=1_000 * n, dur_ms=600) for n in range(len(texts)))
        audio = self._master(f"phrases|{voice}|{speed}|{'|'.join(texts)}".encode(), 1_000 * len(texts))
        return PhraseSheet(audio=audio, cuts=cuts)

    async def chime(self, priority: str) -> MasteredAudio:
        if priority not in {"routine", "priority", "emergency"}:
            raise UnknownChime(f"không có nhạc hiệu “{priority}”")
        return self._master(f"chime {priority}".encode(), 4_000)

    async def recorded(self, path: Path) -> MasteredAudio:
        content = path.read_bytes()
        if not content.startswith(b"ID3"):
            raise AudioUnreadable("không phải tệp âm thanh")
        return self._master(content, 30_000)

    def _master(self, content: bytes, duration_ms: int) -> MasteredAudio:
        sha256 = hashlib.sha256(content).hexdigest()
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{sha256}.mp3"
        path.write_bytes(content)
        return MasteredAudio(
            path=path,
            sha256=sha256,
            bytes=len(content),
            mime="audio/mpeg",
            duration_ms=duration_ms,
            loudness=Loudness(integrated_lufs=-16.0, true_peak_dbtp=-1.5),
        )
