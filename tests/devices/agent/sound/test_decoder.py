"""Every format the ward may bring, at the card's rate, and no bad file unnoticed."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from devices.agent.ports import Frames
from devices.agent.sound.decoder import SharedDecoder, SoundFileDecoder
from devices.agent.sound.resample import Resampler
from devices.errors import BadAudio
from tests.devices.agent.sound.booth import noise, wav

RATE = 48_000


def speech_like(seconds: float, rate: int) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return 0.3 * np.sin(2 * np.pi * 300 * t) + 0.2 * np.sin(2 * np.pi * 1_700 * t)


def all_of(path: Path, **options: int) -> Frames:
    return np.concatenate(list(SoundFileDecoder().blocks(path, **{"rate": RATE, **options})))


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("a.wav", 48_000),
        ("a.flac", 44_100),
        ("a.ogg", 22_050),
        ("a.opus", 48_000),
        ("a.mp3", 48_000),
        ("a.mp3", 24_000),
    ],
)
def test_every_format_is_decoded_to_its_length_and_wave(tmp_path: Path, name: str, rate: int) -> None:
    path = tmp_path / name
    subtype = "OPUS" if name.endswith("opus") else None
    container = "OGG" if name.endswith("opus") else None
    soundfile.write(path, speech_like(2, rate), rate, subtype=subtype, format=container)
    assert SoundFileDecoder().duration_ms(path) == pytest.approx(2_000, abs=120)
    got = all_of(path)
    assert got.dtype == np.int16
    assert got.size == pytest.approx(2 * RATE, abs=RATE * 0.12)
    spectrum = np.abs(np.fft.rfft(got[RATE // 2 : RATE // 2 + RATE].astype(float)))
    assert {int(n) for n in np.argsort(spectrum)[-2:]} == {300, 1_700}


def test_stereo_becomes_the_mean_of_both(tmp_path: Path) -> None:
    left, right = noise(0.5, seed=1), noise(0.5, seed=2)
    path = tmp_path / "s.wav"
    soundfile.write(path, np.stack([left, right], axis=1), RATE)
    assert np.array_equal(all_of(path), (left.astype(int) + right) // 2)


@pytest.mark.parametrize("start_ms", [0, 1, 333, 1_999, 2_000, 5_000])
def test_starting_inside_gives_the_rest_exactly(tmp_path: Path, start_ms: int) -> None:
    frames = noise(2)
    path = wav(tmp_path, frames)
    blocks = list(SoundFileDecoder().blocks(path, rate=RATE, start_ms=start_ms, block_ms=70))
    rest = frames[start_ms * 48 :]
    assert np.array_equal(np.concatenate([np.empty(0, np.int16), *blocks]), rest)
    assert all(block.size == 70 * 48 for block in blocks[:-1])


@pytest.mark.parametrize("cut", [0.0, 0.01, 0.4, 0.999])
def test_a_cut_off_mp3_or_flac_never_passes_for_whole(tmp_path: Path, cut: float) -> None:
    for name in ("x.mp3", "x.flac"):
        path = tmp_path / name
        soundfile.write(path, noise(3), RATE)
        decoder = SoundFileDecoder()
        whole = decoder.duration_ms(path)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * cut)])
        try:
            got = decoder.duration_ms(path)
        except BadAudio:
            continue
        else:
            # The last thousandth may be padding; the caller compares with the length it was told.
            assert got <= whole
            assert cut > 0.9 or got < whole - 150


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"RIFF\x00\x00\x00\x00WAVE", bytes(2_000)])
def test_what_is_not_audio_is_bad_audio(tmp_path: Path, content: bytes) -> None:
    for name in ("x.mp3", "x.wav", "0" * 64):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(BadAudio, match=name):
            SoundFileDecoder().duration_ms(path)


def test_a_missing_file_is_bad_audio_for_both_decoders(tmp_path: Path) -> None:
    for decoder in (SoundFileDecoder(), SharedDecoder(SoundFileDecoder())):
        with pytest.raises(BadAudio, match="gone"):
            decoder.duration_ms(tmp_path / "gone")
        with pytest.raises(BadAudio, match="gone"):
            next(decoder.blocks(tmp_path / "gone", rate=RATE))


def test_the_name_needs_no_ending(tmp_path: Path) -> None:
    path = wav(tmp_path, noise(1))
    named = path.rename(tmp_path / ("a" * 64))
    assert SoundFileDecoder().duration_ms(named) == 1_000


class Counting(SoundFileDecoder):
    """Counts how often a file is really decoded, and how many frames of it."""

    def __init__(self) -> None:
        self.opened = self.given = 0

    def blocks(self, path: Path, *, rate: int, start_ms: int = 0, block_ms: int = 100):  # type: ignore[no-untyped-def]
        self.opened += 1
        for block in super().blocks(path, rate=rate, start_ms=start_ms, block_ms=block_ms):
            self.given += block.size
            yield block


def test_a_thousand_poles_decode_a_file_once(tmp_path: Path) -> None:
    inner = Counting()
    shared = SharedDecoder(inner)
    frames = noise(1)
    path = wav(tmp_path, frames)
    for start_ms in (0, 250, 999, 1_000):
        for _ in range(250):
            got = list(shared.blocks(path, rate=RATE, start_ms=start_ms))
            assert np.array_equal(np.concatenate([np.empty(0, np.int16), *got]), frames[start_ms * 48 :])
    assert inner.opened == 1


def test_the_shared_copy_cannot_be_changed_and_old_ones_leave_by_size(tmp_path: Path) -> None:
    inner = Counting()
    shared = SharedDecoder(inner, max_bytes=250_000)
    paths = [wav(tmp_path, noise(1, seed=n)) for n in range(3)]
    for path in (paths[0], paths[1], paths[0], paths[2], paths[0]):
        for block in shared.blocks(path, rate=RATE):
            with pytest.raises(ValueError, match="read-only"):
                block[0] = 1
    # 96 kB each: two fit. The first was used again before the third came, so the second left.
    assert inner.opened == 3
    next(shared.blocks(paths[1], rate=RATE))
    assert inner.opened == 4


def test_the_start_of_a_long_file_does_not_wait_for_its_end(tmp_path: Path) -> None:
    inner = Counting()
    shared = SharedDecoder(inner)
    path = wav(tmp_path, noise(20))
    first = next(shared.blocks(path, rate=RATE))
    assert inner.given < RATE  # not the twenty seconds
    whole = np.concatenate(list(shared.blocks(path, rate=RATE)))
    assert (inner.opened, inner.given) == (1, whole.size)
    assert np.array_equal(whole[: first.size], first)
    later = np.concatenate(list(shared.blocks(path, rate=RATE, start_ms=7_300)))
    assert np.array_equal(later, whole[7_300 * RATE // 1000 :])


def test_a_file_deleted_after_it_was_shared_is_missing(tmp_path: Path) -> None:
    shared = SharedDecoder(SoundFileDecoder())
    path = wav(tmp_path, noise(1))
    next(shared.blocks(path, rate=RATE))
    path.unlink()
    with pytest.raises(BadAudio):
        next(shared.blocks(path, rate=RATE))


@pytest.mark.parametrize(
    ("source", "target"), [(44_100, 48_000), (22_050, 48_000), (16_000, 48_000), (48_000, 44_100), (96_000, 48_000)]
)
def test_resampling_keeps_length_place_and_wave_in_blocks_of_any_size(source: int, target: int) -> None:
    tone = (speech_like(1, source) * 32_767).astype(np.int16)
    wanted = speech_like(1, target) * 32_767
    results = []
    for size in (tone.size, 100, 4_801):
        resampler = Resampler(source, target)
        made = [resampler.feed(tone[at : at + size]) for at in range(0, tone.size, size)]
        results.append(np.concatenate([*made, resampler.flush()]))
    assert all(np.array_equal(results[0], other) for other in results[1:])
    assert results[0].size == target
    inside = slice(200, -200)
    assert np.abs(results[0][inside] - wanted[inside]).max() < 40


def test_going_down_in_rate_removes_what_cannot_be_said() -> None:
    t = np.arange(48_000) / 48_000
    whistle = (np.sin(2 * np.pi * 15_000 * t) * 20_000).astype(np.int16)
    resampler = Resampler(48_000, 16_000)
    made = np.concatenate([resampler.feed(whistle), resampler.flush()])
    assert np.abs(made[300:-300]).max() < 40
