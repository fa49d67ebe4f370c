"""The truth of a virtual loudspeaker: what left it, when, and whether anybody could hear it."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from devices.agent.ports import Piece
from devices.agent.sound.decoder import SharedDecoder, SoundFileDecoder
from devices.clock import ManualClock
from devices.errors import CardFailed
from simulators.board import RootTime, VirtualBoard
from simulators.faults import Fault, FaultKind
from simulators.sound_card import MERGE_GAP_MS, VirtualCard, VirtualPlayer
from tests.devices.agent.sound.booth import THURSDAY_0530, Booth, noise, piece, wav


async def test_a_play_is_one_span_under_its_jobs_name_in_true_time(tmp_path: Path) -> None:
    booth = Booth(ppm=100, card_ppm=-50)
    part = noise(2)
    path = wav(tmp_path, part)
    await booth.whole(
        booth.job(piece(path, part.size), Piece(path=None, dur_ms=1_000), piece(path, part.size), name="occ-1")
    )
    (span,) = booth.card.spans()
    assert span.tag == "occ-1"
    assert span.heard
    assert span.start_root_ms == pytest.approx(THURSDAY_0530, abs=0.05)
    # The player keeps the slow card in step with the board's clock, which is 100 ppm fast.
    assert span.end_root_ms == pytest.approx(THURSDAY_0530 + 5_000 * (1 - 100e-6), abs=0.3)
    assert span.frames == pytest.approx(4 * 48_000, abs=20)
    assert span.peak_dbfs == pytest.approx(-12.25, abs=0.01)


async def test_what_follows_a_long_silence_is_another_span(tmp_path: Path) -> None:
    booth = Booth()
    part = noise(1)
    path = wav(tmp_path, part)
    gap = Piece(path=None, dur_ms=round(MERGE_GAP_MS) + 500)
    await booth.whole(booth.job(piece(path, part.size), gap, piece(path, part.size)))
    assert [span.frames for span in booth.card.spans()] == [48_000, 48_000]


async def test_a_power_cut_silences_at_its_instant_and_the_buffer_is_never_heard(tmp_path: Path) -> None:
    booth = Booth()
    part = noise(5)
    task = await booth.start(booth.job(piece(wav(tmp_path, part), part.size)))
    await booth.until(THURSDAY_0530 + 1_234)
    task.cancel()
    booth.card.power_cut()
    with pytest.raises(asyncio.CancelledError):
        await task
    await booth.until(THURSDAY_0530 + 5_000)
    (span,) = booth.card.spans()
    assert span.end_root_ms == pytest.approx(THURSDAY_0530 + 1_234, abs=1)


async def test_after_a_power_cut_the_card_follows_the_new_clock(tmp_path: Path) -> None:
    booth = Booth()
    part = noise(1)
    path = wav(tmp_path, part)
    booth.card.power_cut()
    booth.board.power_on()
    booth.player = VirtualPlayer(booth.card, SoundFileDecoder(), booth.board)
    await booth.whole(booth.job(piece(path, part.size)))
    assert booth.first_ms() == pytest.approx(THURSDAY_0530, abs=0.05)


@pytest.mark.parametrize("kind", [FaultKind.MUTE, FaultKind.AMP_OFF])
async def test_nobody_hears_what_leaves_while_it_is_muted_or_off(tmp_path: Path, kind: FaultKind) -> None:
    booth = Booth()
    booth.faults.add(Fault(THURSDAY_0530 + 2_000, kind, for_ms=2_000))
    part = noise(6)
    await booth.whole(booth.job(piece(wav(tmp_path, part), part.size)))
    heard, unheard, again = booth.card.spans()
    assert (heard.heard, unheard.heard, again.heard) == (True, False, True)
    assert unheard.start_root_ms == pytest.approx(THURSDAY_0530 + 2_000, abs=150)
    assert not booth.heard(THURSDAY_0530 + 2_200, 1.5).any()


async def test_a_missing_card_cannot_be_opened_and_comes_back() -> None:
    booth = Booth()
    booth.faults.begin(FaultKind.CARD_MISSING, 0)
    with pytest.raises(CardFailed):
        await booth.card.open()
    booth.faults.end(FaultKind.CARD_MISSING, THURSDAY_0530 - 10_000)
    await booth.card.open()
    await booth.card.write(np.ones(480, np.int16))


async def test_a_hundred_poles_start_together_and_each_truth_agrees_with_its_evidence(tmp_path: Path) -> None:
    clock = ManualClock(THURSDAY_0530 - 8_000)
    root = RootTime(clock)
    decoder = SharedDecoder(SoundFileDecoder())
    part = noise(4)
    path = wav(tmp_path, part)
    boards = [VirtualBoard(root, n) for n in range(100)]
    cards = [VirtualCard(board) for board in boards]
    tasks = []
    for board, card in zip(boards, cards, strict=True):
        job = Booth.job_on(board, piece(path, part.size))
        tasks.append(asyncio.create_task(VirtualPlayer(card, decoder, board).play(job)))
    await asyncio.sleep(0)
    await clock.advance(15)
    for board, card, task in zip(boards, cards, tasks, strict=True):
        sounded = await task
        (span,) = card.spans()
        assert span.start_root_ms == pytest.approx(THURSDAY_0530, abs=0.05)
        assert sounded.first_mono_ns is not None
        assert board.clock.root_ms_at(sounded.first_mono_ns) == pytest.approx(span.start_root_ms, abs=0.01)
        assert sounded.out_frames == span.frames == part.size
