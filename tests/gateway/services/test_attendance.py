"""Chuyên cần: what is written down of who was there, and what nobody could have noticed."""

from datetime import date

from devices.model import ClusterId
from gateway.services.attendance import Attendance
from tests.gateway.services.pole import Pole
from tests.gateway.services.world import World

ONE = ClusterId("kp1-01")
DAY = date(2026, 10, 7)
"""The Wednesday on which the world begins."""


def attendance(world: World) -> Attendance:
    return Attendance(book=world.store.attendance, monitor=world.monitor, clock=world.clock, zone="Asia/Ho_Chi_Minh")


async def pass_time(world: World, seconds: int, watch: Attendance, *poles: Pole) -> None:
    for _ in range(seconds // 30):
        await world.clock.advance(30)
        for pole in poles:
            await pole.beat()
        world.monitor.look()
        watch.look()


async def written(world: World) -> dict[str, tuple[int, int]]:
    rows = await world.store.attendance.between(DAY, DAY)
    return {row.cluster: (row.watched_s, row.online_s) for row in rows}


async def test_who_was_there_and_who_was_lost_is_written_down_by_the_day(world: World) -> None:
    watch, pole = attendance(world), world.pole(ONE)
    watch.look()
    await pole.connect()
    await pass_time(world, 600, watch, pole)
    await watch.write()
    assert (await written(world))[ONE] == (600, 600)
    await pass_time(world, 600, watch)
    await watch.write()
    watched, online = (await written(world))[ONE]
    assert watched == 1200
    assert 600 < online <= 600 + 90, "it counts as there until it is lost"


async def test_a_cluster_nobody_has_heard_since_the_start_is_neither_here_nor_away(world: World) -> None:
    watch = attendance(world)
    watch.look()
    await pass_time(world, 60, watch)
    await watch.write()
    assert await written(world) == {}
    await pass_time(world, 120, watch)
    await watch.write()
    assert (await written(world))[ONE][1] == 0


async def test_a_machine_that_slept_has_watched_nothing(world: World) -> None:
    watch, pole = attendance(world), world.pole(ONE)
    await pole.connect()
    watch.look()
    await world.clock.advance(3600)
    await pole.beat()
    watch.look()
    await watch.write()
    assert await written(world) == {}


async def test_nothing_is_counted_twice_and_no_second_is_lost_between_two_writings(world: World) -> None:
    watch, pole = attendance(world), world.pole(ONE)
    await pole.connect()
    watch.look()
    for _ in range(7):
        await world.clock.advance(10.7)
        await pole.beat()
        watch.look()
        await watch.write()
    await watch.write()
    assert (await written(world))[ONE] == (74, 74)


async def test_midnight_is_the_wards_own(world: World) -> None:
    watch, pole = attendance(world), world.pole(ONE)
    await world.at(world.local(7, 23, 59))
    await pole.connect()
    watch.look()
    await pass_time(world, 120, watch, pole)
    await watch.write()
    rows = await world.store.attendance.between(DAY, date(2026, 10, 8))
    assert {row.day: row.online_s for row in rows if row.cluster == ONE} == {DAY: 30, date(2026, 10, 8): 90}
