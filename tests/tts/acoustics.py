"""Pitch by autocorrelation: enough to tell a rising tone from a falling one in clean synthetic speech."""

from typing import Any

import numpy as np

from tts.model import Pcm

Pitches = np.ndarray[Any, np.dtype[np.float64]]
LOWEST_HZ, HIGHEST_HZ = 70.0, 400.0


def pitches(sound: Pcm) -> Pitches:
    """Return the pitch of every voiced 10 ms in semitones above 100 Hz, in order."""
    samples = np.frombuffer(sound.data, dtype="<i2") / 32768.0
    rate = sound.rate_hz
    window, hop = rate // 20, rate // 100
    shape = np.hanning(window)
    shortest, longest = int(rate / HIGHEST_HZ), int(rate / LOWEST_HZ)
    loud = np.sqrt(np.mean(np.square(samples))) * 0.4
    found: list[float] = []
    # the window's own fading is divided out, or long periods would look weaker than they are
    own = np.fft.irfft(np.abs(np.fft.rfft(shape, 2 * window)) ** 2)[:window]
    for at in range(0, len(samples) - window, hop):
        part = samples[at : at + window]
        if np.sqrt(np.mean(np.square(part))) < loud:
            continue
        alike = np.fft.irfft(np.abs(np.fft.rfft((part - part.mean()) * shape, 2 * window)) ** 2)[:window] / own
        alike /= alike[0]
        lags = alike[shortest:longest]
        best = float(np.max(lags))
        if best < 0.5:
            continue
        # the first top that is nearly as high as the highest: the next ones are its multiples
        tops = np.flatnonzero((lags[1:-1] >= lags[:-2]) & (lags[1:-1] >= lags[2:]) & (lags[1:-1] > 0.9 * best)) + 1
        lag = shortest + int(tops[0] if tops.size else np.argmax(lags))
        found.append(12 * float(np.log2(rate / lag / 100)))
    return np.array(found)


def glide(sound: Pcm) -> float:
    """Return by how many semitones the pitch ends above (or below) where it began."""
    track = pitches(sound)
    fifth = max(1, len(track) // 5)
    return float(np.median(track[-fifth:]) - np.median(track[:fifth]))
