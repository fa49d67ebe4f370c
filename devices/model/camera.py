"""Camera: what one look at a camera is given, finds and remembers. Frozen data; who looks is `devices.cameras`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from devices.model.camera_cause import SEVERITY, Cause, Layer, Severity, Status
from devices.model.camera_info import AuthKind, DeviceInfo, VideoProfile, clean
from devices.model.camera_memory import Memory, PictureMemory

__all__ = [
    "SEVERITY", "AuthKind", "BootSign", "Cause", "Depth", "DeviceInfo", "Door", "Found", "Layer", "LayerResult",
    "Memory", "Metrics", "PictureMemory", "Secret", "Severity", "Sighting", "Status", "Survey", "VideoProfile", "clean",
]  # fmt: skip


class Depth(IntEnum):
    """How closely to look; each includes the ones before it."""

    MINUTE = 1
    """TCP, clock and login, on one connection."""
    FULL = 2
    """And the stream."""
    PICTURE = 3
    """And one snapshot, measured and thrown away. Only where a person turned pictures on."""


class BootSign(StrEnum):
    """What hints at a reboot. One is a hint; two within minutes, or one with an outage, are a reboot."""

    CLOCK_BACK = "clock_back"
    """Its clock jumped back, or lost its date."""
    SUBSCRIPTION_GONE = "subscription_gone"
    HELLO = "hello"
    """It said hello with a new instance."""
    EVENT = "event"
    """It told of it itself."""


class Secret:
    """A password. Says nothing of itself in ``repr``, formats, logs and exceptions; ask with :meth:`reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return it; where it is used, and nowhere else."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce__(self) -> Any:
        raise TypeError("a Secret is not pickled")


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where a camera is, as a person enrolled it, and how to get in. Nothing in it comes from the camera."""

    host: str
    """Name or address; an IPv6 literal without brackets, with ``%interface`` if it is link-local."""
    port: int = 80
    tls: bool = False
    fingerprint: str = ""
    """SHA-256 of the certificate that a person accepted, 64 hex digits; empty: the first one seen is remembered."""
    user: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    credential: int = 0
    """Goes up whenever somebody edits user or password: a refused one is then tried again at once."""
    path: str = "/onvif/device_service"


@dataclass(frozen=True, kw_only=True)
class LayerResult:
    """How one layer is. ``ok`` None: not looked at, or an earlier layer was in the way."""

    layer: Layer
    ok: bool | None
    ms: int | None = None
    """How long it took."""
    cause: Cause | None = None
    """Set with ``ok`` True too, when it is only worth knowing (`Severity.INFO`)."""
    detail: str = ""
    """The evidence, for a technician: HTTP code, fault text. Never holds a password."""


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """What is measured in one snapshot, the band of its clock left out."""

    width: int
    height: int
    mean: float
    """0 to 255."""
    std: float
    entropy: float
    """Bits per pixel, 0 to 8."""
    sharpness: float
    """Variance of the Laplacian."""
    colour: float
    """Mean distance of red from blue: near 0 in infrared light."""
    blocks: str = ""
    """Size, and Base64 of one hash per 8x8 block, to compare with the next picture."""
    edges: str = ""
    """Base64 of a coarse map of edges, to compare with the reference. Shows nobody's face."""
    same_blocks: float | None = None
    """Share of blocks equal bit for bit to the previous picture's."""
    likeness: float | None = None
    """Correlation of edges with the reference, -1 to 1."""


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """Kết quả một lần xem: everything that one look found. ``layers`` always has all five."""

    at_ms: int
    """When it began (epoch ms)."""
    depth: Depth
    layers: tuple[LayerResult, ...]
    device: DeviceInfo | None = None
    clock_offset_s: float | None = None
    """Camera minus true time, in seconds; None: it did not say, or no date at all."""
    profiles: tuple[VideoProfile, ...] = ()
    stream_uri: str | None = None
    """On the enrolled host, without password; None: there is none, or nobody looked."""
    snapshot_uri: str | None = None
    notes: tuple[Cause, ...] = ()
    """What belongs to no layer: rebooted, replaced, addresses elsewhere, firmware."""
    boot_signs: tuple[BootSign, ...] = ()
    metrics: Metrics | None = None
    thumbnail: bytes | None = field(default=None, repr=False)
    """A small blurred JPEG, if it was asked for."""
    auth: AuthKind | None = None
    fingerprint: str = ""
    """SHA-256 of the certificate it showed."""
    memory: Memory = field(default_factory=Memory)
    """To be given to the next look."""

    def layer(self, layer: Layer) -> LayerResult:
        """Return how this layer is."""
        return next(each for each in self.layers if each.layer is layer)

    @property
    def cause(self) -> Cause | None:
        """The one to say first: the worst, and of equals the first in the order of the layers."""
        causes = [each.cause for each in self.layers if each.cause is not None]
        return max((*causes, *self.notes), key=lambda cause: SEVERITY[cause], default=None)

    @property
    def status(self) -> Status:
        """All of it in one word."""
        cause = self.cause
        if cause is not None and SEVERITY[cause] >= Severity.WARNING:
            return Status.CRITICAL if SEVERITY[cause] is Severity.CRITICAL else Status.WARNING
        return Status.OK if any(each.ok for each in self.layers) else Status.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Khảo sát: everything a camera says of itself, asked for at enrolment and every few hours."""

    device: DeviceInfo
    services: Mapping[str, str] = field(default_factory=dict)
    """Namespace of each service -> its path on the camera."""
    profiles: tuple[VideoProfile, ...] = ()
    onvif: tuple[str, ...] = ()
    """Profiles of the standard it claims: ``Streaming`` (S), ``T``, ``G``, ``M``."""
    scopes: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    """Its own addresses, as it says."""
    macs: tuple[str, ...] = ()
    hostname: str = ""
    ntp: tuple[str, ...] = ()
    events: bool = False
    stream_uri: str | None = None
    snapshot_uri: str | None = None
    clock_offset_s: float | None = None
    refused: tuple[str, ...] = ()
    """Calls it did not answer, with its words."""
    notes: tuple[Cause, ...] = ()
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, kw_only=True)
class Found:
    """Tìm thấy: one device that answered a search. ``host`` is where the answer came from, not what it said."""

    host: str
    port: int
    tls: bool = False
    path: str = "/onvif/device_service"
    uuid: str = ""
    name: str = ""
    model: str = ""
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    """The addresses it named, for a technician; not to be followed."""
    instance: int | None = None
    """Grows with each of its boots, where it keeps to the standard."""
    by: str = "multicast"
    """``multicast``, ``unicast`` or ``sweep``."""
    xaddr_mismatch: bool = False
    """It named another host than the one it answered from."""
