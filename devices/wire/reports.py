"""What a cluster says: it alone knows what happened. Sealed with its own key, the will included."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from devices.model import Outcome, Priority
from devices.wire.base import EpochMs, Percent, Sha256Id, Token, Why, Wire


class ClockState(Wire):
    """How far the cluster trusts its clock."""

    src: Literal["ntp", "exchange", "hold", "none"]
    trusted: bool
    off_ms: float = 0.0
    """Wall clock minus the gateway's, by the exchange."""
    unc_ms: float = 0.0


class PlanState(Wire):
    rev: int
    seq: int
    until_ms: EpochMs
    ready: int = 0
    """Entries whose every asset is verified on this cluster."""
    total: int = 0


class JournalState(Wire):
    head: int
    acked: int


class Activity(StrEnum):
    IDLE = "idle"
    ARMED = "armed"
    PLAYING = "playing"
    PAUSED = "paused"
    SILENCED = "silenced"
    MAINTENANCE = "maintenance"


RootSealed = Annotated[str, Field(max_length=65_536)]
"""A document as the root key sealed it: whoever passes it on can neither make it nor change it."""


class Birth(Wire):
    """Retained. Says who is here since when, and how it stands."""

    online: Literal[True] = True
    sid: Token
    boot: int
    nonce: Token
    fw: Token
    model: Token
    config_seq: int = 0
    plan: PlanState | None = None
    clock: ClockState
    journal: JournalState
    activity: Activity = Activity.IDLE
    occ: str | None = None
    silent: bool = False
    volume_percent: Percent = 0
    at_ms: EpochMs
    uptime_ms: int = Field(ge=0)
    """Since boot, by the clock that nobody sets: which of two births of a session was said later."""
    policy_version: Annotated[int, Field(ge=0)] | None = None
    permits_rev: Annotated[int, Field(ge=0)] | None = None
    keys_version: Annotated[int, Field(ge=0)] | None = None
    """The newest this pole ever took. A claim, which proves nothing; ``None``: an agent that does not say."""
    newer_policy: RootSealed | None = None
    newer_keys: RootSealed | None = None
    """What the root key sealed and this pole keeps, told while the configuration offered to it brings an older one."""


class Death(Wire):
    """The will. Ignored when ``sid`` is not the session the gateway knows."""

    online: Literal[False] = False
    sid: Token


class AckState(StrEnum):
    RECEIVED = "received"
    ACCEPTED = "accepted"
    ARMED = "armed"
    DONE = "done"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class Ack(Wire):
    """What became of a command or a document; the same answer again for a repeated one."""

    ref: Token
    """The ``jti`` it answers."""
    typ: Token
    st: AckState
    why: Why | None = None
    occ: str | None = None
    seq: int | None = None
    volume_percent: Percent | None = None
    activity: Activity | None = None
    sid: Token
    at_ms: EpochMs


class AssetReport(Wire):
    """Where a file stands on the cluster. ``ready`` only after hash, size, decoding and duration were checked."""

    id: Sha256Id
    st: Literal["queued", "fetching", "ready", "failed"]
    why: Literal["http", "hash", "size", "decode", "duration", "disk", "timeout"] | None = None
    detail: Why = ""
    bytes: int = 0
    at_ms: EpochMs


class Telemetry(Wire):
    """Every 30 s. Missing ones are how a dead or muzzled cluster shows."""

    sid: Token
    at_ms: EpochMs
    uptime_s: int
    activity: Activity
    occ: str | None = None
    silent: bool = False
    volume_percent: Percent = 0
    clock: ClockState
    plan: PlanState | None = None
    journal: JournalState
    temp_c: float | None = None
    free_mb: int | None = None
    rssi_dbm: int | None = None
    volts_ac: float | None = None
    on_battery: bool | None = None
    amp_on: bool | None = None
    drops: Annotated[dict[str, int], Field(default_factory=dict)]
    """Messages refused without an answer, by reason, since boot: somebody is probing."""
    faults: tuple[str, ...] = ()


class ClockRequest(Wire):
    n: int
    t1_us: int


class Frames(Wire):
    want: Annotated[int, Field(ge=0)]
    out: Annotated[int, Field(ge=0)]
    rate: Annotated[int, Field(ge=0)]
    underruns: int = 0


class LevelEvidence(Wire):
    """Measured on the samples handed to the sound card, after volume."""

    rms_dbfs: float
    peak_dbfs: float
    silent_ms: int = 0
    """Longest run below -50 dBFS inside speech."""


class AmpEvidence(Wire):
    on: bool
    ma: int | None = None


class MicEvidence(Wire):
    rms_dbfs: float
    corr: float | None = None


class JournalEntry(Wire):
    """One line of the cluster's diary: numbered with no gap, chained by hash, kept until acknowledged."""

    n: Annotated[int, Field(ge=1)]
    prev: Annotated[str, Field(min_length=64, max_length=64)]
    """SHA-256 (hex) of the sealed bytes of entry ``n - 1``; 64 zeros for the first."""
    sid: Token
    typ: Literal["started", "finished"]
    occ: Annotated[str, Field(min_length=1, max_length=160)]
    att: Annotated[int, Field(ge=1)] = 1
    priority: Priority | None = None
    """Its class: sessions a day count all but emergencies, also after this entry left the plan."""
    at_ms: EpochMs
    plan_rev: int = 0
    want_ms: EpochMs
    clock: ClockState
    # of a start
    seek_ms: int | None = None
    # of an end
    result: Outcome | None = None
    why: Why | None = None
    by: Token | None = None
    start_ms: EpochMs | None = None
    """When the first frame left the sound card, by the disciplined clock; of a start: when it is to leave it."""
    start_error_us: int | None = None
    end_ms: EpochMs | None = None
    frames: Frames | None = None
    assets: tuple[Sha256Id, ...] = ()
    volume_percent: Percent | None = None
    segments: tuple[tuple[int, int], ...] = ()
    """What was heard, as ``[from_ms, to_ms)`` of the programme."""
    level: LevelEvidence | None = None
    amp: AmpEvidence | None = None
    mic: MicEvidence | None = None
