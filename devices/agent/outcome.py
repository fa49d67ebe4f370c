"""Kết quả: what may be claimed of a play, from what the player can swear to. Pure.

``played`` is a claim that people could hear all of it. Whatever casts doubt on that makes it something less.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from devices.agent.ports import AmpReading, MicReading, Sounded
from devices.model import Outcome

AUDIBLE_DBFS = -50.0
LONGEST_HOLE_MS = 10_000
"""Speech mastered for horns has no pause this long; a longer one is a broken recording."""
MIC_HEARS_DBFS = -60.0
MIC_MATCHES = 0.2
_ROUNDING_MS = 20

Span = tuple[int, int]


@dataclass(frozen=True)
class Cut:
    """Why a play was stopped: ``by`` is an occurrence, ``person``, ``silence`` and the like."""

    by: str
    final: bool = False
    """It may not go on afterwards, whatever the entry wishes."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """The one word that goes into the journal, and its reason."""

    outcome: Outcome
    why: str | None = None
    by: str | None = None


def judge(parts: Sequence[Sounded], *, cut: Cut | None = None, attempt: int = 1) -> Result:
    """Say what became of a play heard in ``parts`` (several after an override), ended by ``cut`` if not by itself."""
    if cut is not None:
        return Result(outcome=Outcome.INTERRUPTED, by=cut.by)
    if not any(part.out_frames for part in parts):
        broken = any(part.broken for part in parts)
        return Result(outcome=Outcome.FAILED, why="asset_missing" if broken else "no_sound_came_out")
    doubt = _inaudible(merged(parts))
    if doubt is not None:
        return Result(outcome=Outcome.SILENT, why=doubt)
    lack = _incomplete(parts, attempt)
    return Result(outcome=Outcome.PLAYED) if lack is None else Result(outcome=Outcome.PARTIAL, why=lack)


def _inaudible(heard: Sounded) -> str | None:
    """Tell why nobody can have heard it, or ``None``."""
    checks = (
        (not heard.audible, "no_loudspeaker"),
        (heard.muted, "muted"),
        (heard.amp is not None and (not heard.amp.on or heard.amp.ma == 0), "amplifier_off"),
        (not heard.rms_dbfs > AUDIBLE_DBFS, "silent_audio"),
        (heard.mic is not None and not _mic_heard(heard.mic), "microphone_heard_nothing"),
    )
    return next((why for failed, why in checks if failed), None)


def _mic_heard(mic: MicReading) -> bool:
    return mic.rms_dbfs > MIC_HEARS_DBFS if mic.corr is None else mic.corr >= MIC_MATCHES


def _incomplete(parts: Sequence[Sounded], attempt: int) -> str | None:
    """Tell what was missing of the programme, or ``None``."""
    last = parts[-1]
    whole_ms = last.want_frames * 1000 / last.rate
    heard_ms = sum(end - start for start, end in union(span for part in parts for span in part.segments_ms))
    out = sum(part.out_frames for part in parts)
    whole = heard_ms >= whole_ms - _ROUNDING_MS and out >= last.want_frames - last.rate * _ROUNDING_MS // 1000
    if any(part.broken for part in parts):
        return "asset_missing"
    if attempt > 1:
        return "power"
    if not whole:
        return _what_is_missing(parts)
    if max(part.silent_ms for part in parts) > LONGEST_HOLE_MS:
        return "silence_inside"
    return None


def _what_is_missing(parts: Sequence[Sounded]) -> str:
    if len(parts) > 1:
        return "overridden"
    first = parts[0].segments_ms[0] if parts[0].segments_ms else (0, 0)
    if first[0] > 0:
        return "late"
    return "underrun" if parts[0].underruns else "cut_short"


def union(spans: Iterable[Span]) -> list[Span]:
    """Join overlapping and touching spans."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def merged(parts: Sequence[Sounded]) -> Sounded:
    """Add up the parts of one play; where they differ the worse reading stands."""
    first, last = parts[0], parts[-1]
    heard = [part for part in parts if part.out_frames] or [last]
    frames = sum(part.out_frames for part in heard)
    power = sum(10 ** (part.rms_dbfs / 10) * part.out_frames for part in heard) / max(1, frames)
    return Sounded(
        want_frames=last.want_frames,
        out_frames=frames if any(part.out_frames for part in parts) else 0,
        rate=last.rate,
        underruns=sum(part.underruns for part in parts),
        first_mono_ns=next((part.first_mono_ns for part in parts if part.first_mono_ns is not None), None),
        last_mono_ns=next((part.last_mono_ns for part in reversed(parts) if part.last_mono_ns is not None), None),
        segments_ms=tuple(span for part in parts for span in part.segments_ms),
        rms_dbfs=10 * math.log10(power) if power > 0 else -120.0,
        peak_dbfs=max(part.peak_dbfs for part in heard),
        silent_ms=max(part.silent_ms for part in parts),
        muted=any(part.muted for part in parts),
        amp=_worst_amp([part.amp for part in heard if part.amp is not None]),
        mic=_worst_mic([part.mic for part in heard if part.mic is not None]),
        audible=all(part.audible for part in parts),
        corr_frames=sum(part.corr_frames for part in parts),
        stopped=last.stopped,
        broken=tuple(word for part in (first, *parts[1:]) for word in part.broken),
    )


def _worst_amp(readings: list[AmpReading]) -> AmpReading | None:
    return min(readings, key=lambda amp: (amp.on, amp.ma is None, amp.ma or 0), default=None)


def _worst_mic(readings: list[MicReading]) -> MicReading | None:
    return min(readings, key=lambda mic: (mic.corr is None, mic.corr or 0.0, mic.rms_dbfs), default=None)
