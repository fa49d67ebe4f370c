"""Piper: neural voices that an operator drops into a folder. Offline, and as good as the voice.

GPL-3.0 code in an extra of its own (``pip install 'loaphuong[piper]'``): it runs in its own process
(:mod:`tts.engines.piper_worker`) and is spoken to through a pipe.
"""

import importlib.metadata
import importlib.util
import logging
import sys
from collections.abc import Sequence

from tts.engines.worker import Worker
from tts.errors import EngineAnswer, EngineUnavailable, UnknownVoice
from tts.model import EngineId, EngineStatus, Pcm, Quality, Voice, VoiceId, engine_of, name_of
from tts.voices.folder import PIPER, DroppedVoice, VoiceFolder

logger = logging.getLogger(__name__)

_COMMAND = (sys.executable, "-m", "tts.engines.piper_worker")
_NOT_INSTALLED = "Chưa cài phần giọng nơ-ron: pip install 'loaphuong[piper]' (the piper extra is not installed)."


class PiperEngine:
    """``command`` starts the worker; tests give one that misbehaves."""

    def __init__(self, voices: VoiceFolder, command: Sequence[str] = _COMMAND, package: str = "piper") -> None:
        self._voices = voices
        self._package = package
        self._worker = Worker(PIPER, command)
        self._told: set[tuple[VoiceId, tuple[str, ...]]] = set()

    @property
    def id(self) -> EngineId:
        return PIPER

    @property
    def online(self) -> bool:
        return False

    @property
    def quality(self) -> Quality:
        return Quality.NEURAL

    @property
    def version(self) -> str:
        try:
            return f"piper-tts {importlib.metadata.version('piper-tts')}"
        except importlib.metadata.PackageNotFoundError:
            return ""

    @property
    def worker_pid(self) -> int | None:
        """The worker process, when there is one."""
        return self._worker.pid

    def voices(self) -> tuple[Voice, ...]:
        return tuple(dropped.voice for dropped in self._voices.all())

    def available(self) -> EngineStatus:
        reason = self._why_not()
        return EngineStatus(
            engine=PIPER,
            available=not reason,
            online=False,
            quality=Quality.NEURAL,
            version=self.version,
            reason=reason,
        )

    def fingerprint(self, voice: VoiceId) -> str:
        try:
            return self._voices.fingerprint(self._find(voice))
        except OSError as error:
            raise EngineUnavailable(PIPER, f"Không đọc được giọng {voice}: {error}.") from error

    def synth(self, sentence: str, voice: VoiceId, speed: float, deadline_s: float) -> Pcm:
        if not self._installed():
            raise EngineUnavailable(PIPER, _NOT_INSTALLED)
        request = {
            "text": sentence,
            "model": str(self._find(voice).model.resolve()),
            "fingerprint": self.fingerprint(voice),
            "speed": speed,
            "deadline_s": deadline_s,
        }
        answer, samples = self._worker.call_twice(request, deadline_s)
        if not answer.get("ok"):
            raise EngineUnavailable(PIPER, f"Giọng {voice} hỏng, không nạp được (broken voice): {answer.get('detail')}")
        if not samples:
            raise EngineAnswer(PIPER, "Piper không tạo ra âm thanh nào (no sound).")
        self._tell(voice, tuple(answer.get("missing", ())))
        return Pcm(samples, int(answer["rate_hz"]))

    def close(self) -> None:
        self._worker.close()

    def _find(self, voice: VoiceId) -> DroppedVoice:
        found = self._voices.find(name_of(voice)) if engine_of(voice) == PIPER else None
        if found is None:
            raise UnknownVoice(f"Piper không có giọng {voice} (no such voice).")
        return found

    def _installed(self) -> bool:
        return importlib.util.find_spec(self._package) is not None

    def _why_not(self) -> str:
        if not self._installed():
            return _NOT_INSTALLED
        if not self._voices.all():
            return f"Chưa có giọng nào trong {self._voices.folder} (no voice in the folder)."
        return ""

    def _tell(self, voice: VoiceId, missing: tuple[str, ...]) -> None:
        """Say once that a voice leaves sounds out: its tones may be among them."""
        if missing and (voice, missing) not in self._told:
            self._told.add((voice, missing))
            logger.warning("voice %s was never taught the sounds %s and leaves them out", voice, " ".join(missing))
