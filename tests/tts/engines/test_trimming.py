"""Where speech begins and ends in recordings made in rooms, and the report of it."""

from pathlib import Path

import numpy as np
import pytest

from tests.tts.sounds import RATE_HZ, Wave, babble, pcm, write
from tts.engines.recorded import check_recording
from tts.engines.trimming import trim_speech
from tts.errors import AudioClipped, AudioTooShort
from tts.model import Pcm


def room(seconds: float, dbfs: float, seed: int = 9) -> Wave:
    noise = np.random.default_rng(seed).standard_normal(int(seconds * RATE_HZ)) * 10 ** (dbfs / 20)
    return np.asarray(noise)


def in_a_room(speech: Wave, before_s: float, after_s: float, dbfs: float) -> Pcm:
    around = np.concatenate([np.zeros(int(before_s * RATE_HZ)), speech, np.zeros(int(after_s * RATE_HZ))])
    return pcm(around + room(len(around) / RATE_HZ, dbfs)[: len(around)])


@pytest.mark.parametrize("noise_dbfs", [-90.0, -60.0, -50.0, -42.0])
def test_the_silence_at_both_ends_is_cut_in_a_room_that_is_never_silent(noise_dbfs: float) -> None:
    found = trim_speech(in_a_room(babble(4.0), 2.0, 3.0, noise_dbfs))
    assert found.cut_start_ms == pytest.approx(1850, abs=120)
    assert found.cut_end_ms == pytest.approx(2850, abs=120)
    assert found.sound.duration_ms == pytest.approx(4300, abs=240)


def test_a_finger_on_the_button_is_not_speech() -> None:
    sound = np.frombuffer(in_a_room(babble(3.0), 2.0, 2.0, -60).data, dtype="<i2").copy()
    sound[4800 : 4800 + 1400] = 20_000  # thirty milliseconds
    assert trim_speech(Pcm(sound.tobytes(), RATE_HZ)).cut_start_ms > 1500


def test_nothing_of_the_speech_is_lost_and_edges_do_not_click() -> None:
    speech = babble(3.0)
    found = trim_speech(in_a_room(speech, 1.0, 1.0, -70))
    samples = np.frombuffer(found.sound.data, dtype="<i2").astype(float)
    assert samples[0] == samples[-1] == 0
    power = np.sum(np.square(samples / 32767))
    assert power == pytest.approx(np.sum(np.square(speech)), rel=0.01)


def test_music_without_a_pause_is_left_whole() -> None:
    seconds = np.arange(5 * RATE_HZ) / RATE_HZ
    music = pcm(np.asarray(0.3 * np.sin(2 * np.pi * 440 * seconds)))
    found = trim_speech(music)
    assert found.sound == music
    assert (found.cut_start_ms, found.cut_end_ms) == (0, 0)


def test_the_report_says_what_was_found_and_done(tmp_path: Path) -> None:
    path = write(tmp_path / "ghi.wav", in_a_room(babble(4.0), 5.0, 1.0, -60))
    sound, report = check_recording(path)
    assert report.recorded_ms == 10_000
    assert report.kept_ms == sound.duration_ms
    assert report.kept_ms + report.cut_start_ms + report.cut_end_ms == pytest.approx(10_000, abs=2)
    assert report.peak_dbfs == pytest.approx(-6, abs=0.3)
    assert report.background_dbfs < -55 < report.speech_dbfs
    assert [warning for warning in report.warnings if "Đã cắt" in warning]
    assert len(report.warnings) == 1


def touched() -> Pcm:
    wave = babble(4.0, peak=0.6)
    wave[RATE_HZ : RATE_HZ + 40] = 1.0
    return pcm(wave)


GAP = np.concatenate([babble(2.0), np.zeros(7 * RATE_HZ), babble(2.0, seed=2)])


@pytest.mark.parametrize(
    ("sound", "warning"),
    [
        (in_a_room(babble(4.0, peak=0.03), 0.5, 0.5, -75), "rất nhỏ"),
        (in_a_room(babble(4.0), 0.5, 0.5, -28), "nền"),
        (touched(), "vỡ tiếng"),
        (pcm(GAP + room(11.0, -65)[: len(GAP)]), "quãng lặng"),
    ],
)
def test_what_a_person_should_listen_for_is_a_warning_not_a_refusal(tmp_path: Path, sound: Pcm, warning: str) -> None:
    _, report = check_recording(write(tmp_path / "ghi.wav", sound))
    assert [each for each in report.warnings if warning in each], report


def test_a_good_recording_has_no_warning(tmp_path: Path) -> None:
    assert check_recording(write(tmp_path / "ghi.wav", in_a_room(babble(4.0), 0.5, 0.5, -60)))[1].warnings == ()


def test_a_recording_with_hardly_any_speech_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioTooShort, match="tiếng nói"):
        check_recording(write(tmp_path / "ghi.wav", in_a_room(babble(0.5), 4.0, 4.0, -65)))


def test_clipping_is_found_also_behind_a_phones_encoder(tmp_path: Path) -> None:
    shouted = pcm(np.clip(babble(4.0, peak=6.0), -1, 1))
    for name in ("ghi.m4a", "ghi.wav"):
        with pytest.raises(AudioClipped):
            check_recording(write(tmp_path / name, shouted))
