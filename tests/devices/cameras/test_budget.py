"""No look takes longer than its budget, at whichever layer a camera begins to hang; and the poller waits longer yet."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from devices.cameras.driver import CameraDriver
from devices.cameras.eyes import Eyes, EyesBusy
from devices.cameras.limits import Limits
from devices.clock import SystemClock
from devices.model.camera import Depth, Layer, Memory
from gateway.services.cameras.turns import Pace
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.faults import Fault
from tests.devices.cameras.conftest import QUICK, Broken, door_of

PROXY = "127.0.0.2"


@contextlib.asynccontextmanager
async def hanging_at(camera: SimulatedCamera, marker: bytes) -> AsyncIterator[int]:
    """Stand before ``camera`` and pass everything on, but for what holds ``marker``: that is never answered."""
    open_ones: list[asyncio.StreamWriter] = []

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind = await asyncio.open_connection(camera.host, camera.port)
        open_ones.extend((writer, behind))

        async def back() -> None:
            while data := await behind_reader.read(65_536):
                writer.write(data)

        backwards = asyncio.ensure_future(back())
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if marker not in data:
                    behind.write(data)
        backwards.cancel()
        behind.transport.abort()
        writer.close()

    server = await asyncio.start_server(one, PROXY, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for each in open_ones:
            each.transport.abort()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("marker", "layer"),
    [
        (b"GetSystemDateAndTime", Layer.CLOCK),
        (b"GetDeviceInformation", Layer.LOGIN),
        (b"GetServices", Layer.STREAM),
        (b"GetProfiles", Layer.STREAM),
        (b"GetStreamUri", Layer.STREAM),
        (b"GET /", Layer.PICTURE),
    ],
)
async def test_a_camera_that_begins_to_hang_anywhere_is_given_up_within_the_budget(
    marker: bytes, layer: Layer, broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken()
    async with hanging_at(camera, marker) as port:
        began = time.monotonic()
        seen = await driver.look(door_of(camera, host=PROXY, port=port), Memory(), Depth.PICTURE)
        took_s = time.monotonic() - began
    assert seen.layer(layer).ok is False
    below = list(Layer)[: list(Layer).index(layer)]
    assert all(seen.layer(each).ok for each in below if each is not Layer.STREAM), "its RTSP port is not before it"
    # the promise, with room for a busy machine
    assert took_s < QUICK.budget_s(Depth.PICTURE) + 4


async def test_a_stream_that_hangs_leaves_time_for_the_picture(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken(Fault.STREAM_HANG)
    seen = await driver.look(door_of(camera), Memory(), Depth.PICTURE)
    assert seen.layer(Layer.STREAM).ok is False
    assert seen.layer(Layer.PICTURE).ok is True


async def test_a_picture_that_nobody_had_time_to_measure_is_not_known_and_not_bad(broken: Broken) -> None:
    camera = await broken()
    door, clock = door_of(camera), SystemClock()
    async with CameraDriver(clock, limits=replace(QUICK, decode_s=4), allow_local=True) as driver:
        memory = (await driver.look(door, Memory(), Depth.PICTURE)).memory
        eyes = driver._eyes
        await eyes._turn.acquire()  # a bomb is being measured
        try:
            busy = await driver.look(door, memory, Depth.PICTURE)
        finally:
            eyes._turn.release()
        assert (busy.layer(Layer.PICTURE).ok, busy.layer(Layer.PICTURE).cause) == (None, None)
        assert busy.memory.picture == memory.picture, "nothing is learnt from what nobody saw"
        assert (await driver.look(door, busy.memory, Depth.PICTURE)).layer(Layer.PICTURE).ok is True


async def test_the_turn_is_free_again_after_each_picture_good_or_bad() -> None:
    eyes = Eyes(decode_s=5)
    try:
        for _ in range(3):
            with pytest.raises(Exception, match="snapshot_bad"):
                await eyes.measure(b"\xff\xd8 nonsense")
        assert not eyes._turn.locked()
        await eyes._turn.acquire()
        quick = Eyes(decode_s=0.01)
        await quick._turn.acquire()
        with pytest.raises(EyesBusy):
            await quick.measure(b"")
        eyes._turn.release()
    finally:
        await eyes.close()


def test_the_poller_gives_no_look_up_that_the_driver_would_have_ended_in_time() -> None:
    limits = Limits()
    assert limits.budget_s(Depth.MINUTE) < limits.budget_s(Depth.FULL) < limits.budget_s(Depth.PICTURE) < Pace().limit_s
    assert Pace().limit_s < Pace().every_s, "one that uses it all is still looked at in its turn"
