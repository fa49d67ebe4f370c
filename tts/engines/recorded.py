"""Ghi âm: a person's recording, checked before anybody schedules it. The best voice of all, and needs no engine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tts import ffmpeg
from tts.errors import AudioClipped, AudioSilent, AudioTooLong, AudioTooShort, AudioUnreadable, MasteringFailed
from tts.model import Pcm

RATE_HZ = 48_000
MIN_S = 1.0
MAX_S = 30 * 60.0
"""Twice the longest session a policy allows."""

# a play list or a stream description inside an "audio" file could make ffmpeg read other files or call out
_FORMATS = "wav,w64,mp3,ogg,mov,matroska,flac,aac,amr"
_SILENT_DBFS = -50.0
_FULL_SCALE = 32_700
_FLAT_RUN = 4  # a peak touches full scale for a sample or two; a cut one stays there
_CLIPPED_SHARE = 0.001

_OFF = np.zeros(1, dtype=np.int8)

Samples = np.ndarray[Any, np.dtype[np.int16]]


def read_recording(path: Path, *, min_s: float = MIN_S, max_s: float = MAX_S) -> Pcm:
    """Decode and check an uploaded file (wav, mp3, ogg, m4a, flac, webm).

    Raises:
        AudioUnreadable: not a sound file of these kinds.
        AudioTooShort, AudioTooLong: outside ``min_s`` .. ``max_s``.
        AudioSilent: nothing in it to hear.
        AudioClipped: recorded so loud that peaks are cut flat.
    """
    if not path.is_file():
        raise AudioUnreadable(f"Không có tệp {path.name} (no such file).")
    arguments = [
        *("-loglevel", "error", "-protocol_whitelist", "file,pipe", "-format_whitelist", _FORMATS),
        *("-i", f"file:{path}", "-map", "0:a:0", "-t", f"{max_s + 1:.3f}"),
        *("-ac", "1", "-ar", str(RATE_HZ), "-f", "s16le", "pipe:1"),
    ]
    try:
        data, _ = ffmpeg.run(arguments, timeout_s=60 + max_s / 10)
    except MasteringFailed as error:
        raise AudioUnreadable(f"Không đọc được âm thanh trong {path.name}: tệp hỏng hoặc không được nhận.") from error
    pcm = Pcm(data[: len(data) // 2 * 2], RATE_HZ)
    _check(pcm, min_s, max_s)
    return pcm


def _check(pcm: Pcm, min_s: float, max_s: float) -> None:
    seconds = pcm.frames / pcm.rate_hz
    if seconds < min_s:
        raise AudioTooShort(f"Ghi âm chỉ dài {seconds:.1f} giây, ít nhất {min_s:g} giây (too short).")
    if seconds > max_s:
        raise AudioTooLong(f"Ghi âm dài quá {max_s / 60:g} phút (too long).")
    samples: Samples = np.frombuffer(pcm.data, dtype="<i2")
    loudest = loudest_dbfs(samples, pcm.rate_hz)
    if loudest < _SILENT_DBFS:
        raise AudioSilent(f"Ghi âm gần như im lặng ({loudest:.0f} dBFS): kiểm tra micrô (silent).")
    share = flat_share(samples)
    if share > _CLIPPED_SHARE:
        raise AudioClipped(f"Ghi âm bị vỡ tiếng ở {share:.1%} thời lượng: hãy thu nhỏ hơn (clipped).")


def loudest_dbfs(samples: Samples, rate_hz: int) -> float:
    """Return the RMS level of the loudest tenth of a second."""
    window = max(1, rate_hz // 10)
    whole = len(samples) // window * window
    if not whole:
        return _dbfs(_power(samples[None, :]) if samples.size else 0.0)
    parts = _parts(samples[:whole], window * 600)
    return _dbfs(max(_power(part.reshape(-1, window)) for part in parts))


def _parts(samples: Samples, size: int) -> Iterator[Samples]:
    """Cut, so that half an hour of sound is not multiplied in memory: the gateway may have two gigabytes."""
    return (samples[at : at + size] for at in range(0, len(samples), size))


def _power(blocks: Samples) -> float:
    return float(np.max(np.mean(np.square(blocks.astype(np.float64) / 32768.0), axis=1)))


def _dbfs(power: float) -> float:
    return 10 * float(np.log10(max(power, 1e-12)))


def flat_share(samples: Samples) -> float:
    """Return the share of samples that lie in a run at full scale."""
    full = (samples >= _FULL_SCALE) | (samples <= -_FULL_SCALE)
    edges = np.flatnonzero(np.diff(np.concatenate((_OFF, full.view(np.int8), _OFF))))
    runs = edges[1::2] - edges[::2]
    return float(runs[runs >= _FLAT_RUN].sum()) / max(1, len(samples))
