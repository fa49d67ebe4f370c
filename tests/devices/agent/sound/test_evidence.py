"""All green and no sound: whatever makes a play inaudible must show in what the player swears to."""

import math
from pathlib import Path

import numpy as np
import pytest

from devices.agent.ports import AmpReading, MicReading
from devices.agent.sound.cards import NullCard
from devices.agent.sound.decoder import SoundFileDecoder
from devices.agent.sound.evidence import Readings
from devices.agent.sound.player import CardPlayer
from simulators.faults import Fault, FaultKind
from tests.devices.agent.sound.booth import THURSDAY_0530, Booth, noise, piece, wav

RATE = 48_000


async def test_a_good_play_shows_level_current_and_what_the_microphone_heard(tmp_path: Path) -> None:
    programme = noise(10)
    booth = Booth(mic=True)
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, programme), programme.size)))
    true_rms = 20 * math.log10(float(np.sqrt(np.mean(programme.astype(float) ** 2))) / 32_768)
    assert sounded.rms_dbfs == pytest.approx(true_rms, abs=0.01)
    assert sounded.peak_dbfs == pytest.approx(20 * math.log10(7_999 / 32_768), abs=0.01)
    assert sounded.silent_ms == 0
    assert sounded.audible
    assert not sounded.muted
    assert sounded.amp is not None
    assert sounded.amp.on
    assert (sounded.amp.ma or 0) > 200
    assert sounded.mic is not None
    assert sounded.mic.rms_dbfs > -40
    assert all(span.heard for span in booth.card.spans())


async def test_a_muted_mixer_shows(tmp_path: Path) -> None:
    booth = Booth(mic=True)
    booth.faults.begin(FaultKind.MUTE, 0)
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, noise(3)), 3 * RATE)))
    assert sounded.muted
    assert sounded.mic is not None
    assert sounded.mic.rms_dbfs <= -60
    assert not any(span.heard for span in booth.card.spans())


async def test_a_mixer_muted_in_the_middle_of_a_long_play_shows(tmp_path: Path) -> None:
    booth = Booth()
    booth.faults.add(Fault(THURSDAY_0530 + 10_000, FaultKind.MUTE, for_ms=5_000))
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, noise(30)), 30 * RATE)))
    assert sounded.muted
    assert [span.heard for span in booth.card.spans()] == [True, False, True]


async def test_an_amplifier_that_is_off_shows(tmp_path: Path) -> None:
    booth = Booth()
    booth.faults.begin(FaultKind.AMP_OFF, 0)
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, noise(3)), 3 * RATE)))
    assert sounded.amp == AmpReading(on=False, ma=0)
    assert not any(span.heard for span in booth.card.spans())


async def test_an_amplifier_that_fails_in_the_middle_shows(tmp_path: Path) -> None:
    booth = Booth()
    booth.faults.add(Fault(THURSDAY_0530 + 10_000, FaultKind.AMP_OFF, for_ms=5_000))
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, noise(30)), 30 * RATE)))
    assert sounded.amp is not None
    assert not sounded.amp.on


async def test_a_file_of_zeros_shows_as_silence(tmp_path: Path) -> None:
    booth = Booth()
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, np.zeros(4 * RATE, np.int16)), 4 * RATE)))
    assert sounded.out_frames == sounded.want_frames
    assert sounded.rms_dbfs <= -100
    assert sounded.silent_ms == 4_000
    assert booth.card.spans() == []


async def test_a_hole_in_the_speech_shows_with_its_length(tmp_path: Path) -> None:
    holed = noise(10)
    holed[3 * RATE : 8 * RATE] //= 4_000
    booth = Booth()
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, holed), holed.size)))
    assert sounded.silent_ms == 5_000


async def test_a_null_sink_shows_though_every_frame_went_out(tmp_path: Path) -> None:
    booth = Booth()
    booth.player = CardPlayer(NullCard(booth.board.clock), SoundFileDecoder(), booth.board.clock, threaded=False)
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, noise(2)), 2 * RATE)))
    assert sounded.out_frames == sounded.want_frames
    assert not sounded.audible


async def test_a_default_device_that_goes_nowhere_shows(tmp_path: Path) -> None:
    booth = Booth()
    booth.faults.begin(FaultKind.NULL_SINK, 0)
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, noise(2)), 2 * RATE)))
    assert not sounded.audible
    assert not any(span.heard for span in booth.card.spans())


@pytest.mark.parametrize("length_ms", [120, 300, 900, 1_500, 5_000])
async def test_however_short_the_amplifier_is_read_while_it_sounds(tmp_path: Path, length_ms: int) -> None:
    booth = Booth()
    programme = noise(length_ms / 1000)
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, programme), programme.size)))
    assert sounded.amp is not None
    assert (sounded.amp.ma or 0) > 100


async def test_a_stopped_play_has_a_reading_too(tmp_path: Path) -> None:
    booth = Booth()
    task = await booth.start(booth.job(piece(wav(tmp_path, noise(9)), 9 * RATE)))
    await booth.until(THURSDAY_0530 + 60)
    booth.player.stop()
    sounded = await task
    assert sounded.amp is not None
    assert sounded.amp.on


def test_hours_of_readings_are_thinned_and_one_that_says_off_stays() -> None:
    readings = Readings()
    for n in range(5_000):
        amp = AmpReading(on=n != 70, ma=800 + n % 7)
        readings.add(muted=False, amp=amp, mic=MicReading(rms_dbfs=-30 - n % 5))
    assert readings.taken == 5_000
    assert readings.amp is not None
    assert not readings.amp.on
    assert readings.mic is not None
    assert -35 <= readings.mic.rms_dbfs <= -30
