"""The ward that benchmarks share: founded, enrolled and connected once, taken down once."""

import asyncio
import os
import socket
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.clock import SharedClock
from bench.fleet import Fleet, fleet
from bench.remote import Remote, remote
from devices.clock import epoch_ms
from gateway.demo import content

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING = wall_time(6, 10)
"""When the ward's clock starts: inside the allowed hours, music included, whatever the hour outside."""
SETTLED_S = 300.0


@dataclass
class Ward:
    """A gateway with its broker, and its poles, in processes of their own."""

    station: Remote
    poles: Fleet
    clock: SharedClock
    data: Path
    url: str
    broker_pid: int
    broker: str
    passwords: dict[str, str]
    pin: str
    took_s: dict[str, float] = field(default_factory=dict)
    """How long each step of the setting up took."""

    async def settled(self) -> None:
        """Wait until every pole holds the week's audio, as it does on any day of its life but the first.

        It is on the disk by then: the next small write would else wait for a thousand poles' audio to be flushed.

        Raises:
            TimeoutError
        """
        async with asyncio.timeout(SETTLED_S):
            while await self.poles.call("bench.ward:fetching"):
                await asyncio.sleep(1)
        await asyncio.to_thread(os.sync)


@dataclass
class Context:
    """What every benchmark is given."""

    clusters: int
    folder: Path
    stack: AsyncExitStack
    _ward: Ward | None = None
    _ward_stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def ward(self) -> Ward:
        """Return the shared ward, every pole connected; the first caller waits for it."""
        if self._ward is None:
            await self.stack.enter_async_context(self._ward_stack)
            self._ward = await open_ward(self._ward_stack, self.folder / "ward", self.clusters)
        return self._ward

    async def leave_ward(self) -> Path:
        """Take the shared ward down, and return its data folder."""
        ward = await self.ward()
        await self._ward_stack.aclose()
        self._ward, self._ward_stack = None, AsyncExitStack()
        return ward.data


async def open_ward(stack: AsyncExitStack, folder: Path, clusters: int) -> Ward:
    """Found a ward of ``clusters`` and bring it up; it goes down with ``stack``."""
    folder.mkdir(parents=True)
    clock = SharedClock(epoch_ms(_thursday_morning()), time.monotonic_ns())
    started = {"start_ms": clock.start_ms, "origin_ns": clock.origin_ns}
    data = folder / "data"
    ports = {"port": free_port(), "broker_port": free_port()}
    station = await stack.enter_async_context(
        remote("bench.station", {**started, **ports, "data": str(data)}, log=folder / "station.log")
    )
    watch = Stopwatch()
    secrets = await station.call("bench.station:found", clusters=clusters)
    watch.lap("found")
    about = await station.call("bench.station:about")
    poles = await fleet(stack, {**started, "clusters": clusters, "url": about["url"]}, folder)
    watch.lap("poles' processes")
    codes = await station.call("bench.cases.enrol:codes")
    watch.lap("codes")
    await poles.call("bench.ward:enrol", codes=codes)
    watch.lap("enrol")
    await poles.call("bench.ward:switch_on")
    watch.lap("connect")
    return Ward(
        station=station,
        poles=poles,
        clock=clock,
        data=data,
        url=about["url"],
        broker_pid=about["broker_pid"],
        broker=about["broker"],
        passwords=secrets["passwords"],
        pin=secrets["pin"],
        took_s=watch.laps,
    )


class Stopwatch:
    """Names how long each lap took."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.monotonic()

    def lap(self, name: str) -> float:
        """End the present lap; return its seconds."""
        now = time.monotonic()
        self.laps[name], self._since = now - self._since, now
        return self.laps[name]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _thursday_morning() -> datetime:
    """Return one that has been: a gateway started on data from the future says, rightly, that its clock is wrong."""
    today = datetime.now(ZONE).date()
    ago = 1 + (today.weekday() - content.THURSDAY - 1) % 7
    return datetime.combine(today - timedelta(days=ago), MORNING, ZONE)
