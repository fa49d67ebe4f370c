"""Uploaded recordings of every accepted kind, and everything that must not reach a loudspeaker."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tests.tts.sounds import babble, pcm, write
from tts.engines.recorded import flat_share, loudest_dbfs, read_recording
from tts.errors import AudioClipped, AudioSilent, AudioTooLong, AudioTooShort, AudioUnreadable
from tts.model import Pcm

ENCODERS = {
    "ogg": ("-c:a", "libopus"),
    "webm": ("-c:a", "libopus"),
    "amr": ("-c:a", "libopencore_amrnb", "-ar", "8000"),
    "3gp": ("-c:a", "libopencore_amrnb", "-ar", "8000"),
}


@pytest.mark.parametrize(
    "kind", ["wav", "mp3", "ogg", "opus", "m4a", "mp4", "aac", "amr", "3gp", "flac", "webm", "caf", "aiff"]
)
def test_what_a_phone_records_is_read(tmp_path: Path, kind: str) -> None:
    arguments = ENCODERS.get(kind, ())
    path = write(tmp_path / f"ghi âm 1.{kind}", pcm(babble(3.0)), *arguments)
    sound = read_recording(path)
    assert sound.duration_ms == pytest.approx(3000, abs=120)
    assert sound.rate_hz == 48_000


def test_two_channels_become_one(tmp_path: Path) -> None:
    path = write(tmp_path / "stereo.wav", pcm(babble(2.0)), "-ac", "2")
    assert read_recording(path).duration_ms == 2000


def loud(share: float) -> Pcm:
    wave = babble(3.0, peak=0.7)
    wave[: int(len(wave) * share)] *= 12
    return pcm(wave)


@pytest.mark.parametrize(
    ("sound", "error"),
    [
        (pcm(babble(0.5)), AudioTooShort),
        (pcm(babble(6.0)), AudioTooLong),
        (pcm(np.zeros(96_000)), AudioSilent),
        (pcm(babble(2.0, peak=0.002)), AudioSilent),
        (loud(0.5), AudioClipped),
    ],
)
def test_a_bad_recording_is_refused_with_its_reason(tmp_path: Path, sound: Pcm, error: type[Exception]) -> None:
    path = write(tmp_path / "bad.wav", sound)
    with pytest.raises(error):
        read_recording(path, max_s=5.0)


def test_a_loud_recording_that_is_not_cut_flat_is_accepted(tmp_path: Path) -> None:
    assert read_recording(write(tmp_path / "loud.wav", pcm(babble(2.0, peak=0.99)))).frames


@pytest.mark.parametrize("content", [b"", b"RIFF", b"<html>", b"\0" * 5000])
def test_what_is_not_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fake.mp3"
    path.write_bytes(content)
    with pytest.raises(AudioUnreadable):
        read_recording(path)
    with pytest.raises(AudioUnreadable):
        read_recording(tmp_path / "missing.wav")


def test_a_play_list_dressed_as_a_recording_opens_no_other_file(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.wav", pcm(babble(3.0)))
    for name, content in (
        ("list.mp3", f"ffconcat version 1.0\nfile '{secret}'\n"),
        ("stream.mp3", f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{secret}\n#EXT-X-ENDLIST\n"),
    ):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        with pytest.raises(AudioUnreadable):
            read_recording(path)
    assert read_recording(secret).frames


def test_half_an_hour_is_checked_in_little_memory() -> None:
    samples = np.zeros(20 * 60 * 1000, dtype="<i2")  # twenty minutes at a kilohertz, far more than one part
    samples[15 * 60_000 : 15 * 60_000 + 1000] = 16_384
    tracemalloc.start()
    try:
        loudest, flat = loudest_dbfs(samples, 1000), flat_share(samples)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert loudest == pytest.approx(-6.02, abs=0.01)
    assert flat == 0
    assert peak < 4 * samples.nbytes
