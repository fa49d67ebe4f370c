"""The far end: a camera on each of two segments, which answers multicast there on IPv4 and on IPv6."""

import asyncio
import contextlib
import sys

from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.discovery import Discovery
from simulators.cameras.spec import make_spec


async def main() -> None:
    async with contextlib.AsyncExitStack() as stack:
        for segment in (1, 2):
            camera = SimulatedCamera(make_spec(f"cam-{segment}"), host=f"10.77.{segment}.2")
            await stack.enter_async_context(camera)
            there = Discovery([camera], port=3700 + segment, interfaces=[camera.host], interfaces_6=[f"far{segment}"])
            await stack.enter_async_context(there)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
