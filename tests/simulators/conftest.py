"""A small gateway on the air, and wards of poles that are enrolled with it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.link import BrokerAddress
from devices.model import SiteId
from tests.simulators.station import THURSDAY_0530, Station


@pytest.fixture
async def station(mosquitto_broker: BrokerAddress, site: SiteId, tmp_path: Path) -> AsyncIterator[Station]:
    """Shortly before Thursday 05:30."""
    async with Station(mosquitto_broker, site, tmp_path / "gateway", start_ms=THURSDAY_0530 - 45_000).open() as made:
        yield made
