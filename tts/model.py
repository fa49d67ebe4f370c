"""The words of speech: voices, sound, loudness, and a text made ready to be read. Pure data."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NewType

EngineId = NewType("EngineId", str)
"""``espeak``, ``piper``, ``gtts``."""

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
    UNKNOWN = "unknown"
    """A voice that was dropped in and says nothing of itself."""


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
    """Of an MP3."""
    opus_kbps: int = 32


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


class Codec(StrEnum):
    """What a finished file is encoded with; its value is also the ending of its name."""

    MP3 = "mp3"
    OPUS = "opus"

    @property
    def mime(self) -> str:
        return "audio/mpeg" if self is Codec.MP3 else "audio/ogg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """Quãng nghỉ after a sentence and after a paragraph."""

    sentence_ms: int = 450
    paragraph_ms: int = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingReport:
    """Biên bản: what was found in a person's recording and what was done to it. Levels are of the whole upload."""

    recorded_ms: int
    kept_ms: int
    cut_start_ms: int
    cut_end_ms: int
    peak_dbfs: float
    speech_dbfs: float
    """The level that only a twentieth of the time is exceeded."""
    background_dbfs: float
    """The level that all but a tenth of the time is exceeded."""
    clipped_share: float
    warnings: tuple[str, ...] = ()
    """What a person should listen for, in Vietnamese. None of it is reason enough to refuse."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The report in words: what was kept at which levels, then the warnings."""
        kept = f"Ghi âm {self.recorded_ms / 1000:.1f} giây, giữ {self.kept_ms / 1000:.1f} giây"
        levels = f"tiếng nói {self.speech_dbfs:.0f}, nền {self.background_dbfs:.0f}, đỉnh {self.peak_dbfs:.0f} dBFS"
        return (f"{kept}; {levels}.", *self.warnings)


@dataclass(frozen=True, slots=True, kw_only=True)
class MasteredAudio:
    """A finished file named by its SHA-256. ``duration_ms`` is what a decoder counts, ``loudness`` what it measures."""

    path: Path
    sha256: str
    bytes: int
    mime: str
    duration_ms: int
    loudness: Loudness
    voices: tuple[VoiceId, ...] = ()
    """Who really speaks in it, in order of appearance; empty for chimes and recordings."""
    fallback_reason: str = ""
    """Not empty: this is not the voice that was asked for, and why, in Vietnamese. To be shown before approval."""
    recording: RecordingReport | None = None

    @property
    def engine(self) -> EngineId:
        """Which engine really spoke; empty for chimes and recordings."""
        return engine_of(self.voices[0]) if self.voices else EngineId("")

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person should know of this file before approving it, in Vietnamese."""
        stood_in = (self.fallback_reason,) if self.fallback_reason else ()
        return (*stood_in, *(self.recording.lines if self.recording else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRequest:
    """What to say, by whom, how fast, for which loudspeaker."""

    text: str
    voice: VoiceId
    second_voice: VoiceId | None = None
    """Takes turns with the first in a long text."""
    speed: float = 1.0
    pauses: Pauses = Pauses()
    profile: LoudnessProfile = HORN
    codec: Codec = Codec.MP3

    @property
    def voices(self) -> tuple[VoiceId, ...]:
        return (self.voice,) if self.second_voice in (None, self.voice) else (self.voice, self.second_voice)


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
    choices: tuple[str, ...] = ()
    """The readings an operator may choose from, when it is ``AMBIGUOUS``."""


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
