"""The inside of one camera: what it is now, with all that is wrong with it. Its services read nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid5

from devices.clock import Clock
from simulators.cameras.body_clock import BodyClock
from simulators.cameras.faults import Fault
from simulators.cameras.soap import Call
from simulators.cameras.spec import CameraSpec, Level

DEVICE_PATH = "/onvif/device_service"
MEDIA_PATH = "/onvif/media_service"
MEDIA2_PATH = "/onvif/media2_service"
EVENTS_PATH = "/onvif/event_service"
SNAPSHOT_PATH = "/onvif/snapshot"
ELSEWHERE = "127.66.66.66:9"
"""Another host, on loopback too: a client that follows a lie still leaves this machine alone."""
_SHARED_UUID = UUID("00000000-0000-4000-8000-000000123456")
_NAMES = UUID("6f1de7a4-5d0b-4a53-9a57-5b2b1c3d4e5f")
_SCRIPT = "=HYPERLINK(\"x\")<script>alert('camera')</script>\r\n<b>IPC</b>"
_TLS = frozenset({Fault.TLS_SELF_SIGNED, Fault.TLS_EXPIRED, Fault.TLS_CHANGED, Fault.HTTP_XADDR_ON_TLS})


@dataclass(frozen=True)
class Identity:
    """Who it says it is."""

    maker: str
    model: str
    firmware: str
    serial: str
    mac: str
    uuid: UUID
    hardware: str


@dataclass(eq=False)
class CameraState:
    """Spec, faults, clocks and addresses of one camera."""

    spec: CameraSpec
    clock: Clock
    faults: set[Fault] = field(default_factory=set)
    host: str = "127.0.0.1"
    http_port: int = 0
    rtsp_port: int = 0
    boots: int = 1
    elsewhere: str = ELSEWHERE
    """Where hostile addresses lead: ``HOST:PORT``."""

    def __post_init__(self) -> None:
        self.body = BodyClock(self.clock, self.faults)

    def __contains__(self, fault: Fault) -> bool:
        return fault in self.faults

    @property
    def tls(self) -> bool:
        return not self.faults.isdisjoint(_TLS)

    @property
    def authority(self) -> str:
        """Its true address, for a URL."""
        return f"[{self.host}]:{self.http_port}" if ":" in self.host else f"{self.host}:{self.http_port}"

    def address(self, path: str) -> str:
        """Return the address of one of its services as it says it."""
        scheme = "https" if self.tls and Fault.HTTP_XADDR_ON_TLS not in self else "http"
        authority = self.authority
        if Fault.XADDR_FOREIGN in self:
            authority = self.elsewhere
        elif Fault.XADDR_LOOPBACK in self:
            authority = "127.0.0.1:1"
        return f"{scheme}://{authority}{'' if Fault.XADDR_NO_PATH in self else path}"

    def identity(self, connection: int = 0) -> Identity:
        """Return who it says it is on the how-manieth connection."""
        spec, faults = self.spec, self.faults
        me = Identity(spec.maker, spec.model, spec.firmware, spec.serial, spec.mac, spec.uuid, spec.hardware)
        if Fault.REPLACED in faults or (Fault.IP_CONFLICT in faults and connection % 2):
            me = Identity(
                "Dahua" if spec.maker != "Dahua" else "Hikvision",
                "IPC-HFW1230S" if spec.maker != "Dahua" else "DS-2CD1023G2-I",
                "2.800.0000000.16.R",
                f"9{spec.serial[1:]}",
                f"06{spec.mac[2:]}",
                uuid5(_NAMES, f"replaced/{spec.uuid}"),
                spec.hardware,
            )
        if Fault.UUID_AT_BOOT in faults:
            me = replace(me, uuid=uuid5(_NAMES, f"{spec.uuid}/{self.boots}"))
        if Fault.SAME_UUID in faults:
            me = replace(me, uuid=_SHARED_UUID)
        if Fault.SAME_SERIAL in faults:
            me = replace(me, serial="123456")
        if Fault.NEW_FIRMWARE in faults:
            me = replace(me, firmware=f"{spec.firmware}.1")
        if Fault.SCRIPT_IN_NAME in faults:
            me = replace(me, model=_SCRIPT)
        return me

    @property
    def has_media(self) -> bool:
        return Fault.NO_MEDIA not in self and Fault.MEDIA2_ONLY not in self

    @property
    def has_media2(self) -> bool:
        return Fault.MEDIA2_ONLY in self or (self.spec.media2 and Fault.NO_MEDIA not in self)


@dataclass(frozen=True)
class Operation:
    """One ONVIF operation: who may call it, and what it answers (the element within the SOAP body)."""

    level: Level
    run: Callable[[CameraState, Call, int], str]
    """``(state, call, number of the connection)``; raises `CallFault`."""
