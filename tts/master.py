"""Làm chủ âm: shapes sound for a kind of loudspeaker, brings it to its level, and proves it on the encoded file.

The limiter is ffmpeg's, run at four times the rate so that peaks between samples count; ``loudnorm`` is not used,
because it silently turns into a compressor when the peak limit is reached.
"""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tts import ffmpeg, meter
from tts.errors import AudioSilent, AudioTooShort, AudioUnreadable, MasteringFailed
from tts.model import Codec, Loudness, LoudnessProfile, Pcm
from tts.storage import storage_errors

RATE_HZ = 48_000
MIN_MS = 400
"""EBU R128 measures blocks of 400 ms: anything shorter has no loudness."""
TOLERANCE_LU = 0.5
PEAK_TOLERANCE_DB = 0.2
"""Between two meters: each finds the peak between samples in its own way."""
VERSION = "2"
"""Raise it when the same input would give other bytes. Part of the cache key."""

_AIM_LU = 0.25  # stop here; the promise is TOLERANCE_LU
_ROUNDS = 8
_SILENT_PEAK = 33  # of 32768: -60 dBFS
_WORKING_LUFS = -20.0  # what the compressor is fed, so that its threshold means the same for every voice
_THRESHOLD_DB = -24.0
_GATE_LUFS = -69.0
_HEADROOM_DB = {Codec.MP3: 0.3, Codec.OPUS: 0.8}  # what the encoder adds to a peak, most of the time
_METER = "ebur128=peak=true:framelog=quiet"
_SUMMARY = re.compile(r"\bI:\s*(-?[\d.]+|-?inf) LUFS.*?\bPeak:\s*(-?[\d.]+|-?inf) dBFS", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A finished file and what was measured on it."""

    path: Path
    duration_ms: int
    loudness: Loudness
    codec: Codec = Codec.MP3


def _timeout_s(duration_ms: int) -> float:
    return 30.0 + duration_ms / 1000


def _read_meter(log: str) -> Loudness:
    found = _SUMMARY.search(log, max(0, log.rfind("Summary:")))
    if found is None:
        raise MasteringFailed("Không đọc được kết quả đo độ to của ffmpeg.")
    return Loudness(integrated_lufs=float(found[1]), true_peak_dbtp=float(found[2]))


def measure(path: Path, *, timeout_s: float = 120.0) -> Loudness:
    """Measure a file with ffmpeg's EBU R128 meter.

    Raises:
        AudioUnreadable: it cannot be decoded.
    """
    arguments = ["-protocol_whitelist", "file,pipe", "-i", f"file:{path}", "-map", "0:a:0", "-af", _METER, "-f", "null"]
    try:
        _, log = ffmpeg.run([*arguments, "-"], timeout_s=timeout_s)
    except MasteringFailed as error:
        raise AudioUnreadable(f"Không đo được {path.name}: {error}") from error
    return _read_meter(log)


def decoded_ms(path: Path) -> int:
    """Return the duration a pole will count: decoded frames by the rate.

    Raises:
        AudioUnreadable: libsndfile cannot decode it.
    """
    try:
        about = soundfile.info(str(path))
    except soundfile.LibsndfileError as error:
        raise AudioUnreadable(f"Không giải mã được {path.name}: {error}") from error
    return round(int(about.frames) * 1000 / int(about.samplerate))


def read(path: Path) -> Pcm:
    """Decode a finished file again, for assembling a programme.

    Raises:
        AudioUnreadable: libsndfile cannot decode it.
    """
    try:
        sound, rate = soundfile.read(str(path), dtype="int16", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise AudioUnreadable(f"Không giải mã được {path.name}: {error}") from error
    return Pcm(sound[:, 0].astype("<i2").tobytes(), int(rate))


def master(pcm: Pcm, profile: LoudnessProfile, folder: Path, codec: Codec = Codec.MP3) -> Encoded:
    """Shape, level and encode ``pcm`` into a new file in ``folder``. The same input always gives the same bytes.

    Raises:
        AudioTooShort: under 400 ms.
        AudioSilent: nothing to bring up to level.
        MasteringFailed: ffmpeg failed, or the level could not be reached within tolerance by both meters.
        CacheFull, CacheError: no room or no right to write the work files.
    """
    if pcm.duration_ms < MIN_MS:
        raise AudioTooShort(f"Âm thanh chỉ dài {pcm.duration_ms} ms, cần ít nhất {MIN_MS} ms (too short).")
    samples: np.ndarray[Any, np.dtype[np.int16]] = np.frombuffer(pcm.data, dtype="<i2")
    if max(int(np.max(samples)), -int(np.min(samples))) < _SILENT_PEAK:
        raise AudioSilent("Âm thanh im lặng: không có gì để phát (silent).")
    with storage_errors("xử lý âm thanh"), tempfile.TemporaryDirectory(dir=folder, prefix="master-") as work:
        shaped = Path(work) / "shaped.wav"
        found = _shape(pcm, profile, shaped)
        target = folder / f"{Path(work).name}.{codec}"
        try:
            return _level(shaped, found, profile, target, duration_ms=pcm.duration_ms, codec=codec)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def _shape(pcm: Pcm, profile: LoudnessProfile, shaped: Path) -> Loudness:
    """Write the equalised sound at the working rate and return its loudness."""
    chain = [f"aresample={RATE_HZ}"]
    if profile.low_cut_hz:
        chain += [f"highpass=f={profile.low_cut_hz}:p=2"] * 2
    if profile.high_cut_hz:
        chain += [f"lowpass=f={profile.high_cut_hz}:p=2"] * 2
    if profile.presence_db:
        chain += [f"equalizer=f=2500:t=q:w=0.9:g={profile.presence_db}"]
    arguments = [*ffmpeg.raw_input(pcm), "-af", ",".join([*chain, _METER]), "-c:a", "pcm_f32le", "-ar", str(RATE_HZ)]
    _, log = ffmpeg.run([*arguments, f"file:{shaped}"], timeout_s=_timeout_s(pcm.duration_ms), stdin=pcm.data)
    found = _read_meter(log)
    if found.integrated_lufs < _GATE_LUFS:
        raise AudioSilent("Âm thanh quá nhỏ để đo độ to (too quiet).")
    return found


def _level(
    shaped: Path, found: Loudness, profile: LoudnessProfile, target: Path, *, duration_ms: int, codec: Codec
) -> Encoded:
    """Turn gain and ceiling until the *encoded* file measures right, by both meters."""
    chain = [f"volume={_WORKING_LUFS - found.integrated_lufs:.4f}dB"]
    if profile.compression_ratio > 1:
        chain += [
            f"acompressor=threshold={_THRESHOLD_DB}dB:ratio={profile.compression_ratio}:attack=5:release=80:knee=4"
        ]
    gain_db = profile.integrated_lufs - _WORKING_LUFS
    ceiling_db = profile.true_peak_max_dbtp - _HEADROOM_DB[codec]
    got = heard = Loudness(integrated_lufs=0.0, true_peak_dbtp=0.0)
    for _ in range(_ROUNDS):
        # the sign of every change is known, so a few rounds are enough; each costs about a second a minute
        limit = 10 ** (ceiling_db / 20)
        tail = [f"volume={gain_db:.4f}dB", f"aresample={RATE_HZ * 4}"]
        tail += [f"alimiter=limit={limit:.6f}:attack=5:release=60:level=false:latency=true", f"aresample={RATE_HZ}"]
        _encode(shaped, [*chain, *tail], profile, target, duration_ms=duration_ms, codec=codec)
        got = heard = measure(target, timeout_s=_timeout_s(duration_ms))
        if _fits(profile, got, got):
            heard = meter.measure_decoded(target)
        off_lu = profile.integrated_lufs - (got.integrated_lufs + heard.integrated_lufs) / 2
        over_db = max(got.true_peak_dbtp, heard.true_peak_dbtp) - profile.true_peak_max_dbtp
        if abs(off_lu) <= _AIM_LU and over_db <= 0 and _fits(profile, got, heard):
            return Encoded(path=target, duration_ms=decoded_ms(target), loudness=got, codec=codec)
        if abs(off_lu) > _AIM_LU:
            gain_db += off_lu
        if over_db > 0:
            ceiling_db -= over_db + 0.1
    if _fits(profile, got, heard):
        return Encoded(path=target, duration_ms=decoded_ms(target), loudness=got, codec=codec)
    raise MasteringFailed(
        f"Không đưa được âm thanh về {profile.integrated_lufs:g} LUFS / {profile.true_peak_max_dbtp:g} dBTP:"
        f" hai máy đo thấy {got.integrated_lufs:.1f} / {got.true_peak_dbtp:.1f}"
        f" và {heard.integrated_lufs:.1f} / {heard.true_peak_dbtp:.1f}."
    )


def _fits(profile: LoudnessProfile, got: Loudness, heard: Loudness) -> bool:
    """Whether ffmpeg's meter and ours (on what a pole decodes) both find the profile's level."""
    return (
        all(abs(each.integrated_lufs - profile.integrated_lufs) <= TOLERANCE_LU for each in (got, heard))
        and got.true_peak_dbtp <= profile.true_peak_max_dbtp
        and heard.true_peak_dbtp <= profile.true_peak_max_dbtp + PEAK_TOLERANCE_DB
    )


def _encode(
    shaped: Path, chain: list[str], profile: LoudnessProfile, target: Path, *, duration_ms: int, codec: Codec
) -> None:
    arguments = ["-loglevel", "error", "-i", f"file:{shaped}", "-af", ",".join(chain), "-ac", "1", "-ar", str(RATE_HZ)]
    if codec is Codec.OPUS:
        arguments += ["-c:a", "libopus", "-b:a", f"{profile.opus_kbps}k", "-application", "audio", "-f", "ogg"]
    else:
        arguments += ["-c:a", "libmp3lame", "-b:a", f"{profile.bitrate_kbps}k"]
    # no dates, no program names: the same sound must be the same file
    arguments += ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-id3v2_version", "0"]
    ffmpeg.run([*arguments, f"file:{target}"], timeout_s=_timeout_s(duration_ms) * 2)
