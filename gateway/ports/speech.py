"""How services get speech: text in, mastered audio out. Fits :mod:`tts.speech` by shape."""

from pathlib import Path
from typing import Protocol

from tts.model import MasteredAudio, NormalizedText, Voice


class Speech(Protocol):
    def normalise(self, text: str) -> NormalizedText: ...

    def voices(self) -> list[Voice]: ...

    async def speak(self, text: str, *, voice: str | None = None, speed: float = 1.0) -> MasteredAudio:
        """Render and master ``text``. Slow; called at approval, never at air time.

        Raises:
            tts.errors.SpeechError: with the reason in Vietnamese.
        """
        ...

    async def chime(self, priority: str) -> MasteredAudio: ...

    async def recorded(self, path: Path) -> MasteredAudio: ...
