"""What the services need for cameras: eyes to look with, and somewhere to keep what people and looks said.

Raises, from any method of a store: :class:`gateway.domain.errors.StoreFailed`: nothing was changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from devices.model import ClusterId
from devices.model.camera import Depth
from gateway.domain.camera_alert import AlertId, CameraAlert
from gateway.domain.camera_history import Slice
from gateway.domain.camera_look import Look
from gateway.domain.camera_watch import CameraWatch
from gateway.domain.device import Camera, CameraId, Particulars
from gateway.domain.identity import Marks
from gateway.domain.targets import Cluster, Zone
from gateway.domain.ticket import Ticket, TicketId
from gateway.ports.records import AuditNote


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where a camera is asked, and with what. The password shows in no repr and no log."""

    host: str
    port: int
    tls: bool
    fingerprint: str
    user: str
    password: str = field(repr=False)
    credential: int = 0
    """Another number whenever user or password were edited: what was refused is then tried again."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One device that answered a search."""

    host: str
    port: int
    tls: bool
    marks: Marks
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Surveyed:
    """What a camera says of itself when it is asked everything."""

    marks: Marks
    firmware: str = ""
    profile: str = ""
    """ONVIF profiles it claims, e.g. ``S, T``."""


class Hint(StrEnum):
    """What a camera tells by itself, as far as it is a reason to look."""

    PULSE = "pulse"
    """It still answers; nothing happened that matters."""
    CALM = "calm"
    """What moved before it does not move any more: does its picture still live?"""
    TROUBLE = "trouble"
    """Somebody is at it, its picture is bad or gone, or it has just booted."""


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One event, as a camera told it. It proves nothing; the look that comes of it does."""

    at_ms: int
    """By our clock: cameras' lie."""
    kind: str
    """Stable slug of the driver: ``motion``, ``tamper``, ``reboot``, ..., ``other``."""
    on: bool | None = None
    """Whether it began or ended; ``None``: it is neither."""


class Told(Protocol):
    """Is told what a camera says, as it says it."""

    def __call__(self, hint: Hint, happened: Happened | None = None, /) -> None: ...


class CameraEyes(Protocol):
    """Looks at cameras, reading only. Answers within its own time limits, whatever the camera does."""

    async def look(self, door: Door, memory: Mapping[str, Any], depth: Depth) -> Look:
        """Look once. What is wrong with the camera is in the answer, never raised."""
        ...

    async def survey(self, door: Door, memory: Mapping[str, Any]) -> Surveyed | None:
        """Ask everything a camera says of itself; ``None``: it did not answer."""
        ...

    async def listen(self, door: Door, memory: Mapping[str, Any], *, told: Told) -> str:
        """Pass on what the camera tells by itself, until it stops; return why. Nothing it does is raised."""
        ...

    async def search(self, *, seconds: float) -> Sequence[Found]:
        """Ask the ward's network who is there (WS-Discovery)."""
        ...


class Cameras(Protocol):
    """Danh mục: cameras with their sealed passwords, and the particulars of loudspeakers."""

    async def all(self) -> Sequence[Camera]: ...

    async def save(self, cameras: Sequence[Camera], *, secrets: Mapping[CameraId, str], note: AuditNote) -> None:
        """Keep all of them or none. ``secrets`` are sealed; an empty one takes the password away.

        Raises:
            BadInput: a neighbourhood that does not exist.
        """
        ...

    async def remove(self, camera: CameraId, *, note: AuditNote) -> bool: ...

    async def secrets(self) -> Mapping[CameraId, str]:
        """Return the sealed password of every camera that has one."""
        ...

    async def particulars(self) -> Mapping[ClusterId, Particulars]: ...

    async def save_ward(
        self,
        zones: Sequence[Zone],
        clusters: Sequence[Cluster],
        particulars: Mapping[ClusterId, Particulars],
        *,
        note: AuditNote,
    ) -> None:
        """Keep neighbourhoods, clusters and what is on their boxes: all of it or none."""
        ...


class CameraLog(Protocol):
    """Lịch sử: what looks found."""

    async def watches(self) -> Sequence[CameraWatch]: ...

    async def keep(self, watches: Sequence[CameraWatch], slices: Sequence[Slice]) -> None:
        """Keep how cameras are now, and add to their slices, in one transaction."""
        ...

    async def slices(self, *, since_ms: int, until_ms: int, camera: CameraId | None = None) -> Sequence[Slice]:
        """Return slices that begin in ``[since_ms, until_ms)``, oldest first."""
        ...

    async def melt(self, *, now_ms: int) -> None:
        """Make hours of old five-minute slices, and forget what is older than is kept."""
        ...


class CameraAlerts(Protocol):
    async def standing(self) -> Sequence[CameraAlert]:
        """Return those that are not closed."""
        ...

    async def get(self, alert: AlertId) -> CameraAlert | None: ...

    async def save(self, alerts: Sequence[CameraAlert], *, note: AuditNote | None) -> None: ...

    async def next_id(self) -> AlertId: ...

    async def history(self, *, limit: int, camera: CameraId | None = None) -> Sequence[CameraAlert]:
        """Return the newest, open and closed."""
        ...


class Tickets(Protocol):
    async def get(self, ticket: TicketId) -> Ticket | None: ...

    async def all(self, *, device: str | None = None, open_only: bool = False) -> Sequence[Ticket]:
        """Return them, the newest first."""
        ...

    async def open_(self, ticket: Ticket, *, note: AuditNote) -> Ticket:
        """Keep a new one under the next number, whatever number it came with."""
        ...

    async def save(self, ticket: Ticket, *, was_steps: int, was_photos: int, note: AuditNote) -> None:
        """Keep it.

        Raises:
            Stale: somebody else changed it meanwhile.
        """
        ...


class Pictures(Protocol):
    """Ảnh: repair photos, kept with the ward; blurred thumbnails, gone after a day and in no backup."""

    async def keep_photo(self, raw: bytes) -> str:
        """Keep a photo without its place and camera data, no larger than a screen; return its SHA-256.

        Raises:
            BadInput: it is no picture.
        """
        ...

    async def photo(self, sha256: str) -> bytes | None: ...

    async def keep_thumbnail(self, camera: CameraId, jpeg: bytes, *, at_ms: int) -> None: ...

    async def thumbnail(self, camera: CameraId, *, now_ms: int) -> tuple[int, bytes] | None:
        """Return when it was taken and the picture; nothing that is a day old."""
        ...

    async def forget(self, *, before_ms: int, keep: frozenset[CameraId]) -> int:
        """Delete thumbnails taken before, and those of cameras not in ``keep``; count them."""
        ...
