"""The product's main job: a written bulletin becomes proven sound on every pole, whatever is down meanwhile."""

from pathlib import Path

import pytest

from devices.model import Outcome, Proof
from simulators.chaos import ChaosProxy
from tests.onair import office
from tests.onair.world import T_MS, THURSDAY, World

DAY_MS = 86_400_000


async def test_a_bulletin_goes_from_text_to_proven_sound_on_every_pole(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date())
        await world.ready()
        occ = world.next_occ
        await world.until_ms(T_MS + 2_000)
        assert world.poles.playing == len(world.clusters)
        plays = await world.settled(occ)
        for play in plays.values():
            assert (play.outcome, play.proof) == (Outcome.PLAYED, Proof.AMPLIFIER)
            assert abs(play.start_error_ms or 0) < 10
            assert abs(play.heard_ms - play.duration_ms) < 100
        starts = [spans[0].start_root_ms for spans in world.truth().values()]
        assert max(starts) - min(starts) < 10
        assert await world.lies() == []
        assert set((await world.starts()).values()) == {1}
        await world.pass_s(60)
        # also no false one on the way, as of an amplifier that the last life of a pole left on
        assert not await world.gateway.store.alarms.history()


@pytest.mark.parametrize("broker", ["mosquitto", "iotcore"])
async def test_with_gateway_and_broker_gone_around_the_hour_nothing_is_missed_and_the_proofs_come_afterwards(
    tmp_path: Path, broker: str
) -> None:
    async with World(tmp_path, start_ms=T_MS - 16 * 60_000, broker=broker).open() as world:
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date())
        await world.ready()
        occ = world.next_occ
        await world.until_ms(T_MS - 15 * 60_000)
        await world.stop_gateway()
        await world.until_ms(T_MS + 30_000)
        assert world.poles.connected == 0
        assert {cluster: len(spans) for cluster, spans in world.truth().items()} == dict.fromkeys(world.clusters, 1)
        await world.start_gateway()
        plays = await world.settled(occ)
        assert {(play.outcome, play.proof) for play in plays.values()} == {(Outcome.PLAYED, Proof.AMPLIFIER)}
        assert await world.lies() == []
        assert set((await world.starts()).values()) == {1}


async def test_a_pole_of_which_nothing_is_heard_is_unproven_until_its_own_word_comes(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date())
        await world.ready()
        dark = world.clusters[0]
        async with ChaosProxy(world.gateway.broker.advertised).open() as proxy:
            await world.stop_poles()
            world.new_poles(through=proxy.address)
            await world.start_poles()
            await world.ready()
            occ = world.next_occ
            proxy.partition({dark})
            await world.until_ms(T_MS + 30_000)
            await world.settled(occ, among=world.clusters[1:])
            assert (await world.plays(occ))[dark].outcome is None
            assert [span.heard for span in world.truth()[dark]] == [True]
            await world.leap_to(T_MS + DAY_MS + 600_000)
            await world.until(lambda: f"unproven:{dark}" in world.alarms, "nobody is told that there is no proof")
            assert (await world.plays(occ))[dark].outcome is Outcome.UNPROVEN
            proxy.heal()
            await world.until(lambda: f"unproven:{dark}" not in world.alarms, "the alarm stays")
            assert (await world.plays(occ))[dark].outcome is Outcome.PLAYED
            assert await world.lies() == []
            await world.stop_poles()
