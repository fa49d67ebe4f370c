"""Bằng chứng: what the journal says of a play besides its outcome."""

import math
from collections.abc import Callable, Sequence

from devices.agent.course import Course
from devices.agent.outcome import Result, merged
from devices.agent.ports import Sounded
from devices.wire.reports import AmpEvidence, Frames, LevelEvidence, MicEvidence

FLOOR_DBFS = -120.0


def evidence(
    result: Result,
    parts: Sequence[Sounded],
    course: Course,
    *,
    attempt: int,
    volume_percent: int,
    utc_ms_at: Callable[[int], int],
) -> dict[str, object]:
    """Return the fields of a ``finished`` entry."""
    said: dict[str, object] = {"att": attempt, "result": result.outcome, "why": result.why, "by": result.by}
    if not parts:
        return said
    heard = merged(parts)
    said |= {
        "frames": Frames(want=heard.want_frames, out=heard.out_frames, rate=heard.rate, underruns=heard.underruns),
        "assets": course.slot.asset_ids,
        "volume_percent": volume_percent,
        "segments": heard.segments_ms,
        "level": LevelEvidence(
            rms_dbfs=_level(heard.rms_dbfs), peak_dbfs=_level(heard.peak_dbfs), silent_ms=heard.silent_ms
        ),
        "amp": AmpEvidence(on=heard.amp.on, ma=heard.amp.ma) if heard.amp else None,
        "mic": MicEvidence(rms_dbfs=_level(heard.mic.rms_dbfs), corr=heard.mic.corr) if heard.mic else None,
    }
    first_ns, last_ns = heard.first_mono_ns, heard.last_mono_ns
    if first_ns is not None and last_ns is not None:
        said |= {
            "start_ms": max(0, utc_ms_at(first_ns)),
            "end_ms": max(0, utc_ms_at(last_ns)),
            "start_error_us": course.start_error_us(first_ns),
        }
    return said


def _level(dbfs: float) -> float:
    """Round a level; JSON knows neither minus infinity nor not-a-number."""
    return round(max(FLOOR_DBFS, dbfs), 1) if math.isfinite(dbfs) else FLOOR_DBFS
