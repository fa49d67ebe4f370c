"""Vì sao: everything that can be wrong with a camera, each with how bad it is. Words for people: `camera_words`."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType


class Layer(StrEnum):
    """Tầng: what is looked at, in this order; each only where the one before allows it."""

    TCP = "tcp"
    """Something answers at its address."""
    CLOCK = "clock"
    """It speaks ONVIF, and its clock is right."""
    LOGIN = "login"
    """It takes our password, and says who it is."""
    STREAM = "stream"
    """It has video, and RTSP describes it."""
    PICTURE = "picture"
    """The picture moves, and shows what it used to show."""


class Severity(IntEnum):
    """How bad. From ``WARNING`` on a layer is not well."""

    NONE = 0
    INFO = 1
    WARNING = 2
    CRITICAL = 3


class Status(StrEnum):
    """Tình trạng of a camera in one word: the worst of its layers."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    """Nothing could be found out, and that is not the camera's fault."""


class Cause(StrEnum):
    """Nguyên nhân. The names are stable: history, alerts and ``probe --json`` hold them."""

    # the line
    OFFLINE = "offline"
    """Mất điện/mạng: no answer within the time to connect, or no way there."""
    REFUSED = "refused"
    """Something is there and nothing listens on that port."""
    NAME_UNKNOWN = "name_unknown"
    """Its host name leads nowhere."""
    ADDRESS_REFUSED = "address_refused"
    """An address nobody may enrol: this machine's own, everybody's, or the cloud's metadata service."""
    SITE_LINK_DOWN = "site_link_down"
    """Many of one site at once: the line, not the cameras. Only who sees them all can say so."""
    TLS_FAILED = "tls_failed"
    """It does not get as far as a certificate."""
    CERT_CHANGED = "cert_changed"
    """Another certificate than the one accepted. It is told no password."""
    # the answer
    NOT_ONVIF = "not_onvif"
    """A web server, but no ONVIF: 404, a login page, text, nothing."""
    TIMEOUT = "timeout"
    """Connected, and no whole answer in time: it hangs or drips."""
    SLOW = "slow"
    """A whole answer, after more than three seconds."""
    CONNECTION_LOST = "connection_lost"
    """It breaks the connection in the middle."""
    PROTOCOL_ERROR = "protocol_error"
    """An answer that is cut, malformed, or has words where numbers belong."""
    SUSPICIOUS = "suspicious"
    """An answer that no camera gives by accident: entities, no end, packed, somewhere else. For the security log."""
    XADDR_MISMATCH = "xaddr_mismatch"
    """It names addresses on another host; they are never followed off its own."""
    # the clock
    CLOCK_DRIFT = "clock_drift"
    """5 to 60 seconds off."""
    CLOCK_WRONG = "clock_wrong"
    """More than a minute off."""
    CLOCK_INVALID = "clock_invalid"
    """No date at all: month 0, or years ago."""
    CLOCK_UNKNOWN = "clock_unknown"
    """It does not say its time."""
    # the login
    NO_PASSWORD = "no_password"  # noqa: S105 - the name of a cause
    """It wants a password and we were given none."""
    AUTH_FAILED = "auth_failed"
    """Sai mật khẩu."""
    AUTH_CLOCK = "auth_clock"
    """It refuses the password, and its clock is so wrong that this may be why."""
    AUTH_PAUSED = "auth_paused"
    """The password was refused before; asking again and again would lock the camera."""
    LOCKED_OUT = "locked_out"
    """It says it is locked."""
    NOT_ALLOWED = "not_allowed"
    """The password is right; the account may not do this."""
    FACTORY_LOGIN = "factory_login"
    """Mật khẩu mặc định: it takes our password, and everybody knows it. The picture comes all the same."""
    OPEN_LOGIN = "open_login"
    """It says who it is to anybody, without a password."""
    # the stream
    NO_VIDEO_SERVICE = "no_video_service"
    """No media service, no profile, or no address of a stream."""
    STREAM_AUTH = "stream_auth"
    STREAM_MISSING = "stream_missing"
    STREAM_BUSY = "stream_busy"
    STREAM_DOWN = "stream_down"
    """Nothing listens, nothing comes, or what comes is no video."""
    STREAM_CODEC = "stream_codec"
    """Another codec than the profile says."""
    # the picture
    NO_SNAPSHOT = "no_snapshot"
    """It offers none: nobody can say what it sees."""
    SNAPSHOT_AUTH = "snapshot_auth"
    SNAPSHOT_BAD = "snapshot_bad"
    """No JPEG, half a one, too large, or nothing at all."""
    FROZEN = "frozen"
    """Đứng hình."""
    BLACK = "black"
    """Tối đen."""
    OVEREXPOSED = "overexposed"
    """Trắng xóa."""
    COVERED = "covered"
    """Bị che."""
    BLURRED = "blurred"
    """Mờ."""
    MOVED = "moved"
    """Lệch góc."""
    VIEW_CHANGED = "view_changed"
    """Another picture than the reference, and a person has to say whether covered or moved."""
    # who it is
    REPLACED = "camera_replaced"
    """Another serial number, MAC or model at this address."""
    DUPLICATE_IDENTITY = "duplicate_identity"
    """The same serial number or UUID at two addresses. Only who sees them all can say so."""
    FIRMWARE_CHANGED = "firmware_changed"
    REBOOTED = "rebooted"
    UNSTABLE_POWER = "unstable_power"
    """More than three reboots a day."""
    EVENTS_LOST = "events_lost"
    """It offered events and stopped; it is polled instead."""


