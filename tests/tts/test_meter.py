"""Our own meter against what is known by arithmetic, and against ffmpeg's, with which it shares no code."""

from pathlib import Path

import numpy as np
import pytest

from tests.tts.sounds import RATE_HZ, Wave, babble, pcm, write
from tts.errors import AudioUnreadable
from tts.master import measure
from tts.meter import measure_decoded


def tone(hertz: float, dbfs: float, seconds: float = 6.0, phase: float = 0.0) -> Wave:
    return np.asarray(
        np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ + phase) * 10 ** (dbfs / 20)
    )


def test_a_tone_reads_its_level(tmp_path: Path) -> None:
    # BS.1770: a 997 Hz sine at 0 dBFS in one channel reads -3.01 LUFS
    found = measure_decoded(write(tmp_path / "tone.wav", pcm(tone(997, -20))))
    assert found.integrated_lufs == pytest.approx(-23.01, abs=0.05)
    assert found.true_peak_dbtp == pytest.approx(-20, abs=0.05)


def test_the_peak_between_two_samples_is_found(tmp_path: Path) -> None:
    # a quarter of the rate, an eighth turned: no sample is higher than -3.01 dB below the wave's top
    wave = tone(RATE_HZ / 4, -6, phase=np.pi / 4)
    assert 20 * np.log10(np.max(np.abs(wave))) == pytest.approx(-9.01, abs=0.01)
    fade = np.minimum(1, np.minimum(np.arange(wave.size), np.arange(wave.size)[::-1]) / RATE_HZ)
    assert measure_decoded(write(tmp_path / "t.wav", pcm(wave * fade))).true_peak_dbtp == pytest.approx(-6, abs=0.1)


def test_silence_between_words_does_not_count(tmp_path: Path) -> None:
    speech = tone(997, -20)
    gaps = np.concatenate([speech, np.zeros(10 * RATE_HZ), tone(997, -60), speech])
    assert measure_decoded(write(tmp_path / "g.wav", pcm(gaps))).integrated_lufs == pytest.approx(-23.01, abs=0.3)


@pytest.mark.parametrize("seconds", [0.5, 4.9, 5.0, 5.1, 13.3])
@pytest.mark.parametrize("ending", ["wav", "mp3"])
def test_it_agrees_with_ffmpeg_whatever_the_length(tmp_path: Path, seconds: float, ending: str) -> None:
    path = write(tmp_path / f"x.{ending}", pcm(babble(seconds, peak=0.4, seed=int(seconds * 10))))
    ours, theirs = measure_decoded(path), measure(path)
    assert ours.integrated_lufs == pytest.approx(theirs.integrated_lufs, abs=0.15)
    assert ours.true_peak_dbtp == pytest.approx(theirs.true_peak_dbtp, abs=0.2)


def test_nothing_has_no_loudness(tmp_path: Path) -> None:
    assert measure_decoded(write(tmp_path / "s.wav", pcm(np.zeros(RATE_HZ)))).integrated_lufs == -np.inf
    assert measure_decoded(write(tmp_path / "t.wav", pcm(babble(0.2)))).integrated_lufs == -np.inf


def test_a_file_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioUnreadable, match="48 kHz"):
        measure_decoded(write(tmp_path / "two.wav", pcm(babble(1.0)), "-ac", "2"))
    with pytest.raises(AudioUnreadable):
        measure_decoded(tmp_path / "gone.mp3")
