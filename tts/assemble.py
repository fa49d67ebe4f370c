"""Ghép âm thanh: sentences with pauses between, chimes, silence. The only place that opens pydub.

pydub looks for an ffmpeg on the PATH while it is imported, and imports a module of the standard library that is on
its way out; both only warn. Its converter is then set to the ffmpeg of our wheel, and the warnings are about nothing.
"""

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tts.errors import NothingToSay, UnknownChime
from tts.ffmpeg import executable
from tts.model import Pauses, Pcm

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

PARAGRAPH_PAUSE_MS = Pauses().paragraph_ms
CHIME_RATE_HZ = 48_000

_QUIET = 10 ** (-50 / 20) * 32768
_KEPT_MS = 20  # of the silence around speech, so that no consonant is cut

_NOTES_HZ = {"C5": 523.25, "E5": 659.26, "G5": 783.99, "C6": 1046.5}
_CHIMES: dict[str, tuple[tuple[float, int], ...]] = {
    # falling and short: an ordinary bulletin
    "routine": ((_NOTES_HZ["E5"], 700), (_NOTES_HZ["C5"], 1100)),
    # rising: somebody wants you to listen
    "priority": ((_NOTES_HZ["C5"], 450), (_NOTES_HZ["E5"], 450), (_NOTES_HZ["G5"], 450), (_NOTES_HZ["C6"], 1000)),
    # two tones in turn without dying away: drop what you are doing
    "emergency": ((960.0, 500), (770.0, 500)) * 4,
}
_STEADY = ("emergency",)


def _segment(pcm: Pcm) -> AudioSegment:
    AudioSegment.converter = executable()
    return AudioSegment(data=pcm.data, sample_width=2, frame_rate=pcm.rate_hz, channels=1)


def trim(pcm: Pcm) -> Pcm:
    """Cut the silence before and after; sound that is silent all through comes back empty."""
    samples = np.frombuffer(pcm.data, dtype="<i2")
    loud = (samples > _QUIET) | (samples < -_QUIET)  # bytes, not indices: a recording may last half an hour
    if not loud.any():
        return Pcm(b"", pcm.rate_hz)
    kept = pcm.rate_hz * _KEPT_MS // 1000
    first, last = max(0, int(loud.argmax()) - kept), min(pcm.frames, pcm.frames - int(loud[::-1].argmax()) + kept)
    return Pcm(pcm.data[first * 2 : last * 2], pcm.rate_hz)


def alike(parts: Sequence[Pcm], speakers: Sequence[str]) -> list[Pcm]:
    """Bring every speaker's ``parts`` to the level of the first speaker's: no voice is lost beside the other."""
    if len(set(speakers)) <= 1:
        return list(parts)
    levels = {
        who: _level([part for part, speaker in zip(parts, speakers, strict=True) if speaker == who])
        for who in set(speakers)
    }
    return [_scaled(part, levels[speakers[0]] / levels[who]) for part, who in zip(parts, speakers, strict=True)]


def _level(parts: Sequence[Pcm]) -> float:
    """Return the RMS level of what is not silence."""
    samples = np.concatenate([np.frombuffer(part.data, dtype="<i2").astype(np.float64) for part in parts])
    heard = samples[np.abs(samples) > _QUIET]
    return float(np.sqrt(np.mean(np.square(heard)))) if heard.size else 1.0


def _scaled(pcm: Pcm, gain: float) -> Pcm:
    """Turn ``pcm`` up or down, never so far up that a peak is cut."""
    samples = np.frombuffer(pcm.data, dtype="<i2").astype(np.float64)
    room = 32767.0 / max(1.0, float(np.max(np.abs(samples), initial=0.0)))
    return Pcm(np.round(samples * min(gain, room)).astype("<i2").tobytes(), pcm.rate_hz)


def silence(duration_ms: int, rate_hz: int) -> Pcm:
    """Return ``duration_ms`` of nothing."""
    return Pcm(bytes(2 * (rate_hz * duration_ms // 1000)), rate_hz)


def join(parts: Sequence[Pcm], pauses_ms: Iterable[int]) -> Pcm:
    """Put ``parts`` one after another with ``pauses_ms[i]`` after part ``i`` (none after the last).

    All take the rate of the first.

    Raises:
        NothingToSay: there are no parts.
    """
    if not parts:
        raise NothingToSay("Không có gì để phát (nothing to play).")
    rate_hz = parts[0].rate_hz
    segments = [_segment(parts[0])]
    for part, pause_ms in zip(parts[1:], pauses_ms, strict=False):
        segments += [_segment(silence(pause_ms, rate_hz)), _segment(part)]
    whole = segments[0]
    for segment in segments[1:]:
        whole = whole.append(segment, crossfade=0)
    return Pcm(bytes(whole.raw_data), rate_hz)


def _tone(frequency_hz: float, duration_ms: int, *, steady: bool) -> np.ndarray[Any, np.dtype[np.float64]]:
    seconds = np.arange(CHIME_RATE_HZ * duration_ms // 1000) / CHIME_RATE_HZ
    # a bell's partials: a bare sine is hard to tell a direction from
    wave = sum(np.sin(2 * np.pi * frequency_hz * n * seconds) / n**2 for n in (1, 2, 3))
    length_s = duration_ms / 1000
    edge = np.minimum(1.0, np.minimum(seconds, length_s - seconds) / 0.008)
    shape = np.ones_like(seconds) if steady else np.exp(-seconds * 2.2 / length_s)
    return np.asarray(wave * edge * shape)


def chime(priority: str) -> Pcm:
    """Nhạc hiệu: make the chime of ``routine``, ``priority`` or ``emergency``; each can be told by ear in two seconds.

    Raises:
        UnknownChime: no such priority.
    """
    notes = _CHIMES.get(priority)
    if notes is None:
        raise UnknownChime(f"Không có nhạc hiệu cho mức “{priority}” (no such chime).")
    wave = np.concatenate([_tone(hz, ms, steady=priority in _STEADY) for hz, ms in notes])
    return Pcm((wave / np.max(np.abs(wave)) * 16384).astype("<i2").tobytes(), CHIME_RATE_HZ)
