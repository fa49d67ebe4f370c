"""What an engine is. To add one: fit this shape, and hand it to the :class:`tts.speech.Studio`."""

from typing import Protocol

from tts.model import EngineId, EngineStatus, Pcm, Quality, Voice, VoiceId


class Engine(Protocol):
    """Bộ đọc. Called from one thread at a time; a call may block until its deadline."""

    @property
    def id(self) -> EngineId:
        """First part of the ids of its voices."""
        ...

    @property
    def online(self) -> bool:
        """Whether the text leaves the house."""
        ...

    @property
    def quality(self) -> Quality:
        """How it sounds, told honestly."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same request may sound different. Part of the cache key."""
        ...

    def voices(self) -> tuple[Voice, ...]:
        """Return the voices it offers, the default first."""
        ...

    def available(self) -> EngineStatus:
        """Tell whether it can be asked now. Never raises, never goes online."""
        ...

    def fingerprint(self, voice: VoiceId) -> str:
        """Return a hash of the data behind ``voice``. Part of the cache key."""
        ...

    def synth(self, sentence: str, voice: VoiceId, speed: float, deadline_s: float) -> Pcm:
        """Say one normalised sentence; ``speed`` 1.0 is the voice's own pace.

        Raises:
            EngineError: no speech, and why, within ``deadline_s``.
            UnknownVoice: not one of its voices.
        """
        ...

    def close(self) -> None:
        """Let go of processes. A later call starts them again."""
        ...
