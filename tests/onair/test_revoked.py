"""A pole that is taken off the roll: as long as it can be told, it is told to be silent before it is shut out."""

from datetime import time
from pathlib import Path

from devices.model import ClusterId
from gateway.domain.people import Role
from tests.onair import office
from tests.onair.world import T_MS, THURSDAY, World

POLE = ClusterId("kp1-01")
NOON_MS = T_MS + 6 * 3_600_000 + 30 * 60_000


async def test_a_pole_revoked_while_it_sounds_falls_silent_and_stays_so_although_nothing_reaches_it_any_more(
    tmp_path: Path,
) -> None:
    async with World(tmp_path).open() as world:
        await office.weekly_news(
            world.gateway, world.staff, time(5, 30), time(12), first=THURSDAY.date(), text=office.LONG * 2
        )
        await world.ready()
        await world.until_ms(T_MS + 5_000)
        assert world.poles.playing == len(world.clusters)
        await world.during(world.gateway.enrolment.revoke(world.staff[Role.TECHNICIAN], POLE, why="bị gỡ khỏi cột"))
        await world.until(lambda: not world.poles[POLE].playing, "it sounds on")
        assert world.poles.playing == len(world.clusters) - 1
        await world.until(lambda: not world.poles[POLE].is_up, "the broker lets it in")
        world.poles[POLE].power_cut()
        await world.leap_to(NOON_MS - 60_000)
        world.poles[POLE].power_on()
        await world.until_ms(NOON_MS + 30_000)
        sounded = world.sounded()
        assert len(sounded[POLE]) == 1, "what was on the air when it left, and nothing after"
        assert {len(tags) for each, tags in sounded.items() if each != POLE} == {2}
