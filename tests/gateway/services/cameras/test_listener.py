"""Events: they call the next look sooner and decide nothing; the round goes on when they stop, lie or never come."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

from devices.model.camera import Depth
from gateway.domain.camera_watch import Health
from gateway.domain.device import CameraId
from gateway.ports.cameras import Happened, Hint
from gateway.services.cameras.listener import LIED_S, MOST_FALSE, MOST_LISTENED, SILENT_S, STOPPED_S
from gateway.services.cameras.listening import Events, Why
from gateway.services.supervisor import no_beat
from tests.gateway.services.cameras.eyes import Ward, open_ward
from tests.gateway.services.cameras.test_poller import pass_time

ONE = CameraId("cam-0001")


@asynccontextmanager
async def listening(ward: Ward) -> AsyncIterator[None]:
    """Run the round and the ears together."""
    running = [
        asyncio.ensure_future(ward.room.poller.run(no_beat)),
        asyncio.ensure_future(ward.room.listener.run(no_beat)),
    ]
    await asyncio.sleep(0)
    try:
        yield
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_a_camera_that_offers_events_is_live_and_the_others_are_polled(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1), ward.camera(2)])
        ward.eyes.speaks = {1}
        async with listening(ward):
            assert ward.room.listener.events(ONE) is Events.POLLING
            await pass_time(ward, 20)
            assert ward.room.listener.events(ONE) is Events.LIVE
            assert ward.room.listener.events(CameraId("cam-0002")) is Events.POLLING
            assert ward.room.listener.live == 1
        assert ward.room.listener.events(ONE) is Events.POLLING, "nobody listens any more"


async def test_trouble_is_looked_at_at_once_and_deeply_and_a_flood_of_it_is_not(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1, pictures=True)])
        ward.eyes.speaks = {1}
        async with listening(ward):
            await pass_time(ward, 65)
            before = len(ward.eyes.looks)
            for _ in range(1_000):
                ward.eyes.listeners[1](Hint.TROUBLE)
            await pass_time(ward, 3)
            assert [depth for _, _, depth in ward.eyes.looks[before:]] == [Depth.PICTURE]
            for _ in range(20):
                ward.eyes.listeners[1](Hint.TROUBLE)
                await pass_time(ward, 1)
        assert len(ward.eyes.looks) <= before + 2


async def test_motion_that_stops_is_a_reason_to_look_but_not_every_time(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1)])
        ward.eyes.speaks = {1}
        async with listening(ward):
            await pass_time(ward, 65)
            before = len(ward.eyes.looks)
            ward.eyes.listeners[1](Hint.PULSE)
            await pass_time(ward, 2)
            assert len(ward.eyes.looks) == before, "that it still answers is no reason"
            for _ in range(30):
                ward.eyes.listeners[1](Hint.CALM)
                await pass_time(ward, 2)
        by_itself = 1
        assert len(ward.eyes.looks) - before <= 1 + by_itself + 1
        assert ward.eyes.looks[before][2] is Depth.FULL


async def test_an_event_decides_nothing_a_look_does(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1)])
        ward.eyes.speaks = {1}
        async with listening(ward):
            await pass_time(ward, 20)
            ward.eyes.listeners[1](Hint.TROUBLE)
            await pass_time(ward, 10)
            assert ward.room.watcher.health(ONE) is Health.GOOD
            ward.eyes.does = {1: "offline"}
            await pass_time(ward, 25)
            ward.eyes.listeners[1](Hint.TROUBLE)
            await pass_time(ward, 30)
            assert ward.room.watcher.health(ONE) is Health.LOST
            assert ward.room.listener.events(ONE) is Events.POLLING, "nobody is there to listen to"


async def test_events_that_stop_leave_the_round_as_it_is_and_are_asked_for_again_later(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1)])
        ward.eyes.speaks = {1}
        async with listening(ward):
            await pass_time(ward, 20)
            looked, ward.eyes.speaks = len(ward.eyes.looks), set()
            await pass_time(ward, 3)
            assert len(ward.eyes.looks) == looked + 1, "it told and stopped: perhaps it is gone"
            ward.eyes.speaks = {1}
            assert ward.room.listener.events(ONE) is Events.POLLING
            await pass_time(ward, STOPPED_S[0] - 30)
            assert ward.room.listener.events(ONE) is Events.POLLING
            assert len(ward.eyes.looks) >= looked + 4, "it was looked at all the same"
            await pass_time(ward, 60)
            assert ward.room.listener.events(ONE) is Events.LIVE


async def test_a_camera_that_stops_again_and_again_is_asked_less_and_less(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1)])
        ward.eyes.speaks = {1}
        async with listening(ward):
            for wait_s in (20, STOPPED_S[0] + 20, STOPPED_S[1] + 20, STOPPED_S[2] + 20):
                ward.eyes.speaks = {1}
                await pass_time(ward, wait_s)
                ward.eyes.speaks = set()
                await pass_time(ward, 2)
        times = [at for at, _ in ward.eyes.heard_at]
        gaps = [later - sooner for sooner, later in pairwise(times)]
        assert len(gaps) == 3
        assert all(gap >= least for gap, least in zip(gaps, STOPPED_S, strict=True))


async def test_a_subscription_that_says_nothing_is_no_live_one_and_given_up(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1)])
        ward.eyes.speaks = ward.eyes.silenced = {1}
        async with listening(ward):
            await pass_time(ward, 20)
            assert 1 in ward.eyes.listeners
            assert ward.room.listener.events(ONE) is Events.POLLING
            await pass_time(ward, SILENT_S + 10)
            assert 1 not in ward.eyes.listeners


async def test_alarms_that_no_look_bears_out_are_believed_only_so_often(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1)])
        ward.eyes.speaks = {1}
        async with listening(ward):
            await pass_time(ward, 20)
            for _ in range(MOST_FALSE):
                assert ward.room.listener.events(ONE) is Events.LIVE
                ward.eyes.listeners[1](Hint.TROUBLE)
                await pass_time(ward, 35)
            assert ward.room.listener.events(ONE) is Events.POLLING
            await pass_time(ward, LIED_S - 60)
            assert len(ward.eyes.heard_at) == 1
            await pass_time(ward, 90)
            assert ward.room.listener.events(ONE) is Events.LIVE


async def test_no_more_are_listened_to_than_allowed_and_edited_or_removed_ones_are_left(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        many = [ward.camera(n) for n in range(1, MOST_LISTENED + 21)]
        await ward.have(many)
        ward.eyes.speaks = set(range(1, MOST_LISTENED + 22)) | {999}
        async with listening(ward):
            await pass_time(ward, 40)
            assert len(ward.eyes.listeners) == MOST_LISTENED
            await ward.have([ward.camera(1, port=999), ward.camera(2, watched=False)])
            await pass_time(ward, 12)
            assert 1 not in ward.eyes.listeners
            assert 2 not in ward.eyes.listeners
            assert 999 in ward.eyes.listeners
            assert len(ward.eyes.listeners) == MOST_LISTENED, "its place goes to the next"


async def test_the_last_thing_a_camera_told_and_since_when_it_tells_is_known(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1)])
        ward.eyes.speaks = {1}
        listener = ward.room.listener
        async with listening(ward):
            assert listener.listening(ONE).why is Why.UNKNOWN
            await pass_time(ward, 20)
            live = listener.listening(ONE)
            assert (live.events, live.why, live.last, live.again_ms) == (Events.LIVE, None, None, None)
            assert live.since_ms is not None
            assert ward.clock.now_ms() - 20_000 < live.since_ms <= ward.clock.now_ms()
            tampered = Happened(at_ms=ward.clock.now_ms(), kind="tamper", on=True)
            ward.eyes.listeners[1](Hint.TROUBLE, tampered)
            await pass_time(ward, 10)
            assert listener.listening(ONE).last == tampered
            assert listener.listening(ONE).since_ms == live.since_ms
            ward.eyes.speaks = set()
            await pass_time(ward, 3)
            stopped = listener.listening(ONE)
            assert (stopped.events, stopped.why, stopped.detail) == (Events.POLLING, Why.STOPPED, "it stopped")
            assert stopped.again_ms is not None
            assert 0 < stopped.again_ms - ward.clock.now_ms() <= STOPPED_S[0] * 1_000
            assert stopped.last == tampered, "what it told stays told"


async def test_why_a_camera_is_only_looked_at_in_its_turn_is_known(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(n, watched=n != 5) for n in range(1, 6)])
        ward.eyes.speaks, ward.eyes.silenced = {1, 2, 3}, {2}
        ward.eyes.does = {3: "offline"}
        listener = ward.room.listener
        async with listening(ward):
            await pass_time(ward, 40)
            why = {n: listener.listening(CameraId(f"cam-{n:04}")).why for n in range(1, 6)}
            assert why == {1: None, 2: Why.ASKING, 3: Why.NOT_WELL, 4: Why.NOT_OFFERED, 5: Why.UNWATCHED}
            await pass_time(ward, SILENT_S)
            assert listener.listening(CameraId("cam-0002")).why is Why.SILENT
            ward.eyes.does = {1: "auth_failed"}
            ward.eyes.listeners[1](Hint.TROUBLE)
            await pass_time(ward, 40)
            assert listener.listening(ONE).why is Why.NOT_WELL
        assert {each.words[0] for each in Why} != {""}


async def test_one_more_than_may_be_waits_for_a_place_and_says_so(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(n) for n in range(1, MOST_LISTENED + 2)])
        ward.eyes.speaks = set(range(1, MOST_LISTENED + 2))
        async with listening(ward):
            await pass_time(ward, 60)
            found = [ward.room.listener.listening(name).why for name in ward.room.registry.cameras]
        assert found.count(None) == MOST_LISTENED
        assert found.count(Why.FULL) == 1
