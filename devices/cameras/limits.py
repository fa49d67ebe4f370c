"""Giới hạn: how long and how much one camera may cost. Whatever it answers, it costs no more than this."""

from dataclasses import dataclass

from devices.model.camera import Depth


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long each part of a look may take; :meth:`budget_s` is what they come to.

    A camera that does not get that far is not asked for more: one that hangs costs one deadline.
    """

    connect_s: float = 3.0
    deadline_s: float = 8.0
    slow_s: float = 3.0
    """An answer that took longer is worth a warning."""
    soap_bytes: int = 1 << 20
    picture_bytes: int = 5 << 20
    rtsp_bytes: int = 64 << 10
    decode_s: float = 8.0
    """To measure one picture; and as long again to wait while those of others are measured."""
    drift_s: float = 5.0
    """From here on a clock is off, and a refused login may be its fault."""
    wrong_clock_s: float = 60.0
    wrong_logins: int = 2
    """At most so many refused passwords in one look: cameras lock at three to five."""
    pause_s: float = 1_800.0
    """After a refused password; twice that after the second time."""
    lock_pause_s: float = 1_800.0
    """After a camera said it is locked and did not say for how long."""
    openly_s: float = 86_400.0
    """How often a camera that took our password is asked whether it wants one at all."""
    media_s: float = 86_400.0
    """How long addresses of streams and pictures are believed."""

    def budget_s(self, depth: Depth) -> float:
        """Return the longest that a look of ``depth`` takes, whatever the camera does at whichever layer.

        Its name is looked up within ``connect_s``; TCP, clock and login share one deadline; where its streams are, the
        stream itself and the picture have one each; a picture then waits to be measured, and is.
        """
        seconds = self.connect_s + self.deadline_s
        if depth >= Depth.FULL:
            seconds += 2 * self.deadline_s
        if depth >= Depth.PICTURE:
            seconds += self.deadline_s + 2 * self.decode_s
        return seconds
