"""Sounds for tests: made here, known exactly."""

from pathlib import Path
from typing import Any

import numpy as np

from tts import ffmpeg
from tts.model import Pcm

RATE_HZ = 48_000
Wave = np.ndarray[Any, np.dtype[np.float64]]


def babble(seconds: float, *, peak: float = 0.5, rate_hz: int = RATE_HZ, seed: int = 1) -> Wave:
    """Noise in the speech band that swells and falls four times a second, as syllables do."""
    dice = np.random.default_rng(seed)
    count = int(seconds * rate_hz)
    spectrum = np.fft.rfft(dice.standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / rate_hz)
    spectrum[(hertz < 200) | (hertz > 4000)] = 0
    wave = np.fft.irfft(spectrum, count) * (0.1 + np.abs(np.sin(np.arange(count) / rate_hz * np.pi * 4)))
    return np.asarray(wave / np.max(np.abs(wave)) * peak)


def pcm(wave: Wave, rate_hz: int = RATE_HZ) -> Pcm:
    return Pcm((np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes(), rate_hz)


def write(path: Path, sound: Pcm, *arguments: str) -> Path:
    """Encode ``sound`` into whatever the name of ``path`` says."""
    ffmpeg.run([*ffmpeg.raw_input(sound), *arguments, f"file:{path}"], timeout_s=30, stdin=sound.data)
    return path


def share_between(sound: Pcm, low_hz: float, high_hz: float) -> float:
    """Return the share of the power that lies between two frequencies."""
    power = np.square(np.abs(np.fft.rfft(np.frombuffer(sound.data, dtype="<i2").astype(float))))
    hertz = np.fft.rfftfreq(sound.frames, 1 / sound.rate_hz)
    return float(power[(hertz >= low_hz) & (hertz < high_hz)].sum() / power.sum())