_INFO = (
    Cause.XADDR_MISMATCH,
    Cause.CLOCK_UNKNOWN,
    Cause.NO_SNAPSHOT,
    Cause.STREAM_CODEC,
    Cause.DUPLICATE_IDENTITY,
    Cause.FIRMWARE_CHANGED,
    Cause.REBOOTED,
    Cause.EVENTS_LOST,
)
_CRITICAL = (
    Cause.OFFLINE,
    Cause.REFUSED,
    Cause.NAME_UNKNOWN,
    Cause.SITE_LINK_DOWN,
    Cause.TLS_FAILED,
    Cause.CERT_CHANGED,
    Cause.TIMEOUT,
    Cause.CONNECTION_LOST,
    Cause.SUSPICIOUS,
    Cause.AUTH_FAILED,
    Cause.AUTH_CLOCK,
    Cause.AUTH_PAUSED,
    Cause.LOCKED_OUT,
    Cause.STREAM_AUTH,
    Cause.STREAM_MISSING,
    Cause.STREAM_BUSY,
    Cause.STREAM_DOWN,
    Cause.FROZEN,
    Cause.BLACK,
    Cause.COVERED,
)
SEVERITY: Mapping[Cause, Severity] = MappingProxyType(
    dict.fromkeys(Cause, Severity.WARNING)
    | dict.fromkeys(_INFO, Severity.INFO)
    | dict.fromkeys(_CRITICAL, Severity.CRITICAL)
)
"""How bad each is."""
SECURITY = frozenset({Cause.SUSPICIOUS, Cause.CERT_CHANGED, Cause.ADDRESS_REFUSED, Cause.XADDR_MISMATCH})
"""Those that a security log is for."""
PERSISTENT = frozenset({Cause.NOT_ONVIF, Cause.PROTOCOL_ERROR, Cause.SUSPICIOUS, Cause.NAME_UNKNOWN})
"""Those that asking again in a minute will not mend: 15 minutes are soon enough."""
LOGIN_REFUSED = frozenset({Cause.AUTH_FAILED, Cause.AUTH_CLOCK, Cause.LOCKED_OUT, Cause.NO_PASSWORD})
"""Those that say: not with this password, not now."""
WEAK_LOGIN = frozenset({Cause.FACTORY_LOGIN, Cause.OPEN_LOGIN})
"""Those that say: anybody gets in. Told to who keeps the registry, and to nobody else."""
