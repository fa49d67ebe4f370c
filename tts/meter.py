"""Máy đo độ to of our own: ITU-R BS.1770-4 on what libsndfile decodes, which is what a pole plays.

ffmpeg's meter levels a file and decodes it with ffmpeg's decoder; this one shares neither code nor decoder with it, so
that one mistake cannot pass both.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tts.errors import AudioUnreadable
from tts.model import Loudness

RATE_HZ = 48_000
"""The rate of every file that we make, and the one for which BS.1770 gives its filter."""

_Floats = np.ndarray[Any, np.dtype[np.float64]]
_Samples = np.ndarray[Any, np.dtype[np.float32]]
_Spectrum = np.ndarray[Any, np.dtype[np.complex64]]
# BS.1770-4, tables 1 and 2: the head's high shelf, then the low cut
_STAGES = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)
_STEP = RATE_HZ // 10  # a 400 ms block every 100 ms
_STEPS_PER_BLOCK = 4
_SIZE = 1 << 18  # about five seconds at a time, whatever the length of the file
_PART = 47 * _STEP
_EDGE = (_SIZE - _PART) // 2  # what the filters still remember after this is below any meter's last digit
_OVERSAMPLING = 4
_GATE_LUFS, _RELATIVE_GATE_LU, _OFFSET_DB = -70.0, -10.0, -0.691
_SILENCE = 1e-12


def measure_decoded(path: Path) -> Loudness:
    """Measure a mono file of 48 kHz: gated loudness, and the peak between samples at four times the rate.

    Raises:
        AudioUnreadable: libsndfile cannot decode it, or it is of another shape.
    """
    powers: list[_Floats] = []
    peak = 0.0
    weight = _weight()
    try:
        with soundfile.SoundFile(path) as source:
            if source.samplerate != RATE_HZ or source.channels != 1:
                raise AudioUnreadable(
                    f"{path.name}: {source.samplerate} Hz, {source.channels} kênh (48 kHz mono only)."
                )
            for part, last in _parts(source):
                # nothing is read beyond the stretch itself: where a part is cut off, the transform rings
                spectrum = np.fft.rfft(part)
                heard = np.fft.irfft(spectrum * weight, _SIZE)[_EDGE : _EDGE + (last - _EDGE) // _STEP * _STEP]
                powers.append(np.mean(np.square(heard.reshape(-1, _STEP)), axis=1, dtype=np.float64))
                between = np.fft.irfft(spectrum, _SIZE * _OVERSAMPLING)[_EDGE * _OVERSAMPLING : last * _OVERSAMPLING]
                peak = max(peak, _OVERSAMPLING * float(max(between.max(), -between.min())))
    except (soundfile.LibsndfileError, OSError, TypeError) as error:
        raise AudioUnreadable(f"Không giải mã được {path.name}: {error}") from error
    return Loudness(integrated_lufs=_gated(np.concatenate([*powers, np.empty(0)])), true_peak_dbtp=20 * _log(peak))


def _parts(source: soundfile.SoundFile) -> Iterator[tuple[_Samples, int]]:
    """Yield parts of one size: a stretch of sound between what lies before and after it, and where it ends."""
    before = np.zeros(_EDGE, np.float32)
    held = source.read(_PART + _EDGE, dtype="float32")
    while held.size:
        here = min(_PART, held.size)
        part = np.zeros(_SIZE, np.float32)
        part[:_EDGE] = before
        part[_EDGE : _EDGE + held.size] = held
        yield part, _EDGE + here
        before = part[here : here + _EDGE]
        held = np.concatenate([held[here:], source.read(_PART, dtype="float32")])


@cache
def _weight() -> _Spectrum:
    """Return how BS.1770 weighs each frequency."""
    turn = np.exp(-2j * np.pi * np.arange(_SIZE // 2 + 1) / _SIZE)
    weight = np.ones(len(turn), dtype=complex)
    for over, under in _STAGES:
        weight *= np.polyval(over[::-1], turn) / np.polyval(under[::-1], turn)
    return weight.astype(np.complex64)


def _gated(powers: _Floats) -> float:
    """Return the loudness of 100 ms powers: quiet blocks do not count, by BS.1770's two gates."""
    if len(powers) < _STEPS_PER_BLOCK:
        return -np.inf
    blocks = np.convolve(powers, np.full(_STEPS_PER_BLOCK, 1 / _STEPS_PER_BLOCK), "valid")
    loudness = _OFFSET_DB + 10 * np.log10(np.maximum(blocks, _SILENCE))
    heard = blocks[loudness > _GATE_LUFS]
    if not heard.size:
        return -np.inf
    gate = _OFFSET_DB + 10 * _log(float(np.mean(heard))) + _RELATIVE_GATE_LU
    return _OFFSET_DB + 10 * _log(float(np.mean(blocks[loudness > max(gate, _GATE_LUFS)])))


def _log(value: float) -> float:
    return float(np.log10(max(value, _SILENCE)))
