"""More airtimes than one plan can say: the first ones are on every pole, and play."""

from datetime import time
from pathlib import Path

from devices.model import Outcome
from tests.onair import office
from tests.onair.world import T_MS, THURSDAY, World

BUSY = tuple(time(hour, minute) for hour in range(5, 21) for minute in range(0, 60, 10))


async def test_two_weeks_of_a_thousand_airtimes_reach_every_pole_as_far_as_it_fits_and_plays(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        bulletin = await office.approved(world.gateway, world.staff)
        name = await office.programme(world.gateway, world.staff, "ban-tin", bulletin)
        every_day = frozenset(range(7))
        busy = office.weekly("ban-tin", name, *BUSY, first=THURSDAY.date(), weekdays=every_day)
        await office.schedule(world.gateway, world.staff, busy)
        await world.ready()
        occ = world.next_occ
        assert occ.split("@")[1].startswith("2026-10-08T05:30")
        for pole in world.poles.poles.values():
            plan = pole.agent and pole.agent.studio.documents.plan
            assert plan
            assert len(plan.entries) > 400
        assert "plan-full" in world.alarms
        await world.until_ms(T_MS)
        plays = await world.settled(occ)
        assert {play.outcome for play in plays.values()} == {Outcome.PLAYED}
        assert world.sounded() == {cluster: [occ] for cluster in world.clusters}
        assert await world.lies() == []
