"""What a simulated camera is: who made it, whose it is, who may sign in, what it offers. Pure data, from a seed."""

import hashlib
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from uuid import UUID


class Owner(StrEnum):
    """Đơn vị sở hữu: whose camera it is."""

    WARD = "ward"
    """UBND phường."""
    POLICE = "police"
    """Công an phường."""
    SCHOOL = "school"
    """Trường học."""
    CREDIT_FUND = "credit_fund"
    """Quỹ tín dụng nhân dân."""
    CITIZEN = "citizen"
    """Hộ dân."""


class Level(IntEnum):
    """ONVIF user levels; each may do what the ones below may."""

    ANONYMOUS = 0
    USER = 1
    OPERATOR = 2
    ADMINISTRATOR = 3


class AuthWay(StrEnum):
    """How a camera wants to be told a password."""

    WSSE = "wsse"
    """WS-Security UsernameToken, digest or clear text, in the SOAP header."""
    DIGEST = "digest"
    """HTTP Digest."""


@dataclass(frozen=True)
class User:
    """An account on the camera."""

    name: str
    password: str
    level: Level = Level.ADMINISTRATOR


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One media profile: a stream of so many pixels in this encoding (``H264`` or ``H265``)."""

    token: str
    name: str
    width: int
    height: int
    encoding: str = "H264"
    fps: int = 15
    kbps: int = 1024


MAIN = Profile(token="profile_1", name="mainStream", width=1920, height=1080, kbps=4096)  # noqa: S106 - a name
SUB = Profile(token="profile_2", name="subStream", width=640, height=360)  # noqa: S106 - a name


@dataclass(frozen=True, kw_only=True)
class CameraSpec:
    """One camera as it left the factory and was mounted. Faults change what it says, never this."""

    code: str
    """Mã: unique in the ward."""
    uuid: UUID
    """The WS-Discovery endpoint, stable for life."""
    serial: str
    mac: str
    """Lower case, with colons."""
    place: str = "bàn thử"
    """Vị trí."""
    zone: str = "kp1"
    owner: Owner = Owner.WARD
    switch: str = "tu-01"
    """Tủ mạng: the cabinet it hangs on; with it, it goes."""
    maker: str = "Hikvision"
    model: str = "DS-2CD1023G2-I"
    firmware: str = "V5.7.18"
    hardware: str = "1.0"
    users: tuple[User, ...]
    profiles: tuple[Profile, ...] = (MAIN, SUB)
    auth: frozenset[AuthWay] = frozenset(AuthWay)
    media2: bool = True
    events: bool = True
    dhcp: bool = False
    created_window_s: float = 120.0
    """How far ``Created`` of a WS-Security token may be from the camera's own clock."""
    login_attempts: int = 5
    """Wrong passwords before it locks, where ``Fault.LOCKS_OUT`` makes it count."""
    lock_s: float = 1_800.0
    max_subscriptions: int = 8
    size: tuple[int, int] = (640, 360)
    """Pixels of its snapshots."""

    @property
    def hostname(self) -> str:
        return f"ipc-{self.serial.lower()}"


def make_spec(
    code: str,
    *,
    seed: int | str = 0,
    user: str = "admin",
    password: str | None = None,
    **other: object,
) -> CameraSpec:
    """Return a camera whose identity follows from ``seed`` and ``code``; ``other`` are fields of `CameraSpec`.

    Without ``password`` it gets one of its own, which also follows from the seed: read it from ``spec.users``.
    Besides ``user`` it has ``giamsat``, of level *User*, with the same password.
    """
    dna = hashlib.sha256(f"camera/{seed}/{code}".encode()).digest()
    secret = password if password is not None else dna[20:28].hex()
    fields: dict[str, object] = {
        "code": code,
        "uuid": UUID(bytes=dna[:16], version=4),
        "serial": dna[16:20].hex().upper(),
        "mac": ":".join(f"{byte:02x}" for byte in (0x02, *dna[8:13])),
        "users": (User(user, secret), User("giamsat", secret, Level.USER)),
    }
    return CameraSpec(**(fields | other))  # type: ignore[arg-type]
