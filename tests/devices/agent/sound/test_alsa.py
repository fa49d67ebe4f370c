"""The ALSA card: real bytes through ALSA's own file plugin, and the timeline on a device that paces itself."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from devices.agent.ports import Job, Sounded
from devices.agent.sound.cards import open_card
from devices.agent.sound.decoder import SoundFileDecoder
from devices.agent.sound.player import CardPlayer
from devices.clock import ManualClock
from devices.errors import CardFailed
from tests.devices.agent.sound.booth import noise, piece, wav

alsaaudio = pytest.importorskip("alsaaudio", reason="the sound card extra is not installed")
from devices.agent.sound.alsa import AlsaCard  # noqa: E402 - only where the library is

RATE = 48_000
PROBE = 3 * 960
"""Silence every opening begins with, to find out whether anything paces the output."""


@pytest.fixture
def into_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """ALSA without any hardware: ``tofile`` writes raw samples, ``null`` swallows them."""
    raw = tmp_path / "out.raw"
    config = tmp_path / "asound.conf"
    config.write_text(
        f'pcm.tofile {{ type file slave.pcm "null" file "{raw}" format "raw" }}\npcm.null {{ type null }}\n'
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(config))
    return raw


async def run(clock: ManualClock, task: asyncio.Task[Sounded]) -> Sounded:
    """Move the clock on until the play is over; opening and closing happen in real threads."""
    while not task.done():
        await asyncio.sleep(0.001)
        await clock.advance(clock.next_due_s or 0)
    return task.result()


async def test_the_first_sample_of_the_programme_is_at_its_place_in_the_stream(into_file: Path, tmp_path: Path) -> None:
    clock = ManualClock(0)
    card = open_card("alsa:tofile", clock)
    assert isinstance(card, AlsaCard)
    programme = noise(1.5)
    start = clock.mono_ns() + 700_000_000
    job = Job(
        name="bulletin",
        pieces=(piece(wav(tmp_path, programme), programme.size),),
        start_mono_ns=start,
        volume_percent=100,
        wake_ms=600,
    )
    task = asyncio.create_task(CardPlayer(card, SoundFileDecoder(), clock, threaded=False).play(job))
    while card._paced is None:
        await asyncio.sleep(0.002)
    sounded = await run(clock, task)
    got = np.frombuffer(into_file.read_bytes(), "<i2")
    first = int(np.flatnonzero(got)[0])
    assert first == PROBE + round(0.7 * RATE)
    assert np.array_equal(got[first : first + programme.size], programme)
    assert sounded.first_mono_ns == pytest.approx(start, abs=1e9 / RATE)
    assert sounded.out_frames == programme.size
    assert sounded.underruns == 0


async def test_an_output_that_swallows_frames_at_once_is_paced_by_the_clock_and_not_audible(into_file: Path) -> None:
    assert not into_file.exists()
    clock = ManualClock(0)
    card = AlsaCard(clock, "null")
    await card.open()
    assert not card.audible
    begin = card.position()
    await card.write(np.ones(RATE // 10, np.int16))
    assert card.position().mono_ns - begin.mono_ns == pytest.approx(100_000_000, abs=100)
    assert card.position().frame - begin.frame == RATE // 10
    await card.close()
    await card.close()


async def test_a_card_that_is_not_there_is_said(into_file: Path) -> None:
    assert not into_file.exists()
    with pytest.raises(CardFailed, match="nowhere"):
        await AlsaCard(ManualClock(0), "nowhere").open()


async def test_a_card_without_a_mixer_is_not_called_muted(into_file: Path) -> None:
    assert not into_file.exists()
    assert not AlsaCard(ManualClock(0), "null").muted()


class CrystalPcm:
    """An ALSA device with a buffer and a crystal: what the library's PCM object shows of one."""

    def __init__(self, clock: ManualClock, has_channels: int, **asked: Any) -> None:
        self._clock = clock
        self._rate: int = asked["rate"]
        self._channels = has_channels
        self._buffer: int = asked["periodsize"] * asked["periods"]
        self._state: int = alsaaudio.PCM_STATE_PREPARED
        self._end_ns = 0
        self.gone = False
        self.written = b""

    def info(self) -> dict[str, Any]:
        return {
            "format": alsaaudio.PCM_FORMAT_S16_LE,
            "format_name": "S16_LE",
            "rate": self._rate,
            "channels": self._channels,
            "buffer_size": self._buffer,
        }

    def _queued(self) -> int:
        left = (self._end_ns - self._clock.mono_ns()) * self._rate // 1_000_000_000
        if left <= 0 and self._state == alsaaudio.PCM_STATE_RUNNING:
            self._state = alsaaudio.PCM_STATE_XRUN
        return max(0, left)

    def state(self) -> int:
        self._queued()
        return self._state

    def avail(self) -> int:
        queued = self._queued()
        return -32 if self._state == alsaaudio.PCM_STATE_XRUN else self._buffer - queued

    def htimestamp(self) -> tuple[int, int, int]:
        # The hardware moves its pointer a period at a time, and stamps when it did.
        queued, now = self._queued(), self._clock.mono_ns()
        period = -(-queued // 960) * 960
        stamp = now - (period - queued) * 1_000_000_000 // self._rate
        return stamp // 1_000_000_000, stamp % 1_000_000_000, self._buffer - period

    def write(self, data: bytes) -> int:
        if self.gone:
            raise alsaaudio.ALSAAudioError("No such device")
        queued = self._queued()
        if self._state == alsaaudio.PCM_STATE_XRUN:
            self._state = alsaaudio.PCM_STATE_PREPARED
            return -32
        size = 2 * self._channels
        taken = min(len(data) // size, self._buffer - queued)
        if self._state != alsaaudio.PCM_STATE_RUNNING:
            self._end_ns, self._state = self._clock.mono_ns(), alsaaudio.PCM_STATE_RUNNING
        self._end_ns += taken * 1_000_000_000 // self._rate
        self.written += data[: taken * size]
        return taken

    def drop(self) -> None:
        queued = self._queued()
        if queued:
            self.written = self.written[: -queued * 2 * self._channels]
        self._end_ns, self._state = self._clock.mono_ns(), alsaaudio.PCM_STATE_SETUP

    def set_tstamp_mode(self, mode: int) -> None: ...

    def set_tstamp_type(self, kind: int) -> None: ...

    def close(self) -> None: ...


def device(clock: ManualClock, made: list[CrystalPcm], channels: int = 1) -> AlsaCard:
    def make(**asked: Any) -> CrystalPcm:
        made.append(CrystalPcm(clock, channels, **asked))
        return made[-1]

    return AlsaCard(clock, "crystal", pcm=make)


async def test_the_timeline_is_the_converters_own() -> None:
    clock, made = ManualClock(0), list[CrystalPcm]()
    card = device(clock, made)
    await card.open()
    assert card.audible
    assert card.position().frame == 0
    begin = clock.mono_ns()
    await card.write(np.ones(9_600, np.int16))
    await clock.advance(0.013)
    position = card.position()
    assert position.frame == 9_600
    assert position.mono_ns == pytest.approx(begin + 200_000_000, abs=50_000)


async def test_drop_gives_back_exactly_what_was_not_heard() -> None:
    clock, made = ManualClock(0), list[CrystalPcm]()
    card = device(clock, made)
    await card.open()
    await card.write(np.arange(1, 9_601, dtype=np.int16))
    await clock.advance(0.05)
    assert card.drop() == 7_200
    assert card.position().frame == 2_400
    assert made[0].written == np.arange(1, 2_401, dtype="<i2").tobytes()
    await card.write(np.ones(480, np.int16))
    assert card.position().frame == 2_880
    assert card.underruns == 0


async def test_an_underrun_is_counted_and_played_over() -> None:
    clock, made = ManualClock(0), list[CrystalPcm]()
    card = device(clock, made)
    await card.open()
    await card.write(np.ones(960, np.int16))
    await clock.advance(0.5)
    writing = asyncio.create_task(card.write(np.full(960, 2, np.int16)))
    await asyncio.sleep(0)
    await clock.advance(0.1)
    await writing
    assert card.underruns == 1
    assert card.position().frame == 1_920


async def test_a_whole_programme_goes_through_a_pacing_device_and_drains(tmp_path: Path) -> None:
    clock, made = ManualClock(0), list[CrystalPcm]()
    card = device(clock, made, channels=2)
    programme = noise(2)
    start = clock.mono_ns() + 1_500_000_000
    job = Job(
        name="bulletin",
        pieces=(piece(wav(tmp_path, programme), programme.size),),
        start_mono_ns=start,
        volume_percent=100,
        wake_ms=600,
    )
    task = asyncio.create_task(CardPlayer(card, SoundFileDecoder(), clock, threaded=False).play(job))
    while not made:
        await asyncio.sleep(0.002)
    sounded = await run(clock, task)
    both = np.frombuffer(made[0].written, "<i2").reshape(-1, 2)
    assert np.array_equal(both[:, 0], both[:, 1])
    got = np.trim_zeros(both[:, 0])
    assert np.array_equal(got, programme)
    assert sounded.out_frames == programme.size
    assert sounded.underruns == 0
    assert sounded.first_mono_ns == pytest.approx(start, abs=1_000_000)


async def test_a_device_unplugged_in_the_middle_is_a_failed_card() -> None:
    clock, made = ManualClock(0), list[CrystalPcm]()
    card = device(clock, made)
    await card.open()
    await card.write(np.ones(960, np.int16))
    made[0].gone = True
    with pytest.raises(CardFailed, match="crystal"):
        await card.write(np.ones(960, np.int16))
    await card.close()
    with pytest.raises(CardFailed):
        await card.write(np.ones(960, np.int16))
