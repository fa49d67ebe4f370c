"""The gateway's own clock is wrong: poles know better, play what they hold, and one alarm names the right machine."""

from datetime import time
from pathlib import Path

import httpx

from devices.model import Outcome
from tests.onair import office
from tests.onair.world import T_MS, THURSDAY, World

FORTY_DAYS_MS = 40 * 86_400_000


async def test_a_gateway_forty_days_ahead_plans_nothing_blames_itself_and_every_pole_plays_at_the_true_hour(
    tmp_path: Path,
) -> None:
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, time(5, 30), first=THURSDAY.date())
        await world.ready()
        occ = world.next_occ
        await world.until_ms(T_MS - 90_000)
        held = {str(each.cluster): each.agent.studio.documents.seq_of("plan") for each in poles(world)}
        world.gateway_wall.ahead_ms = FORTY_DAYS_MS
        await world.until_ms(T_MS + 20_000)

        assert world.sounded() == {cluster: [occ] for cluster in world.clusters}
        assert all(abs(spans[0].start_root_ms - T_MS) < 250 for spans in world.truth().values())
        assert {str(each.cluster): each.agent.studio.documents.seq_of("plan") for each in poles(world)} == held
        assert "clock-wrong" in world.alarms
        assert not [key for key in world.alarms if key.startswith(("clock:", "probing:", "lost:"))]
        async with httpx.AsyncClient(base_url=world.gateway.url, trust_env=False) as screen:
            assert (await screen.get("/healthz")).status_code == 503

        world.gateway_wall.ahead_ms = 0
        await world.until(lambda: "clock-wrong" not in world.alarms, "the clock is right again")
        plays = await world.settled(occ)
        assert {play.outcome for play in plays.values()} == {Outcome.PLAYED}
        assert await world.lies() == []


def poles(world: World) -> list:
    return [pole for pole in world.poles.poles.values() if pole.agent is not None]
