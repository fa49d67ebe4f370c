"""A driver that may look at loopback, and cameras to look at."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from devices.cameras.driver import CameraDriver
from devices.cameras.limits import Limits
from devices.model.camera import Door, Secret
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.faults import Fault
from simulators.cameras.pictures import Gallery
from simulators.cameras.spec import make_spec

PASSWORD = "Tuyet-Mat/2026 &đ"
QUICK = Limits(connect_s=0.7, deadline_s=1.2, slow_s=0.4)
"""The same limits, in a hurry."""
Broken = Callable[..., Awaitable[SimulatedCamera]]


@pytest.fixture(scope="session")
def gallery() -> Gallery:
    return Gallery()


@pytest.fixture
async def driver() -> AsyncIterator[CameraDriver]:
    async with CameraDriver(limits=QUICK, allow_local=True) as made:
        yield made


@pytest.fixture
async def broken(gallery: Gallery) -> AsyncIterator[Broken]:
    """Make a camera with these faults."""
    async with AsyncExitStack() as stack:

        async def make(*faults: Fault, **spec: object) -> SimulatedCamera:
            made = make_spec("cam-hong", password=PASSWORD, **spec)  # type: ignore[arg-type]
            return await stack.enter_async_context(SimulatedCamera(made, faults, gallery=gallery))

        yield make


def door_of(camera: SimulatedCamera, **other: object) -> Door:
    fields: dict[str, object] = {
        "host": camera.host,
        "port": camera.port,
        "tls": camera.state.tls,
        "user": "admin",
        "password": Secret(PASSWORD),
    }
    return Door(**(fields | other))  # type: ignore[arg-type]
