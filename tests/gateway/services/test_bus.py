"""Bảng tin nội bộ: numbered events, and a listener that comes back misses nothing or is told that it did."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from devices.clock import ManualClock
from gateway.services.bus import Bus, Numbered
from gateway.services.events import AlarmCleared, Missed

START_MS = 1_791_412_200_000


def said(n: int) -> AlarmCleared:
    return AlarmCleared(key=str(n))


async def take(bus: Bus, count: int, after: int | None = None) -> list[Numbered]:
    found: list[Numbered] = []
    async with asyncio.timeout(5):
        async for item in bus.listen(after):
            found.append(item)
            if len(found) == count:
                break
    return found


async def test_ids_grow_and_events_come_in_order() -> None:
    bus = Bus(ManualClock(START_MS))
    first = bus.last_id
    for n in range(5):
        bus.publish(said(n))
    found = await take(bus, 5, first)
    assert [item.id for item in found] == [first + n for n in range(1, 6)]
    assert [item.event for item in found] == [said(n) for n in range(5)]


async def test_a_listener_that_was_away_resumes_where_it_stopped() -> None:
    bus = Bus(ManualClock(START_MS))
    bus.publish(said(1))
    seen = bus.last_id
    bus.publish(said(2))
    bus.publish(said(3))
    assert [item.event for item in await take(bus, 2, seen)] == [said(2), said(3)]


async def test_a_listener_that_was_away_too_long_is_told_to_read_everything_again() -> None:
    bus = Bus(ManualClock(START_MS), ring=3)
    seen = bus.last_id
    for n in range(10):
        bus.publish(said(n))
    [told] = await take(bus, 1, seen)
    assert isinstance(told.event, Missed)
    assert told.id == bus.last_id


async def test_an_id_of_another_life_of_the_gateway_is_not_taken_for_one_of_this() -> None:
    clock = ManualClock(START_MS)
    before = Bus(clock)
    before.publish(said(1))
    await clock.advance(60)
    after = Bus(clock)
    assert after.last_id > before.last_id
    [told] = await take(after, 1, before.last_id)
    assert isinstance(told.event, Missed)


async def test_an_id_from_the_future_is_not_waited_for() -> None:
    bus = Bus(ManualClock(START_MS))
    [told] = await take(bus, 1, bus.last_id + 1_000)
    assert isinstance(told.event, Missed)


async def test_a_slow_listener_holds_up_nobody_and_is_told_what_it_missed() -> None:
    bus = Bus(ManualClock(START_MS), ring=3)
    listening = bus.listen(bus.last_id)
    bus.publish(said(0))
    assert (await anext(listening)).event == said(0)
    for n in range(1, 50):
        bus.publish(said(n))
    assert isinstance((await anext(listening)).event, Missed)
    bus.publish(said(99))
    assert (await anext(listening)).event == said(99)


async def test_a_listener_that_waits_is_woken() -> None:
    bus = Bus(ManualClock(START_MS))
    waiting = asyncio.create_task(take(bus, 1))
    await asyncio.sleep(0)
    bus.publish(said(7))
    assert [item.event for item in await waiting] == [said(7)]


@given(st.lists(st.booleans(), max_size=60))
def test_whatever_the_pace_nothing_is_skipped_in_silence(steps: list[bool]) -> None:
    """``True`` publishes, ``False`` reads one. What is read are all numbers in order, but for said gaps."""

    async def run() -> None:
        bus = Bus(ManualClock(START_MS), ring=4)
        start = bus.last_id
        listening = bus.listen(start)
        seen, missed = start, False
        for publish in steps:
            if publish:
                bus.publish(said(1))
            elif seen < bus.last_id:
                item = await anext(listening)
                if isinstance(item.event, Missed):
                    missed = True
                    assert item.id > seen
                else:
                    assert item.id == seen + 1
                seen = item.id
        assert missed or seen >= start

    asyncio.run(run())
