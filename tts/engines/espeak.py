"""espeak-ng: always there, instant, small, and not broadcast quality. The default and the last resort.

GPL-3.0 code: it runs in its own process (:mod:`tts.engines.espeak_worker`) and is spoken to through a pipe.
"""

import hashlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from tts.engines.worker import Worker
from tts.errors import EngineAnswer, EngineError, EngineUnavailable, UnknownVoice
from tts.model import EngineId, EngineStatus, Gender, Pcm, Quality, Region, Voice, VoiceId, name_of, voice_id

ENGINE = EngineId("espeak")
DEFAULT_VOICE = voice_id(ENGINE, "vi+Annie")
"""Of all its voices this one keeps the six tones furthest apart."""

_WORDS_PER_MINUTE = 130
_VOLUME_PERCENT = 80  # at 100 the peaks reach full scale
_PACKAGE = "espeakng_loader"
_COMMAND = (sys.executable, "-m", "tts.engines.espeak_worker")
_ASK_DEADLINE_S = 20.0
_SHARED_DATA = ("vi_dict", "phontab", "phonindex", "phondata", "intonations")

_VOICES = tuple(
    Voice(
        id=voice_id(ENGINE, name),
        label=label,
        gender=gender,
        region=region,
        engine=ENGINE,
        quality=Quality.BASIC,
        licence="GPL-3.0-or-later",
        attribution="eSpeak NG",
    )
    for name, label, gender, region in (
        ("vi+Annie", "Giọng nữ miền Bắc (máy, mặc định)", Gender.FEMALE, Region.NORTH),
        ("vi+f3", "Giọng nữ miền Bắc 2 (máy)", Gender.FEMALE, Region.NORTH),
        ("vi", "Giọng nam miền Bắc (máy)", Gender.MALE, Region.NORTH),
        ("vi-vn-x-south", "Giọng nam miền Nam (máy, thanh điệu yếu)", Gender.MALE, Region.SOUTH),
    )
)
"""No central voice: in espeak's the tones collapse, so a listener would mishear."""


class EspeakEngine:
    """``command`` starts the worker; tests give one that misbehaves."""

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        self._worker = Worker(ENGINE, command)
        self._fingerprints: dict[VoiceId, str] = {}

    @property
    def id(self) -> EngineId:
        return ENGINE

    @property
    def online(self) -> bool:
        return False

    @property
    def quality(self) -> Quality:
        return Quality.BASIC

    @property
    def version(self) -> str:
        try:
            return f"espeakng-loader {importlib.metadata.version('espeakng-loader')}"
        except importlib.metadata.PackageNotFoundError:
            return ""

    @property
    def worker_pid(self) -> int | None:
        """The worker process, when there is one."""
        return self._worker.pid

    def voices(self) -> tuple[Voice, ...]:
        return _VOICES

    def available(self) -> EngineStatus:
        reason = ""
        if _package() is None:
            reason = "Chưa cài gói espeakng-loader."
        else:
            try:
                self._worker.call({"ask": "version"}, _ASK_DEADLINE_S)
            except EngineError as error:
                reason = str(error)
        return EngineStatus(
            engine=ENGINE,
            available=not reason,
            online=False,
            quality=Quality.BASIC,
            version=self.version,
            reason=reason,
        )

    def fingerprint(self, voice: VoiceId) -> str:
        if voice not in self._fingerprints:
            self._fingerprints[voice] = self._hash_data(voice)
        return self._fingerprints[voice]

    def synth(self, sentence: str, voice: VoiceId, speed: float, deadline_s: float) -> Pcm:
        if voice not in {known.id for known in _VOICES}:
            raise UnknownVoice(f"espeak không có giọng {voice} (no such voice).")
        request = {
            "text": sentence,
            "voice": name_of(voice),
            "words_per_minute": round(_WORDS_PER_MINUTE * speed),
            "volume": _VOLUME_PERCENT,
            "deadline_s": deadline_s,
        }
        answer, samples = self._worker.call_twice(request, deadline_s)
        if not answer.get("ok"):
            raise UnknownVoice(f"Bản cài espeak thiếu giọng {voice} (voice data missing).")
        if not samples:
            raise EngineAnswer(ENGINE, "espeak không tạo ra âm thanh nào (no sound).")
        return Pcm(samples, int(answer["rate_hz"]))

    def close(self) -> None:
        self._worker.close()

    @staticmethod
    def _hash_data(voice: VoiceId) -> str:
        package = _package()
        if package is None:
            raise EngineUnavailable(ENGINE, "Chưa cài gói espeakng-loader.")
        data = package / "espeak-ng-data"
        _, _, variant = name_of(voice).partition("+")
        names = [*_SHARED_DATA, *([f"voices/!v/{variant}"] if variant else [])]
        digest = hashlib.sha256(str(voice).encode())
        try:
            for name in names:
                digest.update((data / name).read_bytes())
        except OSError as error:
            raise EngineUnavailable(ENGINE, f"Dữ liệu giọng espeak không đọc được: {error}.") from error
        return digest.hexdigest()


def _package() -> Path | None:
    """Find the package without importing it: its library belongs in the worker only."""
    spec = importlib.util.find_spec(_PACKAGE)
    places = list(spec.submodule_search_locations or []) if spec else []
    return Path(places[0]) if places else None
