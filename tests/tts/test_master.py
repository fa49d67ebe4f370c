"""Loudness and true peak, measured by ffmpeg's meter on the file that would go to the poles."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from devices.agent.sound.decoder import SoundFileDecoder
from tests.tts.sounds import RATE_HZ, babble, pcm, share_between, write
from tts.assemble import chime
from tts.errors import AudioSilent, AudioTooShort, AudioUnreadable, CacheError, MasteringFailed
from tts.master import decoded_ms, master, measure, read
from tts.meter import measure_decoded
from tts.model import HORN, INDOOR, Codec, LoudnessProfile, Pcm

QUIET = babble(4.0, peak=0.01)
SHOUTED = np.clip(babble(4.0, peak=3.0), -1, 1)
CLICKS = np.zeros(4 * RATE_HZ)
CLICKS[:: RATE_HZ // 50] = 0.9
KNOCKED = babble(6.0, peak=0.05)
KNOCKED[:: RATE_HZ // 2] = 0.95
UNEVEN = np.concatenate([babble(3.0, peak=0.03), babble(3.0, peak=0.9, seed=2)])
SOUNDS = {
    "speech": pcm(babble(6.0)),
    "telephone speech": pcm(babble(6.0, rate_hz=8000), 8000),
    "quiet": pcm(QUIET),
    "shouted": pcm(SHOUTED),
    "speech with knocks": pcm(KNOCKED),
    "uneven": pcm(UNEVEN),
    "one word": pcm(babble(0.45)),
    "chime": chime("priority"),
}


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("profile", [HORN, INDOOR], ids=lambda profile: profile.name)
@pytest.mark.parametrize("name", SOUNDS)
def test_the_encoded_file_is_at_the_level_of_its_profile_by_two_meters(
    tmp_path: Path, name: str, profile: LoudnessProfile, codec: Codec
) -> None:
    made = master(SOUNDS[name], profile, tmp_path, codec)
    found, ours = measure(made.path), measure_decoded(made.path)
    assert found == made.loudness
    for each in (found, ours):
        assert each.integrated_lufs == pytest.approx(profile.integrated_lufs, abs=0.5)
    assert found.true_peak_dbtp <= profile.true_peak_max_dbtp
    assert ours.true_peak_dbtp <= profile.true_peak_max_dbtp + 0.2


@pytest.mark.parametrize("codec", Codec)
def test_a_pole_decodes_what_is_mastered_whole_and_aloud(tmp_path: Path, codec: Codec) -> None:
    made = master(SOUNDS["speech"], HORN, tmp_path, codec)
    pole = SoundFileDecoder()
    assert pole.duration_ms(made.path) == made.duration_ms == pytest.approx(6000, abs=60)
    frames = np.concatenate(list(pole.blocks(made.path, rate=RATE_HZ)))
    assert 20 * np.log10(np.sqrt(np.mean(np.square(frames / 32768.0)))) > -25


def test_opus_is_half_of_mp3_and_says_what_it_is(tmp_path: Path) -> None:
    mp3, opus = (master(SOUNDS["speech"], HORN, tmp_path, codec) for codec in (Codec.MP3, Codec.OPUS))
    assert opus.path.stat().st_size < 0.65 * mp3.path.stat().st_size
    assert soundfile.info(str(opus.path)).subtype == "OPUS"
    assert opus.path.suffix == ".opus"


def test_the_stated_duration_is_what_a_pole_decodes(tmp_path: Path) -> None:
    made = master(SOUNDS["speech"], HORN, tmp_path)
    about = soundfile.info(str(made.path))
    assert (about.samplerate, about.channels, about.format) == (48_000, 1, "MP3")
    assert made.duration_ms == round(about.frames * 1000 / about.samplerate) == decoded_ms(made.path)
    assert made.duration_ms == pytest.approx(6000, abs=60)
    assert len(soundfile.read(str(made.path))[0]) == about.frames
    assert made.path.stat().st_size == pytest.approx(64_000 / 8 * 6, rel=0.1)


@pytest.mark.parametrize("codec", Codec)
def test_the_same_sound_is_the_same_file(tmp_path: Path, codec: Codec) -> None:
    one, two = (master(SOUNDS["speech"], HORN, tmp_path, codec).path for _ in range(2))
    assert one != two
    assert hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(two.read_bytes()).digest()


def test_a_horn_gets_the_speech_band_and_a_room_gets_all_of_it(tmp_path: Path) -> None:
    dice = np.random.default_rng(3)
    hiss = pcm(dice.standard_normal(4 * RATE_HZ) * 0.1)
    horn, room = (read(master(hiss, profile, tmp_path).path) for profile in (HORN, INDOOR))
    assert share_between(horn, 300, 6500) > 0.95
    assert share_between(room, 300, 6500) < 0.6


@pytest.mark.parametrize(
    ("sound", "error"),
    [
        (pcm(babble(0.3)), AudioTooShort),
        (Pcm(b"", RATE_HZ), AudioTooShort),
        (pcm(np.zeros(RATE_HZ)), AudioSilent),
        (pcm(babble(1.0, peak=0.0005)), AudioSilent),
    ],
)
def test_what_cannot_be_heard_is_refused_and_leaves_no_file(tmp_path: Path, sound: Pcm, error: type[Exception]) -> None:
    with pytest.raises(error):
        master(sound, HORN, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_level_that_cannot_be_reached_is_an_error_that_says_what_was(tmp_path: Path) -> None:
    with pytest.raises(MasteringFailed, match="-16 LUFS"):
        master(pcm(CLICKS), HORN, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CacheError):
        master(SOUNDS["one word"], HORN, tmp_path / "nowhere")


def test_the_meter_agrees_with_a_tone_whose_loudness_is_known(tmp_path: Path) -> None:
    # EBU Tech 3341: a 1 kHz sine in one channel reads its RMS level less 0.69 dB plus the filter's 0.69 dB there
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * RATE_HZ) / RATE_HZ) * 10 ** (-20 / 20)
    found = measure(write(tmp_path / "tone.wav", pcm(tone)))
    assert found.integrated_lufs == pytest.approx(-20 - 3.01, abs=0.2)
    assert found.true_peak_dbtp == pytest.approx(-20, abs=0.2)


def test_what_is_not_sound_cannot_be_measured_or_read(tmp_path: Path) -> None:
    path = tmp_path / "not.mp3"
    path.write_bytes(b"not sound" * 100)
    for look in (measure, measure_decoded, decoded_ms, read):
        with pytest.raises(AudioUnreadable):
            look(path)
