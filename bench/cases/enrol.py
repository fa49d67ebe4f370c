"""How long does a ward take to come into being: one-time codes, enrolment over HTTP, every pole connected and told."""

import asyncio
from datetime import timedelta

from bench.context import Context
from bench.report import Row
from bench.station import Station
from gateway.domain.people import Role

PATIENCE_S = 120.0


async def run(context: Context) -> list[Row]:
    ward = await context.ward()
    n = context.clusters
    told = await ward.station.call("bench.cases.enrol:told", patience_s=PATIENCE_S)
    fetched = await ward.station.call("bench.cases.enrol:fetched", patience_s=PATIENCE_S)
    took = ward.took_s
    return [
        Row(
            what=f"enrol {n:,} poles over HTTP: code, keys, broker account, configuration, plan",
            measured=f"{took['enrol']:.1f} s",
            beside=f"making the codes: {took['codes']:.1f} s",
            ratio=f"{1000 * took['enrol'] / n:.1f} ms a pole",
        ),
        Row(
            what=f"power on: {n:,} poles boot, connect, are shown online and hold configuration and plan",
            measured=f"{took['connect']:.1f} s to the last connected, then {told:.1f} s",
            beside=f"then {fetched:.1f} s to the last fetched and checked file of the coming airtime",
        ),
    ]


async def codes(station: Station) -> dict[str, str]:
    fleet, technician = station.gateway.parts.fleet, station.people[Role.TECHNICIAN]
    return {
        cluster: (await station.gateway.enrolment.offer(technician, cluster)).code
        for cluster in sorted(fleet.controllable - fleet.enrolled)
    }


async def told(station: Station, patience_s: float) -> float:
    """Wait until every cluster is shown online and says that it holds the newest documents; return the seconds."""
    parts, began = station.gateway.parts, asyncio.get_running_loop().time()

    def is_told() -> bool:
        lives = parts.monitor.all().values()
        return all(live.online for live in lives) and all(
            (last := publisher.last(live.cluster)) is not None and publisher.accepted(live.cluster) >= last.seq
            for live in lives
            for publisher in (parts.plans, parts.configs)
        )

    async with asyncio.timeout(patience_s):
        while not is_told():
            await asyncio.sleep(0.05)
    return asyncio.get_running_loop().time() - began


async def fetched(station: Station, patience_s: float) -> float:
    """Wait until every cluster said that it holds all the audio of the coming airtime; return the seconds."""
    began = asyncio.get_running_loop().time()
    readiness = station.gateway.parts.readiness
    async with asyncio.timeout(patience_s):
        while not ((coming := readiness.coming(timedelta(days=1))) and coming[0].will_play_alone == coming[0].total):
            await asyncio.sleep(0.25)
    return asyncio.get_running_loop().time() - began
