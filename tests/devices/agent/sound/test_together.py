"""Poles in earshot must sound as one: at the start, and half an hour later."""

import asyncio
import random
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from devices.agent.ports import Frames, Sounded
from devices.agent.sound.decoder import SoundFileDecoder
from devices.agent.sound.drift import DEADBAND_NS, JUMP_NS, Corrector, Pace, stretched
from devices.agent.timebase import Timebase
from devices.clock import NS_PER_MS, ManualClock
from simulators.faults import Fault, FaultKind, Faults
from simulators.sound_card import VirtualPlayer
from tests.devices.agent.sound.booth import THURSDAY_0530, Booth, noise, piece, wav

RATE = 8_000
MINUTES = 30


class Pole(Booth):
    """A booth whose start and pace come from its own timebase, fed by the exchange over a busy network."""

    def __init__(self, clock: ManualClock, n: int, *, ppm: float, card_ppm: float, faults: Faults) -> None:
        super().__init__(clock=clock, seed=n, ppm=ppm, card_ppm=card_ppm, rate=RATE, faults=faults, block_ms=500)
        self.timebase = Timebase(self.board.clock, self.board.ntp)
        self.player = VirtualPlayer(
            self.card, SoundFileDecoder(), self.board, pace=self.timebase.pace, ahead_ms=1_000, block_ms=500
        )
        self._dice = random.Random(n)

    def exchange(self) -> None:
        there, back = (0.5 + self._dice.expovariate(1 / 2.0) for _ in "ab")
        now = self.root.utc_ms()
        t1, t4 = (self.board.clock.mono_ns_at(now + ms) // 1000 for ms in (-there - back, 0))
        server = round((now - back) * 1000)
        self.timebase.observe(t1, server, server, t4)

    async def air(self, path: Path, frames: int) -> Sounded:
        start = self.timebase.mono_ns_at(THURSDAY_0530)
        job = self.job(piece(path, frames, RATE))
        return await self.player.play(type(job)(**{**vars(job), "start_mono_ns": start}))


def lag_ms(a: Frames, b: Frames) -> float:
    """By how much ``b`` sounds later than ``a``, from the peak of their cross-correlation."""
    size = 1 << (a.size + b.size).bit_length()
    spectrum = np.fft.rfft(b.astype(float), size) * np.conj(np.fft.rfft(a.astype(float), size))
    correlation = np.fft.irfft(spectrum, size)
    peak = int(np.argmax(correlation))
    return 1000 * (peak if peak < size // 2 else peak - size) / RATE


async def test_four_poles_with_drift_and_wrong_clocks_stay_within_10_ms_for_half_an_hour(tmp_path: Path) -> None:
    clock = ManualClock(THURSDAY_0530 - 400_000)
    steps = Faults([Fault(THURSDAY_0530 + 600_000, FaultKind.CLOCK_STEP, amount=3_600_000)])
    off = Fault(0, FaultKind.NTP_OFF, for_ms=1 << 50)
    poles = [
        Pole(clock, 1, ppm=+80.0, card_ppm=-30.0, faults=Faults([off])),
        Pole(clock, 2, ppm=-60.0, card_ppm=+45.0, faults=Faults([off])),
        Pole(clock, 3, ppm=+15.0, card_ppm=+90.0, faults=steps),
        Pole(clock, 4, ppm=-95.0, card_ppm=-70.0, faults=Faults()),
    ]
    poles[0].board.step_wall(-300_000)
    programme = noise(MINUTES * 60, RATE)
    path = wav(tmp_path, programme, RATE)

    async def learn(seconds: int) -> None:
        for second in range(0, seconds, 10):
            for pole in poles:
                pole.exchange()
                pole.timebase.tick()
            await clock.advance(min(10, seconds - second))

    await learn(390)
    playing = [asyncio.create_task(pole.air(path, programme.size)) for pole in poles]
    await asyncio.sleep(0)
    await learn(MINUTES * 60 + 30)
    sounded = [await task for task in playing]

    first = [pole.heard(THURSDAY_0530 - 100, 1.1) for pole in poles]
    last = [pole.heard(THURSDAY_0530 + (MINUTES * 60 - 2) * 1000, 1.0) for pole in poles]
    for window in (first, last):
        assert all(part.any() for part in window)
        skews = [lag_ms(window[0], part) for part in window]
        assert max(skews) - min(skews) <= 10
    truth = np.concatenate([np.zeros(RATE // 10, np.int16), programme[:RATE]])
    assert all(abs(lag_ms(truth, part)) <= 10 for part in first)
    # Nobody jumped, and nobody would have been together without correction: 80 + 95 ppm are 300 ms by then.
    for evidence in sounded:
        assert evidence.segments_ms == ((0, MINUTES * 60_000),)
        assert evidence.out_frames == programme.size
    assert max(abs(evidence.corr_frames) for evidence in sounded) > 100 * RATE // 1000


def wrong_pace(ppm: float, start_ns: int) -> Pace:
    return lambda elapsed_ns: start_ns + round(elapsed_ns / (1 + ppm * 1e-6))


async def test_without_correction_the_same_poles_drift_apart(tmp_path: Path) -> None:
    """What the test above would find if nothing was corrected: it can fail."""
    clock = ManualClock(THURSDAY_0530 - 10_000)
    booths = [Booth(clock=clock, seed=n, card_ppm=ppm, rate=RATE, block_ms=500) for n, ppm in ((1, 40.0), (2, -40.0))]
    for booth, ppm in zip(booths, (40.0, -40.0), strict=True):
        # A pace that is as wrong as the card's crystal sees nothing to correct.
        booth.player = VirtualPlayer(
            booth.card, SoundFileDecoder(), booth.board, pace=partial(wrong_pace, ppm), ahead_ms=1_000, block_ms=500
        )
    programme = noise(300, RATE)
    path = wav(tmp_path, programme, RATE)
    tasks = [await booth.start(booth.job(piece(path, programme.size, RATE))) for booth in booths]
    await clock.advance(320)
    for task in tasks:
        await task
    last = [booth.heard(THURSDAY_0530 + 298_000, 1.0) for booth in booths]
    assert abs(lag_ms(*last)) == pytest.approx(24, abs=1)


@pytest.mark.parametrize("error_ms", [0.1, -0.1, 1.0, -1.0, 30.0, -30.0])
def test_correction_never_passes_500_ppm(error_ms: float) -> None:
    corrector = Corrector(48_000)
    changes = [corrector.change(4_800, round(error_ms * NS_PER_MS)) for _ in range(100)]
    assert abs(sum(changes)) <= 480_000 * 500e-6 + 1
    assert all(change == 0 for change in changes) == (abs(error_ms) * NS_PER_MS <= DEADBAND_NS)
    assert all(change * error_ms <= 0 for change in changes)
    assert abs(error_ms) * NS_PER_MS < JUMP_NS


@pytest.mark.parametrize("change", [-24, -2, -1, 0, 1, 2, 24])
def test_stretching_changes_the_length_by_that_and_makes_no_click(change: int) -> None:
    t = np.arange(4_800) / 48_000
    wave = (np.sin(2 * np.pi * 440 * t) * 20_000).astype(np.int16)
    made = stretched(wave, change)
    assert made.size == wave.size + change
    assert np.abs(np.diff(made.astype(int))).max() <= 2.2 * np.abs(np.diff(wave.astype(int))).max()
