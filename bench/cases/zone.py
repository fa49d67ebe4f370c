"""One order, one volume: from the button to the last cluster's own answer at the gateway, beside a bare loop.

The goal is asked beside the loop that seals and checks both ways, as every message of the contract is: that one alone
takes more than twice as long as a loop that does neither, which is printed too.
"""

import asyncio
import itertools
import time
from typing import Any

from bench.context import Context, Ward
from bench.quiet import rounds
from bench.raw import Loop, loops_ms
from bench.report import Row, percentile, spread
from bench.station import Station
from devices.model import ZoneId
from gateway.domain.people import Role
from gateway.domain.targets import Targets
from gateway.services.events import CommandAnswered

ROUNDS, MOST_ROUNDS = 7, 14
REST_S = 2.0
"""After a change of volume every cluster tells its new state; the next round waits for that."""
PATIENCE_S = 30.0
ORDER_BYTES = 400


async def run(context: Context) -> list[Row]:
    ward = await context.ward()
    await ward.settled()
    return [await _row(ward, "zone", zone="kp1"), await _row(ward, "whole ward", zone=None)]


async def _row(ward: Ward, name: str, *, zone: str | None) -> Row:
    percents = itertools.cycle(range(40, 60))
    done = await rounds(
        lambda: ward.station.call("bench.cases.zone:order", zone=zone, percent=next(percents)),
        wanted=ROUNDS,
        at_most=MOST_ROUNDS,
    )
    await ward.station.call("bench.cases.zone:order", zone=None, percent=None)
    clusters, took_ms = done.found[0]["clusters"], [each["took_ms"] for each in done.found]
    bare, signed = await loops_ms(
        ward, [Loop(size=ORDER_BYTES), Loop(size=ORDER_BYTES, signed=True)], answering=clusters, wanted=ROUNDS
    )
    typical = percentile(took_ms, 0.5)
    return Row(
        what=f"one volume order to a {name} ({clusters:,} clusters) until all have answered",
        measured=spread(took_ms),
        beside=f"bare publish/acknowledge loop: {bare:.0f} ms unsigned, {signed:.0f} ms signed both ways; {done}",
        ratio=f"{typical / signed:.1f} to signed, {typical / bare:.1f} to unsigned ({signed / bare:.1f} between them)",
        goal="≤ 2 to signed",
    )


async def order(station: Station, zone: str | None, percent: int | None) -> dict[str, Any]:
    """Give the order; return how many were meant, and how long it took until the last had answered."""
    parts, operator = station.gateway.parts, station.people[Role.OPERATOR]
    targets = Targets(zones=frozenset({ZoneId(zone)})) if zone else Targets(everywhere=True)
    after = parts.bus.last_id
    began = time.monotonic_ns()
    rows = await parts.commands.volume(targets, percent, by=operator)
    waiting = {(row.jti, row.cluster) for row in rows}
    async with asyncio.timeout(PATIENCE_S):
        async for item in parts.bus.listen(after):
            if isinstance(item.event, CommandAnswered):
                waiting.discard((item.event.jti, item.event.cluster))
            if not waiting:
                break
    took_ms = (time.monotonic_ns() - began) / 1e6
    await asyncio.sleep(REST_S)
    return {"clusters": len(rows), "took_ms": took_ms}
