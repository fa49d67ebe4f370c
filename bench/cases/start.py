"""A thousand loudspeakers begin at the planned instant: how far off is each, by the truth of what left its card?

Beside it: how late the same process, under the same load, wakes when it only sleeps until an instant. And at the end,
when all of them have something to tell at once: how long until every proof is on the gateway's disk.
"""

import asyncio
import time
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench.context import Context
from bench.report import Row, percentile, spread
from bench.station import Station
from bench.ward import Poles
from devices.clock import epoch_ms, instant
from devices.model import OccurrenceId, Proof
from gateway.domain.ids import ProgrammeId, ScheduleId
from gateway.domain.people import Role
from gateway.domain.rule import Once
from gateway.domain.schedule import Schedule
from gateway.domain.targets import EVERYWHERE

AHEAD_S = 40.0
GOAL_MS = 10.0
WATCH_FROM_S, WATCH_UNTIL_S, EVERY_S = -4.0, 6.0, 0.025
SPIN_NS = 3_000_000
PATIENCE_S = 60.0


async def run(context: Context) -> list[Row]:
    ward = await context.ward()
    n = context.clusters
    airing = await ward.station.call("bench.cases.start:schedule", ahead_s=AHEAD_S)
    planned_ms, occ = airing["start_ms"], airing["occ"]
    timers = await ward.poles.call("bench.cases.start:timers", around_ms=planned_ms)
    truth = await ward.poles.call("bench.ward:starts", occ=occ)
    off_ms = [abs(start_ms - planned_ms) for start_ms in truth.values()]
    proofs = await ward.station.call("bench.cases.start:proofs", occ=occ, end_ms=airing["end_ms"])
    p99 = percentile(off_ms, 0.99)
    bare = percentile(timers["slept_ms"], 0.99)
    return [
        Row(
            what=f"start against the planned instant, {len(truth):,} of {n:,} clusters sounded",
            measured=spread(off_ms),
            beside=f"bare timer, same process: sleep {spread(timers['slept_ms'])}; sleep and spin"
            f" {spread(timers['spun_ms'])}",
            ratio=f"{p99 / bare:.2f} (p99 to the bare sleep's p99)",
            goal=f"p99 ≤ {GOAL_MS:.0f} ms",
        ),
        Row(
            what=f"end of that broadcast: {proofs['played']:,} of {n:,} plays proven, kept and acknowledged",
            measured=f"p50 {proofs['half_s']:.1f} s, all after {proofs['all_s']:.1f} s",
            goal="≤ 60 s",
        ),
    ]


async def schedule(station: Station, ahead_s: float, name: str = "lich-do") -> dict[str, Any]:
    """Put the short morning programme on the air in ``ahead_s`` seconds, everywhere."""
    parts, zone = station.gateway.parts, station.gateway.settings.ward.timezone
    now = instant(station.clock.now_ms() + round(ahead_s * 1000))
    at = now.astimezone(ZoneInfo(zone)).replace(microsecond=0)
    once = Schedule(
        id=ScheduleId(name),
        name="Đo giờ phát",
        programme=ProgrammeId("ct-sang"),
        targets=EVERYWHERE,
        rule=Once(day=at.date()),
        times=(at.time(),),
        zone=zone,
    )
    await parts.programming.save_schedule(once, was_revision=None, by=station.people[Role.OPERATOR])
    while True:
        for broadcast in parts.planner.coming:
            if broadcast.schedule == once.id:
                return {
                    "occ": broadcast.id,
                    "start_ms": epoch_ms(broadcast.start),
                    "end_ms": epoch_ms(broadcast.end),
                }
        await asyncio.sleep(0.05)


async def timers(poles: Poles, around_ms: int) -> dict[str, list[float]]:
    """Measure how late this process wakes around that instant, by the shared clock; return when that is over."""
    clock = poles.clock
    slept_ms: list[float] = []
    spun_ms: list[float] = []
    instants = round((WATCH_UNTIL_S - WATCH_FROM_S) / EVERY_S)
    for turn in range(instants):
        due_ns = clock.origin_ns + round((around_ms - clock.start_ms + 1000 * (WATCH_FROM_S + turn * EVERY_S)) * 1e6)
        spins = turn % 4 == 0
        left_ns = due_ns - time.monotonic_ns() - (SPIN_NS if spins else 0)
        if left_ns <= 0:
            continue  # the one before took too long, and is counted
        await asyncio.sleep(left_ns / 1e9)
        while spins and time.monotonic_ns() < due_ns:
            pass
        (spun_ms if spins else slept_ms).append((time.monotonic_ns() - due_ns) / 1e6)
    return {"slept_ms": slept_ms, "spun_ms": spun_ms}


async def proofs(station: Station, occ: str, end_ms: int) -> dict[str, Any]:
    """Wait until every play of ``occ`` is proven and acknowledged; times are seconds after its end."""
    gateway = station.gateway
    half_s: float | None = None
    since, until = instant(end_ms) - timedelta(hours=1), instant(end_ms) + timedelta(hours=1)
    while True:
        await asyncio.sleep(0.1)
        late_s = (station.clock.now_ms() - end_ms) / 1000
        if late_s < 0:
            continue
        everything = await gateway.store.proofs.plays(since=since, until=until)
        plays = [play for play in everything if play.occ == OccurrenceId(occ)]
        proven = [play for play in plays if play.outcome is not None and play.proof is not Proof.NONE]
        if half_s is None and 2 * len(proven) >= len(plays):
            half_s = late_s
        if len(proven) == len(plays) or late_s > PATIENCE_S:
            played = sum(play.outcome is not None and play.outcome.value == "played" for play in proven)
            return {"half_s": half_s or late_s, "all_s": late_s, "played": played}
