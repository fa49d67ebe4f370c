"""Sounds that need no file: test tone, emergency siren, and the notice that stands in for a missing item.

All are made at the card's rate; none is louder than -6 dBFS before the volume.
"""

import math
from functools import lru_cache

import numpy as np

from devices.agent.ports import Frames
from devices.agent.sound.gain import fade_ends

TONE_PEAK = 0.355
"""-9 dBFS: a sine as loud as mastered speech (-12 dBFS RMS)."""
SIREN_PEAK = 0.5
NOTICE_PEAK = 0.18
"""-15 dBFS: heard, and nobody takes it for an alarm."""

SIREN_LOW_HZ, SIREN_HIGH_HZ = 500.0, 1200.0
SIREN_PERIOD_S = 3.0
"""Up for a second and a half, down for as long: the slow wail that no chime or voice resembles.

A whole number of turns (2,550) at the mean pitch, which :func:`siren` relies on.
"""

NOTICE_MS = 900
_NOTICE_HZ = (659.3, 523.3, 392.0)
"""Three falling notes, unlike the rising chime that opens a programme."""


def sine(rate: int, hz: float, frames: int, *, start: int = 0) -> Frames:
    """Return ``frames`` of a sine of ``hz`` as if it had begun ``start`` frames ago; no fades, so blocks join."""
    phase = 2 * math.pi * hz / rate * (np.arange(frames, dtype=np.float64) + start)
    return (np.sin(phase) * (TONE_PEAK * 32_767)).astype(np.int16)


def siren(rate: int, frames: int, *, start: int = 0) -> Frames:
    """Return ``frames`` of the wail as if it had begun ``start`` frames ago; no fades, so blocks join."""
    wail = _wail(rate)
    return wail.take(np.arange(start, start + frames), mode="wrap")


@lru_cache(maxsize=4)
def _wail(rate: int) -> Frames:
    """Return one period: it holds a whole number of turns, so every period is the same."""
    t = np.arange(round(SIREN_PERIOD_S * rate), dtype=np.float64) / rate
    # The phase is the integral of a triangle between the two pitches, in closed form, so it never jumps.
    half = SIREN_PERIOD_S / 2
    span = SIREN_HIGH_HZ - SIREN_LOW_HZ
    rising = SIREN_LOW_HZ * t + span / (2 * half) * t**2
    top = (SIREN_LOW_HZ + SIREN_HIGH_HZ) / 2 * half
    after = t - half
    falling = top + SIREN_HIGH_HZ * after - span / (2 * half) * after**2
    phase = 2 * math.pi * np.mod(np.where(t < half, rising, falling), 1.0)
    # Odd harmonics make it carry through a horn; the sum of the weights is 1.
    wave = 0.72 * np.sin(phase) + 0.20 * np.sin(3 * phase) + 0.08 * np.sin(5 * phase)
    frames = (wave * (SIREN_PEAK * 32_767)).astype(np.int16)
    frames.flags.writeable = False
    return frames


def notice(rate: int) -> Frames:
    """Return the 0.9 s that say "an item is missing here": three falling notes."""
    each = rate * NOTICE_MS // 1000 // len(_NOTICE_HZ)
    t = np.arange(each, dtype=np.float64) / rate
    decay = np.exp(-t * 6)
    notes = [
        fade_ends((np.sin(2 * math.pi * hz * t) * decay * (NOTICE_PEAK * 32_767)).astype(np.int16), rate)
        for hz in _NOTICE_HZ
    ]
    return np.concatenate(notes)
