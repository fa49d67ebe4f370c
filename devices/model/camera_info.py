"""Lý lịch camera: what a camera says of itself, and how it wants to be told a password."""

import re
from dataclasses import dataclass
from enum import StrEnum

TEXT_LIMIT = 256
"""Characters of any text that a camera may put into our records."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def clean(text: str | None, limit: int = TEXT_LIMIT) -> str:
    """Return a camera's text on one line, without control characters, cut to ``limit``. Escape it all the same."""
    return " ".join(_CONTROL.sub(" ", text or "").split())[:limit]


class AuthKind(StrEnum):
    """How a camera wants to be told the password."""

    NONE = "none"
    """It answers anybody."""
    WSSE = "wsse"
    """WS-Security UsernameToken with the camera's own time."""
    WSSE_OURS = "wsse-ours"
    """The same with true time, although the camera shows another."""
    DIGEST = "digest"
    """HTTP Digest."""


@dataclass(frozen=True, kw_only=True)
class DeviceInfo:
    """What a camera says it is, cleaned of control characters and cut to length; still not to be believed."""

    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    hardware: str = ""
    mac: str = ""
    """Lower case, with colons. Only a survey knows it."""
    uuid: str = ""
    """Its WS-Discovery endpoint without ``urn:uuid:``. Only a survey or a discovery knows it."""


@dataclass(frozen=True, kw_only=True)
class VideoProfile:
    """One video stream it offers; zeros where it does not say."""

    name: str = ""
    token: str = ""
    codec: str = ""
    """``H264``, ``H265``, ``JPEG``, ``MPEG4`` or empty."""
    width: int = 0
    height: int = 0
    fps: float = 0.0
