"""Levels are those of the whole, however it was cut into blocks."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.agent.sound.gain import Gain, fade_ends, gain_db, gain_of
from devices.agent.sound.levels import FLOOR_DBFS, LevelMeter, dbfs
from devices.agent.sound.tones import notice, sine, siren

RATE = 8_000


def test_a_full_scale_sine_reads_minus_three() -> None:
    meter = LevelMeter(RATE)
    meter.feed((np.sin(2 * np.pi * 100 * np.arange(RATE) / RATE) * 32_767).astype(np.int16))
    assert meter.rms_dbfs == pytest.approx(-3.01, abs=0.01)
    assert meter.peak_dbfs == pytest.approx(0.0, abs=0.01)
    assert meter.silent_ms == 0


def test_nothing_and_zeros_read_the_floor() -> None:
    meter = LevelMeter(RATE)
    assert (meter.rms_dbfs, meter.peak_dbfs, meter.silent_ms) == (FLOOR_DBFS, FLOOR_DBFS, 0)
    meter.feed(np.zeros(RATE, np.int16))
    assert (meter.rms_dbfs, meter.peak_dbfs, meter.silent_ms) == (FLOOR_DBFS, FLOOR_DBFS, 1_000)
    assert dbfs(-5) == FLOOR_DBFS


@pytest.mark.parametrize(("amplitude", "silent"), [(90, True), (115, False)])
def test_silence_is_below_minus_fifty(amplitude: int, silent: bool) -> None:
    meter = LevelMeter(RATE)
    meter.feed(np.full(RATE, amplitude, np.int16))
    assert (meter.silent_ms == 1_000) is silent


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), min_size=1, max_size=12), st.integers(1, 977))
def test_blocks_of_any_size_give_the_same_levels(runs: list[tuple[bool, int]], block: int) -> None:
    """Each run is loud or silent, in windows of 10 ms."""
    window = RATE // 100
    whole = np.concatenate([np.full(n * window, 3_000 if loud else 3, np.int16) for loud, n in runs])
    at_once, piecewise = LevelMeter(RATE), LevelMeter(RATE)
    at_once.feed(whole)
    for at in range(0, whole.size, block):
        piecewise.feed(whole[at : at + block])
    assert piecewise.silent_ms == at_once.silent_ms
    assert piecewise.rms_dbfs == pytest.approx(at_once.rms_dbfs, abs=1e-3)
    assert piecewise.peak_dbfs == at_once.peak_dbfs
    longest = run = 0
    for loud, n in runs:
        run = 0 if loud else run + n
        longest = max(longest, run)
    assert at_once.silent_ms == longest * 10


def test_a_planned_pause_splits_the_silence_around_it() -> None:
    meter = LevelMeter(RATE)
    meter.feed(np.zeros(RATE, np.int16))
    meter.pause()
    meter.feed(np.zeros(RATE // 2, np.int16))
    assert meter.silent_ms == 1_000


@given(st.integers(-50, 150))
def test_volume_never_amplifies_and_never_falls_when_turned_up(percent: int) -> None:
    assert 0 <= gain_of(percent) <= gain_of(percent + 1) <= 1
    assert gain_db(percent) <= 0


def test_the_documented_figures_of_the_volume_law() -> None:
    assert [round(gain_db(percent), 1) for percent in (100, 70, 50, 10)] == [0.0, -6.2, -12.0, -40.0]


@given(st.integers(0, 100), st.integers(0, 100), st.integers(1, 700))
def test_a_change_of_volume_is_the_same_in_blocks_of_any_size(before: int, after: int, block: int) -> None:
    whole = np.full(1_000, 10_000, np.int16)
    results = []
    for size in (whole.size, block):
        gain = Gain(before, 48_000)
        gain.set(after)
        results.append(np.concatenate([gain.apply(whole[at : at + size]) for at in range(0, whole.size, size)]))
    assert np.abs(results[0].astype(int) - results[1]).max() <= 1
    assert results[0][-1] == int(10_000 * np.float32(gain_of(after)))


@given(st.integers(1, 900))
def test_a_siren_and_a_tone_are_the_same_in_blocks_of_any_size(block: int) -> None:
    for make in (partial(siren, RATE), partial(sine, RATE, 440)):
        joined = np.concatenate([make(min(block, 1_800 - at), start=at) for at in range(0, 1_800, block)])
        assert np.array_equal(joined, make(1_800))


def test_the_siren_sweeps_up_and_down_and_never_jumps() -> None:
    rate = 48_000
    wail = siren(rate, 6 * rate).astype(float)
    assert np.abs(wail).max() <= 32_767 * 10 ** (-6 / 20) + 1
    pitches = [
        int(np.argmax(np.abs(np.fft.rfft(wail[at : at + 4_800])[:300]))) * 10 for at in range(0, 3 * rate, 4_800)
    ]
    assert min(pitches) == pytest.approx(500, abs=40)
    assert max(pitches) == pytest.approx(1_200, abs=40)
    assert int(np.argmax(pitches)) in range(13, 17)
    assert np.abs(np.diff(wail)).max() < 8_000


def test_the_notice_is_short_falls_and_fades_to_nothing() -> None:
    said = notice(48_000)
    assert said.size == 43_200
    third = said.size // 3
    pitch = [int(np.argmax(np.abs(np.fft.rfft(said[n * third : (n + 1) * third])))) for n in range(3)]
    assert pitch[0] > pitch[1] > pitch[2]
    assert abs(int(said[0])) <= 1
    assert abs(int(said[-1])) <= 1


def test_fades_touch_only_five_milliseconds_at_each_end() -> None:
    whole = np.full(4_800, 10_000, np.int16)
    faded = fade_ends(whole, 48_000)
    assert faded[0] == faded[-1] == 0
    assert np.array_equal(faded[240:-240], whole[240:-240])
    joined = [fade_ends(whole[at : at + 777], 48_000, offset=at, whole=4_800) for at in range(0, 4_800, 777)]
    assert np.array_equal(np.concatenate(joined), faded)
