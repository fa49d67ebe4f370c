"""Null and file sinks: in time, never audible, and honest about what they took."""

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from devices.agent.sound.cards import FileCard, NullCard, open_card
from devices.agent.sound.timeline import Tape, Timeline
from devices.clock import ManualClock
from devices.errors import CardFailed

RATE = 48_000


def frames_of(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


async def test_a_null_sink_takes_as_long_as_a_real_one() -> None:
    clock = ManualClock(0)
    card = NullCard(clock)
    await card.open()
    begin = clock.mono_ns()
    writing = asyncio.create_task(card.write(np.ones(3 * RATE, np.int16)))
    await asyncio.sleep(0)
    await clock.advance(1.9)
    assert not writing.done()
    await clock.advance(0.2)
    assert writing.done()
    draining = asyncio.create_task(card.drain())
    await asyncio.sleep(0)
    await clock.advance(1)
    await draining
    assert card.position().frame == 3 * RATE
    assert clock.mono_ns() - begin >= 3_000_000_000
    assert card.underruns == 0
    assert not card.audible


async def test_a_file_holds_what_would_have_been_heard_and_not_what_was_dropped(tmp_path: Path) -> None:
    clock = ManualClock(0)
    path = tmp_path / "x.wav"
    card = FileCard(clock, path)
    await card.open()
    frames = np.arange(1, RATE // 2 + 1, dtype=np.int16)
    await card.write(frames)
    await clock.advance(0.2)
    assert card.drop() == RATE * 3 // 10
    await card.write(np.full(480, -5, np.int16))
    await clock.advance(0.02)
    await card.close()
    assert np.array_equal(frames_of(path), np.concatenate([frames[: RATE // 5], np.full(480, -5, np.int16)]))


async def test_a_gap_between_writes_is_an_underrun_and_silence_after_drain_is_not() -> None:
    clock = ManualClock(0)
    card = NullCard(clock)
    await card.open()
    await card.write(np.ones(480, np.int16))
    await clock.advance(0.5)
    await card.write(np.ones(480, np.int16))
    assert card.underruns == 1
    draining = asyncio.create_task(card.drain())
    await asyncio.sleep(0)
    await clock.advance(0.5)
    await draining
    await card.write(np.ones(480, np.int16))
    assert card.underruns == 1


async def test_a_file_that_cannot_be_written_is_a_failed_card(tmp_path: Path) -> None:
    card = FileCard(ManualClock(0), tmp_path / "nowhere" / "x.wav")
    with pytest.raises(CardFailed, match="nowhere"):
        await card.open()


async def test_a_full_disk_is_said_on_the_next_write_and_closing_goes_through() -> None:
    clock = ManualClock(0)
    card = FileCard(clock, Path("/dev/full"))
    await card.open()
    said = ""
    for _ in range(20):
        await clock.advance(0.1)
        try:
            await card.write(np.ones(4_800, np.int16))
        except CardFailed as error:
            said = str(error)
    assert "/dev/full" in said
    await card.close()


async def test_a_card_is_opened_by_one_at_a_time_and_can_be_opened_again() -> None:
    card = NullCard(ManualClock(0))
    await card.open()
    with pytest.raises(CardFailed):
        await card.open()
    await card.close()
    with pytest.raises(CardFailed):
        await card.write(np.ones(1, np.int16))
    await card.open()


def test_the_words_of_the_setting_name_the_card(tmp_path: Path) -> None:
    clock = ManualClock(0)
    assert isinstance(open_card("null", clock), NullCard)
    assert isinstance(open_card(f"file:{tmp_path / 'x.wav'}", clock), FileCard)
    for wrong in ("", "file", "file:", "null:x", "pulse:default"):
        with pytest.raises(CardFailed):
            open_card(wrong, clock)


def test_a_crystal_that_runs_fast_is_heard_early() -> None:
    clock = ManualClock(0)
    line = Timeline(clock, RATE, buffer_ms=60_000, ppm=100)
    start = line.put(30 * RATE)
    assert line.position().mono_ns - start == pytest.approx(30_000_000_000 / (1 + 1e-4), abs=10)


def test_a_tape_gives_what_was_heard_and_forgets_what_was_cut() -> None:
    tape = Tape()
    tape.put(0, 100, np.arange(10, dtype=np.int16))
    tape.put(100, 200, np.arange(10, 20, dtype=np.int16))
    tape.cut(5)
    now = tape.at(150 - 1)
    assert now is not None
    assert now[-1] == 14
    assert [block.size for _, block in tape.take(100)] == [10]
    assert [block.tolist() for _, block in tape.take()] == [[10, 11, 12, 13, 14]]
    assert tape.at(120) is None
