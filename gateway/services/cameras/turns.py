"""Ai đến lượt: when each camera is looked at next, and how deep. Times are the monotonic clock's, in seconds. Pure.

Every camera has a phase of its own in the minute, from its code, so that a thousand never ask at once, after a restart
neither.
"""

import hashlib
from dataclasses import dataclass

from devices.model.camera import Cause, Depth
from gateway.domain.camera_watch import CameraWatch, Health
from gateway.domain.device import Camera, CameraId

_SOON_MENDED_BY_NOBODY = frozenset({Cause.NOT_ONVIF, Cause.PROTOCOL_ERROR, Cause.SUSPICIOUS, Cause.NAME_UNKNOWN})
_BACK_OFF = (1.0, 2.0, 5.0, 15.0)
"""Minutes, as multiples of the interval: cameras.md."""
_UNANSWERED_BEFORE_BACK_OFF = 2


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Nhịp kiểm tra."""

    every_s: float = 60.0
    full_every_s: float = 300.0
    picture_every_s: float = 300.0
    recheck_s: float = 15.0
    """What the newest look doubts is looked at again this soon."""
    at_once: int = 64
    """Looks in flight: each holds a socket for at most the driver's time limit."""
    limit_s: float = 55.0
    """The driver keeps its own limits, 51 s for the deepest; a look that outlives this is given up."""


@dataclass
class Turn:
    """What is known of one camera's turns."""

    due_s: float
    full_due_s: float
    picture_due_s: float
    started_s: float | None = None


def phase(name: CameraId, every_s: float) -> float:
    """Return the camera's place in the interval, the same for ever."""
    number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
    return number / 2**64 * every_s


def first(name: CameraId, now_s: float, pace: Pace, *, cameras: int) -> Turn:
    """Return the first turn: within seconds in a small ward, within the interval in a large one."""
    spread_s = min(pace.every_s, cameras / 8)
    begin_s = now_s + phase(name, spread_s)
    return Turn(due_s=begin_s, full_due_s=begin_s, picture_due_s=begin_s)


def depth(turn: Turn, camera: Camera, watch: CameraWatch, now_s: float) -> Depth:
    """Say how deep to look now."""
    if camera.pictures and now_s >= turn.picture_due_s:
        return Depth.PICTURE
    deep = now_s >= turn.full_due_s or (watch.in_doubt and watch.health is not Health.LOST)
    return Depth.FULL if deep else Depth.MINUTE


def looked(turn: Turn, depth: Depth, watch: CameraWatch, now_s: float, pace: Pace) -> None:
    """Set the next turn, counted from when this look began: a late one makes the interval longer, never a queue."""
    started_s = turn.started_s if turn.started_s is not None else now_s
    if depth >= Depth.FULL:
        turn.full_due_s = started_s + pace.full_every_s
    if depth >= Depth.PICTURE:
        turn.picture_due_s = started_s + pace.picture_every_s
    if watch.in_doubt:
        turn.due_s = now_s + pace.recheck_s * _shake(watch.id, now_s)
        return
    wait_s = pace.every_s * back_off(watch)
    turn.due_s = (
        _in_phase(started_s + wait_s, watch.id, pace.every_s)
        if wait_s == pace.every_s
        else (now_s + wait_s * _shake(watch.id, now_s))
    )


def back_off(watch: CameraWatch) -> float:
    """Return how many intervals to wait."""
    fault = watch.fault
    if watch.health is Health.LOST:
        beyond = max(0, watch.unanswered - _UNANSWERED_BEFORE_BACK_OFF)
        return _BACK_OFF[min(beyond, len(_BACK_OFF) - 1)]
    if fault is not None and fault.cause in _SOON_MENDED_BY_NOBODY:
        return _BACK_OFF[-1]
    return 1.0


def _in_phase(at_s: float, name: CameraId, every_s: float) -> float:
    """Return the camera's own place in the interval nearest to ``at_s``."""
    own = phase(name, every_s)
    nearest = round((at_s - own) / every_s) * every_s + own
    return nearest if nearest > at_s - every_s / 2 else nearest + every_s


def _shake(name: CameraId, now_s: float) -> float:
    """Return 0.9 to 1.1, other for each camera and time: what failed together does not come back together."""
    return 0.9 + phase(CameraId(f"{name}@{now_s:.3f}"), 0.2)
