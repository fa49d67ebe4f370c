"""What does a ward cost when nothing happens: heartbeats, clock questions, the watchman's rounds."""

import asyncio
import time

from bench.context import Context
from bench.process import cpu_s, rss_mb
from bench.report import Row

SETTLE_S, WINDOW_S = 20.0, 30.0
GOAL_PERCENT = 50


async def run(context: Context) -> list[Row]:
    ward = await context.ward()
    n = context.clusters
    pids = {"gateway": [ward.station.pid], "broker": [ward.broker_pid], "poles": ward.poles.pids}
    await asyncio.sleep(SETTLE_S)
    before, began = {name: sum(map(cpu_s, some)) for name, some in pids.items()}, time.monotonic()
    await asyncio.sleep(WINDOW_S)
    spent_s = time.monotonic() - began
    percent = {name: 100 * (sum(map(cpu_s, some)) - before[name]) / spent_s for name, some in pids.items()}
    memory = {name: sum(map(rss_mb, some)) for name, some in pids.items()}
    online = await ward.station.call("bench.station:online")
    return [
        Row(
            what=f"idle gateway with {n:,} clusters ({online:,} online), CPU over {WINDOW_S:.0f} s",
            measured=f"{percent['gateway']:.1f} % of a core",
            beside=f"{ward.broker}: {percent['broker']:.1f} %; all {n:,} poles together: {percent['poles']:.0f} %",
            goal=f"< {GOAL_PERCENT} %",
        ),
        Row(
            what=f"memory with {n:,} clusters",
            measured=f"gateway {memory['gateway']:.0f} MB",
            beside=f"{ward.broker}: {memory['broker']:.1f} MB; simulated poles: {memory['poles']:.0f} MB",
            ratio=f"{1000 * memory['poles'] / n:.0f} kB a simulated pole",
        ),
    ]
