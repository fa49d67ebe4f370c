"""A hundred bulletins wait to be rendered, and a broadcast begins meanwhile: does the air notice?

Beside it: the same broadcast on the same ward with nothing being rendered.
"""

import asyncio
import time
from typing import Any

from bench.context import Context
from bench.report import Row, percentile, spread
from bench.station import Station

BULLETINS = 100
WORDS = 60
AHEAD_S = 30.0
AFTER_S = 3.0


async def run(context: Context) -> list[Row]:
    ward = await context.ward()
    idle = await _airing(context, "lich-yen")
    await ward.station.call("bench.cases.speech_queue:fill", count=BULLETINS, words=WORDS)
    busy = await _airing(context, "lich-ban")
    left = await ward.station.call("bench.cases.speech_queue:left")
    done = await ward.station.call("bench.cases.speech_queue:drain")
    n = context.clusters
    return [
        Row(
            what=f"start against the planned instant while {BULLETINS} bulletins are rendered,"
            f" {len(busy):,} of {n:,} clusters sounded",
            measured=spread(busy),
            beside=f"nothing rendered: {spread(idle)}; {left} of {BULLETINS} still waited when it had begun",
            ratio=f"{percentile(busy, 0.99) / percentile(idle, 0.99):.2f} (p99 to p99)",
            goal="p99 ≤ 10 ms",
        ),
        Row(
            what=f"{BULLETINS} bulletins of {WORDS} words rendered in one queue, the ward on the air meanwhile",
            measured=f"{done['took_s']:.0f} s",
            beside=f"spoken duration {done['spoken_s']:.0f} s",
            ratio=f"{done['took_s'] / done['spoken_s']:.3f}",
        ),
    ]


async def _airing(context: Context, name: str) -> list[float]:
    """Put a programme on the air; return how far off each cluster began, in milliseconds."""
    ward = await context.ward()
    airing = await ward.station.call("bench.cases.start:schedule", ahead_s=AHEAD_S, name=name)
    await asyncio.sleep(max(0.0, (airing["start_ms"] - ward.clock.now_ms()) / 1000) + AFTER_S)
    truth = await ward.poles.call("bench.ward:starts", occ=airing["occ"])
    await asyncio.sleep(max(0.0, (airing["end_ms"] - ward.clock.now_ms()) / 1000) + AFTER_S)
    return [abs(start_ms - airing["start_ms"]) for start_ms in truth.values()]


async def fill(station: Station, count: int, words: int) -> None:
    """Ask the gateway's own studio for ``count`` bulletins of which no two have a sentence in common."""
    from bench.cases.speech import page_of

    page = page_of(words)
    studio = station.gateway.studio
    texts = [page.replace(".", f" số {turn}.") for turn in range(count)]
    station.extra["queue"] = [
        asyncio.create_task(studio.speak(f"Bản tin số {n}. {text}")) for n, text in enumerate(texts)
    ]
    station.extra["queue began"] = time.monotonic()


async def left(station: Station) -> int:
    return sum(not task.done() for task in station.extra["queue"])


async def drain(station: Station) -> dict[str, Any]:
    made = await asyncio.gather(*station.extra["queue"])
    took_s = time.monotonic() - station.extra["queue began"]
    return {"took_s": took_s, "spoken_s": sum(each.duration_ms for each in made) / 1000}
