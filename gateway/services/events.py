"""Việc vừa xảy ra: what screens are told, as small frozen facts. Whoever needs more asks the service that said it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from devices.model import ClusterId, OccurrenceId
from gateway.domain.people import Permission


@dataclass(frozen=True, kw_only=True)
class Event:
    """One fact. ``kind`` names it on the wire to the browser; ``needs`` is who may see it."""

    kind: ClassVar[str] = "event"
    needs: ClassVar[Permission] = Permission.READ

    def data(self) -> Mapping[str, Any]:
        """Return the JSON-ready form."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class ClusterChanged(Event):
    """A cluster came, went, or does something else now."""

    kind: ClassVar[str] = "cluster"
    cluster: ClusterId
    presence: str
    activity: str
    occ: str | None
    volume_percent: int
    silent: bool


@dataclass(frozen=True, kw_only=True)
class PlayBegan(Event):
    kind: ClassVar[str] = "play_began"
    occ: OccurrenceId
    cluster: ClusterId
    at_ms: int


@dataclass(frozen=True, kw_only=True)
class PlayEnded(Event):
    """A play has its outcome."""

    kind: ClassVar[str] = "play_ended"
    occ: OccurrenceId
    cluster: ClusterId
    outcome: str
    proof: str
    why: str


@dataclass(frozen=True, kw_only=True)
class AlarmRaised(Event):
    kind: ClassVar[str] = "alarm_raised"
    key: str
    severity: str
    text_vi: str
    text_en: str
    cluster: ClusterId | None


@dataclass(frozen=True, kw_only=True)
class AlarmCleared(Event):
    kind: ClassVar[str] = "alarm_cleared"
    key: str


@dataclass(frozen=True, kw_only=True)
class AlarmSeen(Event):
    kind: ClassVar[str] = "alarm_seen"
    key: str
    by: str


@dataclass(frozen=True, kw_only=True)
class CommandAnswered(Event):
    """A command got further on one cluster, or was given up waiting for."""

    kind: ClassVar[str] = "command"
    jti: str
    cluster: ClusterId
    typ: str
    state: str
    why: str


@dataclass(frozen=True, kw_only=True)
class PlansIssued(Event):
    kind: ClassVar[str] = "plans"
    clusters: int
    why: str


@dataclass(frozen=True, kw_only=True)
class ReadinessChanged(Event):
    """How many clusters hold everything for one coming airtime."""

    kind: ClassVar[str] = "readiness"
    occ: OccurrenceId
    ready: int
    total: int


@dataclass(frozen=True, kw_only=True)
class ContentChanged(Event):
    """A bulletin, programme, schedule or decision was written."""

    kind: ClassVar[str] = "content"
    what: str
    id: str
    state: str = ""


@dataclass(frozen=True, kw_only=True)
class SilenceChanged(Event):
    kind: ClassVar[str] = "silence"
    silent: bool
    by: str
    why: str


@dataclass(frozen=True, kw_only=True)
class EmergencyChanged(Event):
    """An emergency began, is heard by more clusters, or is over."""

    kind: ClassVar[str] = "emergency"
    em: str
    active: bool
    drill: bool
    sounding: int
    targets: int


@dataclass(frozen=True, kw_only=True)
class LinkChanged(Event):
    """The broker came or went."""

    kind: ClassVar[str] = "link"
    up: bool


@dataclass(frozen=True, kw_only=True)
class TaskFailed(Event):
    """A part of the gateway fell over and is started again."""

    kind: ClassVar[str] = "task"
    name: str
    error: str
    failures: int


@dataclass(frozen=True, kw_only=True)
class CameraChanged(Event):
    """A camera came, went, or has another fault now."""

    kind: ClassVar[str] = "camera"
    camera: str
    health: str
    cause: str
    text_vi: str
    text_en: str


@dataclass(frozen=True, kw_only=True)
class CameraAlertChanged(Event):
    """A camera alert is new, seen, repaired or closed. ``notify``: somebody should be told, and it is not night."""

    kind: ClassVar[str] = "camera_alert"
    alert: int
    state: str
    grade: str
    notify: bool
    text_vi: str
    text_en: str


@dataclass(frozen=True, kw_only=True)
class SecretCameraAlertChanged(CameraAlertChanged):
    """The same of an alert that tells where anybody gets in."""

    needs: ClassVar[Permission] = Permission.KEEP_DEVICES


@dataclass(frozen=True, kw_only=True)
class Missed(Event):
    """The listener was away too long for the ring: read everything again."""

    kind: ClassVar[str] = "missed"
