"""Somebody changes what is about to air in its very last second: whatever comes of it, the books say what was heard."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from devices.model import OccurrenceId, Outcome, ZoneId
from gateway.domain.bulletin import Bulletin
from gateway.domain.ids import ScheduleId
from gateway.domain.people import Role
from gateway.domain.rule import Once
from gateway.domain.schedule import Schedule
from gateway.domain.targets import Cluster, Targets
from tests.onair import office
from tests.onair.world import T_MS, THURSDAY, ZONE, World

OFFSETS_MS = (-1_000, -200, 200)
DAY_MS = 86_400_000
SETTLED_S = 420
"""More than the five minutes after which a play that nobody spoke of is unproven."""


@dataclass
class Due:
    """What is about to air."""

    world: World
    bulletin: Bulletin
    schedule: Schedule
    occ: OccurrenceId


async def withdrawn(due: Due) -> None:
    await due.world.gateway.parts.editorial.withdraw(
        due.bulletin.id, reason="Sai ngày", by=due.world.staff[Role.APPROVER]
    )


async def left_out(due: Due) -> None:
    day = due.schedule.rule.first
    await due.world.gateway.parts.programming.skip_date(due.schedule.id, day, by=due.world.staff[Role.OPERATOR])


async def an_hour_later(due: Due) -> None:
    later = replace(due.schedule, times=(time(6, 30),))
    await due.world.gateway.parts.programming.save_schedule(
        later, was_revision=due.schedule.revision, by=due.world.staff[Role.OPERATOR]
    )


async def out_of_its_zone(due: Due) -> None:
    moved = Cluster(id=due.world.clusters[0], name="Cụm loa chuyển chỗ", zone=ZoneId("kp2"), households=140)
    await due.world.gateway.parts.inventory.save_cluster(moved, by=due.world.staff[Role.ADMIN])


async def under_repair(due: Due) -> None:
    await due.world.gateway.parts.workshop.enter_maintenance(
        due.world.clusters[0], by=due.world.staff[Role.TECHNICIAN], reason="Thay loa"
    )


Edit = Callable[[Due], Awaitable[None]]


@pytest.mark.parametrize("edit", [withdrawn, left_out, an_hour_later, out_of_its_zone, under_repair])
async def test_an_edit_in_the_last_second_leaves_one_outcome_each_and_no_lie(tmp_path: Path, edit: Edit) -> None:
    start_ms = T_MS - 180_000
    async with World(tmp_path, start_ms=start_ms).open() as world:
        for n, offset_ms in enumerate(OFFSETS_MS):
            at_ms = T_MS + n * DAY_MS
            if n:
                await world.leap_to(at_ms - 180_000)
            due = await about_to_air(world, n)
            await world.until_ms(at_ms + offset_ms)
            await edit(due)
            await world.until_ms(at_ms + 60_000)
            await world.pass_s(SETTLED_S)
            plays = [play for play in (await world.plays(due.occ)).values() if play.outcome or not play.cancelled]
            assert all(play.outcome not in (None, Outcome.UNPROVEN) for play in plays), plays
            assert {count for (_, occ), count in (await world.starts()).items() if occ == due.occ} <= {1}
            assert await world.lies() == []
            await undo(due)
        assert any(world.sounded().values()), "what began before the edit was heard"


async def about_to_air(world: World, n: int) -> Due:
    """Have something due at half past five of the ``n``-th day, to the first zone, and everybody ready."""
    day = THURSDAY.date() + timedelta(days=n)
    bulletin = await office.approved(world.gateway, world.staff, title=f"Mời họp {n}")
    name = await office.programme(world.gateway, world.staff, f"ct-{n}", bulletin)
    made = Schedule(
        id=ScheduleId(f"lich-{n}"),
        name=f"Lịch {n}",
        programme=name,
        targets=Targets(zones=frozenset({ZoneId("kp1")})),
        rule=Once(day=day),
        times=(office.MORNING,),
        zone=str(ZONE),
    )
    kept = await office.schedule(world.gateway, world.staff, made)
    readiness = world.gateway.parts.readiness

    def ready() -> bool:
        coming = readiness.coming(timedelta(hours=1))
        return bool(coming) and coming[0].will_play_alone == coming[0].total == len(world.clusters) - 1

    await world.until(ready, "not every pole is ready")
    return Due(world, bulletin, kept, world.next_occ)


async def undo(due: Due) -> None:
    """Put the ward back as it was."""
    world, cluster = due.world, due.world.clusters[0]
    if world.gateway.parts.workshop.get(cluster).maintenance.active:
        await world.gateway.parts.workshop.leave_maintenance(cluster, by=world.staff[Role.TECHNICIAN])
    home = Cluster(id=cluster, name=f"Cụm loa {cluster}", zone=ZoneId("kp1"), households=140)
    await world.gateway.parts.inventory.save_cluster(home, by=world.staff[Role.ADMIN])
    await world.gateway.parts.programming.delete_schedule(due.schedule.id, by=world.staff[Role.OPERATOR])
