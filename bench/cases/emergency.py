"""An emergency with a clip the poles hold: from pressing the button (an HTTP POST) to the first sound on each pole."""

import asyncio
import time
from typing import Any

from bench.browser import Browser, signed_in
from bench.context import Context, Ward
from bench.quiet import rounds
from bench.report import Row, percentile, spread
from bench.station import Station
from gateway.services.emergency_message import LEAD_MS

ROUNDS, MOST_ROUNDS = 4, 8
REST_S = 3.0
GOAL_MS = 1_000
PATIENCE_S = 15.0


async def run(context: Context) -> list[Row]:
    ward = await context.ward()
    n = context.clusters
    bulletin = await ward.station.call("bench.cases.emergency:bulletin")
    await ward.settled()
    # each pole's first order makes a file on the one disk that a thousand share here
    await ward.station.call("bench.cases.zone:order", zone=None, percent=None)
    async with signed_in(ward.url, "vanhanh", ward.passwords["vanhanh"]) as browser:
        done = await rounds(lambda: _once(ward, browser, bulletin, n), wanted=ROUNDS, at_most=MOST_ROUNDS)
    after_ms = [each for found, _ in done.found for each in found]
    answered_ms = [each for _, each in done.found]
    return [
        Row(
            what=f"emergency, from the POST to the first sound: {len(after_ms):,} of {len(done.found)} x {n:,}",
            measured=f"{spread(after_ms)}, p95 {percentile(after_ms, 0.95):.0f} ms",
            beside=f"the start that is ordered lies {LEAD_MS} ms ahead, so that all begin together; PIN, signature,"
            f" record and answer to the person: {percentile(answered_ms, 0.5):.0f} ms; {done}",
            ratio=f"{percentile(after_ms, 0.95) / LEAD_MS:.2f} of the lead",
            goal=f"p95 ≤ {GOAL_MS} ms",
        )
    ]


async def _once(ward: Ward, browser: Browser, bulletin: str, n: int) -> tuple[list[float], float]:
    began_ns = time.monotonic_ns()
    order = {"targets": {"everywhere": True}, "pin": ward.pin, "bulletin": bulletin, "times": 1, "lasts_s": 60}
    active = await browser.post("/emergencies", order)
    answered_ns = time.monotonic_ns()
    give_up = time.monotonic() + PATIENCE_S
    starts: dict[str, float] = {}
    await asyncio.sleep(1.5)  # asking is work too
    while len(starts) < n and time.monotonic() < give_up:
        await asyncio.sleep(0.5)
        starts = await ward.poles.call("bench.ward:starts", occ=active["em"])
    await browser.post(f"/emergencies/{active['em']}/end", {"pin": ward.pin})
    async with asyncio.timeout(PATIENCE_S):
        while await ward.poles.call("bench.ward:playing"):
            await asyncio.sleep(0.25)
    await asyncio.sleep(REST_S)
    began_ms = ward.clock.ms_at(began_ns)
    return [start - began_ms for start in starts.values()], (answered_ns - began_ns) / 1e6


async def bulletin(station: Station) -> Any:
    """Return the approved bulletin of the morning programme, whose audio every pole holds."""
    programmes = await station.gateway.parts.programming.programmes()
    return next(programme for programme in programmes if programme.id == "ct-sang").bulletins[0]
