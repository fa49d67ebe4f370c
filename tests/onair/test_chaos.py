"""Killed at any instant: whatever dies around an airtime, it starts at most once and ends in one true outcome."""

import asyncio
import contextlib
import math
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import time, timedelta
from pathlib import Path

import pytest

from devices.clock import instant
from devices.model import ClusterId, Outcome
from gateway.ports.records import PlannedPlay
from gateway.store.opening import open_store
from simulators.faults import Fault, FaultKind
from simulators.ledger import Tolerance, check
from simulators.ward import SimulatedWard
from tests.onair import office
from tests.onair.clocks import FastClock
from tests.onair.loa import environment
from tests.onair.world import CLUSTERS, T_MS, THURSDAY, World, count_starts, in_ledger

SLOT_S = 20
SLOTS = 5
END_MS = T_MS + SLOTS * SLOT_S * 1000
_FIRST = THURSDAY.replace(hour=5, minute=30)
HOURS = tuple((_FIRST + timedelta(seconds=n * SLOT_S)).time() for n in range(SLOTS))
SPEED = 6.0
GATEWAY = Path(__file__).parent / "scripts" / "gateway.py"


def expect_one_true_outcome(plays: list[PlannedPlay], starts: Counter[tuple[str, str]]) -> None:
    """Every promise has one outcome, and none began twice."""
    assert len(plays) == SLOTS * len(CLUSTERS)
    assert all(play.outcome is not None and play.outcome is not Outcome.UNPROVEN for play in plays), plays
    assert not any(play.unplanned for play in plays)
    assert max(starts.values()) == 1, starts


def today(plays: list[PlannedPlay]) -> list[PlannedPlay]:
    return [play for play in plays if play.start_at < instant(END_MS)]


def near_an_hour(dice: random.Random) -> int:
    """Draw an instant at which it hurts: from three seconds before a start until after the end."""
    return T_MS + 1000 * SLOT_S * dice.randrange(SLOTS) + dice.randrange(-3_000, 5_000)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_brokers_killed_and_poles_cut_off_at_random_instants_start_nothing_twice_and_lose_no_outcome(
    tmp_path: Path, seed: int
) -> None:
    dice = random.Random(f"chaos/{seed}")
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, *HOURS, first=THURSDAY.date())
        await world.ready()
        await world.until_ms(T_MS - 10_000)
        for cluster in world.clusters:
            for _ in range(2):
                cut = Fault(near_an_hour(dice), FaultKind.POWER_CUT, for_ms=dice.choice([200, 1_500, 9_000]))
                world.poles[cluster].suffer(cut)
            if dice.random() < 0.5:
                world.poles[cluster].suffer(Fault(T_MS, FaultKind.BOOT_1970))
            step = Fault(near_an_hour(dice), FaultKind.CLOCK_STEP, amount=dice.choice([-40_000, 1_000, 3_600_000]))
            world.poles[cluster].suffer(step)
        for kill_ms in sorted(near_an_hour(dice) for _ in range(4)):
            await world.until_ms(kill_ms, slowly_s=math.inf)
            world.kill_broker()
        await world.until_ms(END_MS + 10_000, slowly_s=math.inf)

        async def all_ended() -> bool:
            plays = today(await world.all_plays())
            return len(plays) == SLOTS * len(CLUSTERS) and all(play.outcome for play in plays)

        await world.until_async(all_ended, lambda: "not every outcome came")
        expect_one_true_outcome(today(await world.all_plays()), Counter(await world.starts()))
        assert await world.lies() == []
        assert sum(pole.boots for pole in world.poles.poles.values()) > len(CLUSTERS)
        assert world.gateway.broker.child is not None
        assert world.gateway.broker.child.restarts >= 2


class Killed:
    """The gateway as a process that is killed and started again."""

    def __init__(self, env: dict[str, str], clock: FastClock) -> None:
        self._env = env
        self._clock = clock
        self._process: asyncio.subprocess.Process | None = None
        self.kills = 0

    async def start(self) -> None:
        words = (str(GATEWAY), str(self._clock.start_ms), str(self._clock.speed), str(self._clock.origin_ns))
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *words, env=self._env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )

    async def ready(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(20):
            assert await self._process.stdout.readline() == b"ready\n"

    async def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Kill it, and with it its broker; return how it ended."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        self.kills += 1
        return await self._process.wait()


@contextlib.asynccontextmanager
async def awake(ward: SimulatedWard) -> AsyncIterator[None]:
    living = asyncio.create_task(ward.run())
    try:
        yield
    finally:
        living.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await living


async def until(clock: FastClock, ms: int) -> None:
    await clock.sleep((ms - clock.now_ms()) / 1000)


async def test_a_gateway_killed_at_random_instants_misses_nothing_and_learns_all_afterwards(tmp_path: Path) -> None:
    dice = random.Random("gateway")
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, *HOURS, first=THURSDAY.date())
        await world.ready()
        await world.until_ms(T_MS - 20_000)
        settings = world.settings
    clock = FastClock(T_MS - 20_000, speed=SPEED)
    gateway = Killed(environment(settings), clock)
    ward = SimulatedWard(CLUSTERS, clock=clock, folder=tmp_path / "poles", seed=7, spread_s=0.2)
    async with awake(ward):
        await gateway.start()
        victim = CLUSTERS[0]
        for slot in range(SLOTS):
            await until(clock, T_MS + slot * SLOT_S * 1000 + dice.randrange(-4_000, 4_000))
            await gateway.kill()
            if slot == 2:
                ward[victim].power_cut()
            await clock.sleep(dice.choice([0, 3]))
            await gateway.start()
            ward[victim].power_on()
        await until(clock, END_MS)
        async with asyncio.timeout(30):
            await gateway.ready()
            while await unsettled(settings.data):
                await asyncio.sleep(0.3)
        assert await gateway.kill(signal.SIGTERM) == 0
    plays = today(await kept_plays(settings.data))
    with open_store(settings.data, now=instant(clock.now_ms())) as store:
        starts = await count_starts(store)
        stored = in_ledger(plays, starts)
    expect_one_true_outcome(plays, Counter(starts))
    # only the pole without power may have missed anything
    assert {play.outcome for play in plays if play.cluster != victim} == {Outcome.PLAYED}
    truth = {str(cluster): spans for cluster, spans in ward.truth().items()}
    assert check(truth, stored, Tolerance(start_ms=60 * SPEED)) == []


async def kept_plays(data: Path) -> list[PlannedPlay]:
    with open_store(data, now=instant(END_MS)) as store:
        found = await store.proofs.plays(since=instant(T_MS - 60_000), until=instant(END_MS))
    return list(found)


async def unsettled(data: Path) -> list[ClusterId]:
    return [play.cluster for play in today(await kept_plays(data)) if play.outcome is None]


def test_the_hours_of_this_file_follow_each_other() -> None:
    assert HOURS[:2] == (time(5, 30), time(5, 30, SLOT_S))
