"""Trí nhớ: what is remembered of a camera between two looks. Plain data, and no secret in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from devices.model.camera_cause import Cause
from devices.model.camera_info import AuthKind, DeviceInfo, VideoProfile


@dataclass(frozen=True, kw_only=True)
class PictureMemory:
    """What pictures are compared with."""

    blocks: str = ""
    edges: str = ""
    """The reference. Cleared by a person's "new baseline"."""
    std: float = 0.0
    entropy: float = 0.0
    sharp_day: float = 0.0
    sharp_night: float = 0.0
    """Rolling sharpness in colour and in infrared."""
    infrared: bool = False
    """Whether the reference was taken by night."""
    since_ms: int = 0
    """When the last picture was taken."""
    suspects: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """`Cause` -> how many pictures in a row looked so, and since when (epoch ms)."""


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What is remembered of a camera between looks. Holds no secret; :meth:`as_json` and :meth:`from_json` keep it."""

    auth: AuthKind | None = None
    """What it took last time."""
    credential: int = 0
    """Which `Door.credential` the two fields below are about."""
    wrong_logins: int = 0
    """Refusals in a row of the present password."""
    paused_until_ms: int = 0
    """No password is sent before then (epoch ms)."""
    locked: bool = False
    """It is paused because the camera said it is locked."""
    refusal: str = ""
    """The `Cause` it is paused for."""
    lets_anybody_in: bool = False
    """It said who it is to somebody without a password."""
    asked_openly_ms: int = 0
    """When it was last asked without one (epoch ms)."""
    clock_offset_s: float | None = None
    """Camera minus true time."""
    fingerprint: str = ""
    """Of the certificate first seen, where no person accepted one."""
    media_path: str = ""
    media2_path: str = ""
    events_path: str = ""
    profile: str = ""
    """Token of the profile that is looked at: the smallest one."""
    codec: str = ""
    stream_path: str = ""
    stream_port: int = 0
    snapshot_path: str = ""
    snapshot_port: int = 0
    snapshot_auth: str = ""
    """``none``, ``digest`` or ``basic``."""
    media_since_ms: int = 0
    """When the media addresses were asked for; they are asked for again daily (epoch ms)."""
    profiles: tuple[VideoProfile, ...] = ()
    device: DeviceInfo | None = None
    instance: int | None = None
    """AppSequence InstanceId of its last Hello."""
    xaddr_mismatch: bool = False
    picture: PictureMemory | None = None

    def forgive(self) -> Self:
        """Return it without pause: the next look tries the password."""
        return replace(self, wrong_logins=0, paused_until_ms=0, locked=False, refusal="")

    def meet_anew(self) -> Self:
        """Return it as of a camera never seen: who it is, its certificate, its ways. The next look learns them."""
        return type(self)(credential=self.credential)

    def new_baseline(self) -> Self:
        """Return it without the reference picture: the next one becomes it."""
        return replace(self, picture=None)

    def as_json(self) -> dict[str, Any]:
        """Return plain data for ``json.dumps``; what is as at the start is left out."""
        return _plain(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`as_json` gave. Fields of another version are left out, and so is what cannot be read.

        Raises:
            ValueError: it is no mapping of that kind.
        """
        known = {name: data[name] for name in (each.name for each in fields(cls)) if name in data}
        try:
            if known.get("auth") is not None:
                known["auth"] = AuthKind(known["auth"])
            if known.get("device") is not None:
                known["device"] = _read(DeviceInfo, known["device"])
            if known.get("picture") is not None:
                picture = dict(known["picture"])
                picture["suspects"] = {
                    Cause(cause): (int(count), int(since))
                    for cause, (count, since) in picture.get("suspects", {}).items()
                }
                known["picture"] = _read(PictureMemory, picture)
            known["profiles"] = tuple(_read(VideoProfile, each) for each in known.get("profiles", ()))
            return cls(**known)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"not a camera's memory: {error}") from error


def _plain(record: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that differ from its defaults, as plain data."""
    blank = type(record)()
    said: dict[str, Any] = {}
    for each in fields(record):
        value = getattr(record, each.name)
        if value == getattr(blank, each.name):
            continue
        if isinstance(value, DeviceInfo | PictureMemory):
            said[each.name] = _plain(value)
        elif each.name == "profiles":
            said[each.name] = [_plain(profile) for profile in value]
        elif isinstance(value, Mapping):
            said[each.name] = {str(name): list(pair) for name, pair in value.items()}
        else:
            said[each.name] = value
    return said


def _read(kind: type[Any], data: Mapping[str, Any]) -> Any:
    known = {each.name for each in fields(kind)}
    return kind(**{name: value for name, value in data.items() if name in known})
