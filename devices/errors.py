"""What can go wrong between the gateway and a pole. Library errors stop at the driver that raises one of these.

DeviceError
├── LinkError
│   ├── LinkDown        nothing was sent
│   └── NotDelivered    sent, and nobody knows whether it arrived
│       └── LinkRefused     the broker answered, and said no
├── BrokerFailed        the managed broker did not start, or keeps dying
├── BadMessage          the payload is not what the contract says
├── SealBroken          the message is not from who it says, or not for here and now
├── DiskFailed          the pole's own disk is full or broken
├── EnrolmentFailed     this pole has no identity, and could not get one
├── CardFailed          the sound card is absent, taken, or went away
├── BadAudio            a file cannot be played as the audio it claims to be
└── CameraTrouble       a camera did not give what was asked; a cause and the evidence
"""
# ruff: noqa: N818 - the names say what happened; callers read "except LinkDown"


class DeviceError(Exception):
    """Anything a driver of this folder raises on purpose."""


class LinkError(DeviceError):
    """The MQTT connection could not do what was asked."""


class LinkDown(LinkError):
    """There is no connection: nothing was sent, and nothing is kept for later."""


class NotDelivered(LinkError):
    """The message left, and no acknowledgement came back: it may or may not have arrived.

    Whoever sent it decides whether to send it again; the receiver tells duplicates apart by the message's id.
    """


class LinkRefused(NotDelivered):
    """The broker refused the connection or a message: wrong password, not allowed, not its protocol."""


class BrokerFailed(DeviceError):
    """The managed broker did not come up. The message says why, with the last lines it wrote."""


class BadMessage(DeviceError):
    """The payload cannot be read as the message its topic promises."""


class SealBroken(DeviceError):
    """The seal does not hold. ``reason`` is one of the contract's words and is counted, never answered."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DiskFailed(DeviceError):
    """The pole's disk did not take a write. ``full``: there is no room left; otherwise it is broken."""

    def __init__(self, message: str, *, full: bool) -> None:
        super().__init__(message)
        self.full = full


class EnrolmentFailed(DeviceError):
    """The pole has no identity and could not get one. The message tells a technician what to do, Vietnamese first."""


class CardFailed(DeviceError):
    """There is no such sound card, it is taken, or it went away while playing. The message names it."""


class BadAudio(DeviceError):
    """An audio file is missing, cannot be decoded to its end, or holds nothing. The message says which and why."""


class CameraTrouble(DeviceError):
    """A camera did not give what was asked of it. ``cause`` is a word of `devices.model.camera_cause`.

    ``detail`` is the evidence: what it answered, shortened. Neither ever holds a password.
    """

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else cause)
        self.cause = cause
        self.detail = detail
