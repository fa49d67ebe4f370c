"""The words of speech: voices, sound, loudness, and a text made ready to be read. Pure data."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NewType

EngineId = NewType("EngineId", str)
"""``espeak``, ``gtts``, later ``piper``."""

VoiceId = NewType("VoiceId", str)
"""``<engine>:<name in the engine>``, e.g. ``espeak:vi+Annie``: one string finds both."""

BYTES_PER_SAMPLE = 2


def voice_id(engine: str, name: str) -> VoiceId:
    """Build the id of the voice ``name`` of ``engine``."""
    return VoiceId(f"{engine}:{name}")


def engine_of(voice: VoiceId) -> EngineId:
    """Return the engine part of a voice id (empty when there is none)."""
    return EngineId(voice.partition(":")[0] if ":" in voice else "")


def name_of(voice: VoiceId) -> str:
    """Return the part of a voice id that its engine understands."""
    return voice.partition(":")[2]


class Quality(StrEnum):
    """How it sounds, told honestly: only ``NEURAL`` and ``RECORDED`` are broadcast quality."""

    BASIC = "basic"
    NEURAL = "neural"
    RECORDED = "recorded"


class Gender(StrEnum):
    """Giọng nữ / giọng nam."""

    FEMALE = "female"
    MALE = "male"


class Region(StrEnum):
    """Miền Bắc / Trung / Nam."""

    NORTH = "north"
    CENTRAL = "central"
    SOUTH = "south"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Giọng đọc."""

    id: VoiceId
    label: str
    gender: Gender
    region: Region
    engine: EngineId
    quality: Quality
    licence: str
    attribution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """Whether an engine can be asked now, and in Vietnamese why not."""

    engine: EngineId
    available: bool
    online: bool
    quality: Quality
    version: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pcm:
    """Sound: 16-bit little-endian mono samples.

    Raises:
        ValueError: half a sample, or a rate that is not positive.
    """

    data: bytes = field(repr=False)
    rate_hz: int

    def __post_init__(self) -> None:
        if len(self.data) % BYTES_PER_SAMPLE:
            raise ValueError(f"{len(self.data)} bytes are not whole 16-bit samples")
        if self.rate_hz <= 0:
            raise ValueError(f"sample rate {self.rate_hz}")

    @property
    def frames(self) -> int:
        return len(self.data) // BYTES_PER_SAMPLE

    @property
    def duration_ms(self) -> int:
        return round(self.frames * 1000 / self.rate_hz)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """Độ to as EBU R128 measures it."""

    integrated_lufs: float
    true_peak_dbtp: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LoudnessProfile:
    """What a file must measure to suit a kind of loudspeaker, and how it is shaped on the way.

    ``name`` is part of the cache key together with every number here.
    """

    name: str
    integrated_lufs: float
    true_peak_max_dbtp: float
    low_cut_hz: int | None = None
    high_cut_hz: int | None = None
    presence_db: float = 0.0
    compression_ratio: float = 1.0
    bitrate_kbps: int = 64


HORN = LoudnessProfile(
    name="horn",
    integrated_lufs=-16.0,
    true_peak_max_dbtp=-1.5,
    # below it a horn only excites the echo of the street; above it there is nothing but hiss
    low_cut_hz=300,
    high_cut_hz=6000,
    presence_db=3.0,
    compression_ratio=3.0,
)
"""Loa nén ngoài trời."""

INDOOR = LoudnessProfile(name="indoor", integrated_lufs=-23.0, true_peak_max_dbtp=-1.5)
"""Loa trong nhà: full band at the level of EBU R128."""

PROFILES = {profile.name: profile for profile in (HORN, INDOOR)}


@dataclass(frozen=True, slots=True, kw_only=True)
class MasteredAudio:
    """A finished file named by its SHA-256. ``duration_ms`` is what a decoder counts, ``loudness`` what it measures."""

    path: Path
    sha256: str
    bytes: int
    mime: str
    duration_ms: int
    loudness: Loudness


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRequest:
    """What to say, by whom, how fast, for which loudspeaker."""

    text: str
    voice: VoiceId
    speed: float = 1.0
    profile: LoudnessProfile = HORN


class DoubtKind(StrEnum):
    """Why an operator should look at a token before it is read out."""

    ACRONYM = "acronym"
    """All capitals and in no list: it will be spelled out."""
    FOREIGN = "foreign"
    """Not a Vietnamese syllable and in no list."""
    AMBIGUOUS = "ambiguous"
    """Several readings, and the context does not decide."""
    SUSPECT = "suspect"
    """Looks like a typing error."""
    SYMBOL = "symbol"
    """A sign or a letter that has no reading and will not be heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One stretch of the written sentence that is read otherwise, and the rule that says so."""

    start: int
    end: int
    written: str
    spoken: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A token the machine is not sure of, at ``start`` in the written sentence; ``note`` says why in Vietnamese."""

    start: int
    token: str
    kind: DoubtKind
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Một câu: as written and as it will be spoken. ``spoken`` holds letters, blanks and ``,.;:?!`` only."""

    written: str
    spoken: str
    changes: tuple[Change, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    ends_paragraph: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalizedText:
    """Văn bản đã chuẩn hóa, sentence by sentence. ``version`` names the rules that made it."""

    sentences: tuple[Sentence, ...]
    version: str

    @property
    def spoken(self) -> str:
        """Everything that will be said, one sentence a line."""
        return "\n".join(sentence.spoken for sentence in self.sentences)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        return tuple(doubt for sentence in self.sentences for doubt in sentence.doubts)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Tokens in no list, each once, in order of appearance."""
        kinds = (DoubtKind.ACRONYM, DoubtKind.FOREIGN, DoubtKind.SYMBOL)
        return tuple(dict.fromkeys(doubt.token for doubt in self.doubts if doubt.kind in kinds))

    @property
    def ambiguous(self) -> tuple[str, ...]:
        """Tokens with several readings or that look mistyped, each once."""
        kinds = (DoubtKind.AMBIGUOUS, DoubtKind.SUSPECT)
        return tuple(dict.fromkeys(doubt.token for doubt in self.doubts if doubt.kind in kinds))
