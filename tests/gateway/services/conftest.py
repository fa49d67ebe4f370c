"""A small ward: three clusters in two neighbourhoods, on a Wednesday evening."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.services.world import World, open_world

CLUSTERS = ("kp1-01", "kp1-02", "kp2-01")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, *CLUSTERS) as opened:
        yield opened
