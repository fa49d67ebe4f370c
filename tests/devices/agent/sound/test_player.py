"""The player's promises: on the sample, gapless, silent when told, and counting only what was heard."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from devices.agent.ports import Frames, Piece
from devices.agent.sound.decoder import SoundFileDecoder
from devices.agent.sound.gain import gain_of
from devices.agent.sound.player import CardPlayer
from devices.agent.sound.tones import notice
from devices.errors import CardFailed
from simulators.faults import Fault, FaultKind
from simulators.sound_card import VirtualCard
from tests.devices.agent.sound.booth import THURSDAY_0530, Booth, noise, piece, wav

RATE = 48_000


async def test_the_first_sample_is_heard_at_the_planned_instant(tmp_path: Path) -> None:
    booth = Booth()
    programme = noise(3)
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, programme), programme.size)))
    assert booth.first_ms() == pytest.approx(THURSDAY_0530, abs=booth.sample_ms)
    assert np.array_equal(booth.heard(booth.first_ms(), 3), programme)
    assert sounded.first_mono_ns is not None
    assert booth.mono_ms(sounded.first_mono_ns) == pytest.approx(THURSDAY_0530, abs=booth.sample_ms)
    assert (sounded.out_frames, sounded.want_frames) == (programme.size, programme.size)
    assert sounded.segments_ms == ((0, 3000),)
    assert sounded.underruns == 0
    assert not sounded.stopped


@pytest.mark.parametrize("lead_ms", [50, 300, 700, 1_500, 9_000, 60_000])
async def test_however_late_or_early_it_is_armed_it_starts_on_the_sample(tmp_path: Path, lead_ms: int) -> None:
    booth = Booth()
    at = booth.root.utc_ms() + lead_ms
    programme = noise(0.5)
    await booth.whole(booth.job(piece(wav(tmp_path, programme), programme.size), at_ms=at))
    assert booth.first_ms() == pytest.approx(at, abs=booth.sample_ms)


async def test_a_start_already_past_is_played_whole_as_soon_as_the_amplifier_is_awake(tmp_path: Path) -> None:
    booth = Booth()
    programme = noise(0.5)
    before = booth.root.utc_ms()
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, programme), programme.size), at_ms=before - 5_000))
    assert before + 600 <= booth.first_ms() <= before + 650
    assert sounded.out_frames == sounded.want_frames


class Watched(SoundFileDecoder):
    """Notes when a file is asked for."""

    def __init__(self, booth: Booth) -> None:
        self.asked_ms: list[float] = []
        self._booth = booth

    def blocks(self, path: Path, *, rate: int, start_ms: int = 0, block_ms: int = 100) -> Iterator[Frames]:
        self.asked_ms.append(self._booth.root.utc_ms())
        return super().blocks(path, rate=rate, start_ms=start_ms, block_ms=block_ms)


async def test_the_first_file_is_fetched_when_armed_and_not_at_the_start(tmp_path: Path) -> None:
    booth = Booth()
    decoder = Watched(booth)
    booth.player = CardPlayer(booth.card, decoder, booth.board.clock, threaded=False)
    programme = noise(1)
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, programme), programme.size)))
    assert decoder.asked_ms[0] == THURSDAY_0530 - 10_000
    assert sounded.out_frames == programme.size


async def test_decoding_in_a_thread_gives_the_same_sound(tmp_path: Path) -> None:
    booth = Booth()
    booth.player = CardPlayer(booth.card, SoundFileDecoder(), booth.board.clock, threaded=True)
    programme = noise(1)
    task = await booth.start(booth.job(piece(wav(tmp_path, programme), programme.size)))
    while not task.done():
        await asyncio.sleep(0.001)
        # Time stands still while the thread decodes, however slow this machine is.
        await booth.clock.advance(booth.clock.next_due_s or 0)
    assert task.result().out_frames == programme.size
    assert np.array_equal(booth.heard(booth.first_ms(), 1), programme)


async def test_marker_tones_in_the_first_and_last_tenth_of_a_second_are_there(tmp_path: Path) -> None:
    """First and last words must not be lost."""
    t = np.arange(RATE // 10) / RATE
    first, last = (np.sin(2 * np.pi * hz * t) * 12_000 for hz in (1_000, 2_000))
    body = np.zeros(RATE * 2)
    programme = np.concatenate([first, body, last]).astype(np.int16)
    booth = Booth()
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, programme), programme.size)))
    got = booth.heard(THURSDAY_0530, programme.size / RATE)
    for marker, part in ((first, got[: t.size]), (last, got[-t.size :])):
        match = float(np.dot(marker, part) / np.linalg.norm(marker) / np.linalg.norm(part.astype(float)))
        assert match > 0.999
    assert sounded.out_frames == programme.size


async def test_pieces_join_without_a_gap_or_an_overlap(tmp_path: Path) -> None:
    """One source at a time: at every sample exactly the planned one."""
    parts = [noise(seconds, seed=n) for n, seconds in enumerate((0.7, 1.0, 0.333, 0.05, 2.0))]
    pieces = [piece(wav(tmp_path, part), part.size) for part in parts]
    booth = Booth()
    sounded = await booth.whole(booth.job(*pieces))
    got = booth.heard(booth.first_ms(), sum(part.size for part in parts) / RATE)
    assert np.array_equal(got, np.concatenate(parts))
    assert sounded.out_frames == sounded.want_frames


async def test_phrases_of_one_file_join_to_the_sample_in_the_order_that_was_asked(tmp_path: Path) -> None:
    """A phrase is a stretch of a file: the same file serves the joined message in any order, twice if wanted."""
    page = noise(4)
    path = wav(tmp_path, page)
    third, first = Piece(path=path, dur_ms=700, skip_ms=2_100), Piece(path=path, dur_ms=333, skip_ms=5)
    booth = Booth()
    sounded = await booth.whole(booth.job(third, first, Piece(path=None, dur_ms=250), third))
    got = booth.heard(booth.first_ms(), 1.983)
    said = [page[100_800:134_400], page[240:16_224], np.zeros(12_000, np.int16), page[100_800:134_400]]
    # each of them goes on in the file: its last milliseconds are faded, so that it does not end in a click
    joined, edges = np.concatenate(said), np.cumsum([part.size for part in said])
    for edge in edges:
        joined[edge - 300 : edge] = got[edge - 300 : edge] = 0
    assert np.array_equal(got, joined)
    assert sounded.out_frames == sounded.want_frames


async def test_a_pause_is_silence_of_its_length_and_not_counted_as_silence(tmp_path: Path) -> None:
    part = noise(1)
    path = wav(tmp_path, part)
    booth = Booth()
    sounded = await booth.whole(booth.job(piece(path, RATE), Piece(path=None, dur_ms=4_000), piece(path, RATE)))
    got = booth.heard(booth.first_ms(), 6)
    assert not got[RATE : 5 * RATE].any()
    assert np.array_equal(got[5 * RATE :], part)
    assert sounded.silent_ms == 0
    assert sounded.out_frames == 6 * RATE


async def test_a_file_longer_than_planned_is_cut_so_that_the_next_is_on_time(tmp_path: Path) -> None:
    long, following = noise(2, seed=1), noise(1, seed=2)
    booth = Booth()
    await booth.whole(booth.job(piece(wav(tmp_path, long), RATE), piece(wav(tmp_path, following), RATE)))
    got = booth.heard(booth.first_ms(), 2)
    assert np.array_equal(got[RATE:], following)
    assert np.array_equal(got[: RATE - 300], long[: RATE - 300])


async def test_a_file_missing_a_second_before_its_time_costs_a_notice_and_nothing_else(tmp_path: Path) -> None:
    parts = [noise(2, seed=n) for n in range(3)]
    paths = [wav(tmp_path, part) for part in parts]
    booth = Booth()
    task = await booth.start(booth.job(*(piece(path, 2 * RATE) for path in paths)))
    await booth.until(THURSDAY_0530 + 1_000)
    paths[1].unlink()
    await booth.until(THURSDAY_0530 + 7_000)
    sounded = await task
    got = booth.heard(booth.first_ms(), 6)
    said = notice(RATE)
    assert np.array_equal(got[2 * RATE : 2 * RATE + said.size], said)
    assert not got[2 * RATE + said.size : 4 * RATE].any()
    assert np.array_equal(got[4 * RATE :], parts[2])
    assert len(sounded.broken) == 1
    assert paths[1].name in sounded.broken[0]
    assert sounded.out_frames == 4 * RATE
    assert sounded.segments_ms == ((0, 2000), (4000, 6000))


async def test_a_file_that_ends_early_is_a_broken_item(tmp_path: Path) -> None:
    short, following = noise(1, seed=1), noise(1, seed=2)
    booth = Booth()
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, short), 3 * RATE), piece(wav(tmp_path, following), RATE)))
    assert sounded.out_frames == 2 * RATE
    assert sounded.want_frames == 4 * RATE
    assert "2000 ms early" in sounded.broken[0]
    assert np.array_equal(booth.heard(booth.first_ms() + 3_000, 1), following)


async def test_joining_late_begins_inside_the_programme(tmp_path: Path) -> None:
    programme = noise(4)
    booth = Booth()
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, programme), programme.size), seek_ms=1_333))
    skipped = 1_333 * 48
    got = booth.heard(THURSDAY_0530, 4)[: programme.size - skipped]
    assert np.array_equal(got[300:], programme[skipped + 300 :])
    assert booth.first_ms() == pytest.approx(THURSDAY_0530, abs=1)
    assert sounded.want_frames == programme.size
    assert sounded.out_frames == programme.size - skipped
    assert sounded.segments_ms == ((1_333, 4_000),)


async def test_stop_is_silent_at_once_and_only_what_was_heard_counts(tmp_path: Path) -> None:
    programme = noise(10)
    booth = Booth()
    task = await booth.start(booth.job(piece(wav(tmp_path, programme), programme.size)))
    await booth.until(THURSDAY_0530 + 2_345)
    booth.player.stop()
    sounded = await task
    assert sounded.stopped
    assert booth.card.spans()[-1].end_root_ms == pytest.approx(THURSDAY_0530 + 2_345, abs=1)
    assert sounded.out_frames == pytest.approx(2_345 * 48, abs=2)
    assert sounded.out_frames == sum(span.frames for span in booth.card.spans())
    assert sounded.segments_ms[0][1] == pytest.approx(2_345, abs=1)


class Stubborn(VirtualCard):
    """Plays out whatever it was given."""

    def drop(self) -> int:
        return 0


async def test_a_card_that_cannot_drop_is_silent_within_half_a_second_and_what_it_plays_out_counts(
    tmp_path: Path,
) -> None:
    programme = noise(10)
    booth = Booth()
    booth.player = CardPlayer(Stubborn(booth.board), SoundFileDecoder(), booth.board.clock, threaded=False)
    task = await booth.start(booth.job(piece(wav(tmp_path, programme), programme.size)))
    await booth.until(THURSDAY_0530 + 2_345)
    booth.player.stop()
    sounded = await task
    assert 2_345 * 48 <= sounded.out_frames <= (2_345 + 500) * 48
    assert sounded.last_mono_ns is not None
    assert booth.mono_ms(sounded.last_mono_ns) <= THURSDAY_0530 + 2_345 + 500


async def test_a_stop_before_the_start_means_nothing_was_heard(tmp_path: Path) -> None:
    programme = noise(1)
    booth = Booth()
    task = await booth.start(booth.job(piece(wav(tmp_path, programme), programme.size)))
    await booth.until(THURSDAY_0530 - 200)
    booth.player.stop()
    sounded = await task
    assert sounded.stopped
    assert sounded.out_frames == 0
    assert sounded.first_mono_ns is None
    assert sounded.segments_ms == ()
    assert booth.card.spans() == []
    assert booth.card.underruns == 0


async def test_pause_keeps_the_place_and_resume_goes_on_from_there(tmp_path: Path) -> None:
    programme = noise(6)
    booth = Booth()
    task = await booth.start(booth.job(piece(wav(tmp_path, programme), programme.size)))
    await booth.until(THURSDAY_0530 + 2_000)
    booth.player.pause()
    place = booth.player.position_ms
    assert place == pytest.approx(2_000, abs=2)
    await booth.until(THURSDAY_0530 + 62_000)
    assert booth.player.position_ms == place
    assert not booth.heard(THURSDAY_0530 + 2_001, 59).any()
    booth.player.resume()
    await booth.until(THURSDAY_0530 + 70_000)
    sounded = await task
    assert sounded.out_frames == sounded.want_frames
    assert sounded.segments_ms == ((0, 6_000),)
    again = booth.card.spans()[-1].start_root_ms
    assert THURSDAY_0530 + 62_600 <= again <= THURSDAY_0530 + 62_700
    got = booth.heard(again, 4)
    left = programme[programme.size - round((booth.card.spans()[-1].end_root_ms - again) * 48) :]
    assert np.array_equal(got[300 : left.size], left[300:])


async def test_next_leaves_the_current_piece(tmp_path: Path) -> None:
    parts = [noise(3, seed=n) for n in range(3)]
    booth = Booth()
    task = await booth.start(booth.job(*(piece(wav(tmp_path, part), part.size) for part in parts)))
    await booth.until(THURSDAY_0530 + 1_000)
    booth.player.next()
    await booth.until(THURSDAY_0530 + 20_000)
    sounded = await task
    assert len(sounded.segments_ms) == 2
    assert sounded.segments_ms[0][1] == pytest.approx(1_000, abs=1)
    assert sounded.segments_ms[1] == (3_000, 9_000)
    assert not sounded.stopped


async def test_next_on_the_last_piece_ends_the_job(tmp_path: Path) -> None:
    part = noise(5)
    booth = Booth()
    task = await booth.start(booth.job(piece(wav(tmp_path, part), part.size)))
    await booth.until(THURSDAY_0530 + 1_000)
    booth.player.next()
    await booth.until(THURSDAY_0530 + 1_100)
    sounded = await task
    assert sounded.out_frames == pytest.approx(48_000, abs=2)
    assert not booth.player.playing


async def test_volume_is_a_square_law_ramped_over_5_ms_and_never_above_its_ceiling(tmp_path: Path) -> None:
    loudest = np.full(4 * RATE, 32_767, np.int16)
    booth = Booth()
    task = await booth.start(booth.job(piece(wav(tmp_path, loudest), loudest.size), volume=50))
    await booth.until(THURSDAY_0530 + 1_000)
    booth.player.set_volume(85)
    await booth.until(THURSDAY_0530 + 5_000)
    sounded = await task
    got = booth.heard(booth.first_ms(), 4).astype(int)
    assert got[0] == int(32_767 * gain_of(50))
    assert got.max() == int(32_767 * gain_of(85))
    steps = np.abs(np.diff(got[:-1]))
    # The whole change spread over 240 samples: no step a loudspeaker would click at.
    assert steps.max() <= 32_767 * (gain_of(85) - gain_of(50)) / 240 + 2
    changed = np.flatnonzero(steps)[0] / RATE
    assert 1.0 <= changed <= 1.5
    assert sounded.peak_dbfs <= 20 * np.log10(gain_of(85)) + 0.01


async def test_at_full_volume_nothing_clips_or_passes_full_scale(tmp_path: Path) -> None:
    square = np.repeat(np.array([32_767, -32_768] * 1_000, np.int16), 24)
    booth = Booth()
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, square), square.size), volume=100))
    assert np.array_equal(booth.heard(booth.first_ms(), square.size / RATE), square)
    assert sounded.peak_dbfs <= 0.0


async def test_volume_zero_is_digital_silence_and_the_evidence_says_so(tmp_path: Path) -> None:
    booth = Booth()
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, noise(1)), RATE), volume=0))
    assert sounded.rms_dbfs <= -100
    assert sounded.silent_ms == 1_000
    assert booth.card.spans() == []


async def test_a_second_job_is_refused_while_one_is_on_the_card(tmp_path: Path) -> None:
    first, second = noise(3, seed=1), noise(3, seed=2)
    booth = Booth()
    task = await booth.start(booth.job(piece(wav(tmp_path, first), first.size), name="first"))
    await booth.until(THURSDAY_0530 + 500)
    with pytest.raises(CardFailed, match="first"):
        await booth.player.play(booth.job(piece(wav(tmp_path, second), second.size), name="second"))
    await booth.until(THURSDAY_0530 + 4_000)
    assert (await task).out_frames == first.size
    assert np.array_equal(booth.heard(booth.first_ms(), 3), first)
    assert {span.tag for span in booth.card.spans()} == {"first"}


async def test_cancelling_a_play_is_silent_at_once_and_frees_the_card(tmp_path: Path) -> None:
    programme = noise(5)
    booth = Booth()
    task = await booth.start(booth.job(piece(wav(tmp_path, programme), programme.size)))
    await booth.until(THURSDAY_0530 + 1_000)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert booth.card.spans()[-1].end_root_ms == pytest.approx(THURSDAY_0530 + 1_000, abs=1)
    following = noise(1, seed=3)
    at = THURSDAY_0530 + 5_000
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, following), RATE), at_ms=at))
    assert sounded.out_frames == RATE
    assert booth.card.spans()[-1].start_root_ms == pytest.approx(at, abs=1)


async def test_stop_and_cancel_in_the_same_instant_do_not_lose_the_cancel(tmp_path: Path) -> None:
    programme = noise(5)
    booth = Booth()
    task = await booth.start(booth.job(piece(wav(tmp_path, programme), programme.size)))
    await booth.until(THURSDAY_0530 + 1_000)
    booth.player.stop()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not booth.player.playing


async def test_a_missing_card_is_said_and_nothing_is_heard(tmp_path: Path) -> None:
    booth = Booth()
    booth.faults.begin(FaultKind.CARD_MISSING, 0)
    with pytest.raises(CardFailed):
        await booth.player.play(booth.job(piece(wav(tmp_path, noise(1)), RATE)))
    assert not booth.player.playing


async def test_a_card_that_goes_away_in_the_middle_ends_the_play_with_what_was_heard(tmp_path: Path) -> None:
    programme = noise(10)
    booth = Booth()
    task = await booth.start(booth.job(piece(wav(tmp_path, programme), programme.size)))
    await booth.until(THURSDAY_0530 + 3_000)
    booth.faults.begin(FaultKind.CARD_MISSING, THURSDAY_0530 + 3_000)
    await booth.until(THURSDAY_0530 + 4_000)
    sounded = await task
    assert 3_000 * 48 <= sounded.out_frames <= 3_500 * 48
    assert sounded.out_frames == sum(span.frames for span in booth.card.spans())
    assert "sound card" in sounded.broken[0]


@pytest.mark.parametrize("stall_ms", [20, 49, 300])
async def test_after_an_underrun_the_programme_is_back_in_step(tmp_path: Path, stall_ms: int) -> None:
    programme = noise(60)
    booth = Booth()
    booth.faults.add(Fault(THURSDAY_0530 + 2_000, FaultKind.UNDERRUN, amount=stall_ms))
    sounded = await booth.whole(booth.job(piece(wav(tmp_path, programme), programme.size)))
    assert sounded.underruns == 1
    end = booth.card.spans()[-1].end_root_ms
    # More than 50 ms is jumped over, less is made up with single samples: 0.5 ms a second for 57 seconds.
    left_ms = max(0.0, stall_ms - 57 * 0.5) if stall_ms < 50 else 0.0
    assert end == pytest.approx(THURSDAY_0530 + 60_000 + left_ms, abs=1.0)
    if stall_ms > 50:
        assert sounded.out_frames == pytest.approx(programme.size - stall_ms * 48, abs=100)
    else:
        assert sounded.out_frames == programme.size
        assert sounded.corr_frames < 0


@pytest.mark.parametrize("step_ms", [1_000, -1_000, 3_600_000, -3_600_000, 10 * 365 * 86_400_000])
async def test_a_wall_clock_step_in_the_middle_does_not_move_the_sound(tmp_path: Path, step_ms: int) -> None:
    programme = noise(5)
    booth = Booth()
    task = await booth.start(booth.job(piece(wav(tmp_path, programme), programme.size)))
    await booth.until(THURSDAY_0530 + 1_000)
    booth.board.step_wall(step_ms)
    await booth.until(THURSDAY_0530 + 6_000)
    sounded = await task
    assert len(booth.card.spans()) == 1
    assert np.array_equal(booth.heard(booth.first_ms(), 5), programme)
    assert sounded.corr_frames == 0


async def test_a_test_tone_and_a_siren_need_no_file() -> None:
    booth = Booth()
    sounded = await booth.whole(
        booth.job(Piece(path=None, dur_ms=1_000, tone_hz=440), Piece(path=None, dur_ms=6_000, siren=True))
    )
    got = booth.heard(booth.first_ms(), 7)
    assert sounded.out_frames == 7 * RATE
    assert sounded.rms_dbfs > -15
    crossings = np.count_nonzero(np.diff(np.signbit(got[:RATE])))
    assert crossings == pytest.approx(880, abs=4)


async def test_fifty_orders_in_ten_seconds_leave_the_state_of_the_last_ones(tmp_path: Path) -> None:
    programme = noise(30)
    booth = Booth()
    task = await booth.start(booth.job(piece(wav(tmp_path, programme), programme.size), volume=60))
    for n in range(50):
        await booth.until(THURSDAY_0530 + 1_000 + 200 * n)
        [booth.player.pause, booth.player.resume, booth.player.resume][n % 3]()
        booth.player.set_volume(30 + n)
    booth.player.resume()
    booth.player.set_volume(70)
    await booth.until(THURSDAY_0530 + 120_000)
    sounded = await task
    assert sounded.out_frames == sounded.want_frames
    assert sounded.peak_dbfs <= 20 * np.log10(8_000 / 32_768 * gain_of(79)) + 0.01
    last = booth.heard(booth.card.spans()[-1].end_root_ms - 1_000, 1)
    assert np.array_equal(last, (programme[-RATE:] * np.float32(gain_of(70))).astype(np.int16))
