"""A process of poles: ``python -m bench.ward SETTINGS``. Real agents on virtual boards, and their truth."""

import asyncio
import gc
import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.clock import SharedClock
from bench.serve import serve
from devices.model import ClusterId
from gateway.demo import content
from simulators.ward import SimulatedWard

SPREAD_S = 2.0


@dataclass
class Poles:
    """What calls are given."""

    ward: SimulatedWard
    clock: SharedClock
    group: asyncio.TaskGroup
    extra: dict[str, Any] = field(default_factory=dict)
    """What benchmarks leave here between two calls."""


async def enrol(poles: Poles, codes: Mapping[ClusterId, str]) -> None:
    """Enrol every pole of this process over HTTP."""
    await poles.ward.enrol(codes)


async def switch_on(poles: Poles) -> None:
    """Give them power, and return when every one is connected."""
    poles.group.create_task(poles.ward.run(), name="ward")
    await poles.ward.wait_up()


async def starts(poles: Poles, occ: str) -> dict[str, float]:
    """Return when each loudspeaker truly began to sound ``occ``, in milliseconds of the shared clock."""
    return {
        cluster: spans[0].start_root_ms
        for cluster, all_spans in poles.ward.truth().items()
        if (spans := [span for span in all_spans if span.tag == occ and span.heard])
    }


async def fetching(poles: Poles) -> int:
    """Count the files that poles want and do not hold yet."""
    agents = [pole.agent for pole in poles.ward.poles.values() if pole.agent is not None]
    return sum(report.st != "ready" for agent in agents for report in agent.assets.reports())


async def playing(poles: Poles) -> int:
    return poles.ward.playing


async def _main() -> None:
    asked = json.loads(sys.argv[1])
    gc.disable()  # a thousand boards have no common collector, that stops all of them for a third of a second
    clock = SharedClock(asked["start_ms"], asked["origin_ns"])
    first, step = asked["share"]
    by_zone = sorted(content.clusters(asked["clusters"]), key=lambda cluster: cluster.zone)
    async with asyncio.TaskGroup() as group:
        ward = SimulatedWard(
            [cluster.id for cluster in by_zone[first::step]],  # each process its share of every zone
            clock=clock,
            folder=Path(asked["folder"]),
            seed=1 + first,
            gateway_url=asked["url"],
            spread_s=SPREAD_S,
        )
        serving = group.create_task(serve(Poles(ward, clock, group)))
        await asyncio.wait({serving})
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            if task.get_name() == "ward":
                task.cancel()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(_main())
