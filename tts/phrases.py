"""Tờ cụm từ: many short phrases said once and mastered together in one file, and where in it each of them lies.

Mastered one by one, a word of two syllables has no loudness to measure and every piece of a sentence would come out at
a level of its own; together they are one voice at one level, and one file to fetch.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tts.model import HORN, Codec, LoudnessProfile, MasteredAudio, Pcm

PHRASES: LoudnessProfile = replace(HORN, name="phrases", opus_kbps=32)
PHRASES_CODEC = Codec.OPUS
"""A tenth of a bulletin's size, decoded by every pole: all of it stays on the card for good."""
GAP_MS = 400
"""Silence between two phrases of a file: no seeking is so inexact, no tail so long, that a neighbour is heard."""
EDGE_MS = 40
"""Of that silence, what belongs to each end of a phrase: pieces of one sentence join with a breath, not a click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where one phrase lies in its file."""

    from_ms: int
    dur_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseSheet:
    """One file, and the cut of each phrase in the order in which they were asked for."""

    audio: MasteredAudio
    cuts: tuple[Cut, ...]


def lay_out(said: Sequence[Pcm]) -> tuple[Pcm, tuple[Cut, ...]]:
    """Put phrases of one rate one after another, with silence before, between and after, and tell where each is."""
    rate_hz = said[0].rate_hz
    gap = bytes(2 * (rate_hz * GAP_MS // 1000))
    data, cuts = bytearray(gap), []
    for pcm in said:
        start_ms = len(data) // 2 * 1000 // rate_hz
        data += pcm.data + gap
        cuts.append(Cut(from_ms=start_ms - EDGE_MS, dur_ms=pcm.duration_ms + 2 * EDGE_MS))
    return Pcm(bytes(data), rate_hz), tuple(cuts)


def name_of_sound(pcm: Pcm) -> str:
    """Name a sound by what it is: engines vary, and cuts must fit the very sound that was mastered."""
    return hashlib.sha256(pcm.data).hexdigest()
