"""The poller: everybody in turn, nobody delayed by another, and the truth about how it keeps up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from devices.model.camera import Depth
from gateway.domain.camera_watch import Health
from gateway.domain.device import CameraId
from gateway.services.cameras.poller import MOST_BUGS
from gateway.services.cameras.turns import Pace
from gateway.services.supervisor import no_beat
from tests.gateway.services.cameras.eyes import Ward, open_ward


@asynccontextmanager
async def polling(ward: Ward) -> AsyncIterator[None]:
    running = asyncio.ensure_future(ward.room.poller.run(no_beat))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def pass_time(ward: Ward, seconds: float) -> None:
    """Move on in steps, so that what a look starts has its own instants. The store answers between them."""
    done = 0.0
    while done < seconds:
        step = min(1.0, seconds - done)
        await ward.clock.advance(step)
        await asyncio.sleep(0)
        done += step


async def test_every_camera_is_looked_at_each_minute_and_they_never_ask_at_once(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have(ward.camera(n) for n in range(1, 61))
        async with polling(ward):
            await pass_time(ward, 370)
        for port in range(1, 61):
            times = ward.eyes.times(port)
            assert len(times) >= 6
            assert max(later - sooner for sooner, later in list(pairwise(times))[1:]) < 62
        at_one_second = [int(at) for at, _, _ in ward.eyes.looks if at > ward.eyes.looks[0][0] + 60]
        assert max(at_one_second.count(second) for second in set(at_one_second)) < 12
        assert ward.eyes.most_in_flight < 12


async def test_the_first_look_of_a_small_ward_is_a_matter_of_seconds(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have(ward.camera(n) for n in range(1, 77))
        async with polling(ward):
            await pass_time(ward, 12)
        assert all(ward.room.watcher.health(name) is Health.GOOD for name in ward.room.registry.cameras)


async def test_hanging_cameras_delay_nobody_else(tmp_path: Path) -> None:
    """30 % hang: the others are looked at on time, and the hanging ones are lost within their own time limit."""
    async with open_ward(tmp_path, pace=Pace(at_once=16, limit_s=10)) as ward:
        hanging = set(range(1, 31))
        await ward.have(ward.camera(n, cabinet=f"tu-{n % 10}", host=f"192.0.2.{n}") for n in range(1, 101))
        ward.eyes.does = dict.fromkeys(hanging, "hang")
        async with polling(ward):
            await pass_time(ward, 400)
        late = [
            max(later - sooner for sooner, later in list(pairwise(ward.eyes.times(port)))[1:])
            for port in range(31, 101)
        ]
        assert max(late) < 75
        watches = ward.room.watcher.watches
        assert all(watches[CameraId(f"cam-{n:04}")].health is Health.LOST for n in hanging)
        assert all(watches[CameraId(f"cam-{n:04}")].health is Health.GOOD for n in range(31, 101))


async def test_a_site_that_hangs_leaves_slots_to_the_others(tmp_path: Path) -> None:
    async with open_ward(tmp_path, pace=Pace(at_once=8, limit_s=30)) as ward:
        await ward.have(ward.camera(n, cabinet="chết" if n <= 40 else f"tu-{n}") for n in range(1, 61))
        ward.eyes.does = dict.fromkeys(range(1, 41), "hang")
        async with polling(ward):
            await pass_time(ward, 70)
        assert all(ward.eyes.times(port) for port in range(41, 61))
        assert ward.eyes.most_in_flight <= 8


async def test_one_look_at_a_time_behind_one_address(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have(ward.camera(n, host="192.0.2.1", port=80) for n in range(1, 21))
        ward.eyes.answer_s = 1.0
        async with polling(ward):
            await pass_time(ward, 60)
        assert not ward.eyes.overlapped
        assert len({door.credential for door in ward.eyes.doors}) == 1
        assert len(ward.eyes.looks) >= 20


async def test_a_dead_camera_is_asked_less_and_less_and_its_neighbours_return_calls_it_at_once(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have(ward.camera(n, cabinet="tu") for n in (1, 2))
        async with polling(ward):
            await pass_time(ward, 100)
            ward.eyes.does = {1: "offline", 2: "offline"}
            await pass_time(ward, 3_000)
            gaps = [later - sooner for sooner, later in pairwise(ward.eyes.times(1))]
            assert max(gaps) > 700
            assert ward.room.watcher.health(CameraId("cam-0001")) is Health.LOST
            ward.eyes.does = {}
            ward.room.poller.look_soon(CameraId("cam-0002"))
            await pass_time(ward, 60)
            assert ward.room.watcher.health(CameraId("cam-0001")) is Health.GOOD


async def test_a_doubt_is_settled_within_seconds(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1)])
        async with polling(ward):
            await pass_time(ward, 130)
            ward.eyes.does = {1: "offline"}
            await pass_time(ward, 90)
        assert ward.room.watcher.health(CameraId("cam-0001")) is Health.LOST


async def test_streams_are_looked_at_every_five_minutes_and_pictures_only_where_they_are_on(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1), ward.camera(2, pictures=True)])
        async with polling(ward):
            await pass_time(ward, 900)
        depths = {port: [depth for _, which, depth in ward.eyes.looks if which == port] for port in (1, 2)}
        assert Depth.PICTURE not in depths[1]
        assert 3 <= depths[1].count(Depth.FULL) <= 4
        assert 3 <= depths[2].count(Depth.PICTURE) <= 4
        assert depths[1].count(Depth.MINUTE) > 9


async def test_an_overloaded_poller_stretches_its_interval_and_says_so(tmp_path: Path) -> None:
    async with open_ward(tmp_path, pace=Pace(at_once=2)) as ward:
        await ward.have(ward.camera(n) for n in range(1, 41))
        ward.eyes.answer_s = 6.0
        async with polling(ward):
            await pass_time(ward, 600)
            report = ward.room.poller.report()
        assert report.stretched
        assert 90 < report.real_every_s < 150
        assert "Quá tải" in report.words[0]
        assert report.in_flight <= 2
        counts = [len(ward.eyes.times(port)) for port in range(1, 41)]
        assert max(counts) - min(counts) <= 2, "the shortage is shared"


async def test_an_overload_shows_before_anybody_had_a_second_look(tmp_path: Path) -> None:
    async with open_ward(tmp_path, pace=Pace(at_once=1)) as ward:
        await ward.have(ward.camera(n) for n in range(1, 61))
        ward.eyes.answer_s = 8.0
        async with polling(ward):
            await pass_time(ward, 120)
            assert ward.room.poller.report().stretched


async def test_a_poller_with_time_to_spare_says_that(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have(ward.camera(n) for n in range(1, 11))
        async with polling(ward):
            await pass_time(ward, 600)
            report = ward.room.poller.report()
        assert not report.stretched
        assert report.oldest_s is not None
        assert report.oldest_s < 62


async def test_removed_cameras_are_left_alone_and_edited_ones_looked_at_at_once(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1), ward.camera(2)])
        async with polling(ward):
            await pass_time(ward, 70)
            before = len(ward.eyes.looks)
            await ward.have([ward.camera(1, port=81), ward.camera(2, watched=False)])
            await pass_time(ward, 2)
            assert [port for _, port, _ in ward.eyes.looks[before:]] == [81]
            await pass_time(ward, 200)
            assert 2 not in [port for _, port, _ in ward.eyes.looks[before:]]


async def test_a_bug_in_one_look_is_not_the_cameras_fault_and_stops_nobody(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have(ward.camera(n) for n in (1, 2, 3))
        ward.eyes.does = {1: "bug"}
        async with polling(ward):
            await pass_time(ward, 130)
        assert ward.room.watcher.health(CameraId("cam-0001")) is Health.UNKNOWN
        assert ward.room.watcher.health(CameraId("cam-0002")) is Health.GOOD


async def test_a_poller_that_can_do_nothing_falls_over_for_all_to_see(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have(ward.camera(n) for n in range(1, MOST_BUGS + 2))
        ward.eyes.does = dict.fromkeys(range(1, MOST_BUGS + 2), "bug")
        running = asyncio.ensure_future(ward.room.poller.run(no_beat))
        await pass_time(ward, 20)
        with pytest.raises(ExceptionGroup):
            await running
        ward.eyes.does = {}
        async with polling(ward):
            await pass_time(ward, 70)
        assert ward.room.watcher.health(CameraId("cam-0001")) is Health.GOOD
