"""Máy đo độ to of our own: ITU-R BS.1770-4 on what libsndfile decodes, which is what a pole plays.

ffmpeg's meter levels a file and decodes it with ffmpeg's decoder; this one shares neither code nor decoder with it, so
that one mistake cannot pass both.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tts.errors import AudioUnreadable
from tts.model import Loudness

RATE_HZ = 48_000
"""The rate of every file that we make, and the one for which BS.1770 gives its filter."""

_Floats = np.ndarray[Any, np.dtype[np.float64]]
# BS.1770-4, tables 1 and 2: the head's high shelf, then the low cut
_STAGES = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)
_STEP = RATE_HZ // 10  # a 400 ms block every 100 ms
_STEPS_PER_BLOCK = 4
_PART = 50 * _STEP  # five seconds at a time, whatever the length of the file
_EDGE = 16_384  # what the filters still remember after this is below any meter's last digit
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
    try:
        with soundfile.SoundFile(path) as source:
            if source.samplerate != RATE_HZ or source.channels != 1:
                raise AudioUnreadable(
                    f"{path.name}: {source.samplerate} Hz, {source.channels} kênh (48 kHz mono only)."
                )
            for part, first, last in _parts(source):
                weighted, between = _hear(part)
                steps = weighted[first:last]
                powers.append(np.mean(np.square(steps[: len(steps) // _STEP * _STEP].reshape(-1, _STEP)), axis=1))
                # not beyond the stretch: where the part is cut off, the transform rings
                peak = max(peak, float(np.max(np.abs(between[first * _OVERSAMPLING : last * _OVERSAMPLING]))))
    except (soundfile.LibsndfileError, OSError, TypeError) as error:
        raise AudioUnreadable(f"Không giải mã được {path.name}: {error}") from error
    return Loudness(integrated_lufs=_gated(np.concatenate([*powers, np.empty(0)])), true_peak_dbtp=20 * _log(peak))


def _parts(source: soundfile.SoundFile) -> Iterator[tuple[_Floats, int, int]]:
    """Yield stretches of sound with what lies before and after, and where the stretch itself begins and ends."""
    before = np.zeros(_EDGE)
    held = source.read(_PART + _EDGE, dtype="float64")
    while held.size:
        here = min(_PART, held.size)
        after = held[here : here + _EDGE]
        yield np.concatenate([before, held, np.zeros(_EDGE - after.size)]), _EDGE, _EDGE + here
        before = np.concatenate([before, held[:here]])[-_EDGE:]
        held = np.concatenate([held[here:], source.read(_PART, dtype="float64")])


def _hear(part: _Floats) -> tuple[_Floats, _Floats]:
    """Return ``part`` as BS.1770 weighs it, and with the samples between its samples."""
    size = len(part)
    spectrum = np.fft.rfft(part)
    turn = np.exp(-2j * np.pi * np.arange(len(spectrum)) / size)
    weight = np.ones(len(spectrum), dtype=complex)
    for over, under in _STAGES:
        weight *= np.polyval(over[::-1], turn) / np.polyval(under[::-1], turn)
    between = np.fft.irfft(spectrum, size * _OVERSAMPLING) * _OVERSAMPLING
    return np.fft.irfft(spectrum * weight, size), between


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
