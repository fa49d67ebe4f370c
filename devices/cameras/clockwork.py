"""Giờ của camera: how far its clock is off, out of one answer and of how long that took."""

from dataclasses import dataclass

from devices.cameras import readings
from devices.cameras.judge import Observation, Verdict
from devices.cameras.limits import Limits
from devices.clock import epoch_ms
from devices.model.camera import Cause, Layer, LayerResult

_HALF_A_SECOND_MS = 500
_MS = 1_000


@dataclass(frozen=True, kw_only=True)
class ClockReading:
    """What was learnt of a camera's clock. ``offset_s``: camera minus true time; None: unknown."""

    offset_s: float | None = None
    sensible: bool = True
    told: bool = False
    """By itself, and not by a header of HTTP."""
    said: str = ""


def read_clock(seen: Observation, verdict: Verdict, now_ms: int, answer_ms: int) -> ClockReading:
    """Read an answer to GetSystemDateAndTime that came at ``now_ms`` and took ``answer_ms``.

    A camera says whole seconds, so half of one is added; and half of the way is taken off.

    Raises:
        CameraTrouble: words where numbers belong.
    """
    middle_ms = now_ms - answer_ms / 2
    if verdict.ok and verdict.content is not None:
        time = readings.camera_time(verdict.content)
        if time.at is None:
            return ClockReading(sensible=time.sensible, told=not time.sensible, said=time.said)
        off_s = (epoch_ms(time.at) + _HALF_A_SECOND_MS - middle_ms) / _MS
        return ClockReading(offset_s=round(off_s, 1), sensible=time.sensible, told=True, said=time.said)
    if verdict.content is None and (date := seen.headers.get("date")):
        at = readings.header_time(date)
        if at is not None:
            return ClockReading(offset_s=round((epoch_ms(at) + _HALF_A_SECOND_MS - middle_ms) / _MS, 1), said=date[:40])
    return ClockReading()


def clock_result(reading: ClockReading, ms: int, limits: Limits) -> LayerResult:
    """Judge a reading."""
    if not reading.sensible:
        cause, detail = Cause.CLOCK_INVALID, reading.said
    elif reading.offset_s is None:
        return LayerResult(layer=Layer.CLOCK, ok=None, ms=ms, cause=Cause.CLOCK_UNKNOWN)
    else:
        detail = f"{reading.offset_s:+.1f} s"
        if abs(reading.offset_s) > limits.wrong_clock_s:
            cause = Cause.CLOCK_WRONG
        elif abs(reading.offset_s) >= limits.drift_s:
            cause = Cause.CLOCK_DRIFT
        else:
            return LayerResult(layer=Layer.CLOCK, ok=True, ms=ms, detail=detail)
    return LayerResult(layer=Layer.CLOCK, ok=False, ms=ms, cause=cause, detail=detail)
