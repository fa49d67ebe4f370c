"""Ghi âm: a person's recording, checked and trimmed before anybody schedules it. The best voice of all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tts import ffmpeg
from tts.engines.trimming import Trimmed, trim_speech
from tts.errors import AudioClipped, AudioSilent, AudioTooLong, AudioTooShort, AudioUnreadable, MasteringFailed
from tts.model import Pcm, RecordingReport

VERSION = "2"
"""Raise it when the same upload would be cut otherwise. Part of the cache key."""
RATE_HZ = 48_000
MIN_S = 1.0
MAX_S = 30 * 60.0
"""Twice the longest session a policy allows."""

# a play list or a stream description inside an "audio" file could make ffmpeg read other files or call out
_FORMATS = "wav,w64,mp3,ogg,mov,matroska,flac,aac,amr,caf,aiff"
_SILENT_DBFS = -50.0
_FULL_SCALE = 32_700
_FLAT_RUN = 4  # a peak touches full scale for a sample or two; a cut one stays there
_CLIPPED_SHARE = 0.001
_TOUCHED_SHARE = 0.00002  # a thousandth of a second in a minute: heard, and no reason to refuse
_QUIET_DBFS = -38.0
_NOISY_LU = 15.0
_GAP_MS = 5000
_MUCH_CUT_MS = 3000

_OFF = np.zeros(1, dtype=np.int8)

Samples = np.ndarray[Any, np.dtype[np.int16]]


def read_recording(path: Path, *, min_s: float = MIN_S, max_s: float = MAX_S) -> Pcm:
    """Decode and check an uploaded file (wav, mp3, ogg, opus, m4a, aac, amr, 3gp, flac, webm, caf, aiff).

    Untrimmed; :func:`check_recording` is what the studio uses.

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


def check_recording(path: Path, *, min_s: float = MIN_S, max_s: float = MAX_S) -> tuple[Pcm, RecordingReport]:
    """Read an upload, cut the silence at both ends, and report what was found and done.

    Raises:
        AudioError: as :func:`read_recording`; also when too little is left.
    """
    whole = read_recording(path, min_s=min_s, max_s=max_s)
    samples: Samples = np.frombuffer(whole.data, dtype="<i2")
    share = flat_share(samples)
    peak = max(int(np.max(samples)), -int(np.min(samples)))
    found = trim_speech(whole)
    if found.sound.duration_ms < min_s * 1000:
        kept_s = found.sound.duration_ms / 1000
        raise AudioTooShort(f"Chỉ có {kept_s:.1f} giây tiếng nói, ít nhất {min_s:g} giây (too little speech).")
    return found.sound, RecordingReport(
        recorded_ms=whole.duration_ms,
        kept_ms=found.sound.duration_ms,
        cut_start_ms=found.cut_start_ms,
        cut_end_ms=found.cut_end_ms,
        peak_dbfs=round(2 * _dbfs(peak / 32768.0), 1),
        speech_dbfs=round(found.speech_dbfs, 1),
        background_dbfs=round(found.background_dbfs, 1),
        clipped_share=round(share, 6),
        warnings=tuple(_warnings(found, share)),
    )


def _warnings(found: Trimmed, share: float) -> Iterator[str]:
    if share > _TOUCHED_SHARE:
        yield "Có chỗ vỡ tiếng: hãy nghe lại, nên thu nhỏ hơn (some clipping)."
    if found.speech_dbfs < _QUIET_DBFS:
        yield f"Thu rất nhỏ ({found.speech_dbfs:.0f} dBFS): tiếng ồn cũng sẽ to lên (very quiet)."
    if found.speech_dbfs - found.background_dbfs < _NOISY_LU:
        yield "Tiếng ồn hoặc nhạc nền gần bằng tiếng nói: hãy nghe lại (noisy, or music)."
    if found.longest_gap_ms > _GAP_MS:
        yield f"Có quãng lặng {found.longest_gap_ms / 1000:.0f} giây ở giữa (a long gap)."
    if max(found.cut_start_ms, found.cut_end_ms) > _MUCH_CUT_MS:
        yield (
            f"Đã cắt {found.cut_start_ms / 1000:.1f} giây đầu và {found.cut_end_ms / 1000:.1f} giây cuối không có tiếng"
            " nói (much was cut)."
        )


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
