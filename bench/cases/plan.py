"""An editor moves the evening programme by a quarter of an hour: when does every cluster hold the new fortnight?"""

import asyncio
import time
from dataclasses import replace
from datetime import time as wall_time
from typing import Any

from bench.context import Context
from bench.raw import Loop, loops_ms
from bench.report import Row, percentile
from bench.station import Station
from gateway.domain.ids import ScheduleId
from gateway.domain.people import Role

PATIENCE_S = 60.0
ROUNDS = 3


async def run(context: Context) -> list[Row]:
    ward = await context.ward()
    n = context.clusters
    times = []
    for turn in range(ROUNDS):
        times.append(await ward.station.call("bench.cases.plan:moved", minute=35 + turn, patience_s=PATIENCE_S))
        await asyncio.sleep(3)
    best = min(times, key=lambda each: each["accepted_s"])
    bare = Loop(size=round(best["bytes"]), own=True, signed=True)
    (raw,) = await loops_ms(ward, [bare], answering=n, wanted=ROUNDS)
    accepted_ms = 1000 * percentile([each["accepted_s"] for each in times], 0.5)
    return [
        Row(
            what=f"plan of 14 days ({best['occurrences']} airtimes, {best['bytes']:.0f} bytes sealed) to {n:,}"
            " clusters: from the change to the last `accepted`",
            measured=f"{accepted_ms / 1000:.1f} s (all kept on disk and signed after {best['issued_s']:.1f} s),"
            f" {n * best['bytes'] / 1e6:.1f} MB",
            beside=f"bare loop: {n:,} own messages of that size, checked and answered: {raw / 1000:.2f} s",
            ratio=f"{accepted_ms / raw:.1f}",
        )
    ]


async def moved(station: Station, minute: int, patience_s: float) -> dict[str, Any]:
    """Move the evening schedule to 17:``minute``; return how long everything took."""
    parts, store = station.gateway.parts, station.gateway.store
    before = await parts.programming.schedule(ScheduleId("lich-chieu"))
    old = {cluster: parts.plans.accepted(cluster) for cluster in parts.fleet.enrolled}
    began = time.monotonic()
    await parts.programming.save_schedule(
        replace(before, times=(wall_time(17, minute),)), was_revision=before.revision, by=station.people[Role.OPERATOR]
    )

    def issued() -> bool:
        return all((last := parts.plans.last(cluster)) and last.seq > seq for cluster, seq in old.items())

    def accepted() -> bool:
        return all((last := parts.plans.last(c)) and parts.plans.accepted(c) >= last.seq for c in old)

    async with asyncio.timeout(patience_s):
        while not issued():
            await asyncio.sleep(0.01)
        issued_s = time.monotonic() - began
        while not accepted():
            await asyncio.sleep(0.01)
    accepted_s = time.monotonic() - began
    documents = await store.issues.latest("plan")
    return {
        "issued_s": issued_s,
        "accepted_s": accepted_s,
        "bytes": sum(len(document.sealed) for document in documents) / len(documents),
        "occurrences": sum(b.airs_on != frozenset() for b in parts.planner.coming),
    }
