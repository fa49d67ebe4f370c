"""A listening booth: one virtual board, card and player on a clock the test moves, with every sample kept."""

import asyncio
import itertools
from pathlib import Path

import numpy as np
import soundfile

from devices.agent.ports import Frames, Job, Piece, Sounded
from devices.agent.sound.decoder import SoundFileDecoder
from devices.agent.sound.drift import StartPace, free_running
from devices.agent.sound.player import CardPlayer
from devices.clock import NS_PER_MS, ManualClock
from simulators.board import RootTime, VirtualBoard
from simulators.faults import Faults
from simulators.sound_card import VirtualCard, VirtualPlayer

THURSDAY_0530 = 1_791_412_200_000
BLOCK_MS = 100
AHEAD_MS = 400

_names = itertools.count()


def noise(seconds: float, rate: int = 48_000, *, seed: int = 7, amplitude: int = 8_000) -> Frames:
    """White noise with no zero in it: every sample can be told from silence, and from its neighbours."""
    dice = np.random.default_rng(seed)
    frames = round(seconds * rate)
    sizes: Frames = dice.integers(1, amplitude, frames, dtype=np.int16)
    sizes *= dice.choice(np.array([-1, 1], np.int16), frames)
    return sizes


def wav(folder: Path, frames: Frames, rate: int = 48_000) -> Path:
    path = folder / f"{next(_names)}.wav"
    soundfile.write(path, frames, rate, subtype="PCM_16")
    return path


def piece(path: Path | None, frames: int, rate: int = 48_000) -> Piece:
    return Piece(path=path, dur_ms=round(1000 * frames / rate))


class Booth:
    """``root`` is true time; the board's own clocks may be off."""

    def __init__(
        self,
        *,
        clock: ManualClock | None = None,
        seed: int = 1,
        ppm: float = 0.0,
        card_ppm: float = 0.0,
        rate: int = 48_000,
        pace: StartPace = free_running,
        faults: Faults | None = None,
        ahead_ms: int = AHEAD_MS,
        block_ms: int = BLOCK_MS,
        mic: bool = False,
    ) -> None:
        self.clock = clock or ManualClock(THURSDAY_0530 - 10_000)
        self.root = RootTime(self.clock)
        self.faults = faults or Faults()
        self.board = VirtualBoard(self.root, seed, self.faults, ppm=ppm, mic=mic)
        self.card = VirtualCard(self.board, rate=rate, ppm=card_ppm, capture=True)
        self.player: CardPlayer = VirtualPlayer(
            self.card, SoundFileDecoder(), self.board, pace=pace, ahead_ms=ahead_ms, block_ms=block_ms
        )
        self.rate = rate

    def job(
        self,
        *pieces: Piece,
        at_ms: float = THURSDAY_0530,
        volume: int = 100,
        seek_ms: int = 0,
        wake_ms: int = 600,
        name: str = "bulletin",
    ) -> Job:
        return Job(
            name=name,
            pieces=pieces,
            start_mono_ns=self.board.clock.mono_ns_at(at_ms),
            seek_ms=seek_ms,
            volume_percent=volume,
            wake_ms=wake_ms,
        )

    @staticmethod
    def job_on(board: VirtualBoard, *pieces: Piece) -> Job:
        """Make the plainest job, for another board."""
        start = board.clock.mono_ns_at(THURSDAY_0530)
        return Job(name="bulletin", pieces=pieces, start_mono_ns=start, volume_percent=100, wake_ms=600)

    async def start(self, job: Job) -> asyncio.Task[Sounded]:
        task = asyncio.create_task(self.player.play(job))
        await asyncio.sleep(0)
        return task

    async def until(self, root_ms: float) -> None:
        """Move true time on to ``root_ms``, after what was ordered just now has been taken up."""
        for _ in range(3):
            await asyncio.sleep(0)
        await self.clock.advance((root_ms - self.root.utc_ms()) / 1000)
        await asyncio.sleep(0)

    async def whole(self, job: Job) -> Sounded:
        """Play to the end."""
        task = await self.start(job)
        while not task.done():
            await self.clock.advance(0.25)
            await asyncio.sleep(0)
        return task.result()

    def heard(self, start_ms: float, seconds: float) -> Frames:
        """Return what left the loudspeaker from the true instant ``start_ms`` on."""
        return self.card.waveform(start_ms, seconds * 1000)

    def first_ms(self) -> float:
        return self.card.spans()[0].start_root_ms

    @property
    def sample_ms(self) -> float:
        return 1000 / self.rate

    def mono_ms(self, mono_ns: int) -> float:
        """Return the true instant of one of the board's."""
        return self.board.clock.root_ms_at(mono_ns)


__all__ = ["NS_PER_MS", "THURSDAY_0530", "Booth", "noise", "piece", "wav"]
