"""Joining, trimming and chimes, on samples that are known."""

import itertools

import numpy as np
import pytest

from tests.tts.sounds import RATE_HZ, babble, pcm, share_between
from tts.assemble import chime, join, silence, trim
from tts.errors import NothingToSay, UnknownChime
from tts.model import Pcm


def test_parts_are_joined_in_order_with_their_pauses() -> None:
    one, two = pcm(babble(0.5, seed=1)), pcm(babble(0.7, seed=2))
    whole = join([one, two, one], [450, 900, 5000])
    assert whole.rate_hz == RATE_HZ
    assert whole.duration_ms == 500 + 450 + 700 + 900 + 500
    assert whole.data.startswith(one.data + bytes(2 * RATE_HZ * 450 // 1000) + two.data)
    assert whole.data.endswith(one.data)


def test_parts_of_another_rate_take_the_rate_of_the_first() -> None:
    whole = join([pcm(babble(1.0)), pcm(babble(1.0, rate_hz=22_050), 22_050)], [0])
    assert whole.rate_hz == RATE_HZ
    assert whole.duration_ms == pytest.approx(2000, abs=2)


def test_nothing_cannot_be_joined() -> None:
    with pytest.raises(NothingToSay):
        join([], [])


def test_silence_around_speech_is_cut_and_none_of_the_speech() -> None:
    word = pcm(babble(0.5))
    padded = Pcm(silence(700, RATE_HZ).data + word.data + silence(900, RATE_HZ).data, RATE_HZ)
    assert trim(padded).duration_ms == pytest.approx(500, abs=45)
    loudest = np.max(np.abs(np.frombuffer(word.data, dtype="<i2")))
    assert np.max(np.abs(np.frombuffer(trim(padded).data, dtype="<i2"))) == loudest
    assert trim(silence(500, RATE_HZ)).frames == 0


def test_chimes_are_short_and_each_can_be_told_from_the_others() -> None:
    chimes = {priority: chime(priority) for priority in ("routine", "priority", "emergency")}
    assert all(1000 <= sound.duration_ms <= 5000 for sound in chimes.values())
    assert all(share_between(sound, 300, 6000) > 0.99 for sound in chimes.values()), "a horn sounds nothing else"
    for one, other in itertools.combinations(chimes.values(), 2):
        # within the first two seconds the notes in use differ
        notes = [
            np.abs(np.fft.rfft(np.frombuffer(sound.data, dtype="<i2")[: 2 * RATE_HZ].astype(float), 2 * RATE_HZ))
            for sound in (one, other)
        ]
        alike = float(np.dot(*notes) / (np.linalg.norm(notes[0]) * np.linalg.norm(notes[1])))
        assert alike < 0.8


def test_an_unknown_priority_has_no_chime() -> None:
    with pytest.raises(UnknownChime):
        chime("urgent")


def test_half_a_sample_is_no_sound() -> None:
    with pytest.raises(ValueError, match="16-bit"):
        Pcm(b"\0\0\0", RATE_HZ)
