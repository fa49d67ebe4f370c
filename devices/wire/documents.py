"""What a cluster keeps: its configuration, its plan (kế hoạch trên loa), and the kill switch. Retained and sealed."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from devices.model import PERMITS_AT_MOST, Priority
from devices.wire.base import EpochMs, Percent, Sha256Id, Slug, Token, Why, Wire


class KeyRole(StrEnum):
    """What a key may be used for; :data:`devices.seal.MAY_SEAL` is the table."""

    ROOT = "root"
    GATEWAY = "gateway"
    EMERGENCY = "emergency"
    DEVICE = "device"


class KeyEntry(Wire):
    kid: Token
    role: KeyRole
    pub: Annotated[str, Field(min_length=43, max_length=43)]
    """Ed25519 public key, 32 bytes in base64url without padding."""


class KeyList(Wire):
    """Which keys speak for this ward. Sealed by the root key, so a stolen gateway key cannot add another."""

    site: Slug
    version: Annotated[int, Field(ge=1)]
    keys: tuple[KeyEntry, ...]


class LocalWindow(Wire):
    start: Annotated[str, Field(pattern=r"^[0-2][0-9]:[0-5][0-9]$")]
    end: Annotated[str, Field(pattern=r"^[0-2][0-9]:[0-5][0-9]$")]


class VolumeCeiling(LocalWindow):
    max_percent: Percent


class PermitEntry(Wire):
    """Giấy phép phát ngoài giờ: from when to when quiet hours and weekdays do not refuse. At most four hours."""

    start_ms: EpochMs
    end_ms: EpochMs


class PolicyDocument(Wire):
    """Quy chế: :class:`devices.model.AirRules` on the wire.

    Sealed by the root key, so that quiet hours hold even against a stolen gateway.
    """

    name: Token
    version: Annotated[int, Field(ge=1)]
    zone: Token
    windows: tuple[LocalWindow, ...]
    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = (0, 1, 2, 3, 4, 5, 6)
    sessions_per_day: Annotated[int, Field(ge=1)] | None = None
    session_max_s: Annotated[int, Field(ge=1)] | None = None
    music_allowed_from: Annotated[str, Field(pattern=r"^[0-2][0-9]:[0-5][0-9]$")] | None = None
    max_percent: Percent = 85
    ceilings: tuple[VolumeCeiling, ...] = ()
    emergency_min_percent: Percent = 0
    permits: Annotated[tuple[PermitEntry, ...], Field(max_length=PERMITS_AT_MOST)] = ()
    permits_rev: Annotated[int, Field(ge=0)] = 0
    """Grows with every permit given or taken back. A pole never goes back to a lower one of the same ``version``."""


class VolumeLimits(Wire):
    default_percent: Percent = 70
    max_percent: Percent = 85
    """The technician's own ceiling for this cluster, e.g. next to a school; the policy's may be lower, never higher."""


class ConfigBody(Wire):
    """cấu hình: everything a cluster needs that is not a play."""

    keys: str
    """A sealed :class:`KeyList` (typ ``keys``, root key)."""
    policy: str | None = None
    """A sealed :class:`PolicyDocument` (typ ``policy``, root key). Without one, nothing but an emergency may sound."""
    zones: tuple[Slug, ...] = ()
    tz: Token = "Asia/Ho_Chi_Minh"
    dac_offset_ms: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """Trim added to every start, e.g. for echo plans; positive is later."""
    amp_wake_ms: Annotated[int, Field(ge=0, le=5000)] = 600
    """How long the amplifier needs before the first word is not cut off."""
    volume: VolumeLimits = VolumeLimits()
    maintenance: bool = False
    asset_base: Annotated[str, Field(max_length=500)]
    """``GET {asset_base}{sha256 hex}`` gives the audio."""
    cache_mb: Annotated[int, Field(ge=64)] = 2048


class AfterOverride(StrEnum):
    """What an interrupted play does when the louder one is over."""

    SEEK = "seek"
    RESTART = "restart"
    DROP = "drop"


class LatePolicy(Wire):
    mode: Literal["seek", "from_start", "skip"] = "seek"
    max_ms: Annotated[int, Field(ge=0)] = 120_000


class PlayItem(Wire):
    """One piece of a programme: an asset, a stretch of one (``phrase``), or a pause."""

    role: Literal["chime", "greeting", "bulletin", "recorded", "sign_off", "pause", "tone", "phrase"]
    """``phrase`` is a role of its own so that a pole that cannot skip refuses the order instead of misreading it."""
    asset: Sha256Id | None = None
    dur_ms: Annotated[int, Field(ge=0, le=14_400_000)]
    skip_ms: Annotated[int, Field(ge=0, le=14_400_000)] | None = None
    """Of a ``phrase``: how far into the file it begins."""
    bulletin: Token | None = None
    music: bool = False

    @model_validator(mode="after")
    def _only_a_phrase_skips(self) -> Self:
        if (self.role == "phrase") != (self.skip_ms is not None) or (self.role == "phrase" and self.asset is None):
            raise ValueError("a phrase, and nothing else, has an asset and skip_ms")
        return self


class PlanEntry(Wire):
    """One occurrence on this cluster."""

    occ: Annotated[str, Field(min_length=1, max_length=160)]
    start_at_ms: EpochMs
    dur_ms: Annotated[int, Field(ge=1, le=14_400_000)]
    priority: Priority = Priority.ROUTINE
    level: Annotated[int, Field(ge=0, le=254)] = 70
    items: Annotated[tuple[PlayItem, ...], Field(min_length=1)]
    volume_percent: Percent = 70
    late: LatePolicy = LatePolicy()
    after_override: AfterOverride = AfterOverride.SEEK
    title: Annotated[str, Field(max_length=200)] = ""


class AssetEntry(Wire):
    """A file the cluster must hold. Bytes, duration and hash are all checked before it is ready."""

    id: Sha256Id
    bytes: Annotated[int, Field(ge=1, le=500_000_000)]
    mime: Token
    dur_ms: Annotated[int, Field(ge=1)]
    need_by_ms: EpochMs
    level: Annotated[int, Field(ge=0, le=255)] = 70
    """Higher is fetched first; an emergency's clip pre-empts a bulk fetch."""


