"""Simulated cameras on loopback."""

from collections.abc import AsyncIterator

import pytest

from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.pictures import Gallery
from simulators.cameras.spec import make_spec


@pytest.fixture(scope="session")
def gallery() -> Gallery:
    return Gallery()


@pytest.fixture
async def camera(gallery: Gallery) -> AsyncIterator[SimulatedCamera]:
    """A camera with which nothing is wrong."""
    async with SimulatedCamera(make_spec("cam-thu", password="mat-khau-thu"), gallery=gallery) as made:
        yield made
