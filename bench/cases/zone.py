"""One order, one volume: from the button to the last cluster's own answer at the gateway, beside a bare loop."""

import asyncio
import time
from typing import Any

from bench.context import Context, Ward
from bench.raw import Loop, loops_ms
from bench.report import Row, percentile, spread
from bench.station import Station
from devices.model import ZoneId
from gateway.domain.people import Role
from gateway.domain.targets import Targets
from gateway.services.events import CommandAnswered

ROUNDS = 9
REST_S = 2.0
"""After a change of volume every cluster tells its new state; the next round waits for that."""
PATIENCE_S = 30.0
ORDER_BYTES = 400


async def run(context: Context) -> list[Row]:
    ward = await context.ward()
    return [
        await _row(ward, "zone", zone="kp1", rounds=ROUNDS),
        await _row(ward, "whole ward", zone=None, rounds=ROUNDS - 2),
    ]


async def _row(ward: Ward, name: str, *, zone: str | None, rounds: int) -> Row:
    turns = await ward.station.call("bench.cases.zone:order", zone=zone, rounds=rounds)
    clusters = turns["clusters"]
    bare, signed = await loops_ms(
        ward, [Loop(size=ORDER_BYTES), Loop(size=ORDER_BYTES, signed=True)], answering=clusters, rounds=rounds
    )
    typical = percentile(turns["took_ms"], 0.5)
    return Row(
        what=f"one volume order to a {name} ({clusters:,} clusters) until all have answered",
        measured=spread(turns["took_ms"]),
        beside=f"bare publish/acknowledge loop: {bare:.0f} ms unsigned, {signed:.0f} ms signed both ways",
        ratio=f"{typical / bare:.1f} to unsigned, {typical / signed:.1f} to signed",
        goal="≤ 2",
    )


async def order(station: Station, zone: str | None, rounds: int) -> dict[str, Any]:
    """Give the order ``rounds`` times; return how long each took, in milliseconds."""
    parts, operator = station.gateway.parts, station.people[Role.OPERATOR]
    targets = Targets(zones=frozenset({ZoneId(zone)})) if zone else Targets(everywhere=True)
    took_ms, answered = [], 0
    for turn in range(rounds):
        after = parts.bus.last_id
        began = time.monotonic_ns()
        rows = await parts.commands.volume(targets, 40 + turn % 20, by=operator)
        waiting = {(row.jti, row.cluster) for row in rows}
        answered = len(waiting)
        async with asyncio.timeout(PATIENCE_S):
            async for item in parts.bus.listen(after):
                if isinstance(item.event, CommandAnswered):
                    waiting.discard((item.event.jti, item.event.cluster))
                if not waiting:
                    break
        took_ms.append((time.monotonic_ns() - began) / 1e6)
        await asyncio.sleep(REST_S)
    await parts.commands.volume(Targets(everywhere=True), None, by=operator)
    return {"clusters": answered, "took_ms": took_ms}
