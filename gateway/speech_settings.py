"""Cài đặt giọng đọc: who reads, who stands in, how fast. Nothing is looked up here: see ``loa check-config``."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

ENGINES = ("espeak", "piper", "gtts")
USUAL = "vi+Annie"
_NAME = re.compile(r"[\w.+-]{1,100}")

Pause = Annotated[int, Field(ge=100, le=3000)]
"""Shorter, and sentences run together; longer, and people think that it is over."""


class Section(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Pauses(Section):
    """Quãng nghỉ after a sentence and after a paragraph."""

    sentence_ms: Pause = 450
    paragraph_ms: Pause = 900


class Speech(Section):
    """A voice is ``ENGINE:NAME``, or a name alone: of ``engine``; for ``fallback``, of espeak, always there."""

    online: bool = False
    """Allow the online engine (gTTS). Text then leaves the building."""
    engine: Literal["espeak", "piper", "gtts"] | None = None
    """By default the one that ``voice`` names, else espeak."""
    voice: Annotated[str, Field(validate_default=True)] = USUAL
    second_voice: str = ""
    """Takes turns with ``voice`` in long texts; empty: nobody does."""
    fallback: tuple[str, ...] = ()
    """Tried in this order, each for a whole bulletin, before it is approved. Empty: nobody stands in."""
    speed: Annotated[float, Field(ge=0.8, le=1.2)] = 1.0
    pauses: Pauses = Pauses()
    region: Literal["north", "south"] = "north"
    """How figures are read: nghìn, linh; or ngàn, lẻ."""
    phrases: bool = True
    """Speak the phrases of emergencies ahead, and have every pole hold them."""

    @property
    def voice_id(self) -> str:
        """The usual voice, with its engine."""
        return _full(self.voice, self.engine or "espeak")

    @property
    def second_voice_id(self) -> str:
        """The one beside it, with its engine; empty: none."""
        return _full(self.second_voice, self.voice_id.partition(":")[0]) if self.second_voice else ""

    @property
    def fallback_ids(self) -> tuple[str, ...]:
        """Who may stand in, with their engines."""
        return tuple(_full(name, "espeak") for name in self.fallback)

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Every voice that is set, after the path of its setting."""
        second = (("speech.second_voice", self.second_voice_id),) if self.second_voice else ()
        stand_ins = (("speech.fallback", name) for name in self.fallback_ids)
        return (("speech.voice", self.voice_id), *second, *stand_ins)

    @field_validator("engine")
    @classmethod
    def _engine_is_allowed(cls, engine: str | None, info: ValidationInfo) -> str | None:
        _expect_online(engine or "", info)
        return engine

    @field_validator("voice")
    @classmethod
    def _voice_fits_its_engine(cls, voice: str, info: ValidationInfo) -> str:
        engine = info.data.get("engine")
        if engine not in (None, "espeak") and voice == USUAL:
            raise _wrong(f"bộ đọc {engine} cần tên một giọng", f"{engine} needs the name of a voice")
        _expect_voice(voice, engine or "espeak", info)
        if engine is not None and _full(voice, engine).partition(":")[0] != engine:
            raise _wrong(f"không phải giọng của {engine}", f"no voice of {engine}, which is the engine")
        return voice

    @field_validator("second_voice")
    @classmethod
    def _second_is_another(cls, second: str, info: ValidationInfo) -> str:
        engine = info.data.get("engine") or info.data.get("voice", "").rpartition(":")[0] or "espeak"
        if second:
            _expect_voice(second, engine, info)
            if "voice" in info.data and _full(second, engine) == _full(info.data["voice"], engine):
                raise _wrong("trùng với giọng thứ nhất", "is the first voice again")
        return second

    @field_validator("fallback")
    @classmethod
    def _stand_ins_are_voices(cls, fallback: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for name in fallback:
            _expect_voice(name, "espeak", info)
        return fallback


def _full(name: str, engine: str) -> str:
    return name if ":" in name else f"{engine}:{name}"


def _expect_voice(name: str, engine: str, info: ValidationInfo) -> None:
    of, _, voice = _full(name, engine).partition(":")
    if of not in ENGINES:
        known = ", ".join(ENGINES)
        raise _wrong(f"“{name}”: không có bộ đọc “{of}”, có: {known}", f"no engine “{of}”")
    if _NAME.fullmatch(voice) is None:
        raise _wrong(f"“{name}” không phải tên giọng", "not the name of a voice")
    _expect_online(of, info)


def _expect_online(engine: str, info: ValidationInfo) -> None:
    if engine == "gtts" and info.data.get("online") is False:
        raise _wrong("gtts cần speech.online = true (văn bản rời trụ sở)", "gtts needs speech.online = true")


def _wrong(vi: str, en: str) -> PydanticCustomError:
    return PydanticCustomError("speech", "{words}", {"words": f"{vi} / {en}"})
