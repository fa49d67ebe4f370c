"""Waiting: woken by what happens first, and never deaf to being cancelled."""

import asyncio

import pytest

from devices.agent.waiting import Bell, event_or_sleep
from devices.clock import ManualClock


async def test_the_event_or_the_time_whichever_comes_first():
    clock, bell = ManualClock(0), Bell()
    waiting = asyncio.ensure_future(event_or_sleep(bell.next, clock, 5))
    await asyncio.sleep(0)
    bell.ring()
    assert await waiting is True
    waiting = asyncio.ensure_future(event_or_sleep(bell.next, clock, 5))
    await asyncio.sleep(0.001)
    await clock.advance(5)
    assert await waiting is False


@pytest.mark.parametrize("turns", range(6))
async def test_cancelling_is_heard_at_every_step_of_waking_up(turns):
    clock, bell = ManualClock(0), Bell()

    async def for_ever():
        while True:
            await event_or_sleep(bell.next, clock, 5)

    waiting = asyncio.ensure_future(for_ever())
    await asyncio.sleep(0.001)
    await clock.advance(5)
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    async with asyncio.timeout(1):
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_a_ring_between_looking_and_waiting_is_not_lost():
    clock, bell = ManualClock(0), Bell()
    rung = bell.next
    bell.ring()
    assert await event_or_sleep(rung, clock, None)
