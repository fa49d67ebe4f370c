"""A board that died is replaced under the same name, and later somebody puts the old one back: one voice is counted."""

import asyncio
import contextlib
import shutil
from pathlib import Path

from devices.model import ClusterId, OccurrenceId, Outcome
from gateway.domain.people import Role
from simulators.ward import SimulatedWard
from tests.onair import office
from tests.onair.world import T_MS, THURSDAY, World

POLE = ClusterId("kp1-01")
OF_A_TORN_JOURNAL = ("journal-fork:", "chain:", "journal-lost:")


async def replaced(world: World, old: Path) -> None:
    """Keep the card of :data:`POLE` at ``old`` and enrol a new board in its place; the others see a power cut."""
    await world.stop_poles()
    shutil.move(world.folder / "poles" / POLE, old)
    offer = await world.gateway.enrolment.offer(world.staff[Role.TECHNICIAN], POLE)
    world.new_poles()
    await world.during(world.poles.enrol({POLE: offer.code}))
    await world.start_poles()


async def test_a_board_replaced_two_minutes_before_the_airtime_plays_it_and_its_journal_begins_anew(
    tmp_path: Path,
) -> None:
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date())
        await world.ready()
        occ = world.next_occ
        await replaced(world, tmp_path / "old" / POLE)
        await world.ready()
        await world.until_ms(T_MS)
        plays = await world.settled(occ)
        assert {each: play.outcome for each, play in plays.items()} == dict.fromkeys(world.clusters, Outcome.PLAYED)
        assert [key for key in world.alarms if key.startswith(OF_A_TORN_JOURNAL)] == []
        assert await world.lies() == []


async def test_an_old_board_that_still_runs_falls_silent_when_another_takes_its_name(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date())
        await world.ready()
        occ = world.next_occ
        offer = await world.gateway.enrolment.offer(world.staff[Role.TECHNICIAN], POLE)
        other = SimulatedWard(
            [POLE], clock=world.clock, folder=tmp_path / "new", gateway_url=world.gateway.url, spread_s=0.2
        )
        await world.during(other.enrol({POLE: offer.code}))
        running = asyncio.create_task(other.run())
        try:
            await world.until(lambda: other.connected, "the new board is not connected")
            await world.until(lambda: not world.poles[POLE].is_up, "the broker lets the old one in")
            await world.ready()
            await world.until_ms(T_MS)
            plays = await world.settled(occ)
            assert {play.outcome for play in plays.values()} == {Outcome.PLAYED}
            assert [span.tag for span in other.truth()[POLE] if span.heard] == [occ]
            assert world.sounded()[POLE] == [], "two voices on one pole"
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running


async def test_an_old_board_put_back_is_not_believed_and_counts_nothing(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date())
        await world.ready()
        occ: OccurrenceId = world.next_occ
        await replaced(world, tmp_path / "old" / POLE)
        await world.ready()
        world.poles[POLE].power_cut()
        ghost = SimulatedWard(
            [POLE], clock=world.clock, folder=tmp_path / "old", gateway_url=world.gateway.url, spread_s=0.2
        )
        running = asyncio.create_task(ghost.run())
        try:
            await world.until_ms(T_MS + 200_000)
            assert world.gateway.parts.monitor.get(POLE).presence.value == "lost"
            assert not ghost.connected
            plays = await world.plays(occ)
            assert plays[POLE].outcome is None, "what the old board says is nobody's word"
            world.poles[POLE].power_on()
            plays = await world.settled(occ)
            assert plays[POLE].outcome is Outcome.MISSED
            assert plays[POLE].why == "power"
            assert [key for key in world.alarms if key.startswith(OF_A_TORN_JOURNAL)] == []
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
