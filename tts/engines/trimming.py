"""Cắt đầu cuối: finds where somebody begins and stops speaking in a room that is never silent."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tts.model import Pcm

_WINDOW_MS = 20
_MARGIN_MS = 150
"""Kept around speech: a soft consonant begins before it is loud."""
_STEADY_WINDOWS = 4  # 80 ms: a finger on the button is shorter, a syllable is not
_OVER_BACKGROUND_DB, _UNDER_SPEECH_DB = 8.0, 18.0
_FLOOR_DBFS = -60.0
_FADE_MS = 10
_BACKGROUND_PERCENTILE, _SPEECH_PERCENTILE = 10, 95

Levels = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """The speech, what was cut on either side, and the levels by which it was found."""

    sound: Pcm
    cut_start_ms: int
    cut_end_ms: int
    speech_dbfs: float
    background_dbfs: float
    longest_gap_ms: int
    """The longest stretch inside where nobody speaks."""


def trim_speech(pcm: Pcm) -> Trimmed:
    """Cut what lies before and after the speech, and soften both edges. Sound without any speech is left whole."""
    levels = _levels(pcm)
    background, speech = (float(np.percentile(levels, at)) for at in (_BACKGROUND_PERCENTILE, _SPEECH_PERCENTILE))
    # above the room, and below the voice; where the two are close together (music, a market) nothing is cut
    least = min(max(background + _OVER_BACKGROUND_DB, _FLOOR_DBFS), speech - _UNDER_SPEECH_DB)
    spoken = _steady(levels > least)
    if not spoken.any():
        return _cut(pcm, 0, pcm.frames, speech=speech, background=background, gap_ms=0)
    first, last = int(spoken.argmax()), len(spoken) - int(spoken[::-1].argmax())
    window, margin = pcm.rate_hz * _WINDOW_MS // 1000, pcm.rate_hz * _MARGIN_MS // 1000
    start, end = max(0, first * window - margin), min(pcm.frames, last * window + margin)
    if last == len(spoken):
        end = pcm.frames  # what does not fill a window
    gap_ms = _longest_false_run(spoken[first:last]) * _WINDOW_MS
    return _cut(pcm, start, end, speech=speech, background=background, gap_ms=gap_ms)


def _levels(pcm: Pcm) -> Levels:
    """Return the level of each window in dBFS."""
    window = pcm.rate_hz * _WINDOW_MS // 1000
    samples = np.frombuffer(pcm.data, dtype="<i2")
    count = max(1, len(samples) // window)
    levels = np.empty(count)
    for at in range(0, count, 3000):  # a minute at a time: half an hour must not be multiplied in memory
        part = samples[at * window : (at + 3000) * window]
        part = part[: max(1, len(part) // window) * window]
        blocks = part.reshape(-1, window) if len(part) >= window else part[None, :]
        power = np.mean(np.square(blocks.astype(np.float64) / 32768.0), axis=1)
        levels[at : at + len(power)] = 10 * np.log10(np.maximum(power, 1e-12))
    return levels


def _steady(loud: np.ndarray[Any, np.dtype[np.bool_]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Keep only runs that last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.view(np.int8), [0]))))
    kept = np.zeros_like(loud)
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if end - begin >= _STEADY_WINDOWS:
            kept[begin:end] = True
    return kept


def _longest_false_run(spoken: np.ndarray[Any, np.dtype[np.bool_]]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (~spoken).view(np.int8), [0]))))
    return int(np.max(edges[1::2] - edges[::2], initial=0))


def _cut(pcm: Pcm, start: int, end: int, *, speech: float, background: float, gap_ms: int) -> Trimmed:
    samples = np.frombuffer(pcm.data, dtype="<i2")[start:end].copy()
    fade = min(pcm.rate_hz * _FADE_MS // 1000, len(samples) // 2)
    ramp = np.arange(fade) / max(1, fade)
    if start:
        samples[:fade] = np.round(samples[:fade] * ramp)
    if end < pcm.frames and fade:
        samples[-fade:] = np.round(samples[-fade:] * ramp[::-1])
    return Trimmed(
        sound=Pcm(samples.tobytes(), pcm.rate_hz),
        cut_start_ms=round(start * 1000 / pcm.rate_hz),
        cut_end_ms=round((pcm.frames - end) * 1000 / pcm.rate_hz),
        speech_dbfs=speech,
        background_dbfs=background,
        longest_gap_ms=gap_ms,
    )
