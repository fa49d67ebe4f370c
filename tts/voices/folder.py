"""Thư mục giọng: finds the voices that lie in a folder, and tells what is known of each.

A voice is two files, ``NAME.onnx`` and ``NAME.onnx.json``; a third, ``NAME.voice.json``, says where it comes from and
under which licence, and is written by installing. A voice that was only dropped in works, and is labelled as one of
which nobody has said whence it comes.
"""

import hashlib
import json
import logging
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tts.errors import VoiceUnusable
from tts.model import EngineId, Gender, Quality, Region, Voice, voice_id

logger = logging.getLogger(__name__)

PIPER = EngineId("piper")
MODEL, CONFIG, RECORD = ".onnx", ".onnx.json", ".voice.json"
MAX_CONFIG_BYTES = 1024 * 1024
UNDECLARED = "chưa khai báo (licence not declared)"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,79}")
_REGIONS = {"vi-vn-x-south": Region.SOUTH, "vi-vn-x-central": Region.CENTRAL}
_REGION_WORDS = {Region.NORTH: "miền Bắc", Region.CENTRAL: "miền Trung", Region.SOUTH: "miền Nam"}
_GENDER_WORDS = {Gender.FEMALE: "Giọng nữ", Gender.MALE: "Giọng nam", Gender.UNKNOWN: "Giọng"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceRecord:
    """Lý lịch của giọng: what was confirmed when it was installed."""

    licence: str
    attribution: str = ""
    source: str = ""
    label: str = ""
    gender: Gender = Gender.UNKNOWN
    region: Region | None = None
    """``None``: as the voice's own configuration says."""
    model_sha256: str = ""
    config_sha256: str = ""
    policy_version: str = ""
    installed_at: str = ""
    """ISO 8601, UTC."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedVoice:
    """A voice that lies in the folder."""

    name: str
    model: Path
    config: Path
    language: str
    rate_hz: int
    record: VoiceRecord | None

    @property
    def voice(self) -> Voice:
        """The voice as it is offered."""
        record = self.record or VoiceRecord(licence=UNDECLARED)
        region = record.region or _REGIONS.get(self.language, Region.NORTH)
        label = record.label or f"{_GENDER_WORDS[record.gender]} {_REGION_WORDS[region]} (Piper, {self.name})"
        return Voice(
            id=voice_id(PIPER, self.name),
            label=label if self.record else f"{label}, chưa rõ nguồn gốc",
            gender=record.gender,
            region=region,
            engine=PIPER,
            quality=Quality.NEURAL,
            licence=record.licence,
            attribution=record.attribution,
        )


def is_name(name: str) -> bool:
    """Whether ``name`` may name a voice: it becomes a file name and a word on a command line."""
    return _NAME.fullmatch(name) is not None


def read_config(path: Path) -> tuple[str, int]:
    """Return the language and the sample rate of a voice's configuration.

    Raises:
        VoiceUnusable: unreadable, not a Piper voice's, or not Vietnamese.
    """
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise VoiceUnusable(f"{path.name} quá lớn, không phải cấu hình giọng Piper (too large).")
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        language, rate_hz = str(content["espeak"]["voice"]).lower(), int(content["audio"]["sample_rate"])
        signs = content["phoneme_id_map"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VoiceUnusable(f"{path.name} không phải cấu hình giọng Piper: {error!r} (not a voice's).") from error
    if not isinstance(signs, dict) or not signs or rate_hz <= 0:
        raise VoiceUnusable(f"{path.name} không phải cấu hình giọng Piper (no phonemes, or no rate).")
    if language.split("-")[0] != "vi":
        raise VoiceUnusable(f"{path.name}: giọng này đọc tiếng “{language}”, không phải tiếng Việt (not Vietnamese).")
    return language, rate_hz


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        OSError
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class VoiceFolder:
    """Looks at the folder each time it is asked: a voice may be dropped in while the gateway runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._hashes: dict[Path, tuple[tuple[int, int], str]] = {}
        self._told: set[str] = set()

    def all(self) -> tuple[DroppedVoice, ...]:
        """Return the usable voices by name. What is not usable is told once in the log."""
        found: list[DroppedVoice] = []
        for model in sorted(self.folder.glob(f"*{MODEL}")):
            try:
                found.append(self._look(model))
            except VoiceUnusable as error:
                if str(error) not in self._told:
                    self._told.add(str(error))
                    logger.warning("voice %s is not offered: %s", model.name, error)
        return tuple(found)

    def find(self, name: str) -> DroppedVoice | None:
        """Return the voice of this name, if there is a usable one."""
        return next((voice for voice in self.all() if voice.name == name), None)

    def fingerprint(self, voice: DroppedVoice) -> str:
        """Return a hash of the model and its configuration, computed again only when a file changed.

        Raises:
            OSError: a file cannot be read.
        """
        return hashlib.sha256((self._hash(voice.model) + self._hash(voice.config)).encode()).hexdigest()

    def _hash(self, path: Path) -> str:
        about = path.stat()
        state = (about.st_size, about.st_mtime_ns)
        known = self._hashes.get(path)
        if known is None or known[0] != state:
            known = (state, sha256_of(path))
            self._hashes[path] = known
        return known[1]

    def _look(self, model: Path) -> DroppedVoice:
        name = model.name.removesuffix(MODEL)
        if not is_name(name):
            raise VoiceUnusable(f"Tên giọng “{name}” có ký tự không dùng được (bad name).")
        config = model.with_name(name + CONFIG)
        if not config.is_file():
            raise VoiceUnusable(f"Thiếu tệp {config.name} cạnh {model.name} (its configuration is missing).")
        language, rate_hz = read_config(config)
        return DroppedVoice(
            name=name,
            model=model,
            config=config,
            language=language,
            rate_hz=rate_hz,
            record=_record(model.with_name(name + RECORD)),
        )


def _record(path: Path) -> VoiceRecord | None:
    if not path.is_file():
        return None
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        region = fields.pop("region", None)
        gender = Gender(fields.pop("gender", Gender.UNKNOWN))
        return VoiceRecord(**fields, gender=gender, region=Region(region) if region else None)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise VoiceUnusable(f"{path.name} hỏng: {error!r} (a broken record).") from error
