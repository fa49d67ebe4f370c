"""Nhật ký của camera: what it was asked, by whom, and how it answered. Never a password."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request."""

    at_ms: int
    """True time, epoch ms."""
    service: str
    """``soap``, ``http`` (snapshots) or ``rtsp``."""
    action: str
    """The ONVIF operation, or the method and path."""
    auth: str
    """``none``, ``wsse``, ``wsse-text``, ``digest``, or the name of another scheme."""
    user: str
    right: bool
    """Whether the login was accepted; ``False`` also where there was none."""
    why: str
    """What was wrong with the login."""
    status: int
    """The HTTP or RTSP status it meant to answer, before the line spoiled it."""
    peer: str
    connection: int

    @property
    def is_write(self) -> bool:
        """Whether it would have changed something."""
        return self.service == "soap" and not self.action.startswith(("Get", "Pull", "CreatePull", "Renew", "Unsub"))

    @property
    def is_wrong_login(self) -> bool:
        return self.auth != "none" and not self.right
