"""The gateway's own process: ``python -m bench.station SETTINGS``. What it runs is the whole product."""

import asyncio
import gc
import json
import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.clock import SharedClock
from bench.serve import serve
from gateway.demo import content
from gateway.demo.evening import Crew, prepare
from gateway.main.gateway import Gateway, open_gateway
from gateway.settings import load_settings


@dataclass
class Station:
    """What calls are given."""

    gateway: Gateway
    clock: SharedClock
    crew: Crew | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    """What benchmarks leave here between two calls."""

    @property
    def people(self) -> Crew:
        if self.crew is None:
            raise RuntimeError("found the ward first")
        return self.crew


async def found(station: Station, clusters: int) -> dict[str, Any]:
    """Fill the empty ward with people, clusters, bulletins and the week's schedules."""
    logger = logging.getLogger("bench")
    station.crew = await prepare(station.gateway, clusters=clusters, say=logger.info)
    passwords = {"admin": station.gateway.secrets.admin_password, **station.crew.passwords}
    return {"passwords": passwords, "pin": station.gateway.secrets.emergency_pin}


async def about(station: Station) -> dict[str, Any]:
    """Say where everything is."""
    child = station.gateway.broker.child
    return {
        "url": station.gateway.url,
        "broker_pid": child.pid if child is not None else None,
        "broker": str(child.kind) if child is not None else "external",
    }


async def online(station: Station) -> int:
    """Count the clusters that the gateway shows as there."""
    return sum(live.online for live in station.gateway.parts.monitor.all().values())


async def _main() -> None:
    asked = json.loads(sys.argv[1])
    clock = SharedClock(asked["start_ms"], asked["origin_ns"])
    settings = load_settings(
        data=Path(asked["data"]),
        ward={"site": content.SITE, "name": content.WARD_NAME},
        http={"port": asked["port"]},
        broker={"port": asked["broker_port"]},
        speech={"phrases": False},  # the machine measures the air, not the voice
    )
    async with open_gateway(settings, clock) as gateway:
        gc.collect()
        gc.freeze()  # as ``loa run`` does
        await serve(Station(gateway, clock))


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(_main())
