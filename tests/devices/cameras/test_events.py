"""Events: heard as they happen, with what they are about; and when they stop, somebody is told why."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

import pytest

from devices.cameras.addresses import Policy
from devices.cameras.driver import CameraDriver
from devices.cameras.events import CameraEvent, EventKind, listen
from devices.cameras.limits import Limits
from devices.clock import SystemClock
from devices.errors import CameraTrouble
from devices.model.camera import Cause, Depth, Memory
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.events import Topic
from simulators.cameras.faults import Fault
from tests.devices.cameras.conftest import Broken, door_of


async def known(camera: SimulatedCamera, driver: CameraDriver) -> Memory:
    return (await driver.look(door_of(camera), Memory(), Depth.FULL)).memory


def heard(camera: SimulatedCamera, memory: Memory, *, pull_s: int = 2) -> AsyncIterator[CameraEvent]:
    policy = Policy(allow_local=True)
    return listen(door_of(camera), memory, limits=Limits(), clock=SystemClock(), policy=policy, pull_s=pull_s)


@pytest.mark.parametrize(
    "faults",
    [(), (Fault.AUTH_DIGEST_ONLY,), (Fault.XADDR_FOREIGN,), (Fault.EVENTS_MOVE_AT_BOOT,), (Fault.IPV6_ONLY,)],
)
async def test_what_happens_is_heard_with_what_it_is_about(
    faults: tuple[Fault, ...], broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken(*faults)
    found = []
    async for event in heard(camera, await known(camera, driver)):
        found.append(event)
        if len(found) == 2:
            camera.events.happens(Topic.TAMPER, value=True)
            camera.events.happens(Topic.LAST_REBOOT, value="2026-11-26T05:30:00Z")
            camera.events.happens(Topic.TOO_DARK, value=True)
        if len(found) == 5:
            break
    assert [(each.kind, each.value, each.first) for each in found] == [
        (EventKind.MOTION, False, True),
        (EventKind.TAMPER, False, True),
        (EventKind.TAMPER, True, False),
        (EventKind.REBOOT, "2026-11-26T05:30:00Z", False),
        (EventKind.TOO_DARK, True, False),
    ]
    assert found[2].topic == Topic.TAMPER
    assert camera.events.subscriptions == 1
    assert not [each.action for each in camera.requests if each.action == "Unsubscribe" or each.is_write]


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (Fault.EVENTS_FULL, Cause.EVENTS_LOST),
        (Fault.EVENTS_404, Cause.NOT_ONVIF),
        (Fault.EVENTS_PULL_CLOSES, Cause.CONNECTION_LOST),
        (Fault.WRONG_PASSWORD, Cause.AUTH_FAILED),
        (Fault.REFUSE, Cause.REFUSED),
        (Fault.ENDLESS, Cause.SUSPICIOUS),
    ],
)
async def test_events_that_do_not_come_are_told_and_not_waited_for(
    fault: Fault, cause: Cause, broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken()
    memory = await known(camera, driver)
    await camera.break_(fault)
    with pytest.raises(CameraTrouble) as caught:
        async for _ in heard(camera, memory):
            pass
    assert caught.value.cause is cause


async def test_a_reboot_ends_the_events_and_says_so(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    memory = await known(camera, driver)

    async def until_it_stops() -> None:
        async for _ in heard(camera, memory):
            camera.events.forget()

    with pytest.raises(CameraTrouble) as caught:
        await until_it_stops()
    assert caught.value.cause is Cause.EVENTS_LOST
    assert "ResourceUnknown" in caught.value.detail


async def test_a_password_that_was_refused_lately_is_left_to_the_looks(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    memory = await known(camera, driver)
    camera.requests.clear()
    later_ms = SystemClock().now_ms() + 60_000
    for paused in (replace(memory, wrong_logins=1), replace(memory, paused_until_ms=later_ms)):
        with pytest.raises(CameraTrouble) as caught:
            async for _ in heard(camera, paused):
                pass
        assert caught.value.cause is Cause.AUTH_PAUSED
    assert not camera.requests


async def test_a_flood_of_events_is_asked_for_no_faster_than_once_a_second(
    broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken()
    memory = await known(camera, driver)
    camera.requests.clear()
    clock = SystemClock()
    began_ns, pulses, count = clock.mono_ns(), [], 0
    policy = Policy(allow_local=True)
    async for event in listen(
        door_of(camera),
        memory,
        limits=Limits(),
        clock=clock,
        policy=policy,
        pulse=lambda: pulses.append(clock.mono_ns()),
    ):
        count += not event.first
        for _ in range(5):
            camera.events.happens(Topic.TAMPER, value=True)
        if clock.mono_ns() - began_ns > 2_500_000_000:
            break
    assert count > 4
    assert len(pulses) >= 3
    assert min(later - sooner for sooner, later in pairwise(pulses)) > 900_000_000


async def test_that_nothing_happened_is_told_too(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    memory = await known(camera, driver)
    pulses = asyncio.Event()

    async def run() -> None:
        policy, clock = Policy(allow_local=True), SystemClock()
        count = 0

        def pulse() -> None:
            nonlocal count
            count += 1
            if count == 3:
                pulses.set()

        async for event in listen(
            door_of(camera), memory, limits=Limits(), clock=clock, policy=policy, pull_s=1, pulse=pulse
        ):
            assert event.first, "nothing happens here"

    task = asyncio.create_task(run())
    async with asyncio.timeout(30):
        await pulses.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_camera_without_events_is_not_asked(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken(events=False)
    memory = await known(camera, driver)
    camera.requests.clear()
    with pytest.raises(CameraTrouble):
        async for _ in heard(camera, memory):
            pass
    assert not camera.requests


async def test_listening_stops_at_once_when_nobody_wants_it_any_more(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    memory = await known(camera, driver)

    async def run() -> None:
        async for _ in driver.listen(door_of(camera), memory, pulse=lambda: None):
            pass

    task = asyncio.create_task(run())
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
    await asyncio.sleep(0.05)
    assert camera.connections == 0