class PlanBody(Wire):
    """Declarative: it replaces the plan before it; what is absent is cancelled unless it has begun."""

    rev: Annotated[int, Field(ge=0)]
    from_ms: EpochMs
    until_ms: EpochMs
    entries: tuple[PlanEntry, ...] = ()
    assets: tuple[AssetEntry, ...] = ()


class SilenceBody(Wire):
    """IM LẶNG: while ``silent``, a cluster sounds nothing at all, emergencies and test tones included."""

    silent: bool
    by: Token
    at_ms: EpochMs
    why: Why = ""


class GatewayState(Wire):
    """Birth (sealed) of the gateway; its will is the bare ``{"online": false, "sid": ...}``."""

    online: bool
    sid: Token
    at_ms: EpochMs | None = None


class GatewayInstance(Wire):
    """One run of a gateway, told to every other gateway of the ward. Birth, renewal and will are all sealed."""

    instance: Slug
    """Fresh at every start: a copied data folder does not copy it."""
    sid: Token
    """Of this connection: a will of an earlier one takes nothing away."""
    online: bool
    host: Annotated[str, Field(max_length=128)] = ""
    address: Annotated[str, Field(max_length=64)] = ""
    """Of this end of its connection to the broker: a cloned machine has the same name and another address."""
    folder: Annotated[str, Field(max_length=200)] = ""
    """Its data, by which two on one machine are told apart."""
    started_ms: EpochMs
    n: Annotated[int, Field(ge=0)] = 0
    """Grows with every renewal: the same one again is no sign of life."""
    leads: bool = False
    """It plans and gives orders; the others stand by."""
    epoch: Annotated[int, Field(ge=0)] = 0
    seq: Annotated[int, Field(ge=0)] = 0
    """The highest number it has issued."""
