"""Ghi âm trong kho: a ready piece of sound that a programme may name, and who said that it may be heard.

A bulletin is approved as text and audio. A greeting, a sign-off or a recording has no text to approve, but it is a
voice all the same: nobody hears it before somebody who did not make it has listened to it and said yes. Only the
chimes that the product makes itself need nobody.
"""

from dataclasses import dataclass
from datetime import datetime

from devices.model import AssetId
from gateway.domain.errors import NotAllowed, Problem
from gateway.domain.ids import UserId

CHIME_ENGINE = "chime"
"""What made a nhạc hiệu of ours. No person and no voice can give a sound this origin."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """Duyệt of a recording: who listened and said yes, and when. The recording's name is its hash: it cannot change."""

    by: UserId
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Returned:
    """Trả lại of a recording, or taken back after it was approved: who, when, and what its sender has to mend."""

    by: UserId
    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Recording:
    """What the rules know of a file in the folder."""

    asset: AssetId
    title: str
    engine: str
    makers: frozenset[str]
    """Everyone who uploaded it, or wrote what it says: none of them may approve it."""
    music: bool = False
    usable_until: datetime | None = None
    """Bản quyền đến: aware; not heard at or after."""
    release: Release | None = None

    def approve(self, *, by: UserId, at: datetime) -> Release:
        """Duyệt.

        Raises:
            NotAllowed: ``by`` made it.
        """
        if by in self.makers:
            raise NotAllowed(
                "Người đưa ghi âm vào kho không được tự duyệt.",
                "A recording is approved by someone who did not make it.",
                code="own_recording",
            )
        return Release(by=by, at=at)

    def airable(self, at: datetime) -> Problem | None:
        """Tell why it must not be heard at ``at`` (aware), or ``None`` when it may."""
        if self.engine != CHIME_ENGINE:
            if self.release is None:
                return self._not("recording_not_approved", "chưa được duyệt", "is not approved")
            if self.release.by in self.makers:
                return self._not("own_recording", "do chính người đưa vào duyệt", "was approved by who made it")
        if self.usable_until is not None and at >= self.usable_until:
            return self._not("recording_expired", "đã hết hạn sử dụng", "may no longer be used")
        return None

    def _not(self, code: str, vi: str, en: str) -> Problem:
        name = self.title or self.asset[:19]
        return Problem(code=code, vi=f"Ghi âm “{name}” {vi}", en=f"Recording “{name}” {en}", path=self.asset)
