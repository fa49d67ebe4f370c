"""Every profile, voice and frame at its level: measured on the encoded file, by two meters that share no code."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.tts.engines.tiny_piper import write_voice
from tests.tts.sounds import babble, pcm
from tts.framing import usual
from tts.master import master, measure
from tts.meter import measure_decoded
from tts.model import HORN, INDOOR, Codec, LoudnessProfile
from tts.speech import Studio, local_studio

ESPEAK, PIPER = "espeak:vi+Annie", "piper:vi_VN-hum-medium"
VOICES: dict[str, tuple[str, str | None]] = {
    "espeak": (ESPEAK, None),
    "piper": (PIPER, None),
    "two voices": ("espeak:vi", PIPER),
}
LONG = "Một câu. Hai câu. Ba câu.\nBốn câu. Năm câu. Sáu câu.\nBảy câu. Tám câu."
MINUTES = 4
"""Longer than any loudness meter looks back, and than what a limiter remembers."""
ON_A_POLE = [(Codec.MP3, priority) for priority in ("", "routine", "priority", "emergency")] + [
    (codec, priority) for codec in Codec if codec is not Codec.MP3 for priority in ("", "emergency")
]
IN_A_ROOM = [(Codec.MP3, "routine"), *((codec, "") for codec in Codec if codec is not Codec.MP3)]
"""Every frame is tried above; here, that the other level is kept too."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: a chime and an opening are made once."""
    folder = tmp_path_factory.mktemp("levels")
    write_voice(folder / "voices")
    return folder


def studio_in(folder: Path) -> Studio:
    return local_studio(folder / "audio", voices=folder / "voices")


def expect_level(path: Path, profile: LoudnessProfile, what: object) -> None:
    found, ours = measure(path), measure_decoded(path)
    for meter in (found, ours):
        assert meter.integrated_lufs == pytest.approx(profile.integrated_lufs, abs=0.5), what
    assert found.true_peak_dbtp <= profile.true_peak_max_dbtp, what
    assert ours.true_peak_dbtp <= profile.true_peak_max_dbtp + 0.2, what


@pytest.mark.slow
@pytest.mark.parametrize(("profile", "pairs"), [(HORN, ON_A_POLE), (INDOOR, IN_A_ROOM)], ids=["horn", "indoor"])
@pytest.mark.parametrize("name", VOICES)
async def test_with_and_without_chime_and_ident_it_is_as_loud_as_its_profile(
    folder: Path, name: str, profile: LoudnessProfile, pairs: list[tuple[Codec, str]]
) -> None:
    voice, second = VOICES[name]
    async with studio_in(folder) as studio:
        for codec, priority in pairs:
            framing = usual(priority, "phường Tân Thạnh") if priority else None
            if framing is None:
                made = await studio.speak(LONG, voice=voice, second_voice=second, profile=profile, codec=codec)
            else:
                made = await studio.compose(
                    LONG, framing, voice=voice, second_voice=second, profile=profile, codec=codec
                )
            assert set(made.voices) == {voice, second} - {None}
            expect_level(made.path, profile, (codec, priority))


@pytest.mark.parametrize("voice", [ESPEAK, PIPER])
async def test_one_word_is_as_loud_as_its_profile_and_so_is_a_chime_around_it(folder: Path, voice: str) -> None:
    async with studio_in(folder) as studio:
        for profile, codec in itertools.product((HORN, INDOOR), Codec):
            word = await studio.speak("Có.", voice=voice, profile=profile, codec=codec)
            framed = await studio.compose("Có.", usual("priority", "phường"), voice=voice, profile=profile, codec=codec)
            for made in (word, framed):
                expect_level(made.path, profile, (profile.name, codec))


@pytest.mark.slow
def test_minutes_of_two_uneven_voices_are_as_loud_as_their_profile(tmp_path: Path) -> None:
    turns = [babble(6.0, peak=peak, seed=seed) for seed, peak in enumerate((0.6, 0.2, 0.5, 0.3), start=1)]
    silence = np.zeros(pcm(turns[0]).rate_hz)
    minute = np.concatenate([part for turn in (*turns, *turns) for part in (turn, silence)])
    made = master(pcm(np.tile(minute, MINUTES)), HORN, tmp_path)
    assert made.duration_ms == pytest.approx(1000 * MINUTES * len(minute) / len(silence), rel=0.05)
    expect_level(made.path, HORN, made)
