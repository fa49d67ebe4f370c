"""How services get speech: text in, mastered audio out. Fits :mod:`tts.speech` by shape."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tts.model import MasteredAudio, NormalizedText, Voice
from tts.phrases import PhraseSheet
from tts.text.lexicon import Lexicon


class Speech(Protocol):
    def normalise(self, text: str, by: Lexicon | None = None) -> NormalizedText:
        """Return ``text`` as it will be spoken; ``by``: as it would be, by another lexicon."""
        ...

    def use_lexicon(self, lexicon: Lexicon) -> None:
        """Read by ``lexicon`` from now on."""
        ...

    def voices(self) -> list[Voice]: ...

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
        """Render and master ``text``. Slow; called at approval, never at air time.

        ``second_voice`` takes turns with the first in a long text. ``fallback``: voices for the whole text should the
        chosen one give no speech; the result says so. ``urgent``: ahead of the bulletins that wait.

        Raises:
            tts.errors.SpeechError: with the reason in Vietnamese.
        """
        ...

    async def preview(
        self,
        text: str,
        sentence: int,
        *,
        voice: str | None = None,
        second_voice: str | None = None,
        speed: float | None = None,
    ) -> MasteredAudio:
        """Render one sentence of ``text`` (the first is 0) in the voice it will have, ahead of whatever waits.

        Raises:
            tts.errors.SpeechError: there is no such sentence, or the engine gave no speech.
        """
        ...

    async def phrases(
        self, texts: Sequence[str], *, voice: str | None = None, speed: float = 1.0, urgent: bool = False
    ) -> PhraseSheet:
        """Say each of ``texts`` in one breath, into one file; unless ``urgent``, behind the bulletins that wait.

        Raises:
            tts.errors.SpeechError: all of them or none.
        """
        ...

    async def chime(self, priority: str) -> MasteredAudio: ...

    async def recorded(self, path: Path) -> MasteredAudio: ...
