"""Google's online voice through gTTS: off unless the operator turns it on. The text leaves the house.

An undocumented service that may change or refuse at any time: low volume, cached, labelled, and never the only way.
"""

import importlib.metadata
import importlib.util
import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tts.engines.worker import Worker
from tts.errors import (
    EngineCrashed,
    EngineError,
    EngineTimeout,
    EngineUnavailable,
    OnlineBlocked,
    OnlineBusy,
    OnlineDown,
    OnlineNotSpeech,
    OnlineUnreachable,
    OnlineUntrusted,
    UnknownVoice,
)
from tts.ffmpeg import with_tempo
from tts.model import EngineId, EngineStatus, Gender, Pcm, Quality, Region, Voice, VoiceId, voice_id

ENGINE = EngineId("gtts")
VOICE = voice_id(ENGINE, "vi")
MAX_PIECE_CHARS = 100
"""What the service takes at once. It would cut in the middle of a phrase; we cut at clauses."""

_COMMAND = (sys.executable, "-m", "tts.engines.gtts_worker")
_GRACE_S = 1.0  # the worker answers "timeout" itself; past this it is killed
_MIN_PIECE_S = 0.1
_CLAUSE = re.compile("(?<=[,;:.!?]) ")
_SAID: dict[str, tuple[type[EngineError], str]] = {
    "blocked": (OnlineBlocked, "Dịch vụ đọc trực tuyến từ chối (403)."),
    "busy": (OnlineBusy, "Dịch vụ đọc trực tuyến báo quá nhiều yêu cầu (429). Hãy đợi rồi thử lại."),
    "down": (OnlineDown, "Dịch vụ đọc trực tuyến đang hỏng"),
    "unreachable": (OnlineUnreachable, "Không nối được với dịch vụ đọc trực tuyến, hoặc kết nối bị cắt."),
    "untrusted": (OnlineUntrusted, "Chứng thư của dịch vụ đọc trực tuyến không hợp lệ: có thể có người chen vào giữa."),
    "not-speech": (OnlineNotSpeech, "Dịch vụ trả lời nhưng không phải giọng nói (trang đăng nhập?)"),
    "timeout": (EngineTimeout, "Dịch vụ đọc trực tuyến không trả lời đúng hạn."),
}


def pieces(sentence: str) -> Iterator[str]:
    """Cut ``sentence`` into pieces the service takes: at clauses, else at blanks, else anywhere."""
    held = ""
    for clause in _CLAUSE.split(sentence):
        rest = f"{held} {clause}".strip()
        if len(rest) > MAX_PIECE_CHARS and held:
            yield held
            rest = clause
        while len(rest) > MAX_PIECE_CHARS:
            place = rest.rfind(" ", 0, MAX_PIECE_CHARS + 1)
            place = place if place > 0 else MAX_PIECE_CHARS
            yield rest[:place].strip()
            rest = rest[place:].strip()
        held = rest
    if held:
        yield held


class GttsEngine:
    """``ca_bundle``: certificates to trust instead of the usual ones. The environment's ``https_proxy`` is honoured."""

    def __init__(
        self, *, enabled: bool, tld: str = "com", ca_bundle: Path | None = None, command: Sequence[str] = _COMMAND
    ) -> None:
        self._enabled = enabled
        self._tld = tld
        self._ca_bundle = str(ca_bundle) if ca_bundle else ""
        self._worker = Worker(ENGINE, command)

    @property
    def id(self) -> EngineId:
        return ENGINE

    @property
    def online(self) -> bool:
        return True

    @property
    def quality(self) -> Quality:
        return Quality.NEURAL

    @property
    def version(self) -> str:
        try:
            return f"gTTS {importlib.metadata.version('gTTS')} {self._tld}"
        except importlib.metadata.PackageNotFoundError:
            return ""

    def voices(self) -> tuple[Voice, ...]:
        return (
            Voice(
                id=VOICE,
                label="Google (trực tuyến, giọng nữ miền Bắc)",
                gender=Gender.FEMALE,
                region=Region.NORTH,
                engine=ENGINE,
                quality=Quality.NEURAL,
                licence="dịch vụ trực tuyến không có cam kết (unofficial online service)",
                attribution="Google Translate qua gTTS",
            ),
        )

    def available(self) -> EngineStatus:
        return EngineStatus(
            engine=ENGINE,
            available=not self._why_not(),
            online=True,
            quality=Quality.NEURAL,
            version=self.version,
            reason=self._why_not(),
        )

    def fingerprint(self, voice: VoiceId) -> str:
        # the voice lives on somebody else's machine: all we can tell is which
        return f"{voice}@{self._tld}"

    def synth(self, sentence: str, voice: VoiceId, speed: float, deadline_s: float) -> Pcm:
        if voice != VOICE:
            raise UnknownVoice(f"gtts không có giọng {voice} (no such voice).")
        if self._why_not():
            raise EngineUnavailable(ENGINE, self._why_not())
        request = {
            "pieces": list(pieces(sentence)),
            "tld": self._tld,
            "ca_bundle": self._ca_bundle,
            "deadline_s": deadline_s,
        }
        answer, body = self._worker.call(request, deadline_s + _GRACE_S)
        if not answer.get("ok"):
            raise _refusal(answer)
        said = _decode(answer, body)
        return said if speed == 1.0 else with_tempo(said, speed)

    def close(self) -> None:
        self._worker.close()

    def _why_not(self) -> str:
        if not self._enabled:
            return "Giọng trực tuyến đang tắt trong cấu hình."
        return "" if importlib.util.find_spec("gtts") else "Chưa cài gói gTTS."


def _refusal(answer: dict[str, Any]) -> EngineError:
    kind, said = _SAID.get(str(answer.get("code")), (EngineCrashed, "Bộ đọc trực tuyến trả lời không hiểu được."))
    detail = str(answer.get("detail", ""))
    return kind(ENGINE, f"{said} [{detail}]" if detail else said)


def _decode(answer: dict[str, Any], body: bytes) -> Pcm:
    """Decode each piece by itself, so that one broken piece is not hidden by its neighbours."""
    samples: list[np.ndarray[Any, np.dtype[np.int16]]] = []
    rate_hz, place = 0, 0
    for size in answer["sizes"]:
        try:
            sound, rate = soundfile.read(io.BytesIO(body[place : place + size]), dtype="int16", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise OnlineNotSpeech(ENGINE, f"Dịch vụ trả về thứ không phải âm thanh ({error}).") from error
        if len(sound) < rate * _MIN_PIECE_S or (rate_hz and rate != rate_hz):
            raise OnlineNotSpeech(ENGINE, "Dịch vụ trả về âm thanh rỗng hoặc không đều (empty audio).")
        samples.append(sound[:, 0])
        rate_hz, place = rate, place + size
    if not samples:
        raise OnlineNotSpeech(ENGINE, "Dịch vụ không trả về âm thanh nào (no audio).")
    return Pcm(np.concatenate(samples).astype("<i2").tobytes(), rate_hz)
